import PWCore

/// The tunnels of two sites, compared.
struct TunnelPlan {
  let old: Site
  let new: Site
  /// Of the files' mappings of tunnels.
  let differences: KeyDifferences
  /// The site's own keys that have another value.
  let siteKeys: [KeyChange]
  let isEveryConnectionAnother: Bool
  /// Those that are compiled in.
  let plugins: [any PseudowirePlugin]

  /// Those of tunnels and of their pseudowires.
  func changes() -> [ObjectChange] {
    let before = Dictionary(uniqueKeysWithValues: old.tunnels.map { ($0.name, $0) })
    let after = Set(new.tunnels.map(\.name))
    let here = new.tunnels.flatMap { tunnel -> [ObjectChange] in
      guard let known = before[tunnel.name] else { return [.added(.tunnel(tunnel.name))] }
      return changes(known, tunnel)
    }
    let gone = old.tunnels.filter { !after.contains($0.name) }
    return here
      + gone.map { tunnel in
        ObjectChange(
          object: .tunnel(tunnel.name), action: .remove, impact: tunnel.disabled == nil ? .tunnel : .inPlace,
          stops: tunnel.owners)
      }
  }

  private func changes(_ known: TunnelDeclaration, _ tunnel: TunnelDeclaration) -> [ObjectChange] {
    // Looked up where something has changed: there may be thousands of tunnels, and mappings are searched in order.
    func below() -> KeyDifferences { differences.below(tunnel.name) }
    var changes: [ObjectChange] = []
    // The daemon alone knows which end began the connection: the role that fits for certain is the one of both.
    let goesOn =
      !isEveryConnectionAnother && known.connectionGoesOn(as: tunnel, roleFits: tunnel.role == .both)
      && known.sharesSecretFile(with: tunnel)
    if !goesOn, !isEveryConnectionAnother {
      let own = below().keys(of: TunnelKeys.schema.keys)
      let inherited = siteKeys.filter { $0.impact == .tunnel }
      changes.append(
        ObjectChange(
          object: .tunnel(tunnel.name), action: Self.action(known.disabled, tunnel.disabled),
          impact: known.disabled == nil ? .tunnel : .inPlace, keys: own.isEmpty ? inherited : own,
          stops: known.owners))
    } else if known.withoutPseudowires != tunnel.withoutPseudowires, goesOn {
      changes.append(
        ObjectChange(
          object: .tunnel(tunnel.name), action: .update, impact: .inPlace,
          keys: below().keys(of: TunnelKeys.schema.keys))
      )
    }
    return changes + pseudowires(known, tunnel, below().below("pseudowires"), goesOn)
  }

  private func pseudowires(
    _ known: TunnelDeclaration, _ tunnel: TunnelDeclaration, _ differences: @autoclosure () -> KeyDifferences,
    _ goesOn: Bool
  ) -> [ObjectChange] {
    let descriptions = plugins.map { PluginDescription(type: $0.type, payload: $0.payload, options: $0.optionKeys) }
    let before = Dictionary(uniqueKeysWithValues: known.pseudowires.map { ($0.name, $0) })
    let after = Set(tunnel.pseudowires.map(\.name))
    let here = tunnel.pseudowires.compactMap { pseudowire -> ObjectChange? in
      let owner = LinkOwner(tunnel: tunnel.name, pseudowire: pseudowire.name)
      guard let old = before[pseudowire.name] else { return .added(.pseudowire(owner)) }
      // One that starts with its tunnel is named there.
      guard goesOn, old != pseudowire else { return nil }
      guard known.disabled == nil, old.disabled == nil else {
        return ObjectChange(
          object: .pseudowire(owner), action: Self.action(old.disabled, pseudowire.disabled), impact: .inPlace,
          keys: differences().below(pseudowire.template ?? pseudowire.name).keys(of: keys(of: pseudowire)))
      }
      let stays = old.sessionGoesOn(as: pseudowire, descriptions.changeableOptions(of: pseudowire, new.plugins))
      return ObjectChange(
        object: .pseudowire(owner), action: Self.action(nil, pseudowire.disabled), impact: stays ? .inPlace : .session,
        keys: differences().below(pseudowire.template ?? pseudowire.name).keys(of: keys(of: pseudowire)),
        stops: stays ? [] : [owner])
    }
    let gone = known.pseudowires.filter { !after.contains($0.name) }
    return here
      + gone.map { pseudowire in
        let owner = LinkOwner(tunnel: known.name, pseudowire: pseudowire.name)
        let stops = known.owners.filter { $0 == owner }
        return ObjectChange(
          object: .pseudowire(owner), action: .remove, impact: stops.isEmpty ? .inPlace : .session, stops: stops)
      }
  }
}

extension TunnelPlan {
  private static func action(_ old: Disablement?, _ new: Disablement?) -> ObjectChange.Action {
    switch (old, new) {
    case (nil, .some): .disable
    case (.some, nil): .enable
    case (nil, nil), (.some, .some): .update
    }
  }

  /// The keys of a pseudowire, as far as they are described here: a plugin in another process describes its own.
  private func keys(of pseudowire: PseudowireDeclaration) -> [KeyDescription] {
    let plugin = pseudowire.plugin == nil ? plugins.first { $0.type == pseudowire.type } : nil
    return PseudowireKeys.schema.keys + (plugin?.optionKeys ?? [])
  }
}

extension TunnelDeclaration {
  /// Whether a secret of the old file is one of the new file's, too, by the name of its file: else every message would
  /// be refused, and the tunnel is started again.
  fileprivate func sharesSecretFile(with new: TunnelDeclaration) -> Bool {
    let (before, after) = (authentication?.secretFiles ?? [], new.authentication?.secretFiles ?? [])
    return before == after || !Set(before).isDisjoint(with: after)
  }

  fileprivate var withoutPseudowires: TunnelDeclaration {
    var bare = self
    bare.pseudowires = []
    return bare
  }
}

extension Authentication {
  fileprivate var secretFiles: [String] { [secretFile, previousSecretFile].compactMap { $0 } }
}
