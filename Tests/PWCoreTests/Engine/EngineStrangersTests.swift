import Testing

@testable import PWCore

/// Messages in a peer's name that have nothing, or nothing any more, to do with the connection.
@Suite("Strangers, and peers that have started again")
struct EngineStrangersTests {
  private static let assigned = ControlConnectionID(rawValue: 1)

  /// A message from the left end's address to connection 0, from a port of its own.
  private func forged(_ message: ControlMessage, ns: UInt16 = 0, nr: UInt16 = 0) -> Input {
    var encoded = message.encoded()
    encoded.setHeader(connectionID: .unknown, ns: ns, nr: nr)
    return arriving(encoded.octets)
  }

  private func arriving(_ octets: [UInt8]) -> Input {
    .datagram(
      Datagram(
        octets: octets, source: Endpoint(address: EnginePair.leftAddress, port: 1701),
        local: Endpoint(address: EnginePair.rightAddress, port: 1701), encapsulation: .udp,
        socket: SocketID(rawValue: 1)))
  }

  private func request(tieBreaker: UInt64?, hostName: String = "left") -> ControlMessage {
    let parameters = StartParameters(
      hostName: hostName, routerID: 1, assignedConnectionID: Self.assigned, pseudowireCapabilities: [.ethernet])
    return .startRequest(StartRequest(parameters: parameters, tieBreaker: tieBreaker))
  }

  /// The right end alone, whose peer is written by hand.
  private func right(_ role: TunnelDeclaration.Role = .accept) -> TestDriver {
    var site = Site(name: "right", routerID: 2)
    site.tunnels = [TunnelDeclaration(name: "peer", peer: .address(EnginePair.leftAddress), role: role)]
    let driver = TestDriver(site: site, address: EnginePair.rightAddress, seed: 5)
    driver.drain(at: Instant(nanoseconds: 0))
    driver.sent = []
    return driver
  }

  private func types(_ datagrams: [Datagram]) -> [MessageType?] {
    datagrams.map { ControlCodec.digests(of: $0.octets.span).messageType }
  }

  /// Brings the hand-written peer's connection up.
  private func establish(_ driver: TestDriver, tieBreaker: UInt64?, at now: Instant) {
    driver.handle(forged(request(tieBreaker: tieBreaker)), at: now)
    guard let identifier = driver.engine.connectionsByID.identifiers.first else {
      Issue.record("the SCCRQ was not taken")
      return
    }
    var connected = ControlMessage.startConnected(StartConnected()).encoded()
    connected.setHeader(connectionID: identifier, ns: 1, nr: 1)
    driver.handle(arriving(connected.octets), at: now)
    #expect(driver.status.tunnels[0].state.value == .established)
    driver.sent = []
  }

  @Test("a peer that starts again under the same identifier is answered: its tie breaker is another one")
  func sameIdentifierAgain() {
    let driver = right()
    let now = Instant(nanoseconds: 0)
    establish(driver, tieBreaker: 7, at: now)
    driver.handle(forged(request(tieBreaker: 8)), at: now)
    #expect(types(driver.sent) == [.startReply])
    #expect(driver.engine.connections.count == 2)
  }

  @Test("one without a tie breaker is answered too, beside the connection that stands, and is not a sign of its life")
  func sameIdentifierWithoutTieBreaker() throws {
    let driver = right()
    var now = Instant(nanoseconds: 0)
    establish(driver, tieBreaker: nil, at: now)
    let before = try #require(driver.status.tunnels[0].localID)
    driver.handle(forged(request(tieBreaker: nil)), at: now)
    #expect(types(driver.sent) == [.startReply])
    #expect(driver.engine.connections.count == 2)
    #expect(driver.status.tunnels[0].localID == before)
    // It repeats its SCCRQ, and acknowledges nothing: the connection that stands is given up by its own HELLO.
    for _ in 0..<150 {
      now = now + .seconds(1)
      driver.handle(.deadline, at: now)
      driver.handle(forged(request(tieBreaker: nil)), at: now)
    }
    #expect(driver.status.tunnels[0].localID != before)
  }

  @Test("a copy that a tie breaker marks is acknowledged, and the connection is asked whether it lives")
  func copyIsProbed() {
    let driver = right()
    let now = Instant(nanoseconds: 0)
    establish(driver, tieBreaker: 7, at: now)
    driver.handle(forged(request(tieBreaker: 7)), at: now)
    #expect(types(driver.sent) == [.hello])
    #expect(driver.engine.connections.count == 1)
  }

  @Test("connection 0 does not end a connection whose peer knows its identifier")
  func connectionZero() {
    let driver = right()
    let now = Instant(nanoseconds: 0)
    establish(driver, tieBreaker: 7, at: now)
    let stop = StopNotification(result: StopResult(.shuttingDown), assignedConnectionID: Self.assigned)
    for ns in UInt16(0)..<4 {
      driver.handle(forged(.stopNotification(stop), ns: ns), at: now)
      driver.handle(forged(request(tieBreaker: 7), ns: ns), at: now)
    }
    #expect(driver.status.tunnels[0].state.value == .established)
  }

  @Test("StopCCN to connection 0 takes an SCCRQ back whose SCCCN never came")
  func takenBack() {
    let driver = right()
    let now = Instant(nanoseconds: 0)
    driver.handle(forged(request(tieBreaker: 7)), at: now)
    let stop = StopNotification(result: StopResult(.shuttingDown), assignedConnectionID: Self.assigned)
    driver.handle(forged(.stopNotification(stop), ns: 1), at: now)
    #expect(driver.status.tunnels[0].state.value == .idle)
    // Its place is free when it is forgotten: this StopCCN may be as forged as the SCCRQ.
    #expect(driver.engine.admission.halfOpen.count == 1)
    driver.handle(.deadline, at: now + EngineLimits.stoppedStateLifetime)
    #expect(driver.engine.admission.halfOpen.count == 0)
  }

  @Test("a forged SCCRQ that wins the tie does not keep us from trying again")
  func forgedWinner() {
    let driver = right(.both)
    var now = Instant(nanoseconds: 0)
    driver.handle(forged(request(tieBreaker: 0)), at: now)
    #expect(types(driver.sent) == [.startReply])
    driver.sent = []
    now = now + EngineLimits.halfOpenPatience + .seconds(1)
    driver.handle(.deadline, at: now)
    #expect(types(driver.sent).contains(.startRequest))
  }

  @Test("an SCCRQ with an unknown mandatory AVP is refused with result 2, error 8; a stranger's is not answered")
  func unknownMandatory() {
    let unknown = RawAVP(vendorID: 0, type: 999, isMandatory: true, isHidden: false, value: [1])
    guard case .startRequest(var bad) = request(tieBreaker: 7) else { return }
    bad.others = [unknown]
    let driver = right()
    let now = Instant(nanoseconds: 0)
    driver.handle(forged(.startRequest(bad)), at: now)
    let answer = driver.sent.first.flatMap { try? ControlCodec.decode($0.octets.span) }
    guard case .some(.stopNotification(let stop)) = answer?.message else {
      Issue.record("no StopCCN: \(types(driver.sent))")
      return
    }
    #expect(stop.result.code == .generalError)
    #expect(stop.result.error == .unknownMandatoryAVP)
    #expect(stop.result.text?.contains("999") == true)
    #expect(answer?.header == ControlHeader(connectionID: Self.assigned, ns: 0, nr: 1))
    driver.sent = []
    guard case .datagram(var foreign) = forged(.startRequest(bad)) else { return }
    foreign.source.address = .v4(0x0A00_0001)
    driver.handle(.datagram(foreign), at: now)
    #expect(driver.sent.isEmpty)
  }

  @Test("an SCCRQ that no tunnel takes is told in the words of the site file, once in a while")
  func undeclared() {
    let cases: [(what: String, change: (inout TunnelDeclaration, inout Datagram) -> Void)] = [
      ("no tunnel has `peer: 10.0.0.1`", { $1.source.address = .v4(0x0A00_0001) }),
      ("tunnel 'peer' has `role: initiate`", { tunnel, _ in tunnel.role = .initiate }),
      ("tunnel 'peer' has `encapsulation: ip`, and it came over udp", { tunnel, _ in tunnel.encapsulation = .ip }),
      (
        "tunnel 'peer' has `local: 10.0.0.2`, and it was sent to 192.0.2.2",
        { tunnel, _ in tunnel.local = .v4(0x0A00_0002) }
      ),
    ]
    for (what, change) in cases {
      guard case .datagram(var datagram) = forged(request(tieBreaker: 7)) else { return }
      var tunnel = TunnelDeclaration(name: "peer", peer: .address(EnginePair.leftAddress), role: .accept)
      change(&tunnel, &datagram)
      var site = Site(name: "right", routerID: 2)
      site.tunnels = [tunnel]
      let driver = TestDriver(site: site, address: EnginePair.rightAddress, seed: 5)
      driver.drain(at: Instant(nanoseconds: 0))
      for _ in 0..<100 { driver.handle(.datagram(datagram), at: Instant(nanoseconds: 1)) }
      let told = driver.events.filter { $0.level == .info }.map(\.message)
      #expect(told == ["refused the SCCRQ of 'left' (Router ID 0.0.0.1) at \(datagram.source.address): \(what)"])
      driver.handle(.datagram(datagram), at: Instant(nanoseconds: 1) + EngineLimits.strangersErrorInterval)
      #expect(driver.events.filter { $0.level == .info }.count == 2)
    }
  }

  @Test("of two tunnels to one address only the one that an SCCRQ is for hears of it; of one for neither, both")
  func neighbours() {
    for hostName in ["left", "nobody"] {
      var site = Site(name: "right", routerID: 2)
      site.tunnels = ["left", "other"].map { name in
        var tunnel = TunnelDeclaration(name: name, peer: .address(EnginePair.leftAddress), role: .accept)
        tunnel.peerHostName = name
        return tunnel
      }
      let driver = TestDriver(site: site, address: EnginePair.rightAddress, seed: 5)
      driver.drain(at: Instant(nanoseconds: 0))
      driver.handle(forged(request(tieBreaker: 1, hostName: hostName)), at: Instant(nanoseconds: 1))
      let errors = driver.status.tunnels.map { $0.lastError?.value.contains("it presents") ?? false }
      #expect(errors == (hostName == "left" ? [false, false] : [true, true]))
      #expect(driver.engine.connections.count == (hostName == "left" ? 1 : 0))
    }
  }

  @Test("a late copy of the SCCRQ that lost the tie begins nothing")
  func lateLoser() {
    let pair = EnginePair(leftRole: .both, rightRole: .both)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(30)))
    let requests = pair.wire.filter {
      ControlCodec.digests(of: $0.datagram.octets.span).messageType == .startRequest
    }
    #expect(Set(requests.map(\.fromLeft)) == [true, false])
    for copy in requests {
      if let arrived = (copy.fromLeft ? pair.right : pair.left).arriving(copy.datagram) {
        pair.handle(.datagram(arrived), left: !copy.fromLeft)
      }
    }
    pair.run(for: .seconds(5))
    #expect(pair.isForwarding)
    #expect(pair.left.engine.connections.count == 1)
    #expect(pair.right.engine.connections.count == 1)
  }

  @Test("the Host Name of a peer reaches the log on one line, and strangers do not fill it")
  func journal() {
    var site = Site(name: "right", routerID: 2)
    var tunnel = TunnelDeclaration(name: "peer", peer: .address(EnginePair.leftAddress), role: .accept)
    tunnel.peerHostName = "left"
    site.tunnels = [tunnel]
    let driver = TestDriver(site: site, address: EnginePair.rightAddress, seed: 5)
    driver.drain(at: Instant(nanoseconds: 0))
    for number in 0..<50 {
      driver.handle(
        forged(request(tieBreaker: 1, hostName: "evil\u{1B}[2J\nerror: \(number)")), at: Instant(nanoseconds: 0))
    }
    let told = driver.events.filter { $0.level == .warning }
    #expect(told.count == 1)
    for event in driver.events { #expect(!event.message.contains("\n") && !event.message.contains("\u{1B}")) }
    #expect(driver.status.tunnels[0].lastError?.value.contains("evil") == true)
  }
}
