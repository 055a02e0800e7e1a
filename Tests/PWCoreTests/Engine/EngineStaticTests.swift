import Testing

@testable import PWCore

@Suite("Tunnels without signalling")
struct EngineStaticTests {
  private func pair(
    _ encapsulation: Encapsulation = .udp, configure: (inout TunnelDeclaration, Bool) -> Void = { _, _ in }
  ) -> EnginePair {
    EnginePair(pseudowires: 2, rightRole: .initiate, encapsulation: encapsulation) { tunnel, isLeft in
      tunnel.staticConnection = StaticConnection(
        localID: ControlConnectionID(rawValue: isLeft ? 201 : 202),
        peerID: ControlConnectionID(rawValue: isLeft ? 202 : 201))
      tunnel.helloInterval = .zero
      for number in tunnel.pseudowires.indices {
        let (ours, theirs) = (UInt32(10 + number), UInt32(20 + number))
        tunnel.pseudowires[number].staticSession = StaticSession(
          localID: SessionID(rawValue: isLeft ? ours : theirs), peerID: SessionID(rawValue: isLeft ? theirs : ours),
          receiveCookie: Cookie(number: isLeft ? 1 : 2, lengthOctets: 8),
          transmitCookie: Cookie(number: isLeft ? 2 : 1, lengthOctets: 8))
      }
      configure(&tunnel, isLeft)
    }
  }

  private func pseudowire(_ pair: EnginePair, at number: Int = 0) -> PseudowireStatus {
    pair.left.engine.status(at: pair.now).tunnels[0].pseudowires[number]
  }

  private func reasons(_ pair: EnginePair) -> String { pseudowire(pair).forwarding.value.reasons.joined() }

  @Test("they are made as declared, and not one message is sent", arguments: [Encapsulation.udp, .ip])
  func made(encapsulation: Encapsulation) throws {
    let pair = pair(encapsulation)
    #expect(pair.isForwarding)
    let port: UInt16 = encapsulation == .udp ? 1701 : 0
    let request = try #require(pair.left.openings.first?.request)
    #expect(request.localPort == port && request.connectionID.rawValue == 201)
    #expect(pair.left.tunnels.values.map(\.peerID.rawValue) == [202])
    let session = try #require(pair.left.sessions[SessionID(rawValue: 10)])
    #expect(session.peerID.rawValue == 20 && session.receiveCookie.number == 1 && session.transmitCookie.number == 2)
    #expect(!pair.left.status.tunnels[0].isSignalled && !pseudowire(pair).isVerified)
    pair.run(for: .seconds(3_600))
    pair.handle(.shutdown, left: true)
    #expect(pair.wire.isEmpty)
    #expect(pair.left.isStopped && pair.left.tunnels.isEmpty)
  }

  @Test("one that cannot be made is tried again, and so is one that the data plane loses")
  func again() {
    var isMissing = true
    let pair = pair { tunnel, _ in tunnel.reconnection.maximumDelay = .seconds(5) }
    pair.left.override = { effect in
      if isMissing, case .plane(.openSocket) = effect { .fail(EffectFailure("no such address")) } else { .perform }
    }
    pair.handle(.dataPathLost(ControlConnectionID(rawValue: 201), nil, reason: "it is gone"), left: true)
    #expect(pair.left.status.tunnels[0].lastError?.value == "the tunnel is given up: it is gone")
    pair.run(for: .seconds(60))
    #expect(pair.left.status.tunnels[0].lastError?.value == "the tunnel is given up: no such address")
    #expect(!pseudowire(pair).isForwarding)
    isMissing = false
    pair.run(for: .seconds(6))
    #expect(pair.isForwarding)
    pair.handle(
      .dataPathLost(ControlConnectionID(rawValue: 201), SessionID(rawValue: 11), reason: "it is gone"), left: true)
    #expect(!pseudowire(pair, at: 1).isForwarding && pseudowire(pair).isForwarding)
    pair.run(for: .seconds(6))
    #expect(pair.isForwarding && pair.wire.isEmpty)
  }

  @Test("an identifier that is taken is waited for")
  func taken() {
    let pair = pair()
    var site = pair.left.engine.declaredSite
    let known = site.tunnels[0]
    site.tunnels = [known, known]
    site.tunnels[1].name = "second"
    site.tunnels[1].pseudowires = []
    pair.reload(site, left: true)
    #expect(
      pair.left.status.tunnels[1].lastError?.value
        == "Control Connection ID 201 is in use by another tunnel of this site")
    site.tunnels = [site.tunnels[1]]
    site.tunnels[0].pseudowires = known.pseudowires
    pair.reload(site, left: true)
    pair.run(for: .seconds(120))
    #expect(pair.isForwarding)
  }

  @Test("one with the identifier of another waits until that is gone")
  func removal() throws {
    let pair = pair()
    var held: [Effect] = []
    pair.left.override = { effect in
      guard case .plane(.change(_, .deleteTunnel)) = effect else { return .perform }
      held.append(effect)
      return .withhold
    }
    pair.change { $0.dscp = DSCP(rawValue: 10) }
    pair.run(for: .seconds(5))
    #expect(pair.left.openings.count == 1 && !pseudowire(pair).isForwarding)
    pair.handle(.completed(pair.left.perform(try #require(held.first))), left: true)
    pair.run(for: .milliseconds(10))
    #expect(pair.isForwarding && pair.left.openings.count == 2)
    #expect(!pair.left.events.contains { $0.level == .warning })
  }

  @Test("with `liveness` a silent peer contradicts forwarding, and a frame shows that it is there")
  func liveness() {
    let pair = pair { tunnel, _ in tunnel.liveness = .seconds(10) }
    #expect(pair.isForwarding && !pseudowire(pair).isVerified)
    pair.run(for: .seconds(11))
    #expect(reasons(pair) == "no frame has arrived from the peer yet, in 11 s (`liveness: 10s`)")
    let connection = ControlConnectionID(rawValue: 201)
    pair.handle(.dataReceived(connection), left: true)
    #expect(pseudowire(pair).isForwarding && pseudowire(pair).isVerified)
    pair.run(for: .seconds(9))
    pair.handle(.dataReceived(connection), left: true)
    pair.run(for: .seconds(9))
    #expect(pseudowire(pair).isForwarding)
    pair.run(for: .seconds(2))
    #expect(reasons(pair) == "no frame has arrived from the peer for 11 s (`liveness: 10s`)")
    pair.change { $0.liveness = .seconds(60) }
    #expect(pseudowire(pair).isForwarding)
    pair.change { $0.liveness = .seconds(5) }
    #expect(pair.run(until: { !pseudowire(pair).isForwarding }, limit: .seconds(1)))
    pair.change { $0.liveness = nil }
    #expect(pseudowire(pair).isForwarding && !pseudowire(pair).isVerified)
    pair.change { $0.liveness = .seconds(5) }
    #expect(pair.run(until: { !pseudowire(pair).isForwarding }, limit: .seconds(6)))
    #expect(pair.left.status.tunnels[0].establishedCount == 1)
  }

  @Test("a report that the peer is out of reach counts while it is fresh, and until a frame arrives")
  func unreachable() throws {
    let pair = pair()
    let socket = try #require(pair.left.openings.first?.socket)
    for isHeard in [false, true] {
      pair.handle(.unreachable(socket, Unreachable("nobody listens there", isFinal: true)), left: true)
      #expect(reasons(pair) == "the peer cannot be reached: nobody listens there")
      if isHeard {
        pair.handle(.dataReceived(ControlConnectionID(rawValue: 201)), left: true)
      } else {
        pair.run(for: .seconds(31))
      }
      #expect(pseudowire(pair).isForwarding)
    }
    #expect(pair.left.status.tunnels[0].establishedCount == 1)
    pair.handle(.unreachable(socket, .withoutAddress), left: true)
    #expect(!pseudowire(pair).isForwarding && pair.left.tunnels.isEmpty)
    pair.run(for: .seconds(60))
    #expect(pair.isForwarding)
  }

  @Test("a control message for one is dropped")
  func controlMessage() throws {
    let pair = pair()
    let socket = try #require(pair.left.openings.first?.socket)
    var hello = ControlMessage.hello(Hello()).encoded(reservingDigest: nil)
    hello.setHeader(connectionID: ControlConnectionID(rawValue: 201), ns: 0, nr: 0)
    pair.handle(
      .datagram(
        Datagram(
          octets: hello.octets, source: Endpoint(address: EnginePair.rightAddress, port: 1701),
          local: Endpoint(address: EnginePair.leftAddress, port: 1701), encapsulation: .udp, socket: socket)),
      left: true)
    #expect(pair.left.status.dropped.misaddressed == 1)
    #expect(pair.wire.isEmpty && pair.isForwarding)
  }

  @Test("changed identifiers begin another session, or another tunnel")
  func changed() {
    let pair = pair()
    pair.change { $0.pseudowires[1].staticSession?.localID = SessionID(rawValue: 12) }
    pair.run(for: .seconds(10))
    #expect(Set(pair.left.sessions.keys.map(\.rawValue)) == [10, 12])
    #expect(pair.left.status.tunnels[0].establishedCount == 1)
    pair.change { $0.staticConnection?.localID = ControlConnectionID(rawValue: 205) }
    pair.run(for: .seconds(10))
    #expect(pair.left.tunnels.keys.map(\.rawValue) == [205])
    #expect(pair.isForwarding && pair.wire.isEmpty)
  }
}
