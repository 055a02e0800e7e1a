import Testing

@testable import PWCore

@Suite("Tunnels for whoever fits")
struct EngineAccessTests {
  /// The right end's tunnel is for whoever fits; the left end calls it by address.
  private func pair(_ peer: TunnelDeclaration.Peer, secret: [UInt8]? = nil) -> EnginePair {
    EnginePair(secret: secret) { tunnel, isLeft in
      if !isLeft { tunnel.peer = peer }
    }
  }

  private func prefix(_ address: UInt32, _ lengthBits: Int) throws -> TunnelDeclaration.Peer {
    .prefix(try #require(IPPrefix(.v4(address), lengthBits: lengthBits)))
  }

  /// Another peer of the right end's, which has what the left end has.
  private func other(
    _ pair: EnginePair, name: String, address: IPAddress = EnginePair.leftAddress, secret: [UInt8]? = nil,
    seed: UInt64 = 99
  ) -> TestDriver {
    var site = pair.left.engine.declaredSite
    (site.name, site.hostName) = (name, name)
    site.routerID = name == "left" ? 1 : 77
    return TestDriver(
      site: site, address: address, seed: seed, secrets: secret.map { ["peer": $0] } ?? [:], at: pair.now)
  }

  private func refusals(_ pair: EnginePair) -> [StopResult] {
    pair.wire.compactMap { packet in
      guard !packet.fromLeft, let received = try? ControlCodec.decode(packet.datagram.octets.span),
        case .some(.stopNotification(let stop)) = received.message
      else { return nil }
      return stop.result
    }
  }

  @Test("a peer from a prefix gets in without a secret; one from elsewhere hears StopCCN 4")
  func prefixes() throws {
    let inside = pair(try prefix(0xC000_0200, 24))
    #expect(inside.run(until: { inside.isForwarding }, limit: .seconds(30)))
    #expect(inside.right.status.tunnels[0].peer == "192.0.2.0/24")
    let outside = pair(try prefix(0xC000_0300, 24))
    outside.run(for: .seconds(5))
    #expect(!outside.isForwarding)
    #expect(refusals(outside).first?.code == .notAuthorised)
    #expect(outside.right.status.dropped.notAllowed > 0)
    #expect(outside.right.engine.connections.count == 0)
  }

  @Test(
    "without a secret, one who calls from another address is refused, and the log says so; from the same, it is the peer"
  )
  func second() throws {
    let pair = pair(try prefix(0xC000_0200, 24))
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(30)))
    pair.replaceLeft(with: other(pair, name: "intruder", address: .v4(0xC000_0203)))
    pair.run(for: .seconds(5))
    #expect(refusals(pair).contains { $0.code == .notAuthorised })
    #expect(pair.right.status.tunnels[0].establishedCount == 1)
    #expect(pair.right.status.tunnels[0].state.value == .established)
    let told = pair.right.events.filter {
      $0.level == .warning && $0.message.contains("refused 'intruder' at 192.0.2.3")
    }
    #expect(told.count == 1)
    pair.replaceLeft(with: other(pair, name: "left"))
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(5)))
    #expect(pair.right.status.tunnels[0].establishedCount == 2)
  }

  @Test(
    "with a secret, another Host Name is refused with a digest that its owner can verify; the same one may have moved")
  func secondWithSecret() throws {
    let secret: [UInt8] = [1, 2, 3]
    let pair = pair(.any, secret: secret)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(30)))
    let intruder = other(pair, name: "intruder", secret: secret)
    pair.replaceLeft(with: intruder)
    pair.run(for: .seconds(5))
    #expect(pair.right.status.tunnels[0].establishedCount == 1)
    #expect(intruder.status.tunnels[0].lastError?.value.contains("serves another peer") == true)
    #expect(pair.right.events.contains { $0.level == .warning && $0.message.contains("refused 'intruder'") })
    pair.replaceLeft(with: other(pair, name: "left", address: .v4(0xC633_6401), secret: secret))
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(5)))
    #expect(pair.right.status.tunnels[0].establishedCount == 2)
    #expect(pair.right.status.tunnels[0].remote?.address == .v4(0xC633_6401))
  }

  @Test("two with one identity that take the tunnel from each other: people are told after the third time, once")
  func clones() throws {
    let secret: [UInt8] = [1, 2, 3]
    let pair = pair(.any, secret: secret)
    let places: [IPAddress] = [EnginePair.leftAddress, .v4(0xC633_6401)]
    func told() -> [String] {
      pair.right.events.map(\.message).filter { $0.contains("two peers with the same identity") }
    }
    for count in 0..<8 {
      let seed = 100 + UInt64(count)
      pair.replaceLeft(with: other(pair, name: "left", address: places[count % 2], secret: secret, seed: seed))
      #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(40)))
      pair.run(for: .seconds(2))
      #expect(told().count == (count < 3 ? 0 : 1))
      if count >= 3 { #expect(pair.right.status.tunnels[0].lastError?.value == told().first) }
    }
    #expect(told()[0].contains("from 192.0.2.1 and 198.51.100.1: both say they are 'left', Router ID 0.0.0.1"))
  }

  @Test("one that moves, and one that starts again, is one")
  func noClones() throws {
    let secret: [UInt8] = [1, 2, 3]
    for moves in [true, false] {
      let pair = pair(.any, secret: secret)
      for count in UInt32(0)..<6 {
        let place = IPAddress.v4(0xC633_6401 + (moves ? count : 0))
        pair.replaceLeft(with: other(pair, name: "left", address: place, secret: secret, seed: 100 + UInt64(count)))
        #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(40)))
        pair.run(for: .seconds(2))
      }
      #expect(!pair.right.events.contains { $0.message.contains("same identity") })
    }
  }

  @Test("of two who call at once the first that is through has the tunnel")
  func race() throws {
    let driver = TestDriver(
      site: {
        var site = Site(name: "right", routerID: 2)
        site.tunnels = [TunnelDeclaration(name: "peer", peer: .any, role: .accept)]
        return site
      }(), address: EnginePair.rightAddress, seed: 5)
    let now = Instant(nanoseconds: 0)
    driver.drain(at: now)
    func say(_ message: ControlMessage, _ host: UInt32, to identifier: ControlConnectionID, ns: UInt16, nr: UInt16) {
      var encoded = message.encoded()
      encoded.setHeader(connectionID: identifier, ns: ns, nr: nr)
      driver.handle(
        .datagram(
          Datagram(
            octets: encoded.octets, source: Endpoint(address: .v4(host), port: 1701),
            local: Endpoint(address: EnginePair.rightAddress, port: 1701), encapsulation: .udp,
            socket: SocketID(rawValue: 1))), at: now)
    }
    for host in UInt32(1)...2 {
      let parameters = StartParameters(
        hostName: "host\(host)", routerID: host, assignedConnectionID: ControlConnectionID(rawValue: host),
        pseudowireCapabilities: [.ethernet])
      say(.startRequest(StartRequest(parameters: parameters, tieBreaker: 7)), host, to: .unknown, ns: 0, nr: 0)
    }
    for host in UInt32(1)...2 {
      let key = RequestKey(
        source: Endpoint(address: .v4(host), port: 1701), encapsulation: .udp,
        assignedID: ControlConnectionID(rawValue: host))
      let connection = try #require(driver.engine.admission.connection(answering: key))
      say(.startConnected(StartConnected()), host, to: driver.engine.connections[connection].localID, ns: 1, nr: 1)
    }
    #expect(driver.status.tunnels[0].state.value == .established)
    #expect(driver.status.tunnels[0].peerHostName == "host1")
    #expect(driver.status.dropped.notAllowed == 1)
    let last = try #require(driver.sent.last)
    guard case .some(.stopNotification(let stop)) = try ControlCodec.decode(last.octets.span).message else {
      Issue.record("no StopCCN")
      return
    }
    #expect(stop.result.code == .notAuthorised)
  }
}
