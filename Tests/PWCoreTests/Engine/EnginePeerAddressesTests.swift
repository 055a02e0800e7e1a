import Testing

@testable import PWCore

@Suite("Several addresses of one peer")
struct EnginePeerAddressesTests {
  static let first = IPAddress.v4(0xC633_6401)
  static let second = EnginePair.rightAddress
  static let third = IPAddress.v4(0xCB00_7103)

  /// A pair whose left end calls these hosts, of which one address alone leads to the right end.
  func pair(_ hosts: [PeerHost], reaches: IPAddress? = second, names: [String: [IPAddress]] = [:]) -> EnginePair {
    let pair = EnginePair { tunnel, isLeft in
      if isLeft { tunnel.peer = .list(hosts) }
      tunnel.reliability.maximumRequestRetransmissions = 2
    }
    pair.left.names = names
    if let reaches { lead(to: [reaches], pair) }
    return pair
  }

  func lead(to addresses: [IPAddress], _ pair: EnginePair) {
    pair.network = { datagram in
      let far = datagram.local.address == EnginePair.leftAddress ? datagram.source.address : datagram.local.address
      return addresses.contains(far) ? [.milliseconds(1)] : []
    }
  }

  /// The addresses that the left end has called, in order.
  func called(_ pair: EnginePair) -> [IPAddress] { called(pair.left) }

  /// The addresses that an engine has called, in order.
  func called(_ driver: TestDriver) -> [IPAddress] {
    driver.effects.compactMap { effect in
      guard case .plane(.openSocket(_, _, let request)) = effect else { return nil }
      return request.remote?.address
    }
  }

  /// The socket of the last attempt.
  func lastSocket(_ pair: EnginePair) throws -> SocketID {
    try #require(
      pair.left.effects.reversed().lazy.compactMap { effect -> SocketID? in
        guard case .plane(.openSocket(_, let socket, _)) = effect else { return nil }
        return socket
      }.first)
  }

  func notices(_ pair: EnginePair) -> [String] {
    pair.left.events.filter { $0.level == .notice }.map(\.message)
  }

  @Test(
    "an address that does not answer is followed by the next one, which status shows and the log tells with the reason")
  func silentAddress() {
    let pair = pair([.address(Self.first), .address(Self.second), .address(Self.third)])
    #expect(pair.run(until: { pair.isForwarding }))
    #expect(called(pair) == [Self.first, Self.second])
    let status = pair.left.status.tunnels[0]
    #expect(status.remote?.address == Self.second)
    #expect(status.peerAddressNumber == 2)
    #expect(status.peerAddressCount == 3)
    #expect(
      notices(pair).contains(
        "198.51.100.1 (1st of 3): the control connection is given up: the peer does not answer; the peer is called at "
          + "192.0.2.2 (2nd of 3) now"))
    #expect(!pair.left.events.contains { $0.level == .warning && $0.message.contains("given up") })
  }

  @Test("the next one comes at once; after the last one there is a back-off, and then the first again")
  func rounds() {
    let pair = pair([.address(Self.first), .address(Self.second)], reaches: nil)
    lead(to: [], pair)
    #expect(pair.run(until: { called(pair).count == 2 }))
    #expect(pair.run(until: { pair.left.status.tunnels[0].unansweredRequests == nil }))
    #expect(pair.left.status.tunnels[0].nextAttempt.map { $0 > pair.now } == true)
    #expect(pair.left.status.tunnels[0].lastError?.value.hasPrefix("192.0.2.2 (2nd of 2): ") == true)
    #expect(pair.run(until: { called(pair).count == 4 }))
    #expect(called(pair) == [Self.first, Self.second, Self.first, Self.second])
    // Between the rounds only.
    #expect(pair.left.events.filter { $0.level == .warning && $0.message.contains("given up") }.count == 1)
  }

  @Test("a system error about an address ends the attempt at once, and so does a socket that cannot be opened")
  func unreachable() throws {
    let pair = pair([.address(Self.first), .address(Self.second)])
    pair.handle(.unreachable(try lastSocket(pair), Unreachable("there is no route to it")), left: true)
    #expect(pair.run(until: { called(pair).count == 2 }, limit: .zero))
    #expect(
      notices(pair).contains { $0.contains("there is no route to it; the peer is called at 192.0.2.2 (2nd of 2) now") })
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))

    let other = self.pair([.address(Self.first), .address(Self.second)], reaches: nil)
    lead(to: [Self.second], other)
    other.left.override = { effect in
      guard case .plane(.openSocket(_, _, let request)) = effect, request.remote?.address == Self.second else {
        return .perform
      }
      return .fail(EffectFailure("Network is unreachable"))
    }
    other.handle(.unreachable(try lastSocket(other), Unreachable("there is no route to it")), left: true)
    #expect(other.run(until: { called(other).count == 2 }, limit: .zero))
    // It was the last one.
    #expect(other.left.status.tunnels[0].lastError?.value.contains("(2nd of 2)") == true)
    other.left.override = { _ in .perform }
    lead(to: [Self.first], other)
    #expect(other.run(until: { other.isForwarding }, limit: .seconds(3)))
    #expect(called(other) == [Self.first, Self.second, Self.first])
  }

  @Test("the system's word about the one address that there is only tells people, as it may be forged")
  func unreachableAlone() throws {
    let pair = EnginePair()
    pair.handle(.unreachable(try lastSocket(pair), Unreachable("there is no route to it")), left: true)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    #expect(called(pair).count == 1)
  }

  @Test(
    "a connection that stands is not moved when the first address is back; after its end the first one is called first"
  )
  func stays() {
    let pair = pair([.address(Self.first), .address(Self.second)])
    #expect(pair.run(until: { pair.isForwarding }))
    lead(to: [Self.first, Self.second], pair)
    pair.run(for: .seconds(1000))
    #expect(pair.isForwarding)
    #expect(called(pair) == [Self.first, Self.second])
    lead(to: [], pair)
    #expect(pair.run(until: { !pair.isForwarding && called(pair).count == 3 }))
    #expect(called(pair).last == Self.first)
  }

  @Test("a peer that calls from any of its addresses is taken for the tunnel's", arguments: [first, second, third])
  func callers(source: IPAddress) {
    let hosts: [PeerHost] = [.address(Self.first), .name("gw.example"), .address(Self.third)]
    let pair = EnginePair(leftRole: .initiate, rightRole: .accept) { tunnel, isLeft in
      if isLeft { tunnel.local = source } else { tunnel.peer = .list(hosts) }
    }
    pair.right.names["gw.example"] = [Self.second]
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(30)))
    #expect(pair.right.status.tunnels[0].peerAddressCount == 3)
  }

  @Test("one that comes back to an address of its own is not two peers with one identity")
  func noRivals() {
    func caller(_ number: UInt64) -> TestDriver {
      var tunnel = TunnelDeclaration(name: "peer", peer: .address(EnginePair.rightAddress), role: .initiate)
      tunnel.local = number.isMultiple(of: 2) ? Self.first : Self.third
      var site = Site(name: "left", routerID: 1)
      site.tunnels = [tunnel]
      return TestDriver(site: site, address: EnginePair.leftAddress, seed: 100 + number)
    }
    var tunnel = TunnelDeclaration(
      name: "peer", peer: .list([.address(Self.first), .address(Self.third)]), role: .accept)
    tunnel.helloInterval = .zero
    var site = Site(name: "right", routerID: 2)
    site.tunnels = [tunnel]
    let pair = EnginePair(
      left: caller(0), right: TestDriver(site: site, address: EnginePair.rightAddress, seed: 1))
    for number in 1...UInt64(2 * EngineLimits.remarkableTakeovers) {
      #expect(pair.run(until: { pair.right.status.tunnels[0].establishedCount == Int(number) }, limit: .seconds(5)))
      pair.replaceLeft(with: caller(number))
    }
    #expect(!pair.right.events.contains { $0.message.contains("two peers") })
  }

  @Test("a stranger is not")
  func stranger() {
    let pair = EnginePair { tunnel, isLeft in
      if !isLeft { tunnel.peer = .list([.address(Self.first), .address(Self.third)]) }
    }
    pair.run(for: .seconds(30))
    #expect(!pair.isForwarding)
    #expect(pair.right.status.dropped.notAllowed > 0)
  }

  @Test("a name stands for all of its addresses, in their order, those left out that were tried before")
  func names() {
    let pair = pair(
      [.address(Self.first), .name("gw.example")], reaches: Self.third,
      names: ["gw.example": [Self.first, Self.second, Self.third]])
    #expect(pair.run(until: { pair.isForwarding }))
    #expect(called(pair) == [Self.first, Self.second, Self.third])
    #expect(pair.left.status.tunnels[0].peerAddressNumber == 3)
    #expect(pair.left.status.tunnels[0].peerAddressCount == 3)
  }

  @Test("one name with several addresses is a list, too")
  func oneName() {
    let pair = EnginePair { tunnel, isLeft in
      if isLeft { tunnel.peer = .name("gw.example") }
      tunnel.reliability.maximumRequestRetransmissions = 2
    }
    pair.left.names["gw.example"] = [Self.first, Self.second]
    lead(to: [Self.second], pair)
    #expect(pair.run(until: { pair.isForwarding }))
    #expect(called(pair) == [Self.first, Self.second])
    #expect(notices(pair).contains { $0.hasSuffix("the peer is called at 192.0.2.2 (2nd of 2) now") })
  }

  @Test("a name that does not resolve is in nobody's way")
  func unresolved() {
    let pair = pair([.name("gw.example"), .address(Self.second)])
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    #expect(notices(pair).contains("gw.example does not resolve; the peer is called at 192.0.2.2 (2nd of 2) now"))
  }

  @Test("addresses of another family than `local` are not asked for")
  func family() {
    let pair = EnginePair { tunnel, isLeft in
      guard isLeft else { return }
      tunnel.peer = .name("gw.example")
      tunnel.local = EnginePair.leftAddress
    }
    let families = pair.left.effects.compactMap { effect -> AddressFamily?? in
      guard case .name(_, let request) = effect else { return nil }
      return .some(request.family)
    }
    #expect(families == [.some(.v4)])
  }

  @Test("a refusal is followed by the next address, as the first one's router may be shutting down")
  func refusal() {
    let pair = pair([.address(Self.first), .address(Self.second)], reaches: nil)
    lead(to: [Self.first, Self.second], pair)
    pair.right.override = { effect in
      guard case .plane(.openSocket(_, _, let request)) = effect, request.local == Self.first else { return .perform }
      return .fail(EffectFailure("no more sockets"))
    }
    #expect(pair.run(until: { pair.isForwarding }))
    #expect(called(pair) == [Self.first, Self.second])
  }

  @Test(
    "a tie shows that the peer is at this address, which is called again; another refusal is followed by the next one")
  func ties() throws {
    for (code, next) in [(StopCode.alreadyExists, Self.second), (.notAuthorised, Self.third)] {
      var tunnel = TunnelDeclaration(
        name: "peer", peer: .list([.address(Self.second), .address(Self.third)]), role: .both)
      tunnel.helloInterval = .zero
      var site = Site(name: "left", routerID: 1)
      site.tunnels = [tunnel]
      let driver = TestDriver(site: site, address: EnginePair.leftAddress, seed: 7)
      var now = Instant(nanoseconds: 0)
      driver.drain(at: now)
      let sent = try #require(driver.sent.first)
      guard case .startRequest(let request)? = try ControlCodec.decode(sent.octets.span).message else {
        Issue.record("there is no SCCRQ")
        return
      }
      let refusal = ControlMessage.stopNotification(StopNotification(result: StopResult(code))).encoded()
      var message = EncodedMessage(octets: refusal.octets, digest: nil)
      message.setHeader(connectionID: request.parameters.assignedConnectionID, ns: 0, nr: 1)
      driver.effects = []
      driver.handle(
        .datagram(
          Datagram(
            octets: message.octets, source: Endpoint(address: Self.second, port: 1701), local: sent.source,
            encapsulation: .udp, socket: sent.socket)),
        at: now)
      while called(driver).isEmpty, let deadline = driver.engine.nextDeadline {
        now = max(now, deadline)
        driver.handle(.deadline, at: now)
      }
      #expect(called(driver) == [next])
    }
  }

  @Test("two ends with two addresses each, of which one path alone works, find each other", arguments: 1...20)
  func bothLists(seed: UInt64) {
    let pair = EnginePair(leftRole: .both, rightRole: .both, seed: seed) { tunnel, isLeft in
      tunnel.peer = .list([
        .address(isLeft ? Self.first : Self.third),
        .address(isLeft ? EnginePair.rightAddress : EnginePair.leftAddress),
      ])
      tunnel.reliability.maximumRequestRetransmissions = 2
    }
    pair.network = { datagram in
      let path = [datagram.local.address, datagram.source.address]
      return path.contains(Self.first) || path.contains(Self.third) ? [] : [.milliseconds(1)]
    }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(120)))
  }
}
