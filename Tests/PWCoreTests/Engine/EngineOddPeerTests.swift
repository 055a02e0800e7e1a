import Testing

@testable import PWCore

@Suite("Peers whose messages, or whose silence, would mislead")
struct EngineOddPeerTests {
  private func status(_ pair: EnginePair) -> TunnelStatus { pair.left.engine.status(at: pair.now).tunnels[0] }

  /// Whether a datagram acknowledges and says nothing else.
  private func isAcknowledgement(_ datagram: Datagram) -> Bool {
    datagram.octets.count <= ControlHeader.lengthOctets
      || ControlCodec.digests(of: datagram.octets.span).messageType == .acknowledgement
  }

  /// A peer that has called and has its session.
  private func called(probesPath: Bool = false) -> HandPeer {
    let peer = HandPeer(probesPath: probesPath)
    peer.connect()
    peer.call()
    peer.completeCall()
    #expect(peer.sessionState == .established)
    return peer
  }

  @Test("one that acknowledges by its messages alone is called", arguments: [nil, [1, 2, 3]])
  func acknowledgesByMessages(secret: [UInt8]?) {
    let pair = EnginePair(secret: secret)
    pair.network = { datagram in
      datagram.source.address == EnginePair.rightAddress && self.isAcknowledgement(datagram) ? [] : [.milliseconds(1)]
    }
    #expect(pair.run(until: { pair.isForwarding }, limit: .milliseconds(700)), "before SCCCN is repeated")
  }

  @Test("one that acknowledges without a digest, though there is a secret, is named")
  func acknowledgesUnsealed() throws {
    let pair = EnginePair(secret: [1, 2, 3])
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(8)))
    let connection = try #require(pair.left.engine.tunnels[pair.left.engine.declaredTunnels[0]].active)
    let record = pair.left.engine.connections[connection]
    var acknowledgement = EncodedMessage.zeroLengthBody()
    acknowledgement.setHeader(connectionID: record.localID, ns: record.channel.nr, nr: record.channel.nextNs)
    let datagram = Datagram(
      octets: acknowledgement.octets, source: record.remote, local: try #require(record.local), encapsulation: .udp,
      socket: record.socket.id)
    for _ in 0..<2 { pair.handle(.datagram(datagram), left: true) }
    let words = "the peer \(PeerHabit.acknowledgesUnsealed.words)"
    #expect(pair.left.events.filter { $0.message == words }.count == 1)
  }

  @Test("one that acknowledges no HELLO keeps its sessions while its data arrives, and not for longer")
  func ignoresHello() {
    let peer = called()
    let connection = peer.connectionID
    peer.acknowledges = false
    // It says HELLO by itself below, as no driver can have it do.
    peer.engine.recorder = nil
    for _ in 0..<100 {
      peer.wait(.seconds(2))
      peer.engine.handle(.dataReceived(connection), at: peer.now)
      let forwarding = peer.engine.engine.status(at: peer.now).tunnels[0].pseudowires[0].forwarding.value
      #expect(!forwarding.reasons.contains { $0.contains("silent") })
      // Data keeps HELLO from being due (RFC 3931 section 4.4); a probe of the path sends one all the same.
      if peer.record?.channel.isIdle == true, let reference = peer.engine.engine.connectionsByID[connection] {
        peer.engine.engine.send(.hello(Hello()), on: reference)
      }
    }
    #expect(peer.sessionState == .established && peer.engine.status.tunnels[0].establishedCount == 1)
    #expect(peer.remarks(.ignoresHello) == 1)
    peer.wait(.seconds(200))
    #expect(peer.sessionState != .established)
  }

  @Test(
    "one that a long message hurts is not probed again after the second time, whatever it says or does not say",
    arguments: [StopResult(.generalError, error: .insufficientResources), StopResult(.generalRequest), nil])
  func hurtByLongMessages(result: StopResult?) throws {
    let peer = called(probesPath: true)
    var rounds = 0
    for round in 0..<5 as Range<UInt32> {
      var isProbed = false
      for _ in 0..<200 where !isProbed {
        peer.wait(.milliseconds(50))
        isProbed = try #require(peer.record).isLongMessageOut
      }
      guard isProbed else { break }
      rounds += 1
      if let result {
        peer.say(
          .stopNotification(
            StopNotification(result: result, assignedConnectionID: ControlConnectionID(rawValue: 77 + round))))
      }
      // Else it has crashed, and starts again.
      peer.restart()
      peer.parameters.assignedConnectionID = ControlConnectionID(rawValue: 78 + round)
      peer.connect(tieBreaker: UInt64(8 + round))
      peer.call(501 + round)
      peer.completeCall()
    }
    #expect(rounds == 2)
    #expect(peer.sessionState == .established)
    #expect(peer.remarks(.stopsForRepetitions) == 1)
  }

  @Test("one that is heard after a long message was not hurt by it, whatever its operator does then")
  func heardAfterLongMessages() throws {
    let peer = called(probesPath: true)
    for round in 0..<4 as Range<UInt32> {
      for _ in 0..<200 where try !#require(peer.record).isLongMessageOut { peer.wait(.milliseconds(50)) }
      #expect(try #require(peer.record).isLongMessageOut, "it is probed")
      peer.say(.hello(Hello()))
      peer.say(
        .stopNotification(
          StopNotification(
            result: StopResult(.generalRequest), assignedConnectionID: ControlConnectionID(rawValue: 77 + round))))
      peer.restart()
      peer.parameters.assignedConnectionID = ControlConnectionID(rawValue: 78 + round)
      peer.connect(tieBreaker: UInt64(8 + round))
      peer.call(501 + round)
      peer.completeCall()
    }
    #expect(peer.remarks(.stopsForRepetitions) == 0)
  }

  @Test("a peer that shuts down, or is restarted, while its path is probed has no habit")
  func restartedInAProbe() throws {
    let peer = called(probesPath: true)
    for round in 0..<4 as Range<UInt32> {
      peer.wait(.milliseconds(1_500))
      peer.say(
        .stopNotification(
          StopNotification(
            result: StopResult(.shuttingDown), assignedConnectionID: ControlConnectionID(rawValue: 77 + round))))
      peer.restart()
      peer.parameters.assignedConnectionID = ControlConnectionID(rawValue: 78 + round)
      peer.connect(tieBreaker: UInt64(8 + round))
    }
    #expect(peer.remarks(.stopsForRepetitions) == 0)
  }

  @Test("one that ends the connection at a repetition is not probed again, and people are told once")
  func stopsForRepetitions() throws {
    let peer = called(probesPath: true)
    for round in 1...2 {
      var isProbed = false
      for _ in 0..<200 where !isProbed {
        peer.wait(.milliseconds(50))
        let connection = try #require(peer.engine.engine.connectionsByID[peer.connectionID])
        isProbed = peer.engine.engine.isPathProbeOut(connection)
      }
      #expect(isProbed == (round == 1))
      guard isProbed else { break }
      peer.say(
        .stopNotification(
          StopNotification(
            result: StopResult(.generalError, error: .unknownMandatoryAVP),
            assignedConnectionID: ControlConnectionID(rawValue: 77))))
      peer.restart()
      peer.parameters.assignedConnectionID = ControlConnectionID(rawValue: 78)
      peer.connect(tieBreaker: 8)
      peer.call(501)
      peer.completeCall()
    }
    #expect(peer.sessionState == .established)
    #expect(peer.remarks(.stopsForRepetitions) == 1)
  }

  @Test("a CDN that names the session by the sender's identifier alone, or both in the wrong places, ends it")
  func misnamedDisconnect() throws {
    for isSwapped in [false, true] {
      let peer = called()
      let ours = try #require(peer.engine.status.tunnels[0].pseudowires[0].localID)
      let theirs = SessionID(rawValue: 500)
      let identifiers =
        isSwapped
        ? SessionIdentifiers(local: ours, remote: theirs) : SessionIdentifiers(local: theirs, remote: .unknown)
      peer.say(.callDisconnect(CallDisconnect(result: CallResult(.administrative), identifiers: identifiers)))
      #expect(peer.sessionState != .established)
    }
  }

  @Test("an end-id in both forms: the peer's one session is not taken again and again by the other form")
  func bothForms() {
    let pair = EnginePair(pseudowires: 2) { tunnel, isLeft in
      tunnel.pseudowires[0].remoteEndID = RemoteEndID(number: 100)
      tunnel.pseudowires[1].remoteEndID = RemoteEndID(text: "100")
      if !isLeft { tunnel.pseudowires.removeFirst() }
    }
    pair.run(for: .seconds(120))
    let counts = status(pair).pseudowires.map(\.establishedCount)
    #expect(counts[0] <= 1 && counts[1] == 1, "\(counts)")
    #expect(status(pair).pseudowires[1].state.value == .established)
  }

  @Test(
    "acknowledgements that nobody has asked for are not taken for answers to probes",
    arguments: [50, 130, 400, 1_000])
  func unaskedAcknowledgements(interval: Int) throws {
    for path in [1_300, 1_400] {
      let pair = EnginePair { tunnel, isLeft in tunnel.probesPath = isLeft }
      (pair.left.pathMTUOctets, pair.right.pathMTUOctets) = (path, path)
      #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(8)))
      for _ in 0..<(120_000 / interval) {
        pair.run(for: .milliseconds(interval))
        let reference = try #require(pair.left.engine.tunnels[pair.left.engine.declaredTunnels[0]].active)
        let record = pair.left.engine.connections[reference]
        var acknowledgement = EncodedMessage.zeroLengthBody()
        acknowledgement.setHeader(connectionID: record.localID, ns: record.channel.nr, nr: record.channel.nextNs)
        let datagram = Datagram(
          octets: acknowledgement.octets, source: record.remote, local: try #require(record.local), encapsulation: .udp,
          socket: record.socket.id)
        if record.channel.isIdle { pair.handle(.datagram(datagram), left: true) }
        let octets = try #require(status(pair).pathMTUOctets)
        #expect(!status(pair).isPathMTUProbed || octets <= path, "every \(interval) ms")
      }
      #expect(pair.isForwarding && status(pair).establishedCount == 1)
      let words = "the peer \(PeerHabit.acknowledgesUnasked.words)"
      let told = pair.left.events.filter { $0.message == words }.count
      #expect(told <= 1)
      if interval < 100 { #expect(told == 1) }
    }
  }

  @Test("answers that come twice, or late, are not taken for those of larger probes")
  func copies() {
    for delays in [[Duration.milliseconds(1), .milliseconds(60)], [.milliseconds(1_100)], [.milliseconds(700)]] {
      let pair = EnginePair { tunnel, isLeft in tunnel.probesPath = isLeft }
      (pair.left.pathMTUOctets, pair.right.pathMTUOctets) = (1404, 1404)
      pair.network = { datagram in
        datagram.source.address == EnginePair.rightAddress && self.isAcknowledgement(datagram)
          ? delays : [.milliseconds(1)]
      }
      pair.run(for: .seconds(180))
      #expect(!status(pair).isPathMTUProbed || status(pair).pathMTUOctets == 1404, "\(delays)")
    }
  }

  @Test("an address of ours that is back in time costs no session, and one that is away ends the connection")
  func addressIsBack() throws {
    for isBack in [true, false] {
      let pair = EnginePair { tunnel, _ in tunnel.helloInterval = .seconds(5) }
      #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(8)))
      let socket = try #require(pair.left.openings.first?.socket)
      pair.network = { _ in [] }
      for second in 1...20 where second < 6 || !isBack {
        pair.run(for: .seconds(1))
        pair.handle(.unreachable(socket, .withoutAddress), left: true)
      }
      pair.network = { _ in [.milliseconds(1)] }
      pair.run(for: .seconds(30))
      let reason = "our address is no longer on any interface"
      #expect(pair.left.events.contains { $0.message.contains("given up: \(reason)") } == !isBack)
      #expect(!pair.left.events.contains { $0.message.contains("the peer no longer has") })
      #expect(pair.isForwarding && (status(pair).establishedCount == 1) == isBack)
    }
  }

  @Test("where another address of ours is in place, the connection is begun anew from it")
  func addressIsReplaced() throws {
    let other = IPAddress.v4(0xC000_0207)
    let situations = [(false, true, true), (false, false, true), (true, true, true), (false, true, false)]
    for (isFixed, isThere, calls) in situations {
      let pair = EnginePair { tunnel, isLeft in
        tunnel.helloInterval = .seconds(60)
        if !calls { tunnel.role = isLeft ? .accept : .initiate }
        if isFixed, isLeft { tunnel.local = EnginePair.leftAddress }
      }
      #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(8)))
      let engine = pair.left.engine
      let active = try #require(engine.tunnels[engine.declaredTunnels[0]].active)
      let socket = engine.connections[active].socket.id
      pair.run(for: .seconds(1))
      pair.network = { _ in [] }
      pair.run(for: .seconds(1))
      let report = Unreachable.withoutAddress(besides: isThere ? other : nil)
      for _ in 1...3 {
        pair.handle(.unreachable(socket, report), left: true)
        #expect(!pair.left.events.contains { $0.message.contains("given up") })
        pair.run(for: .milliseconds(900))
      }
      pair.handle(.unreachable(socket, report), left: true)
      let words = "given up: \(Unreachable.withoutAddress.reason); packets to the peer would leave from 192.0.2.7 now"
      #expect(pair.left.events.contains { $0.message.contains(words) } == (isThere && !isFixed && calls))
      #expect(pair.left.events.contains { $0.message.contains("given up") } == (isThere && !isFixed && calls))
    }
  }

  @Test("data from or to another port contradicts forwarding, until some comes as it should")
  func strays() throws {
    let peer = called()
    let session = try #require(peer.engine.status.tunnels[0].pseudowires[0].localID)
    let (source, local) = (peer.source, Endpoint(address: EnginePair.rightAddress, port: 1701))
    func reasons() -> [String] {
      peer.engine.engine.status(at: peer.now).tunnels[0].pseudowires[0].forwarding.value.reasons
    }
    func stray(_ session: SessionID, _ source: Endpoint, _ local: Endpoint) {
      peer.engine.handle(.dataStrayed(StrayPacket(session: session, source: source, local: local)), at: peer.now)
    }
    #expect(reasons() == [])
    stray(SessionID(rawValue: 4_711), source, Endpoint(address: local.address, port: 9))
    #expect(reasons() == [], "a stranger's")
    stray(session, Endpoint(address: .v4(0xC000_0209), port: 1701), local)
    let words = "the peer's data packets arrive from 192.0.2.9, and its control messages from 192.0.2.1: they are"
    #expect(reasons().first?.hasPrefix(words) == true)
    peer.engine.handle(.dataReceived(peer.connectionID), at: peer.now)
    #expect(reasons() == [])
    stray(session, Endpoint(address: source.address, port: 5000), local)
    #expect(reasons().first?.hasPrefix("the peer sends its data packets from port 5000, and its control") == true)
    peer.engine.handle(.dataReceived(peer.connectionID), at: peer.now)
    #expect(reasons() == [])
    stray(session, source, local)
    #expect(reasons() == [], "it has only crossed a change of place")
    stray(session, source, Endpoint(address: local.address, port: 1702))
    #expect(reasons().first?.hasPrefix("the peer sends its data packets to port 1702, and its control") == true)
    peer.wait(.seconds(61))
    #expect(reasons() == [], "long ago")
  }

  @Test("an answer from another address is named")
  func otherAddress() throws {
    let pair = EnginePair()
    pair.translate = { datagram in
      var datagram = datagram
      if datagram.source.address == EnginePair.rightAddress { datagram.source.address = .v4(0xC000_0209) }
      return datagram
    }
    pair.left.deliversAnywhere = true
    pair.run(for: .seconds(2))
    let told = try #require(status(pair).lastError?.value)
    #expect(told.contains("192.0.2.9 answers the SCCRQ that was sent to 192.0.2.2"), "\(told)")
  }
}
