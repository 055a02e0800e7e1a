public import PWCore

/// The changes of a site's objects when another file is applied, each with its cost: foretold, nothing is done.
///
/// Whether an object goes on, starts again or ends follows from the declarations, by the verdicts that the engine acts
/// by; the keys that are named as the reason are found in the files, as they are written there. A file that the daemon
/// would refuse changes nothing, so that the refusal is all that there is to say.
public struct SitePlan: Equatable, Sendable {
  /// One for each object that is not as before, in the order of the new file; those that end come last.
  public private(set) var changes: [ObjectChange] = []

  /// The cost of the most expensive change; nil if there is none.
  public var impact: ChangeImpact? { changes.map(\.impact).max() }

  /// Compares two files.
  ///
  /// - Parameters:
  ///   - old: the file that runs, without errors.
  ///   - new: the file that is to be applied, without errors.
  ///   - plugins: those that are compiled in.
  ///   - isInKernel: whether the kernel carries the frames.
  public init(from old: SiteReading, to new: SiteReading, plugins: [any PseudowirePlugin], isInKernel: Bool = false) {
    guard let oldSite = old.site, let newSite = new.site else {
      preconditionFailure("a plan is for files without errors")
    }
    let top = KeyDifferences(old.content, new.content)
    let isEveryConnectionAnother = oldSite.everyConnectionIsAnother(as: newSite, compiledIn: plugins.map(\.type))
    let values = top.keys(of: SiteKeys.schema.keys)
    if let refusal = oldSite.objection(to: newSite, isInKernel: isInKernel) {
      changes = [
        ObjectChange(
          object: .site, action: .update, impact: .restart, keys: values.filter { $0.impact == .restart },
          reason: refusal)
      ]
      return
    }
    changes += Self.siteChanges(oldSite, newSite, isEveryConnectionAnother, values)
    let tunnels = TunnelPlan(
      old: oldSite, new: newSite, differences: top.below("tunnels"), siteKeys: values,
      isEveryConnectionAnother: isEveryConnectionAnother, plugins: plugins)
    changes += tunnels.changes()
    changes += Self.bridgeChanges(oldSite, newSite, top.below("bridges"))
    changes += Self.pluginChanges(oldSite, newSite)
  }

  private static let newType =
    "a plugin brings a pseudowire type that the peers were not told of when their connections were set up"

  private static func siteChanges(
    _ old: Site, _ new: Site, _ isEveryConnectionAnother: Bool, _ keys: [KeyChange]
  ) -> [ObjectChange] {
    var changes: [ObjectChange] = []
    if isEveryConnectionAnother {
      let kept = old.tunnels.filter { tunnel in new.tunnels.contains { $0.name == tunnel.name } }
      changes.append(
        ObjectChange(
          object: .site, action: .update, impact: .tunnel, keys: keys.filter { $0.impact == .tunnel },
          stops: kept.flatMap(\.owners),
          reason: old.hostName == new.hostName && old.routerID == new.routerID ? Self.newType : nil))
    }
    if old.controlGroup != new.controlGroup || old.controlGroupAdmin != new.controlGroupAdmin {
      changes.append(
        ObjectChange(
          object: .site, action: .update, impact: .inPlace, keys: keys.filter { $0.impact == .inPlace }))
    }
    return changes
  }

  private static func bridgeChanges(_ old: Site, _ new: Site, _ differences: KeyDifferences) -> [ObjectChange] {
    let before = Dictionary(uniqueKeysWithValues: old.bridges.map { ($0.name, $0) })
    let after = Set(new.bridges.map(\.name))
    let here = new.bridges.compactMap { bridge -> ObjectChange? in
      guard let known = before[bridge.name] else { return .added(.bridge(bridge.name)) }
      guard known != bridge else { return nil }
      let keys = differences.below(bridge.name).keys(of: BridgeKeys.schema.keys)
      return ObjectChange(object: .bridge(bridge.name), action: .update, impact: .inPlace, keys: keys)
    }
    let gone = old.bridges.filter { !after.contains($0.name) }
    return here + gone.map { ObjectChange(object: .bridge($0.name), action: .remove, impact: .inPlace) }
  }

  private static func pluginChanges(_ old: Site, _ new: Site) -> [ObjectChange] {
    new.plugins.compactMap { plugin in
      guard let known = old.plugins.first(where: { $0.name == plugin.name }), known.path != plugin.path else {
        return nil
      }
      let key = KeyChange(key: "path", before: known.path, after: plugin.path, impact: .inPlace)
      return ObjectChange(object: .plugin(plugin.name), action: .update, impact: .inPlace, keys: [key])
    }
  }
}
