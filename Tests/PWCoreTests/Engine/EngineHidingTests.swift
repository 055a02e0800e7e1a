import Testing

@testable import PWCore

@Suite("Two engines that hide AVPs from whoever listens")
struct EngineHidingTests {
  private static let secret = Array("secret".utf8)

  /// Two sites with a secret, and the AVPs that each hides.
  private func pair(
    _ left: Authentication.Hiding, _ right: Authentication.Hiding, pseudowires: Int = 1, seed: UInt64 = 1,
    encapsulation: Encapsulation = .udp
  ) -> EnginePair {
    EnginePair(pseudowires: pseudowires, encapsulation: encapsulation, seed: seed, secret: Self.secret) {
      tunnel, isLeft in
      tunnel.authentication?.hiding = isLeft ? left : right
    }
  }

  /// The AVPs that one side sent.
  private func avps(_ pair: EnginePair, fromLeft: Bool) throws -> [(avp: AVPView, octets: [UInt8])] {
    try pair.wire.filter { $0.fromLeft == fromLeft }.flatMap { packet in
      try Hidden.avps(of: packet.datagram.octets).map { ($0, packet.datagram.octets) }
    }
  }

  @Test("sessions come up whoever hides what, and the status says so", arguments: Authentication.Hiding.allCases)
  func establishes(left: Authentication.Hiding) throws {
    for right in Authentication.Hiding.allCases {
      let pair = pair(left, right, pseudowires: 2)
      #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
      let (mine, theirs) = (pair.left.status.tunnels[0], pair.right.status.tunnels[0])
      #expect(mine.hiding == left && theirs.hiding == right)
      #expect(mine.peerHides == (right != .none) && theirs.peerHides == (left != .none))
      let cookies = pair.left.sessions.values.map(\.receiveCookie)
      #expect(Set(cookies) == Set(pair.right.sessions.values.map(\.transmitCookie)))
      for (isLeft, choice) in [(true, left), (false, right)] {
        for (avp, _) in try avps(pair, fromLeft: isLeft) {
          #expect(avp.isHidden == choice.types.contains(avp.type), "attribute \(avp.type)")
        }
      }
      pair.handle(.shutdown, left: true)
      #expect(pair.run(until: { pair.left.isStopped }, limit: .seconds(5)))
      #expect(pair.right.sessions.isEmpty)
    }
  }

  @Test("a hidden value is nowhere in the octets, and no Random Vector comes twice")
  func nothingShows() throws {
    let pair = pair(.sensitive, .sensitive, pseudowires: 8, encapsulation: .ip)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    let cookies = pair.left.sessions.values.flatMap { [$0.receiveCookie.octets, $0.transmitCookie.octets] }
    #expect(cookies.count == 16)
    for (_, datagram) in pair.wire {
      let octets = datagram.octets
      for cookie in cookies where octets.count >= cookie.count {
        #expect(!(0...(octets.count - cookie.count)).contains { Array(octets[$0..<($0 + cookie.count)]) == cookie })
      }
    }
    let vectors = try [true, false].flatMap { try avps(pair, fromLeft: $0) }.filter { $0.avp.isRandomVector }
      .map { $0.octets.span.octets(at: $0.avp.valueOffset, count: $0.avp.valueOctets) }
    #expect(vectors.count == 16)
    #expect(Set(vectors).count == 16)
    #expect(vectors.allSatisfy { $0.count == 16 })
  }

  @Test("losses do not matter: a message that is sent again is hidden as before", arguments: 0..<10)
  func losses(seed: Int) {
    let pair = pair(.all, .all, pseudowires: 3, seed: UInt64(seed))
    var dice = SeededEntropy(state: UInt64(seed) &+ 7)
    pair.network = { _ in dice.next() % 10 < 3 ? [] : [.milliseconds(Int64(dice.next() % 200))] }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(300)), "seed \(seed)")
    for driver in [pair.left, pair.right] {
      #expect(!driver.events.contains { $0.message.contains("cannot be accepted") })
    }
  }

  @Test("an SCCRQ that hides its identifier is read with the secret of the tunnel that its Host Name leads to")
  func requestOfOneAmongMany() {
    var site = Site(name: "right", routerID: 2)
    var secrets: [String: [UInt8]] = [:]
    for name in ["other", "left", "third"] {
      var tunnel = TunnelDeclaration(name: name, peer: .any, role: .accept)
      tunnel.peerHostName = name
      tunnel.authentication = Authentication(secretFile: name)
      secrets[name] = Array(name.utf8)
      site.tunnels.append(tunnel)
    }
    let right = TestDriver(site: site, address: EnginePair.rightAddress, seed: 3, secrets: secrets)
    var other = Site(name: "left", routerID: 1)
    var tunnel = TunnelDeclaration(name: "peer", peer: .address(EnginePair.rightAddress), role: .initiate)
    tunnel.authentication = Authentication(secretFile: "left", hiding: .all)
    other.tunnels = [tunnel]
    let left = TestDriver(
      site: other, address: EnginePair.leftAddress, seed: 4, secrets: ["peer": Array("left".utf8)])
    let pair = EnginePair(left: left, right: right)
    #expect(pair.run(until: { left.status.tunnels[0].state.value == .established }, limit: .seconds(5)))
    pair.run(for: .seconds(1))
    #expect(right.status.tunnels.map(\.state.value) == [.idle, .established, .idle])
    #expect(right.status.tunnels[1].peerHides)
  }

  @Test("one of another secret, or for a tunnel without one, begins nothing and is told of")
  func requestsThatCannotBeRead() {
    for secret in [Array("another".utf8), nil] {
      let pair = EnginePair(
        left: driver(isLeft: true, secret: Self.secret), right: driver(isLeft: false, secret: secret))
      pair.run(for: .seconds(3))
      #expect(pair.right.engine.connections.count == 0)
      #expect(pair.right.engine.admission.halfOpen.count == 0)
      #expect(!pair.wire.contains { !$0.fromLeft })
      let told = pair.right.status.tunnels[0].lastError?.value ?? ""
      #expect(told.contains(secret == nil ? "hides AVPs" : "is the secret the same"), "\(told)")
    }
  }

  private func driver(isLeft: Bool, secret: [UInt8]?) -> TestDriver {
    var site = Site(name: isLeft ? "left" : "right", routerID: isLeft ? 1 : 2)
    var tunnel = TunnelDeclaration(
      name: "peer", peer: .address(isLeft ? EnginePair.rightAddress : EnginePair.leftAddress),
      role: isLeft ? .initiate : .accept)
    if secret != nil { tunnel.authentication = Authentication(secretFile: "secret", hiding: .all) }
    site.tunnels = [tunnel]
    return TestDriver(
      site: site, address: isLeft ? EnginePair.leftAddress : EnginePair.rightAddress, seed: isLeft ? 1 : 2,
      secrets: secret.map { ["peer": $0] } ?? [:])
  }

  @Test("without a secret nothing is hidden, whatever is declared")
  func integrityAlone() throws {
    let pair = EnginePair { tunnel, _ in tunnel.authentication = Authentication(hiding: .all) }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    for isLeft in [true, false] {
      #expect(try avps(pair, fromLeft: isLeft).allSatisfy { !$0.avp.isHidden })
    }
  }
}
