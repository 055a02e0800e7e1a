import Testing

@testable import PWCore

@Suite("Peers that begin connections and end them at once")
struct EngineRestlessPeerTests {
  private static let other = IPAddress.v4(0xC000_0203)

  /// Says what a peer says, in a connection of its own.
  private final class Peer {
    let driver: TestDriver
    let address: IPAddress
    private var number: UInt32 = 0

    init(driver: TestDriver, address: IPAddress) {
      self.driver = driver
      self.address = address
    }

    func say(_ message: ControlMessage, to identifier: ControlConnectionID, ns: UInt16, nr: UInt16, at now: Instant) {
      var encoded = message.encoded()
      encoded.setHeader(connectionID: identifier, ns: ns, nr: nr)
      driver.handle(
        .datagram(
          Datagram(
            octets: encoded.octets, source: Endpoint(address: address, port: 1701),
            local: Endpoint(address: EnginePair.rightAddress, port: 1701), encapsulation: .udp,
            socket: SocketID(rawValue: 1))), at: now)
    }

    /// SCCRQ, SCCCN and, if it is to end, StopCCN.
    ///
    /// - Returns: whether it was let in.
    func connect(thenStops: Bool, at now: Instant) -> Bool {
      number += 1
      let assigned = ControlConnectionID(rawValue: number)
      let parameters = StartParameters(
        hostName: "left", routerID: 1, assignedConnectionID: assigned, pseudowireCapabilities: [.ethernet])
      say(.startRequest(StartRequest(parameters: parameters)), to: .unknown, ns: 0, nr: 0, at: now)
      let key = RequestKey(
        source: Endpoint(address: address, port: 1701), encapsulation: .udp, assignedID: assigned)
      guard let connection = driver.engine.admission.connection(answering: key) else { return false }
      let identifier = driver.engine.connections[connection].localID
      say(.startConnected(StartConnected()), to: identifier, ns: 1, nr: 1, at: now)
      guard thenStops else { return true }
      let stop = StopNotification(result: StopResult(.shuttingDown), assignedConnectionID: assigned)
      say(.stopNotification(stop), to: identifier, ns: 2, nr: 1, at: now)
      return true
    }
  }

  private func driver() -> TestDriver {
    var site = Site(name: "right", routerID: 2)
    site.tunnels = [EnginePair.leftAddress, Self.other].map {
      TunnelDeclaration(name: "to \($0)", peer: .address($0), role: .accept)
    }
    let driver = TestDriver(site: site, address: EnginePair.rightAddress, seed: 5)
    driver.drain(at: Instant(nanoseconds: 0))
    return driver
  }

  private func wait(_ driver: TestDriver, until end: Instant) {
    while let next = driver.engine.nextDeadline, next <= end { driver.handle(.deadline, at: next) }
  }

  @Test("the cost of one of them is bounded, its lines too, and others are let in")
  func isBounded() {
    let driver = driver()
    let peer = Peer(driver: driver, address: EnginePair.leftAddress)
    let begin = Instant(nanoseconds: 0)
    var letIn = 0
    for step in 0..<3000 {
      let now = begin + .milliseconds(10 * step)
      wait(driver, until: now)
      if peer.connect(thenStops: true, at: now) { letIn += 1 }
    }
    // Within 30 s: those that are free, and those after pauses of 1, 2, 4, 8 and 16 s.
    #expect(letIn >= EngineLimits.shortConnections && letIn <= EngineLimits.shortConnections + 6)
    #expect(driver.engine.connections.count <= letIn)
    #expect(driver.events.filter { $0.level.rawValue >= Event.Level.info.rawValue }.count < 60)
    #expect(driver.status.dropped.rateLimited == 3000 - letIn)
    let told = driver.events.filter { $0.message.contains("ended each of them at once") }
    #expect(told.map(\.level) == [.warning])
    #expect(driver.status.tunnels[0].lastError?.value.contains("has begun \(letIn) control connections") == true)
    let other = Peer(driver: driver, address: Self.other)
    #expect(other.connect(thenStops: false, at: begin + .seconds(30)))
    #expect(driver.status.tunnels[1].state.value == .established)
  }

  @Test("it is let in again after the pause, and once a connection of its has stood all is forgotten")
  func calmsDown() {
    let driver = driver()
    let peer = Peer(driver: driver, address: EnginePair.leftAddress)
    var now = Instant(nanoseconds: 0)
    for _ in 0..<EngineLimits.shortConnections { #expect(peer.connect(thenStops: true, at: now)) }
    #expect(!peer.connect(thenStops: false, at: now))
    now = now + EngineLimits.shortestRest
    wait(driver, until: now)
    #expect(peer.connect(thenStops: false, at: now))
    #expect(driver.status.tunnels[0].state.value == .established)
    now = now + EngineLimits.stableTime
    wait(driver, until: now)
    // The newer one takes its place.
    #expect(peer.connect(thenStops: false, at: now))
    for _ in 0..<(EngineLimits.shortConnections - 1) { #expect(peer.connect(thenStops: true, at: now)) }
  }

  @Test("connections that newer ones replace count as those that are stopped")
  func replaced() {
    let driver = driver()
    let peer = Peer(driver: driver, address: EnginePair.leftAddress)
    let now = Instant(nanoseconds: 0)
    let letIn = (0..<1000).filter { _ in peer.connect(thenStops: false, at: now) }.count
    #expect(letIn == EngineLimits.shortConnections + 1)
  }
}
