import PWCore

// Reports to the engine and the operator: each thing once, whenever it changes.
extension LinkKeeper {
  /// A subject came to rest: whoever is concerned hears of it.
  func report(_ subject: Subject) {
    switch subject {
    case .session(let name): reportOwner(of: name)
    case .member(let name):
      switch memberUses[name] {
      case .bridge(let bridge): reportBridge(bridge)
      case .pointToPoint(_, let link, _, _):
        reportOwner(of: link)
        if carriesVLANs(name) { refreshPort(name) }
      case .vlans: refreshPort(name)
      case nil: break
      }
      releaseBridges()
      reportLink(name)
    case .vlan(let place): reportVLAN(place)
    case .bridge(let name):
      refreshBridge(name)
      reportBridge(name)
      dropBridge(name)
    }
  }

  /// A member has left its bridge, perhaps for another one: a bridge that waits for that may go.
  private func releaseBridges() {
    for name in stateFile.entries.bridges.keys where bridges[name]?.declaration == nil { touch(.bridge(name)) }
  }

  /// Forgets a bridge that nobody wants, once nothing is left to undo.
  func dropBridge(_ name: String) {
    guard let state = bridges[name], state.declaration == nil, state.sessions.isEmpty,
      stateFile.entries.bridges[name] == nil
    else { return }
    bridges[name] = nil
  }

  // MARK: Pseudowires

  /// Reports on the pseudowire of a session's interface.
  func reportOwner(of session: String) {
    guard let wish = sessions[session], let state = owners[wish.owner] else { return }
    let link = monitor[session]
    var report = LinkReport(owner: wish.owner, mtuOctets: link?.mtuOctets)
    if link == nil { report.add("the interface \(session) is not there (yet)") }
    if let failure = jobs.failure(of: .session(session)) { report.add(failure) }
    if let bridge = wish.bridge {
      for problem in problems(joining: bridge) { report.add(problem) }
      report.problems += portObstacles(session, in: bridge)
    }
    if let member = state.member { for problem in problems(ofMember: member) { report.add(problem) } }
    if let place = state.failedVLANs.told, let failure = jobs.failure(of: .vlan(place)) {
      report.add(failure)
      if state.failedVLANs.areSeveral {
        report.add("other VLANs of the trunk failed as well; `pwmgr run --log-level debug` names each")
      }
    }
    if let mtu = link?.mtuOctets { report.warnings = warnings(wish, state, mtuOctets: mtu) }
    report.warnings += vlanWarnings(session, wish).map { PseudowireWarning(.vlans, $0) }
    report.warnings += firewallWarnings(wish)
    if let link, !wish.addresses.isEmpty {
      report.addresses = addressPlan(link, wish.addresses).effective.map(\.description)
    }
    guard report != state.report else { return }
    owners[wish.owner]?.report = report
    delegate?.linkBackendTold(.reported(report))
  }

  private func problems(joining bridge: String) -> [String] {
    if let view = view(of: bridge) {
      return view.link.isUp ? [] : ["the bridge \(bridge) is down; `ip link set \(bridge) up`"]
    }
    return [jobs.failure(of: .bridge(bridge)) ?? bridges[bridge]?.problem ?? "the bridge \(bridge) is not there (yet)"]
  }

  /// Why a member passes no frames; only its absence and what we refuse, for one that is a bridge's.
  func problems(ofMember name: String) -> [String] {
    var problems: [String] = []
    if let refusal = refusals[name] { problems.append(refusal) }
    if let failure = jobs.failure(of: .member(name)) { problems.append(failure) }
    guard let link = monitor[name] else { return problems + ["the member \(name) is not there (yet)"] }
    if stateFile.entries.members[name]?.isHeldDown == true { return problems }
    switch memberUses[name] {
    case .pointToPoint, .vlans: break
    case .bridge, nil: return problems
    }
    if !link.isUp {
      problems.append("the member \(name) is down; `ip link set \(name) up`")
    } else if !link.hasCarrier {
      problems.append("the member \(name) has no carrier; look at its cable")
    }
    return problems
  }

  /// Links of the LAN whose frames may be too large: a bridge drops those without a word.
  private func warnings(_ wish: SessionWish, _ state: OwnerState, mtuOctets: Int) -> [PseudowireWarning] {
    var lan: [String: Int] = [:]
    if let bridge = wish.bridge { lan = bridges[bridge]?.lan ?? [:] }
    if let member = state.member, let link = monitor[member] { lan = [member: link.mtuOctets] }
    return lan.filter { $0.value > mtuOctets }.sorted { $0.key < $1.key }.map { name, octets in
      PseudowireWarning(
        .lanMTU,
        "\(name) has an MTU of \(octets) octets, the pseudowire \(mtuOctets): larger frames are dropped silently; "
          + "`mtu: carry`, or lower the stations' MTU")
    }
  }

  // MARK: Bridges

  /// Reports on a bridge of the site.
  func reportBridge(_ name: String) {
    guard let state = bridges[name], let declaration = state.declaration else { return }
    var problems: [String] = []
    if let problem = jobs.failure(of: .bridge(name)) ?? state.problem {
      problems.append(problem)
    } else if let link = monitor[name], !link.isUp, !jobs.isBusy(.bridge(name)) {
      problems.append("the bridge \(name) is down; `ip link set \(name) up`")
    }
    if let remark = state.remark { problems.append(remark) }
    for member in declaration.members { problems += self.problems(ofMember: member) }
    problems += blockedMembers(declaration)
    guard problems != state.reported else { return }
    bridges[name]?.reported = problems
    delegate?.linkBackendTold(.bridge(name: name, problems: problems))
  }

  // MARK: Members

  /// Whether a link is where its attachment circuit needs it: one that is refused, or is not a port of its bridge
  /// (yet), carries none of the circuit's frames however good it is.
  private func isInPlace(_ link: LinkInfo) -> Bool {
    switch memberUses[link.name] {
    case .bridge(let bridge): monitor[bridge].map { $0.index == link.master } ?? false
    case .pointToPoint, .vlans: refusals[link.name] == nil
    case nil: true
    }
  }

  /// Tells the state of a link that is, or may become, an attachment circuit's member.
  func reportLink(_ name: String) {
    guard memberUses[name] != nil || watched.contains(name) else {
      reportedLinks[name] = nil
      return
    }
    let link = monitor[name]
    // A link that we hold down for its neighbour says nothing of itself: else the two ends would hold each other down
    // for ever.
    let isHeld = stateFile.entries.members[name]?.isHeldDown ?? false
    let isUp = link.map { $0.isUp && $0.hasCarrier && isInPlace($0) } ?? false
    let state = LinkState(name: name, isUp: isUp || (isHeld && link != nil), mtuOctets: link?.mtuOctets)
    guard reportedLinks[name] != state else { return }
    reportedLinks[name] = state
    delegate?.linkBackendTold(.saw(state))
    if case .bridge(let bridge) = memberUses[name] { reportUsers(of: bridge) }
  }
}

extension LinkReport {
  /// Adds a link that is not as declared.
  fileprivate mutating func add(_ problem: String) { problems.append(ForwardingObstacle(.links, problem)) }
}
