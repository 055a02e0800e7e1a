import Testing

@testable import PWCore

@Suite("Lines of the log of which a peer can cause as many as it likes")
struct EngineLineLimitTests {
  private static let most = Int(EngineLimits.toldLines)

  /// A peer whose call is established, some time after that was told.
  private func established() -> HandPeer {
    let peer = HandPeer()
    peer.connect()
    peer.call()
    peer.completeCall()
    peer.wait(.seconds(120))
    peer.engine.events = []
    return peer
  }

  /// The events that an operator reads, about the pseudowire or about the tunnel alone.
  private func told(_ peer: HandPeer, ofPseudowire: Bool = true) -> [Event] {
    peer.engine.events.filter { $0.level != .debug && ($0.pseudowire != nil) == ofPseudowire }
  }

  /// How many events an event says are left out.
  private func leftOut(_ event: Event) -> Int {
    for field in event.fields where field.name == .leftOut { if case .number(let count) = field.value { return count } }
    return 0
  }

  private func isForwarding(_ peer: HandPeer) -> Bool {
    peer.engine.engine.status(at: peer.now).tunnels[0].pseudowires[0].forwarding.value.reasons.isEmpty
  }

  /// The state that somebody takes the pseudowire to be in who reads the log.
  private func isForwardingAsTold(_ peer: HandPeer) -> Bool? {
    told(peer).last { [.forwarding, .notForwarding].contains($0.kind) }.map { $0.kind == .forwarding }
  }

  private func hangUp(_ peer: HandPeer, _ result: CallResult = CallResult(.administrative)) {
    guard let session = peer.replies.last?.identifiers else { return }
    let identifiers = SessionIdentifiers(local: session.remote, remote: session.local)
    peer.say(.callDisconnect(CallDisconnect(result: result, identifiers: identifiers)))
  }

  @Test("ten changes of a circuit in a minute are told at once, and nothing else is")
  func few() {
    let peer = established()
    for _ in 0..<5 {
      peer.setLinkInfo([])
      peer.setLinkInfo(.active)
    }
    peer.wait(.seconds(3600))
    #expect(told(peer).count == 20 && told(peer).allSatisfy { leftOut($0) == 0 })
    #expect(told(peer).map(\.kind).suffix(2) == [.peerCircuit, .forwarding])
  }

  @Test("a thousand are told in a line that has their number and the state in the end", arguments: [true, false])
  func many(endsUp: Bool) {
    let peer = established()
    for count in 0..<1000 { peer.setLinkInfo(count % 2 == 0 ? [] : .active) }
    if !endsUp { peer.setLinkInfo([]) }
    #expect(told(peer).count == Self.most + 1)
    #expect(told(peer).last?.kind == .pseudowireWarning && told(peer).last?.level == .warning)
    peer.wait(EngineLimits.toldLinesInterval)
    #expect(told(peer).count == Self.most + 2)
    #expect(told(peer).last.map { leftOut($0) } == (endsUp ? 2000 : 2002) - Self.most)
    #expect(isForwardingAsTold(peer) == endsUp && isForwarding(peer) == endsUp)
    if !endsUp {
      #expect(told(peer).last?.fields.first == EventField(.reasons, .texts(["peer-circuit"])))
      #expect(told(peer).last?.message.contains("now not forwarding: the peer reports") == true)
    }
    peer.wait(.seconds(3600))
    #expect(told(peer).count == Self.most + 2)
    peer.setLinkInfo(endsUp ? [] : .active)
    #expect(told(peer).count == Self.most + 4, "it is told at once again")
  }

  @Test("while it goes on there is a line a minute, and the last change of all is told")
  func goesOn() {
    let peer = established()
    var isUp = true
    for _ in 0..<3000 {
      isUp.toggle()
      peer.setLinkInfo(isUp ? .active : [])
      peer.wait(.milliseconds(101))
    }
    // A little more than five minutes.
    #expect(told(peer).count == Self.most + 1 + 5)
    peer.setLinkInfo([])
    peer.wait(EngineLimits.toldLinesInterval)
    #expect(told(peer).count == Self.most + 1 + 6 && isForwardingAsTold(peer) == false)
    #expect(told(peer).map(leftOut).reduce(0, +) == 2 * 3001 - Self.most)
  }

  @Test("whatever the pace, the log ends with the state that is", arguments: 0..<40)
  func anyPace(number: Int) {
    let peer = established()
    var random = SeededEntropy(state: UInt64(number))
    for _ in 0..<(random.next() % 200) {
      let isUp = random.next() % 2 == 0
      if random.next() % 3 == 0 { peer.setCircuit(isUp: isUp) } else { peer.setLinkInfo(isUp ? .active : []) }
      if random.next() % 4 == 0 { peer.wait(.milliseconds(random.next() % 20_000)) }
    }
    peer.wait(EngineLimits.toldLinesInterval)
    #expect(isForwardingAsTold(peer) ?? true == isForwarding(peer))
  }

  @Test("sessions that come and go, whatever reason the peer gives each time")
  func sessions() {
    let peer = established()
    for count in 0..<200 {
      hangUp(peer, CallResult(.generalError, error: .insufficientResources, text: "reason \(count)"))
      peer.call(UInt32(501 + count)) { $0.tieBreaker = 0 }
      peer.completeCall()
    }
    #expect(told(peer).count == 2 * (Self.most + 1), "warnings count for themselves: changes do not hide them")
    peer.wait(EngineLimits.toldLinesInterval)
    #expect(told(peer).count == 2 * (Self.most + 2) && isForwardingAsTold(peer) == true && isForwarding(peer))
    #expect(told(peer).last?.level == .warning, "errors are among those left out")
  }

  @Test("counters of circuit errors")
  func errors() {
    let peer = established()
    guard let session = peer.replies.last?.identifiers else { return }
    let identifiers = SessionIdentifiers(local: session.remote, remote: session.local)
    for count in 1...100 {
      var errors = CircuitErrors()
      errors.crc = UInt32(count)
      peer.say(.wanError(WANError(identifiers: identifiers, errors: errors)))
    }
    #expect(told(peer).count == Self.most + 1)
    peer.wait(EngineLimits.toldLinesInterval)
    #expect(told(peer).last.map(leftOut) == 100 - Self.most)
  }

  @Test("at level debug every step is told")
  func debug() {
    let peer = established()
    peer.engine.recorder = nil
    peer.engine.engine.leastEventLevel = .debug
    for count in 0..<100 { peer.setLinkInfo(count % 2 == 0 ? [] : .active) }
    let changes = peer.engine.events.filter { [.forwarding, .notForwarding].contains($0.kind) }
    #expect(changes.count == 100)
  }

  @Test("lines that nobody reads do not count")
  func quiet() {
    let peer = established()
    peer.engine.recorder = nil
    peer.engine.engine.leastEventLevel = .warning
    for count in 0..<100 { peer.setLinkInfo(count % 2 == 0 ? [] : .active) }
    peer.wait(.seconds(120))
    #expect(told(peer).isEmpty)
  }

  @Test("a pseudowire that goes has its lines summed up first, and so does a stop of all", arguments: [true, false])
  func ends(byShutdown: Bool) {
    let peer = established()
    for count in 0..<101 { peer.setLinkInfo(count % 2 == 0 ? [] : .active) }
    if byShutdown {
      peer.engine.handle(.shutdown, at: peer.now)
      peer.acknowledges = false
      peer.wait(EngineLimits.shutdownTime)
    } else {
      var site = peer.engine.engine.declaredSite
      site.tunnels[0].pseudowires = []
      peer.engine.handle(.site(site, secrets: [:]), at: peer.now)
    }
    #expect(told(peer).last { leftOut($0) > 0 }?.kind == .notForwarding)
    #expect(told(peer).map(leftOut).reduce(0, +) >= 202 - Self.most)
  }

  @Test("messages that cannot be accepted")
  func refused() {
    let peer = established()
    let identifiers = SessionIdentifiers(local: SessionID(rawValue: 9), remote: SessionID(rawValue: 10))
    for count in 0..<100 {
      // A mandatory AVP that nobody knows: that session would end, if there were one.
      var octets = ControlMessage.setLinkInfo(SetLinkInfo(identifiers: identifiers, circuitStatus: .active)).encoded()
        .octets
      octets += [0x80, 0x08, 0, 0, 0x0F, UInt8(count), 0, 0]
      octets[3] += 8
      peer.say(octets: octets)
    }
    #expect(told(peer, ofPseudowire: false).count == Self.most + 1)
    peer.wait(EngineLimits.toldLinesInterval)
    #expect(told(peer, ofPseudowire: false).last.map(leftOut) == 100 - Self.most)
  }
}
