import PWCore

/// The part of a driver that an engine needs: effects, late and failing; plugins; the events of the machine.
extension World {
  // MARK: Effects

  /// An effect is performed some time from now, and answered some time later; both in order for one object.
  mutating func schedule(_ effect: Effect, _ site: Int) throws(Violation) {
    guard let process = nodes[site].process else { return }
    process.effectsUnderWay += 1
    let objects = EffectObject.objects(of: effect)
    var time = now + random.duration(effects.delay)
    for object in objects { time = max(time, process.performedAt[object] ?? time) }
    for object in objects { process.performedAt[object] = time }
    queue.schedule(.performing(site: site, incarnation: nodes[site].incarnation, effect), at: time)
  }

  mutating func perform(_ effect: Effect, _ site: Int) throws(Violation) {
    guard let process = nodes[site].process else { return }
    let completion = completion(of: effect, site)
    let objects = EffectObject.objects(of: effect)
    var time = now + random.duration(effects.reportDelay)
    for object in objects { time = max(time, process.answeredAt[object] ?? time) }
    for object in objects { process.answeredAt[object] = time }
    let incarnation = nodes[site].incarnation
    queue.schedule(.input(site: site, incarnation: incarnation, .completed(completion)), at: time)
    if case .links(_, .setLinks(let owner, let requests)) = effect, !requests.isEmpty {
      let report = LinkReport(owner: owner, mtuOctets: 1500)
      queue.schedule(.input(site: site, incarnation: incarnation, .links(report)), at: time)
    }
  }

  private mutating func completion(of effect: Effect, _ site: Int) -> Completion {
    if effect.mayFail, random.chance(effects.failure) {
      return effect.failed(EffectFailure("the kernel has no memory"))
    }
    guard site == 0, let fault, case .plane(.change(let id, let change)) = effect else {
      return nodes[site].machine.perform(effect, names: names)
    }
    switch fault.alter(change) {
    case .perform(let change): return nodes[site].machine.perform(.plane(.change(id, change)), names: names)
    case .pretend: return .plane(.changed(id, .done))
    }
  }

  // MARK: Plugins

  /// The ways in which a plugin misbehaves.
  private enum Mood {
    case refuses, saysNothing, answersTooLate
  }

  mutating func consult(_ id: ConsultationID, _ question: PluginQuestion, _ site: Int) throws(Violation) {
    var answer = Node.plugin.answer(question)
    var delay = random.chance(effects.lateAnswers) ? random.duration(.zero ... .milliseconds(500)) : .zero
    if random.chance(effects.refusals) {
      switch random.pick([Mood.refuses, .saysNothing, .answersTooLate]) {
      case .refuses: answer = .refuse(CallResult(.noFacilitiesTemporary), reason: "the plugin is out of sorts")
      case .saysNothing: return
      case .answersTooLate: delay = EngineLimits.answerTime + .seconds(2)
      }
    }
    if site == 0, let fault { answer = fault.alter(answer, to: question) }
    queue.schedule(.input(site: site, incarnation: nodes[site].incarnation, .answered(id, answer)), at: now + delay)
  }

  // MARK: Script

  mutating func play(_ event: ScriptedEvent) throws(Violation) {
    trace.add(.script(event), at: now)
    switch event {
    case .member(let site, let name, let isUp): try setMember(site, name, isUp)
    case .flap(let site, let name):
      let isUp = nodes[site].machine.members[name]?.isUp == true
      for state in [!isUp, isUp, !isUp] { try setMember(site, name, state) }
    case .partition(let one, let other, let isCut):
      let pair = [min(one, other), max(one, other)]
      if isCut { network.partitions.insert(pair) } else { network.partitions.remove(pair) }
    case .kill(let site):
      if nodes[site].process != nil { nodes[site].hasCrashed = true }
      nodes[site].process = nil
      nodes[site].machine.processDied()
    case .start(let site): try start(site)
    case .reload(let site, let new):
      nodes[site].process?.observer.reads(new)
      try give(nodes[site].reload(new), to: site)
    case .names(let isReachable): names.isReachable = isReachable
    case .protection(let site, let isThere): try setProtection(site, isThere: isThere)
    case .dataPathLost(let site, let wholeTunnel): try loseDataPath(site, wholeTunnel: wholeTunnel)
    case .clockJump(let site, let jump): nodes[site].clockLead += jump
    case .hostility(let site, let datagrams): assail(site, datagrams)
    case .oddPeer(let event): play(event)
    case .dataReceived(let site):
      for tunnel in nodes[site].machine.kernel.tunnels.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
        try give(.dataReceived(tunnel), to: site)
      }
    }
  }

  mutating func start(_ site: Int) throws(Violation) {
    guard nodes[site].process == nil else { return }
    let recorder = book?.recorder(site: site, incarnation: nodes[site].incarnation + 1)
    nodes[site].start(seed: random.next(), fault: site == 0 ? fault : nil, recorder: recorder, at: now)
    trace.add(.started(site: nodes[site].site.name, incarnation: nodes[site].incarnation), at: now)
    if nodes[site].hasCrashed {
      nodes[site].hasCrashed = false
      try give(.crashedBefore, to: site)
    }
    try drain(site)
    for name in nodes[site].machine.members.keys.sorted() {
      guard let member = nodes[site].machine.members[name] else { continue }
      try give(.link(member), to: site)
    }
  }

  private mutating func setMember(_ site: Int, _ name: String, _ isUp: Bool) throws(Violation) {
    let state = LinkState(name: name, isUp: isUp, mtuOctets: 1500)
    guard nodes[site].machine.members[name] != state else { return }
    nodes[site].machine.members[name] = state
    try give(.link(state), to: site)
  }

  mutating func setProtection(_ site: Int, isThere: Bool) throws(Violation) {
    guard nodes[site].machine.isProtected != isThere else { return }
    nodes[site].machine.isProtected = isThere
    try give(.protectionChanged, to: site)
  }

  /// The kernel loses what stands first in the order of identifiers.
  private mutating func loseDataPath(_ site: Int, wholeTunnel: Bool) throws(Violation) {
    let sessions = nodes[site].machine.kernel.sessions.keys.sorted { $0.sessionID.rawValue < $1.sessionID.rawValue }
    guard let first = sessions.first else { return }
    if wholeTunnel {
      for session in sessions where session.tunnelID == first.tunnelID {
        nodes[site].process?.observer.dataPathLost(session.sessionID)
      }
      nodes[site].machine.kernel.deleteTunnel(first.tunnelID)
      try give(.dataPathLost(first.tunnelID, nil, reason: "the kernel lost it"), to: site)
    } else {
      nodes[site].machine.kernel.loseInterface(of: first)
      try give(.dataPathLost(first.tunnelID, first.sessionID, reason: "the kernel lost it"), to: site)
    }
  }
}

extension Effect {
  /// Whether the machine may refuse it: nothing keeps it from taking things away.
  var mayFail: Bool {
    switch self {
    case .name, .plane(.openSocket), .plane(.connectSocket): true
    case .plane(.change(_, let change)): change.mayFail
    case .links, .protection: false
    }
  }
}

extension PlaneChange {
  fileprivate var mayFail: Bool {
    switch self {
    case .listen, .createTunnel, .createSession: true
    case .closeSocket, .deleteTunnel, .deleteSession, .releaseInterfaces: false
    }
  }
}
