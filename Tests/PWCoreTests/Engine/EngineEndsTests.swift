import Testing

@testable import PWCore

@Suite("How things end, how often they are tried again, and how people are told of it")
struct EngineEndsTests {
  /// Levels of what one end said since `from`, without what only fault-finders read.
  private func told(_ driver: TestDriver, from: Int) -> [String] {
    driver.events[from...].filter { $0.level != .debug && $0.pseudowire == nil }.map { "\($0.level): \($0.message)" }
  }

  @Test("the peer's shutdown is told once, as a notice, with its code in words")
  func shutdownTold() {
    let pair = EnginePair()
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    let (left, right) = (pair.left.events.count, pair.right.events.count)
    pair.handle(.shutdown, left: true)
    pair.run(for: .seconds(5))
    #expect(
      told(pair.left, from: left) == ["info: we stopped the control connection: result 6 (shutting down)"])
    #expect(
      told(pair.right, from: right) == ["notice: the peer stopped the control connection: result 6 (shutting down)"])
  }

  @Test(
    "the error of a control connection is the tunnel's, and not that of each of its pseudowires",
    arguments: [true, false])
  func errorOfConnection(isLost: Bool) {
    let peer = HandPeer(authentication: nil)
    peer.connect()
    peer.call()
    peer.completeCall()
    peer.acknowledges = !isLost
    if !isLost {
      let stop = StopNotification(
        result: StopResult(.generalError, error: .insufficientResources, text: "full"),
        assignedConnectionID: ControlConnectionID(rawValue: 77))
      peer.say(.stopNotification(stop))
    }
    peer.wait(.seconds(200))
    let tunnel = peer.engine.status.tunnels[0]
    #expect(tunnel.lastError?.value.contains(isLost ? "the peer does not answer" : "full") == true)
    #expect(tunnel.pseudowires[0].lastError == nil)
  }

  @Test("crossed SCCRQs are nobody's error", arguments: UInt64(1)...20)
  func tieTold(seed: UInt64) {
    let pair = EnginePair(leftRole: .both, rightRole: .both, seed: seed)
    pair.network = { _ in [.milliseconds(Int(seed) * 7 % 40)] }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(30)))
    for driver in [pair.left, pair.right] {
      #expect(driver.events.allSatisfy { $0.level.rawValue < Event.Level.warning.rawValue })
      #expect(driver.status.tunnels[0].lastError == nil)
    }
  }

  @Test("a tie lost again and again is a warning at last, not before")
  func tiesLost() {
    let pair = EnginePair(leftRole: .initiate, rightRole: .accept)
    // The right end says each time that its own attempt goes on, and never makes one.
    var levels: [Event.Level] = []
    for _ in 0...EngineLimits.unremarkableTies {
      #expect(pair.run(until: { pair.left.status.tunnels[0].state.value == .waitReply }, limit: .seconds(30)))
      guard let identifier = pair.left.status.tunnels[0].localID,
        let socket = pair.left.sockets.keys.max(by: { $0.rawValue < $1.rawValue }),
        let local = pair.left.sockets[socket]?.local
      else {
        Issue.record("the left end makes no attempt")
        return
      }
      let stop = StopNotification(result: StopResult(.alreadyExists), assignedConnectionID: nil)
      var message = ControlMessage.stopNotification(stop).encoded()
      message.setHeader(connectionID: identifier, ns: 0, nr: 1)
      let from = pair.left.events.count
      pair.handle(
        .datagram(
          Datagram(
            octets: message.octets, source: Endpoint(address: EnginePair.rightAddress, port: 1701), local: local,
            encapsulation: .udp, socket: socket)),
        left: true)
      levels += pair.left.events[from...].filter { $0.message.contains("result 3") }.map(\.level)
    }
    #expect(levels == [Event.Level](repeating: .debug, count: EngineLimits.unremarkableTies) + [.warning])
  }

  @Test("result codes have their names, and a peer's text is shown harmless and short")
  func words() {
    #expect(StopResult(.shuttingDown).words == "result 6 (shutting down)")
    #expect(
      StopResult(.generalError, error: .insufficientResources, text: "no\nroom").words
        == "result 2 (general error), error 4 (insufficient resources): no\\nroom")
    #expect(CallResult(CallCode(rawValue: 999)).words == "result 999")
    #expect(String(repeating: "x", count: 900).printable.count == 203)
    #expect("plain é".printable == "plain é")
  }

  @Test("a connection that comes up and falls at once is tried ever less often")
  func fallsAtOnce() {
    let pair = EnginePair(leftRole: .initiate, rightRole: .accept)
    pair.left.override = { effect in
      guard case .plane(.change(_, .createTunnel)) = effect else { return .perform }
      return .fail(EffectFailure("no L2TP here"))
    }
    pair.run(for: .seconds(300))
    // One second, doubling to a minute: far from one a second.
    let attempts = pair.count(.startRequest)
    #expect((5...20).contains(attempts), "\(attempts)")
    pair.left.override = { _ in .perform }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(130)))
  }

  @Test("a session that comes up and falls at once is tried ever less often")
  func sessionFallsAtOnce() {
    let pair = EnginePair()
    pair.left.override = { effect in
      guard case .links(_, .setLinks(_, let requests)) = effect, !requests.isEmpty else { return .perform }
      return .fail(EffectFailure("no such bridge"))
    }
    pair.run(for: .seconds(300))
    let calls = pair.count(.incomingCallRequest)
    #expect((5...40).contains(calls), "\(calls)")
    pair.left.override = { _ in .perform }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(130)))
  }

  @Test("a connection that stood is tried again at once, whatever went before")
  func stoodForLong() {
    let pair = EnginePair(leftRole: .initiate, rightRole: .accept)
    for _ in 0..<4 {
      pair.run(for: .seconds(60))
      #expect(pair.isForwarding)
      let tunnel = pair.right.tunnels.keys.first
      if let tunnel { pair.handle(.dataPathLost(tunnel, nil, reason: "unplugged"), left: false) }
      #expect(!pair.isForwarding)
      #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(3)))
    }
  }

  @Test("a peer that asks without end and acknowledges nothing is given up, not remembered")
  func asksWithoutEnd() {
    let pair = EnginePair()
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    guard let identifier = pair.right.status.tunnels[0].localID,
      let connection = pair.right.engine.connectionsByID[identifier]
    else {
      Issue.record("the right end has no connection")
      return
    }
    pair.right.recorder = nil
    for number in 1...(EngineLimits.queuedAnswers + 10) {
      pair.right.engine.disconnectUnknown(
        SessionID(rawValue: UInt32(number)), CallResult(.noSuchForwarder), on: connection)
    }
    #expect(pair.right.engine.connections[connection].channel.pendingCount <= 2)
    #expect(pair.right.engine.connections[connection].life.isClosing)
    pair.run(for: .milliseconds(1))
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(130)))
  }

  @Test("a peer that calls for one pseudowire without end and acknowledges nothing is given up too")
  func callsWithoutEnd() throws {
    let pair = EnginePair(pseudowires: 1)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    let identifier = try #require(pair.right.status.tunnels[0].localID)
    let connection = try #require(pair.right.engine.connectionsByID[identifier])
    let tunnel = pair.right.engine.connections[connection].tunnel
    let pseudowire = try #require(pair.right.engine.tunnels[tunnel].pseudowires.first)
    let endID = pair.right.engine.pseudowires[pseudowire].declaration.remoteEndID
    pair.right.recorder = nil
    for number in 1...(EngineLimits.queuedAnswers + 10) {
      let call = IncomingCallRequest(
        identifiers: SessionIdentifiers(local: SessionID(rawValue: UInt32(number)), remote: .unknown), serialNumber: 1,
        pseudowireType: .ethernet, remoteEndID: endID, dataPath: DataPathParameters())
      pair.right.engine.receivedCall(CallRequest(call), on: connection)
    }
    #expect(pair.right.engine.connections[connection].life.isClosing)
    #expect(pair.right.engine.connections[connection].channel.pendingCount <= 2)
  }

  @Test("another path MTU does not interrupt what forwards")
  func pathMTU() {
    let pair = EnginePair()
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    let since = pair.left.status.tunnels[0].pseudowires[0].forwarding.since
    pair.left.override = { effect in
      guard case .links(_, .setLinks) = effect else { return .perform }
      return .withhold
    }
    pair.run(for: .seconds(1))
    guard let identifier = pair.left.tunnels.keys.first else {
      Issue.record("the left end has no tunnel")
      return
    }
    pair.handle(.pathMTU(identifier, octets: 1400), left: true)
    #expect(pair.left.status.tunnels[0].pseudowires[0].forwarding.value == .yes)
    #expect(pair.left.status.tunnels[0].pseudowires[0].forwarding.since == since)
  }

  @Test("a circuit's change goes before calls that wait for their turn")
  func changeOvertakesCalls() {
    let pair = EnginePair(pseudowires: 1)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    // The right end answers no further call: its data plane is busy.
    pair.right.override = { effect in
      guard case .plane(.change(_, .createSession)) = effect else { return .perform }
      return .withhold
    }
    for isLeft in [false, true] {
      var site = (isLeft ? pair.left : pair.right).engine.declaredSite
      for number in 1...(EngineLimits.callsInProgress + 20) {
        site.tunnels[0].pseudowires.append(
          PseudowireDeclaration(
            name: "more\(number)", type: .ethernet, remoteEndID: RemoteEndID(number: UInt32(number)),
            interfaceName: "more\(number)"))
      }
      if isLeft { site.tunnels[0].pseudowires[0].circuit = .member("eth1") }
      pair.reload(site, left: isLeft)
    }
    pair.handle(.link(LinkState(name: "eth1", isUp: true, mtuOctets: 1500)), left: true)
    pair.run(for: .milliseconds(1500))
    #expect(pair.right.status.tunnels[0].pseudowires[0].peerCircuit == .active)
    pair.handle(.link(LinkState(name: "eth1", isUp: false, mtuOctets: 1500)), left: true)
    pair.run(for: .milliseconds(500))
    #expect(pair.right.status.tunnels[0].pseudowires[0].peerCircuit == [.receiveFault, .transmitFault])
  }

  @Test("a peer's window is never taken for more than the numbers can tell apart")
  func window() {
    var channel = ReliableChannel(reliability: Reliability())
    channel.setPeerWindow(.max)
    let now = Instant(nanoseconds: 0)
    for _ in 0..<40_000 { channel.enqueue(ControlMessage.hello(Hello()).encoded()) }
    var acknowledged: UInt16 = 0
    var most = 0
    while !channel.isIdle {
      var sent = 0
      while channel.nextTransmission(at: now) != nil { sent += 1 }
      most = max(most, sent)
      guard sent > 0 else { break }
      acknowledged &+= UInt16(sent)
      #expect(channel.acknowledge(acknowledged, at: now) == sent)
    }
    #expect(channel.isIdle)
    #expect(most <= ReliableChannel.largestWindow)
  }
}
