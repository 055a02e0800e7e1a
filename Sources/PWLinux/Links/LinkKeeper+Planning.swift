import PWCore

// The tables brought before the planners, and what becomes of the tables when a plan has succeeded.
extension LinkKeeper {
  /// A job for the worker.
  struct Work {
    var steps: [LinkStep] = []
    var priority = NetlinkWorker.Priority.make
    /// Whether it only takes an interface down whose session ends.
    var endsSession = false
    /// The change to the state file that comes before the job.
    var before: StateChange?
    /// Notes the result afterwards.
    var succeeded: (StepFindings) -> Void = { _ in }
  }

  /// The work to do for a subject now; a plan without steps has had its effect on the tables.
  func plan(_ subject: Subject) -> Work {
    switch subject {
    case .session(let name): planSession(name)
    case .bridge(let name): planBridge(name)
    case .member(let name): planMember(name)
    case .vlan(let place): planVLAN(place)
    }
  }

  /// Whether a subject needs no job any more.
  func isForgotten(_ subject: Subject) -> Bool {
    guard jobs.failure(of: subject) == nil else { return false }
    return switch subject {
    case .session(let name): sessions[name] == nil
    case .bridge(let name): bridges[name]?.declaration == nil && stateFile.entries.bridges[name] == nil
    case .member(let name): memberUses[name] == nil && stateFile.entries.members[name] == nil
    case .vlan(let place): vlans[place] == nil && stateFile.entries.vlans[place] == nil
    }
  }

  /// A bridge as those who join it see it; nil when it is not there, or is not a bridge.
  func view(of name: String) -> BridgeView? {
    guard let state = bridges[name], state.declaration != nil, let link = monitor[name], link.kind == "bridge",
      let entry = stateFile.entries.bridges[name], entry.index == link.index
    else { return nil }
    return BridgeView(
      link: link, isAdopted: !entry.isCreated, hasPorts: monitor.ports[link.index] != nil,
      isAddressFixed: state.isAddressFixed, isMTUFixed: state.isMTUFixed)
  }

  // MARK: Sessions

  private func planSession(_ name: String) -> Work {
    var work = Work()
    guard let link = monitor[name] else {
      placedAddresses[name] = nil
      return work
    }
    let wish = sessions[name]
    work.endsSession = wish == nil
    // It may stay for the next session, which owes nothing to this one.
    if wish == nil { attained.forget(index: link.index) }
    if wish == nil, areSessionsGone.value { return work }
    // Of what is not wanted any more only ours is taken down.
    if wish == nil, !mark.matches(link.alias) { return work }
    let bridge = wish?.bridge.flatMap(view)
    let addresses = addressPlan(link, wish?.addresses ?? [])
    let plan = LinkPlan.session(
      wish, link: link, bridge: bridge, carriedMTU: carriedMTU(name),
      alias: wish.map { mark.alias(of: $0.owner) } ?? "", address: wish.map { mark.address(of: $0.owner).octets } ?? [],
      addresses: addresses, vlans: vlanPlan(wish, link, in: bridge))
    work.steps = plan.steps
    work.priority = wish?.isUp == true || !link.isUp ? .make : .urgent
    // Until its next session the interface has the addresses that it has.
    guard let wish else { return work }
    noteGiving(addresses, to: link)
    work.succeeded = { [weak self] _ in
      self?.noteFixes(plan, wish.bridge)
      self?.noteGiven(addresses, to: link)
    }
    return work
  }

  /// The MTU of the LAN that a session's interface serves, in octets.
  func carriedMTU(_ session: String) -> Int {
    guard let wish = sessions[session] else { return LinkKeeper.usualMTUOctets }
    if let bridge = wish.bridge { return bridges[bridge]?.lan.values.max() ?? LinkKeeper.usualMTUOctets }
    guard let member = owners[wish.owner]?.member else { return LinkKeeper.usualMTUOctets }
    return monitor[member]?.mtuOctets ?? LinkKeeper.usualMTUOctets
  }

  private func noteFixes(_ plan: LinkPlan, _ bridge: String?) {
    guard let bridge else { return }
    if plan.fixesAddress { bridges[bridge]?.isAddressFixed = true }
    if plan.fixesMTU { bridges[bridge]?.isMTUFixed = true }
  }

  // MARK: Members

  private func planMember(_ name: String) -> Work {
    var work = Work()
    let old = stateFile.entries.members[name]
    guard let link = monitor[name] else {
      refusals[name] = nil
      note(.member(name, nil))
      return work
    }
    let situation = situation(of: link, old)
    let made = MemberPlan.make(situation)
    refusals[name] = made.refusal
    work.steps = made.plan.steps
    guard !work.steps.isEmpty else {
      note(.member(name, made.record))
      return work
    }
    work.before = .member(name, MemberRecord.union(old, made.record))
    work.succeeded = { [weak self] findings in
      if case .bridge(let bridge) = situation.use { self?.noteFixes(made.plan, bridge) }
      var record = made.record
      // One that we have made before is not another's because it is there already.
      if findings.foreignHooks.contains(link.index), old?.mayOwnHook != true { record?.mayOwnHook = false }
      self?.note(.member(name, record))
    }
    return work
  }

  private func situation(of link: LinkInfo, _ record: MemberRecord?) -> MemberPlan.Situation {
    let use = memberUses[link.name]
    var bridge: BridgeView?
    var session: LinkInfo?
    switch use {
    case .bridge(let name): bridge = view(of: name)
    case .pointToPoint(_, let name, _, _): session = monitor[name]
    case .vlans, nil: break
    }
    return MemberPlan.Situation(
      use: use, link: link, record: record, bridge: bridge, session: session,
      hasAddresses: monitor.hasAddresses(link.index), masterName: monitor.links[link.master]?.name, peers: peers,
      hasFailed: jobs.failure(of: .member(link.name)) != nil, carriesVLANs: carriesVLANs(link.name))
  }

  // MARK: Bridges

  private func planBridge(_ name: String) -> Work {
    var work = Work()
    let old = stateFile.entries.bridges[name]
    let state = bridges[name]
    let link = monitor[name]
    if state?.declaration == nil, let old, stateFile.entries.members.values.contains(where: { $0.bridge == old.index })
    {
      // Its members leave first; the last of them looks here again.
      return work
    }
    let addresses = link.map { addressPlan($0, state?.declaration?.addresses ?? []) }
    let plan = BridgePlan.make(
      .init(
        name: name, declaration: state?.declaration, link: link, entry: old, alias: mark.bridgeAlias,
        address: (state?.declaration?.macAddress ?? mark.address(ofBridge: name)).octets,
        hasIPv6: monitor["lo"]?.generatesAddresses != nil,
        ports: state?.declaration == nil ? ports(of: link) : [],
        portsAtOnce: areSessionsGone.value ? .max : BridgePlan.portsPerJob, addresses: addresses ?? .none))
    bridges[name]?.problem = plan.problem
    bridges[name]?.remark = plan.remark
    work.steps = plan.steps
    guard !work.steps.isEmpty else {
      note(.bridge(name, plan.entry))
      return work
    }
    if state?.declaration != nil { work.before = .bridge(name, plan.entry) } else { work.priority = .delete }
    if let link, let addresses { noteGiving(addresses, to: link) }
    work.succeeded = { [weak self] _ in
      self?.note(.bridge(name, plan.entry))
      if let link, let addresses { self?.noteGiven(addresses, to: link) }
    }
    return work
  }

  /// A bridge's ports as the kernel tells of them.
  func ports(of bridge: LinkInfo?) -> [BridgePlan.Port] {
    (bridge.flatMap { monitor.ports[$0.index] } ?? []).compactMap { monitor.links[$0] }
      .map { .init(index: $0.index, name: $0.name, isOurs: mark.matches($0.alias)) }
  }
}

extension MemberRecord {
  /// Everything that either of two entries says: while a job is under way nobody knows which of them is true.
  fileprivate static func union(_ old: MemberRecord?, _ new: MemberRecord?) -> MemberRecord? {
    guard let old, old.index == new?.index ?? old.index else { return new }
    guard let new else { return old }
    return MemberRecord(
      index: new.index, bridge: new.bridge ?? old.bridge, wasRaised: old.wasRaised || new.wasRaised,
      isHeldDown: old.isHeldDown || new.isHeldDown, isPromiscuous: old.isPromiscuous || new.isPromiscuous,
      redirect: new.redirect ?? old.redirect,
      carriesVLANs: old.carriesVLANs || new.carriesVLANs, mayOwnHook: old.mayOwnHook || new.mayOwnHook)
  }
}
