public import PWCore

// The engine's requests, taken apart into what each link is to be.
extension LinkKeeper {
  /// Always: this one keeps every link that is not another's.
  public func claims(_ owner: LinkOwner, _ requests: [LinkRequest]) -> Bool { true }

  /// Replaces what a pseudowire wants of its session's interface, its bridge, and the member that it is joined to.
  public func setLinks(
    _ owner: LinkOwner, _ requests: [LinkRequest], channel: PPPChannel? = nil, completion: @escaping () -> Void
  ) {
    let old = owners[owner]
    let new = OwnerState(requests)
    if let old { retract(owner, old, keeping: new) }
    guard let new else {
      owners[owner] = nil
      let subjects = subjects(of: old)
      for subject in subjects { renew(subject) }
      return whenIdle(subjects, completion)
    }
    owners[owner] = new.succeeding(old)
    // The interface was made just now, and the kernel's word of it may still wait to be read.
    if monitor[new.session] == nil { monitor.drain() }
    wish(for: owner, requests)
    let subjects = subjects(of: new)
    for subject in subjects { renew(subject) }
    whenIdle(subjects, completion)
  }

  private func subjects(of state: OwnerState?) -> [Subject] {
    guard let state else { return [] }
    var subjects = [Subject.session(state.session)]
    if let member = state.member { subjects.append(.member(member)) }
    return subjects + state.vlans.map { Subject.vlan($0) }
  }

  /// Takes back what an owner wanted before and does not want any more.
  private func retract(_ owner: LinkOwner, _ old: OwnerState, keeping new: OwnerState?) {
    if sessions[old.session]?.owner == owner {
      if let bridge = sessions[old.session]?.bridge {
        bridges[bridge]?.sessions.remove(old.session)
        dropBridge(bridge)
      }
      sessions[old.session] = nil
      if let new, new.session != old.session { renew(.session(old.session)) }
    }
    if let member = old.member, case .pointToPoint(owner, _, _, _) = memberUses[member] {
      memberUses[member] = carriesVLANs(member) ? .vlans : nil
      if let new, new.member != member { renew(.member(member)) }
    }
    let kept = Set(new?.vlans ?? [])
    for place in old.vlans {
      retract(place, of: owner)
      if new != nil, !kept.contains(place) { renew(.vlan(place)) }
    }
  }

  private func wish(for owner: LinkOwner, _ requests: [LinkRequest]) {
    var wish: SessionWish?
    for request in requests {
      switch request {
      case .session(let link):
        wish = SessionWish(owner: owner, mtu: link.mtu, isUp: link.isUp, addresses: link.addresses)
        sessions[link.name] = wish
      case .bridgePort, .pointToPoint, .vlanCircuit, .vlanTrunk, .pppTermination, .pppCarriage: break
      }
    }
    for request in requests {
      switch request {
      case .session, .pppTermination, .pppCarriage: break
      case .bridgePort(let port):
        sessions[port.link]?.bridge = port.bridge
        sessions[port.link]?.isIsolated = port.isIsolated
        sessions[port.link]?.vlans = port.vlans
        bridges[port.bridge, default: BridgeState()].sessions.insert(port.link)
      case .pointToPoint(let joint):
        memberUses[joint.member] = .pointToPoint(
          owner, link: joint.link, passesFault: joint.passesFaultToMember, isForwarding: wish?.isUp ?? false)
        reportLink(joint.member)
      case .vlanCircuit(let circuit):
        want(
          VLANPlace(port: circuit.port, tag: circuit.tag),
          VLANUse(owner: owner, link: circuit.link, priorities: circuit.priorities))
      case .vlanTrunk(let trunk):
        let use = VLANUse(owner: owner, link: trunk.link, priorities: trunk.priorities, isOfTrunk: true)
        for tag in trunk.vlans.tags { want(VLANPlace(port: trunk.port, tag: tag), use) }
      }
    }
  }

  /// Replaces the bridges of the site; `completion` is called once, when what can be done at once is done.
  public func setBridges(_ declarations: [BridgeDeclaration], completion: @escaping () -> Void) {
    var changed: Set<String> = []
    let declared = Dictionary(declarations.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for name in Set(bridges.keys).union(declared.keys) where bridges[name]?.declaration != declared[name] {
      for member in bridges[name]?.declaration?.members ?? [] where memberUses[member] == .bridge(name) {
        memberUses[member] = nil
        changed.insert(member)
      }
      bridges[name, default: BridgeState()].declaration = declared[name]
      changed.insert(name)
    }
    for declaration in declarations {
      for member in declaration.members where memberUses[member] != .bridge(declaration.name) {
        memberUses[member] = .bridge(declaration.name)
        changed.insert(member)
      }
    }
    watchFirewall()
    let members = changed.filter { declared[$0] == nil && bridges[$0] == nil }
    let names = changed.subtracting(members)
    for member in members { renew(.member(member)) }
    for name in names { renew(.bridge(name)) }
    whenIdle(members.map { .member($0) } + names.map { .bridge($0) }, completion)
  }
}

extension LinkKeeper.OwnerState {
  /// The links that requests speak of; nil when there are none.
  fileprivate init?(_ requests: [LinkRequest]) {
    var session: String?
    var member: String?
    var vlans: [VLANPlace] = []
    for request in requests {
      switch request {
      case .session(let link): session = link.name
      case .pointToPoint(let joint): member = joint.member
      case .vlanCircuit(let circuit):
        member = circuit.port
        vlans = [VLANPlace(port: circuit.port, tag: circuit.tag)]
      case .vlanTrunk(let trunk):
        member = trunk.port
        vlans = trunk.vlans.tags.map { VLANPlace(port: trunk.port, tag: $0) }
      case .bridgePort, .pppTermination, .pppCarriage: break
      }
    }
    guard let session else { return nil }
    self.init(session: session, member: member, vlans: vlans)
  }

  /// With what is known of the same pseudowire from before.
  fileprivate func succeeding(_ old: Self?) -> Self {
    var new = self
    new.report = old?.report
    new.failedVLANs = old?.failedVLANs ?? new.failedVLANs
    new.failedVLANs.keep(vlans)
    return new
  }
}
