import Testing

@testable import PWCore

@Suite("Control connections whose sessions both ends declare")
struct EngineKeepaliveTests {
  private func declare(_ tunnel: inout TunnelDeclaration, _ isLeft: Bool) {
    tunnel.declaresSessions = true
    tunnel.helloInterval = .seconds(10)
    for number in tunnel.pseudowires.indices {
      let (ours, theirs) = (UInt32(10 + number), UInt32(20 + number))
      if isLeft { tunnel.pseudowires[number].circuit = .member("eth1") }
      tunnel.pseudowires[number].staticSession = StaticSession(
        localID: SessionID(rawValue: isLeft ? ours : theirs), peerID: SessionID(rawValue: isLeft ? theirs : ours),
        receiveCookie: Cookie(number: isLeft ? 1 : 2, lengthOctets: 8),
        transmitCookie: Cookie(number: isLeft ? 2 : 1, lengthOctets: 8))
    }
  }

  private func pair(_ encapsulation: Encapsulation = .udp) -> EnginePair {
    let pair = EnginePair(pseudowires: 2, encapsulation: encapsulation, configure: declare)
    pair.handle(.link(LinkState(name: "eth1", isUp: true, mtuOctets: 1500)), left: true)
    return pair
  }

  private func pseudowire(_ pair: EnginePair, at number: Int = 0) -> PseudowireStatus {
    pair.left.engine.status(at: pair.now).tunnels[0].pseudowires[number]
  }

  /// The messages on the wire that are about a session.
  private func sessionMessages(_ pair: EnginePair) -> [MessageType] {
    let ofConnections: Set<MessageType> = [
      .startRequest, .startReply, .startConnected, .stopNotification, .hello, .acknowledgement,
    ]
    return pair.messages.compactMap { $0 }.filter { !ofConnections.contains($0) }
  }

  @Test(
    "the sessions are made as declared with the connection, and no message is about one",
    arguments: [
      Encapsulation.udp, .ip,
    ])
  func made(encapsulation: Encapsulation) throws {
    let pair = pair(encapsulation)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    let session = try #require(pair.left.sessions[SessionID(rawValue: 10)])
    #expect(session.peerID.rawValue == 20 && session.receiveCookie.number == 1 && session.transmitCookie.number == 2)
    #expect(pair.left.status.tunnels[0].signalling == .keepalive)
    // A circuit that goes down would be told by SLI otherwise.
    pair.handle(.link(LinkState(name: "eth1", isUp: false, mtuOctets: 1500)), left: true)
    pair.run(for: .seconds(60))
    #expect(!pseudowire(pair).localCircuit.contains(.active))
    #expect(sessionMessages(pair) == [])
    pair.handle(.shutdown, left: true)
    #expect(pair.run(until: { pair.left.isStopped }, limit: .seconds(60)))
    #expect(sessionMessages(pair) == [] && pair.left.sessions.isEmpty && pair.left.tunnels.isEmpty)
  }

  @Test("data verifies that the peer has the session, for as long as the connection lasts")
  func verified() throws {
    let pair = pair()
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    #expect(!pseudowire(pair).isVerified)
    let connection = try #require(pair.left.status.tunnels[0].localID)
    pair.handle(.dataReceived(connection), left: true)
    #expect(pseudowire(pair).isVerified && pseudowire(pair, at: 1).isVerified)
    pair.change { $0.dscp = DSCP(rawValue: 10) }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(60)))
    #expect(!pseudowire(pair).isVerified)
  }

  @Test("they go down with a peer that dies, and come back with it")
  func death() {
    let pair = pair()
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    pair.network = { _ in [] }
    #expect(pair.run(until: { !pseudowire(pair).isForwarding }, limit: .seconds(60)))
    #expect(pair.run(until: { pair.left.sessions.isEmpty && pair.right.sessions.isEmpty }, limit: .seconds(300)))
    pair.network = { _ in [.milliseconds(1)] }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(180)))
    #expect(sessionMessages(pair) == [])
  }

  @Test("a changed identifier begins another session, and the connection stays")
  func changed() {
    let pair = pair()
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    pair.change { $0.pseudowires[1].staticSession?.localID = SessionID(rawValue: 12) }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(10)))
    #expect(Set(pair.left.sessions.keys.map(\.rawValue)) == [10, 12])
    #expect(pair.left.status.tunnels[0].establishedCount == 1)
    pair.change { $0.pseudowires.removeLast() }
    pair.run(for: .seconds(1))
    #expect(pair.left.sessions.keys.map(\.rawValue) == [10])
    #expect(sessionMessages(pair) == [])
  }

  @Test("one whose data path is lost is made again")
  func lost() throws {
    let pair = pair()
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    let connection = try #require(pair.left.status.tunnels[0].localID)
    pair.handle(.dataPathLost(connection, SessionID(rawValue: 11), reason: "it is gone"), left: true)
    #expect(!pseudowire(pair, at: 1).isForwarding && pseudowire(pair).isForwarding)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(10)))
    #expect(sessionMessages(pair) == [])
  }

  @Test("the calls of a peer with full signalling are refused in words, at both ends")
  func calls() {
    let pair = EnginePair { tunnel, isLeft in if isLeft { declare(&tunnel, isLeft) } }
    pair.run(for: .seconds(10))
    let refusal =
      "refused the peer's call for `type: ethernet`, `end-id: 0 (number)`: this tunnel has `signalling: keepalive`, "
      + "where both ends declare the sessions; write the same at both ends"
    #expect(pair.left.events.filter { $0.kind == .callRefused && $0.level == .warning }.map(\.message) == [refusal])
    #expect(pair.right.status.tunnels[0].pseudowires[0].lastError?.value.contains("signalling: keepalive") == true)
    #expect(!pair.right.status.tunnels[0].pseudowires[0].isForwarding)
  }

  @Test("the session messages of a peer change nothing, and are told once")
  func messages() throws {
    let pair = pair()
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    let pseudowire = try #require(
      pair.right.engine.pseudowiresByOwner[LinkOwner(tunnel: "peer", pseudowire: "pw0")])
    let identifiers = SessionIdentifiers(local: SessionID(rawValue: 20), remote: SessionID(rawValue: 10))
    let connection = try #require(pair.right.engine.tunnels[pair.right.engine.pseudowires[pseudowire].tunnel].active)
    pair.right.recorder = nil
    let result = CallResult(.administrative)
    for message in [
      ControlMessage.callDisconnect(CallDisconnect(result: result, identifiers: identifiers)),
      .setLinkInfo(SetLinkInfo(identifiers: identifiers, circuitStatus: [])),
      .incomingCallConnected(IncomingCallConnected(identifiers: identifiers)),
    ] {
      pair.right.engine.send(message, on: connection)
      pair.handle(.deadline, left: false)
      pair.run(for: .seconds(1))
    }
    #expect(pair.isForwarding && pair.left.status.dropped.misnamed == 3)
    #expect(self.pseudowire(pair).peerCircuit == nil && self.pseudowire(pair).establishedCount == 1)
    #expect(
      pair.left.events.filter { $0.kind == .messageRefused && $0.level == .warning }.map(\.message) == [
        "dropped the peer's CDN: this tunnel has `signalling: keepalive`, where no message is about a session"
      ])
  }

  @Test("data does not stand for a peer that answers no HELLO")
  func silence() throws {
    let pair = pair()
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    let connection = try #require(pair.left.status.tunnels[0].localID)
    pair.network = { _ in [] }
    for _ in 0..<120 {
      pair.handle(.dataReceived(connection), left: true)
      pair.run(for: .seconds(1))
    }
    #expect(pair.left.sessions.isEmpty)
  }

  @Test("a stranger who guesses a Session ID contradicts nothing")
  func stranger() {
    let pair = pair()
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    pair.handle(
      .dataStrayed(
        StrayPacket(
          session: SessionID(rawValue: 10), source: Endpoint(address: .v4(0xCB00_7101), port: 1701),
          local: Endpoint(address: EnginePair.leftAddress, port: 1701))), left: true)
    #expect(pseudowire(pair).isForwarding)
  }

  @Test("the end that accepts makes a lost session again as soon as the other end")
  func accepted() throws {
    let pair = pair()
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    let connection = try #require(pair.right.status.tunnels[0].localID)
    pair.handle(.dataPathLost(connection, SessionID(rawValue: 20), reason: "it is gone"), left: false)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(3)))
  }

  @Test("a peer that has begun anew has its sessions again at once")
  func replaced() {
    let pair = pair()
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    pair.replaceLeft(
      with: TestDriver(site: pair.left.engine.declaredSite, address: EnginePair.leftAddress, seed: 99, at: pair.now))
    pair.handle(.link(LinkState(name: "eth1", isUp: true, mtuOctets: 1500)), left: true)
    #expect(pair.run(until: { pair.isForwarding && !pair.left.sessions.isEmpty }, limit: .seconds(10)))
    #expect(sessionMessages(pair) == [])
  }
}
