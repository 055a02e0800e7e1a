import Testing

@testable import PWCore

@Suite("Floods of forged SCCRQs")
struct EngineFloodTests {
  private static let stranger = IPAddress.v4(0x0A00_0001)
  /// Each of them would be a connection; a debug build takes a while for more. `pwbench flood` has a million.
  private static let forgedCount: UInt32 = 8000

  /// Octets of an SCCRQ that assigns this identifier.
  private func request(_ number: UInt32, tieBreaker: UInt64? = 7, hostName: String = "left") -> [UInt8] {
    let parameters = StartParameters(
      hostName: hostName, routerID: 1, assignedConnectionID: ControlConnectionID(rawValue: number),
      pseudowireCapabilities: [.ethernet])
    var message = ControlMessage.startRequest(StartRequest(parameters: parameters, tieBreaker: tieBreaker)).encoded()
    message.setHeader(connectionID: .unknown, ns: 0, nr: 0)
    return message.octets
  }

  private func arriving(
    _ octets: [UInt8], from address: IPAddress = EnginePair.leftAddress, port: UInt16 = 1701
  ) -> Input {
    .datagram(
      Datagram(
        octets: octets, source: Endpoint(address: address, port: port),
        local: Endpoint(address: EnginePair.rightAddress, port: 1701), encapsulation: .udp,
        socket: SocketID(rawValue: 1)))
  }

  /// The right end alone.
  private func right(
    _ role: TunnelDeclaration.Role = .accept, secret: [UInt8]? = nil,
    configure: (inout TunnelDeclaration) -> Void = { _ in }
  ) -> TestDriver {
    var site = Site(name: "right", routerID: 2)
    var tunnel = TunnelDeclaration(name: "peer", peer: .address(EnginePair.leftAddress), role: role)
    if secret != nil { tunnel.authentication = Authentication(digest: .sha1, secretFile: "secret") }
    configure(&tunnel)
    site.tunnels = [tunnel]
    let driver = TestDriver(
      site: site, address: EnginePair.rightAddress, seed: 5, secrets: secret.map { ["peer": $0] } ?? [:])
    driver.drain(at: Instant(nanoseconds: 0))
    driver.sent = []
    return driver
  }

  private func types(_ datagrams: [Datagram]) -> [MessageType?] {
    datagrams.map { ControlCodec.digests(of: $0.octets.span).messageType }
  }

  /// Takes every place that the left end's address has.
  private func fill(_ driver: TestDriver, at now: Instant) {
    for number in 1...UInt32(EngineLimits.halfOpenConnectionsPerAddress) {
      driver.handle(arriving(request(number), port: UInt16(number)), at: now)
    }
    #expect(driver.engine.admission.halfOpen.count == EngineLimits.halfOpenConnectionsPerAddress)
    driver.sent = []
  }

  @Test("a genuine peer gets in though forged SCCRQs have taken its places: the oldest gives way, and hears of it")
  func genuinePeerGetsIn() throws {
    let driver = right()
    var now = Instant(nanoseconds: 0)
    fill(driver, at: now)
    // They have only just been answered.
    now = now + .milliseconds(500)
    driver.handle(arriving(request(77)), at: now)
    #expect(driver.sent.isEmpty)
    #expect(driver.status.dropped.noPlace == 1)
    now = now + .milliseconds(500)
    driver.handle(arriving(request(77)), at: now)
    let sent = try driver.sent.map { try ControlCodec.decode($0.octets.span) }
    #expect(types(driver.sent).contains(.startReply))
    let stopped = sent.filter { if case .some(.stopNotification) = $0.message { true } else { false } }
    #expect(stopped.map(\.header) == [ControlHeader(connectionID: ControlConnectionID(rawValue: 1), ns: 1, nr: 1)])
    #expect(driver.status.dropped.displaced == 1)
    #expect(driver.engine.admission.halfOpen.count == EngineLimits.halfOpenConnectionsPerAddress)
    let key = RequestKey(
      source: Endpoint(address: EnginePair.leftAddress, port: 1701), encapsulation: .udp,
      assignedID: ControlConnectionID(rawValue: 77))
    let connection = try #require(driver.engine.admission.connection(answering: key))
    var connected = ControlMessage.startConnected(StartConnected()).encoded()
    connected.setHeader(connectionID: driver.engine.connections[connection].localID, ns: 1, nr: 1)
    driver.handle(arriving(connected.octets), at: now + .milliseconds(10))
    #expect(driver.status.tunnels[0].state.value == .established)
  }

  @Test("a peer that has acknowledged SCCRP gives way to nobody")
  func answeredStays() throws {
    let driver = right()
    var now = Instant(nanoseconds: 0)
    fill(driver, at: now)
    let key = RequestKey(
      source: Endpoint(address: EnginePair.leftAddress, port: 1), encapsulation: .udp,
      assignedID: ControlConnectionID(rawValue: 1))
    let first = try #require(driver.engine.admission.connection(answering: key))
    var acknowledgement = EncodedMessage.zeroLengthBody()
    acknowledgement.setHeader(connectionID: driver.engine.connections[first].localID, ns: 1, nr: 1)
    driver.handle(arriving(acknowledgement.octets, port: 1), at: now)
    for round in UInt32(1)...3 {
      now = now + .milliseconds(1001)
      for number in 1...UInt32(EngineLimits.halfOpenConnectionsPerAddress) {
        driver.handle(arriving(request(round * 1000 + number), port: UInt16(number)), at: now)
      }
    }
    #expect(driver.engine.connections.contains(first))
    #expect(driver.engine.admission.halfOpen.count == EngineLimits.halfOpenConnectionsPerAddress)
    #expect(driver.status.dropped.displaced == 3 * (EngineLimits.halfOpenConnectionsPerAddress - 1))
  }

  @Test(
    "a copy of an SCCRQ acknowledges nothing, whatever its Nr says, and neither does a StopCCN without our identifier")
  func forgedAcknowledgements() {
    let driver = right()
    let now = Instant(nanoseconds: 0)
    fill(driver, at: now)
    for number in 1...UInt32(EngineLimits.halfOpenConnectionsPerAddress) {
      var copy = request(number)
      copy[11] = 1
      driver.handle(arriving(copy, port: UInt16(number)), at: now)
    }
    driver.handle(arriving(request(77)), at: now + .milliseconds(1001))
    #expect(driver.status.dropped.displaced == 1)
    #expect(types(driver.sent).contains(.startReply))
  }

  @Test("SCCRQs that are taken back by a StopCCN at once take no more places than others")
  func takenBack() {
    let driver = right()
    var now = Instant(nanoseconds: 0)
    for number in UInt32(1)...2000 {
      driver.handle(arriving(request(number)), at: now)
      let stop = StopNotification(
        result: StopResult(.generalRequest), assignedConnectionID: ControlConnectionID(rawValue: number))
      var message = ControlMessage.stopNotification(stop).encoded()
      message.setHeader(connectionID: .unknown, ns: 1, nr: 1)
      driver.handle(arriving(message.octets), at: now)
      now = now + .milliseconds(10)
      #expect(driver.engine.connections.count <= EngineLimits.halfOpenConnectionsPerAddress)
    }
    driver.sent = []
    driver.handle(arriving(request(5000)), at: now + .seconds(1))
    #expect(types(driver.sent).contains(.startReply))
  }

  @Test("a peer that has acknowledged SCCRP is waited for longer than one that has not: its SCCCN may only be lost")
  func answeredIsWaitedFor() throws {
    for acknowledges in [true, false] {
      let driver = right(.both)
      var now = Instant(nanoseconds: 0)
      driver.handle(arriving(request(77, tieBreaker: 0)), at: now)
      let connection = try #require(driver.engine.connections.references.first)
      if acknowledges {
        var acknowledgement = EncodedMessage.zeroLengthBody()
        acknowledgement.setHeader(connectionID: driver.engine.connections[connection].localID, ns: 1, nr: 1)
        driver.handle(arriving(acknowledgement.octets), at: now)
      }
      driver.sent = []
      for _ in 1...30 {
        now = now + .seconds(2)
        driver.handle(.deadline, at: now)
      }
      #expect(types(driver.sent).contains(.startRequest) != acknowledges)
    }
  }

  @Test("a sender that goes on forging SCCRQs that win the tie does not keep us from calling")
  func forgedWinnersAgainAndAgain() {
    let driver = right(.both)
    var now = Instant(nanoseconds: 0)
    var calls: [Instant] = []
    for number in UInt32(1)...40 {
      driver.sent = []
      driver.handle(arriving(request(number, tieBreaker: 0)), at: now)
      now = now + .seconds(3)
      driver.handle(.deadline, at: now)
      if types(driver.sent).contains(.startRequest) { calls.append(now) }
    }
    // Ours is repeated until it is answered: the forged ones do not end it.
    #expect(calls.count > 4)
    guard case .connecting(let own) = driver.engine.tunnels[driver.engine.declaredTunnels[0]].attempt else {
      Issue.record("no attempt of ours is under way")
      return
    }
    #expect(driver.engine.connections[own].channel.retransmissions > 2)
  }

  @Test("strangers beyond the limit of a second are not read; a declared peer in the same second is")
  func rateLimit() {
    let driver = right()
    let now = Instant(nanoseconds: 5_000_000_000)
    let count = EngineLimits.strangersRequestsPerSecond + 500
    for number in 1...UInt32(count) {
      driver.handle(arriving(request(number), from: .v4(0x0A00_0000 + number)), at: now)
    }
    #expect(driver.status.dropped.notAllowed == EngineLimits.strangersRequestsPerSecond)
    #expect(driver.status.dropped.rateLimited == 500)
    #expect(driver.sent.count == EngineLimits.refusalsPerSecond)
    driver.sent = []
    driver.handle(arriving(request(77)), at: now)
    #expect(types(driver.sent) == [.startReply])
    // The log has the first of them, one for everybody to see, and in the next second how many it has not.
    #expect(driver.events.count <= EngineLimits.strangersNotesPerSecond + 2)
    driver.handle(arriving(request(1), from: Self.stranger), at: now + .seconds(1))
    #expect(driver.events.contains { $0.message.hasPrefix("\(count - 1 - EngineLimits.strangersNotesPerSecond) more") })
  }

  @Test("one declared address has a limit of its own")
  func rateLimitOfOneAddress() {
    let driver = right(secret: [1, 2, 3])
    let now = Instant(nanoseconds: 0)
    driver.recorder = nil
    for _ in 10..<EngineLimits.requestsPerSecond {
      #expect(driver.engine.admission.readsRequest(from: EnginePair.leftAddress, at: now) { _, _ in false })
    }
    for number in UInt32(1)...15 { driver.handle(arriving(request(number)), at: now) }
    #expect(driver.status.dropped.unauthentic == 10)
    #expect(driver.status.dropped.rateLimited == 5)
    driver.handle(arriving(request(1), from: Self.stranger), at: now)
    #expect(driver.status.dropped.notAllowed == 1)
  }

  @Test("dropped datagrams are counted by reason")
  func counted() {
    let driver = right(secret: [1, 2, 3])
    let now = Instant(nanoseconds: 0)
    driver.handle(arriving(request(1)), at: now)
    driver.handle(arriving(request(1), from: Self.stranger), at: now)
    driver.handle(arriving([0xC8, 3, 0]), at: now)
    driver.handle(arriving([0xC8, 3, 0, 12, 0, 0, 0, 9, 0, 0, 0, 0]), at: now)
    var version2 = request(1)
    version2[1] = 2
    driver.handle(arriving(Array(version2[..<20])), at: now)
    version2.removeLast(20)
    version2[3] = UInt8(version2.count)
    driver.handle(arriving(version2), at: now)
    var expected = DroppedMessages()
    (expected.unauthentic, expected.notAllowed, expected.malformed, expected.misaddressed) = (1, 1, 1, 1)
    expected.version2 = 2
    #expect(driver.status.dropped == expected)
    #expect(driver.engine.connections.count == 0)
  }

  @Test("under a flood 100 sessions stay, a peer that starts again gets in, and nothing grows without end")
  func flood() {
    let pair = EnginePair(pseudowires: 100)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(30)))
    pair.right.engine.leastEventLevel = .warning
    pair.right.recorder = nil
    var random = SeededEntropy(state: 3)
    var mostConnections = 0
    func flood(_ count: UInt32, perMillisecond: UInt32) {
      for number in 0..<count {
        let drawn = random.next()
        let isInPeersName = drawn & 3 == 0
        let address = isInPeersName ? EnginePair.leftAddress : IPAddress.v4(UInt32(truncatingIfNeeded: drawn >> 2))
        let octets = request(UInt32(truncatingIfNeeded: drawn >> 32) | 1, tieBreaker: drawn)
        pair.handle(
          arriving(octets, from: address, port: UInt16(truncatingIfNeeded: drawn >> 8)), left: false)
        if number % perMillisecond == 0 { pair.run(for: .milliseconds(1)) }
        mostConnections = max(mostConnections, pair.right.engine.connections.count)
      }
    }
    flood(Self.forgedCount, perMillisecond: 4)
    #expect(pair.isForwarding)
    #expect(pair.right.status.tunnels[0].establishedCount == 1)
    let engine = pair.right.engine
    let most = EngineLimits.halfOpenConnectionsPerAddress + 1
    #expect(mostConnections <= most)
    #expect(engine.admission.answeredRequestCount <= most)
    #expect(engine.admission.requestRateCount <= 1)
    #expect(engine.turn.effects.count <= most)
    #expect(engine.turn.timerCount <= most * 16)
    // The peer starts again while somebody sends SCCRQs in its name, each of which would take a place.
    let site = pair.left.engine.declaredSite
    pair.replaceLeft(with: TestDriver(site: site, address: EnginePair.leftAddress, seed: 99, at: pair.now))
    for _ in 0..<200 where !pair.isForwarding {
      flood(2, perMillisecond: 2)
      pair.run(for: .milliseconds(100))
    }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    #expect(pair.right.status.tunnels[0].establishedCount == 2)
  }
}
