import PWCore

/// The steps for a bridge of the site, worked out from what is declared, what is there and what we have done.
struct BridgePlan: Equatable {
  /// In their order; the first that fails ends it.
  var steps: [LinkStep] = []
  /// The state file's entry from now on; nil when there is nothing to undo any more.
  var entry: StateEntries.BridgeEntry?
  /// Why it cannot be used, with the cure.
  var problem: String?
  /// The part of the declaration that is not done though the bridge can be used, with the cure.
  var remark: String?

  /// Everything that the plan depends on.
  struct Situation {
    var name: String
    /// The site's declaration; nil undoes what we did.
    var declaration: BridgeDeclaration?
    /// The link of that name as the kernel reports it now; nil when there is none.
    var link: LinkInfo?
    /// The state file's entry for what was done to the bridge so far; nil when there is nothing to undo.
    var entry: StateEntries.BridgeEntry?
    /// The mark that a bridge of ours gets.
    var alias: String
    /// The MAC address that a bridge of ours gets.
    var address: [UInt8]
    /// Whether the machine speaks IPv6.
    var hasIPv6: Bool
    /// Its ports, whoever's they are.
    var ports: [Port] = []
    /// How many of them may leave in one job.
    var portsAtOnce = BridgePlan.portsPerJob
    /// The addresses of a bridge of ours, as wanted and as they are.
    var addresses = AddressPlan.none
  }

  /// A port of a bridge.
  struct Port: Equatable {
    /// Which link it is.
    var index: Int32
    /// The interface name of the port.
    var name: String
    /// Whether it is a session's interface of ours.
    var isOurs: Bool
  }

  /// Ports that leave a bridge in one job while the site goes on, so that others of its links have their turn. For each
  /// port the kernel waits until no processor can see it any more (`nbp_vlan_flush` in net/bridge/br_vlan.c), about 20
  /// ms. Left to the removal of the bridge, that is one wait for all of them (10 seconds for 500 ports) in which
  /// nobody, this program or another, can change any link of the machine; port by port others come in between, and it
  /// takes no longer.
  static let portsPerJob = 32

  /// The plan for a bridge.
  static func make(_ situation: Situation) -> BridgePlan {
    guard let declaration = situation.declaration else { return undo(situation) }
    guard let link = situation.link else { return create(situation, declaration) }
    guard link.kind == "bridge" else {
      let kind = link.kind.map { " (\($0))" } ?? ""
      return BridgePlan(
        entry: nil,
        problem: "\(link.name) exists and is not a bridge\(kind); rename it, or give the bridge another name")
    }
    if let entry = situation.entry, entry.isCreated, isOurs(link, entry, situation) {
      return keep(situation, declaration, link, entry)
    }
    return adopt(situation, declaration, link)
  }

  private static func create(_ situation: Situation, _ declaration: BridgeDeclaration) -> BridgePlan {
    var birth = LinkSettings()
    birth.address = situation.address
    birth.mtuOctets = declaration.mtuOctets
    birth.spanningTree = declaration.spanningTree ?? false
    // A kernel whose bridges cannot filter refuses the word, whatever is behind it.
    birth.filtersVLANs = declaration.filtersVLANs == true ? true : nil
    var up = LinkSettings()
    up.isUp = true
    let name = situation.name
    return BridgePlan(
      steps: [
        .createBridge(name, birth), .set(0, name: name, marks(situation)), .set(0, name: name, up),
      ], entry: .init(index: 0, isCreated: true, address: situation.address))
  }

  /// A bridge of ours: what is missing of it is made up, what the operator changed is left.
  private static func keep(
    _ situation: Situation, _ declaration: BridgeDeclaration, _ link: LinkInfo, _ old: StateEntries.BridgeEntry
  ) -> BridgePlan {
    var entry = old
    entry.index = link.index
    entry.address = situation.address
    var plan = BridgePlan(entry: entry)
    if link.alias != situation.alias {
      var up = LinkSettings()
      up.isUp = true
      plan.steps += [.set(link.index, name: link.name, marks(situation)), .set(link.index, name: link.name, up)]
    }
    // One that the operator has given it by hand is left, unless the site names one.
    if link.address != situation.address, declaration.macAddress != nil || link.address == old.address {
      var settings = LinkSettings()
      settings.address = situation.address
      plan.steps.append(.set(link.index, name: link.name, settings))
    }
    if situation.addresses.needsVersion6, link.generatesAddresses == false {
      var settings = LinkSettings()
      settings.generatesAddresses = true
      plan.steps.append(.set(link.index, name: link.name, settings))
    }
    if let filters = declaration.filtersVLANs, filters != link.filtersVLANs ?? false {
      var settings = LinkSettings()
      settings.filtersVLANs = filters
      plan.steps.append(.set(link.index, name: link.name, settings))
    }
    plan.setSpanningTree(declaration.spanningTree ?? false, link)
    if let mtu = declaration.mtuOctets, mtu != link.mtuOctets {
      var settings = LinkSettings()
      settings.mtuOctets = mtu
      plan.steps.append(.set(link.index, name: link.name, settings))
    }
    if link.isUp { plan.steps += situation.addresses.steps(link.index, name: link.name) }
    return plan
  }

  /// A bridge that we found: it is switched on, and its spanning tree set if the site says so; nothing else.
  private static func adopt(
    _ situation: Situation, _ declaration: BridgeDeclaration, _ link: LinkInfo
  ) -> BridgePlan {
    let isKnown = situation.entry?.index == link.index && situation.entry?.isCreated == false
    var entry = isKnown ? situation.entry ?? .init(index: link.index) : .init(index: link.index)
    var plan = BridgePlan()
    if !isKnown, !link.isUp {
      entry.wasRaised = true
      var settings = LinkSettings()
      settings.isUp = true
      plan.steps.append(.set(link.index, name: link.name, settings))
    }
    if let wanted = declaration.spanningTree ?? entry.formerSpanningTree, let now = link.spanningTree, now != wanted {
      if declaration.spanningTree != nil, entry.formerSpanningTree == nil { entry.formerSpanningTree = now }
      plan.setSpanningTree(wanted, link)
    }
    plan.entry = entry
    plan.remark = remark(declaration)
    return plan
  }

  /// The keys of the declaration that a bridge of ours would get and a bridge that we found does not; nil when there
  /// are none.
  private static func remark(_ declaration: BridgeDeclaration) -> String? {
    let keys = [
      declaration.macAddress.map { _ in "'mac'" }, declaration.addresses.isEmpty ? nil : "'addresses'",
      declaration.filtersVLANs.map { _ in "'vlan-filtering'" },
    ].compactMap { $0 }
    guard !keys.isEmpty else { return nil }
    return
      "\(declaration.name) existed before pwmgr, so \(keys.joined(separator: " and ")) of the site "
      + "\(keys.count == 1 ? "is" : "are") not applied; set it where the bridge is made, or let pwmgr make it"
  }

  private static func undo(_ situation: Situation) -> BridgePlan {
    guard let entry = situation.entry, let link = situation.link, link.kind == "bridge" else { return BridgePlan() }
    if entry.isCreated {
      guard isOurs(link, entry, situation) else { return BridgePlan() }
      return removal(of: link, entry, situation)
    }
    guard entry.index == link.index else { return BridgePlan() }
    var plan = BridgePlan()
    if let former = entry.formerSpanningTree { plan.setSpanningTree(former, link) }
    if entry.wasRaised, link.isUp {
      var settings = LinkSettings()
      settings.isUp = false
      plan.steps.append(.set(link.index, name: link.name, settings))
    }
    return plan
  }

  /// The end of a bridge of ours: no frame passes any more, its ports leave, and it goes with the last of them.
  private static func removal(
    of link: LinkInfo, _ entry: StateEntries.BridgeEntry, _ situation: Situation
  ) -> BridgePlan {
    var plan = BridgePlan()
    if link.isUp, !situation.ports.isEmpty {
      var settings = LinkSettings()
      settings.isUp = false
      plan.steps.append(.set(link.index, name: link.name, settings))
    }
    let leaving = situation.ports.prefix(situation.portsAtOnce)
    plan.steps += leaving.map { .detach($0.index, name: $0.name, isOurs: $0.isOurs) }
    if leaving.count < situation.ports.count {
      plan.entry = entry
    } else {
      plan.steps.append(.delete(link.index, name: link.name))
    }
    return plan
  }

  /// Whether a bridge is the one that we made: by its index, by our mark, or before it has either by the address that
  /// we gave it.
  private static func isOurs(
    _ link: LinkInfo, _ entry: StateEntries.BridgeEntry, _ situation: Situation
  ) -> Bool {
    entry.index == link.index || link.alias == situation.alias || (entry.index == 0 && link.address == entry.address)
  }

  private static func marks(_ situation: Situation) -> LinkSettings {
    var settings = LinkSettings()
    settings.alias = situation.alias
    if situation.hasIPv6, !(situation.declaration?.addresses.contains { $0.address.family == .v6 } ?? false) {
      settings.generatesAddresses = false
    }
    return settings
  }

  private mutating func setSpanningTree(_ wanted: Bool, _ link: LinkInfo) {
    guard let now = link.spanningTree, now != wanted else { return }
    var settings = LinkSettings()
    settings.spanningTree = wanted
    steps.append(.set(link.index, name: link.name, settings))
  }
}
