import Testing

@testable import PWCore

@Suite("Connections that one end has lost")
struct EngineLostConnectionTests {
  @Test(
    "a message on a connection that we do not know is answered with StopCCN, but StopCCN and acknowledgements are not"
  )
  func tellsOfLoss() {
    let peer = HandPeer()
    peer.say(.hello(Hello()), toConnection: 4711, ns: 9, nr: 12)
    #expect(peer.stops.map(\.assignedConnectionID?.rawValue) == [4711])
    #expect(peer.stops.map(\.result.code) == [.generalError])
    peer.say(.acknowledgement(Acknowledgement()), toConnection: 4711, ns: 9, nr: 12)
    peer.say(
      .stopNotification(StopNotification(result: StopResult(.shuttingDown), assignedConnectionID: nil)),
      toConnection: 4711, ns: 10, nr: 12)
    #expect(peer.stops.count == 1)
    for _ in 0..<200 { peer.say(.hello(Hello()), toConnection: 4711, ns: 9, nr: 12) }
    #expect(peer.stops.count <= EngineLimits.lossNoticesPerSecond)
    peer.connect()
    let count = peer.stops.count
    peer.say(.hello(Hello()), toConnection: 4711, ns: 9, nr: 12)
    #expect(peer.stops.count == count)
  }

  @Test("one that takes no notice is left in silence: it may keep the connection as long as it hears anything of us")
  func isSilentToTheDeaf() throws {
    let peer = HandPeer()
    for _ in 0..<10 {
      peer.say(.hello(Hello()), toConnection: 4711, ns: 9, nr: 12)
      peer.wait(.seconds(8))
    }
    #expect(peer.stops.count == EngineLimits.lossNoticesPerConnection)
    let error = try #require(peer.engine.status.tunnels[0].lastError?.value)
    #expect(error.hasPrefix("192.0.2.1 continues to use a control connection") && error.contains("ignores StopCCN"))
    #expect(peer.engine.events.filter { $0.message.contains("ignores StopCCN") }.count == 1)
    // Another one is another matter.
    peer.say(.hello(Hello()), toConnection: 4712, ns: 9, nr: 12)
    #expect(peer.stops.count == EngineLimits.lossNoticesPerConnection + 1)
  }

  @Test(
    "a peer that was started again says so, and is connected to at once", arguments: [nil, [1, 2, 3]] as [[UInt8]?])
  func hearsOfLoss(secret: [UInt8]?) throws {
    let pair = EnginePair(leftRole: .accept, rightRole: .initiate, secret: secret)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(10)))
    pair.run(for: .seconds(100))
    pair.replaceLeft(
      with: TestDriver(
        site: pair.left.engine.declaredSite, address: EnginePair.leftAddress, seed: 77,
        secrets: secret.map { ["peer": $0] } ?? [:], at: pair.now))
    let hellos = pair.count(.hello)
    #expect(pair.run(until: { pair.count(.hello) > hellos }, limit: .seconds(61)))
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(secret == nil ? 6 : 3)))
    #expect(pair.right.events.contains { $0.message.contains("no longer has the control connection") })
  }

  /// A hub that accepts two peers at one address, told apart by their names, each with a secret of its own.
  private static func hub(seed: UInt64, at now: Instant = Instant(nanoseconds: 0)) -> TestDriver {
    var site = Site(name: "hub", routerID: 1)
    site.tunnels = ["other", "right"].map { name in
      var tunnel = TunnelDeclaration(name: name, peer: .address(EnginePair.rightAddress), role: .accept)
      tunnel.peerHostName = name
      tunnel.authentication = Authentication(digest: .sha1, secretFile: name)
      return tunnel
    }
    return TestDriver(
      site: site, address: EnginePair.leftAddress, seed: seed,
      secrets: ["other": [9, 9, 9], "right": [1, 2, 3]], at: now)
  }

  @Test("of two peers at one address with different secrets each hears of the loss with its own")
  func twoSecrets() {
    var site = Site(name: "right", routerID: 2)
    var tunnel = TunnelDeclaration(name: "hub", peer: .address(EnginePair.leftAddress), role: .initiate)
    tunnel.authentication = Authentication(digest: .sha1, secretFile: "secret")
    site.tunnels = [tunnel]
    let right = TestDriver(
      site: site, address: EnginePair.rightAddress, seed: 4, secrets: ["hub": [1, 2, 3]])
    let pair = EnginePair(left: Self.hub(seed: 3), right: right)
    let isEstablished = { pair.right.status.tunnels[0].state.value == .established }
    #expect(pair.run(until: isEstablished, limit: .seconds(10)))
    pair.run(for: .seconds(100))
    pair.replaceLeft(with: Self.hub(seed: 77, at: pair.now))
    let hellos = pair.count(.hello)
    #expect(pair.run(until: { pair.count(.hello) > hellos }, limit: .seconds(61)))
    let count = pair.right.status.tunnels[0].establishedCount
    #expect(pair.run(until: { pair.right.status.tunnels[0].establishedCount > count }, limit: .seconds(3)))
    #expect(pair.right.events.contains { $0.message.contains("no longer has the control connection") })
  }

  @Test("while one secret replaces the other the peer hears of the loss with both")
  func replacedSecret() throws {
    let driver = Self.hub(seed: 3)
    driver.drain(at: Instant(nanoseconds: 0))
    let (old, new): ([UInt8], [UInt8]) = ([1, 2, 3], [4, 5, 6])
    driver.reload(
      driver.engine.declaredSite,
      secrets: ["other": TunnelSecrets(old), "right": TunnelSecrets(new, previous: old)],
      at: Instant(nanoseconds: 0))
    var hello = ControlMessage.hello(Hello()).encoded()
    hello.setHeader(connectionID: ControlConnectionID(rawValue: 4711), ns: 9, nr: 12)
    driver.handle(
      .datagram(
        Datagram(
          octets: hello.octets, source: Endpoint(address: EnginePair.rightAddress, port: 1701),
          local: Endpoint(address: EnginePair.leftAddress, port: 1701), encapsulation: .udp,
          socket: try #require(driver.sockets.keys.first))), at: Instant(nanoseconds: 1))
    #expect(driver.sent.count == 2)
    let told = try #require(driver.sent.last)
    for secret in [old, new] {
      let key = MessageDigest.key(secret: secret, using: ChecksumAuthenticator())
      let isRight = MessageDigest.verify(
        told.octets.span, keys: [key], senderNonce: [], receiverNonce: [], using: ChecksumAuthenticator())
      #expect(isRight)
    }
  }

  @Test("without a secret it is asked first: a peer that is there acknowledges, and a forged StopCCN ends nothing")
  func asksFirst() throws {
    let pair = EnginePair(leftRole: .accept, rightRole: .initiate)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(10)))
    pair.run(for: .seconds(1))
    let status = pair.right.status.tunnels[0]
    let (identifier, local, remote) = (
      try #require(status.peerID), try #require(status.local), try #require(status.remote)
    )
    var stop = ControlMessage.stopNotification(
      StopNotification(result: StopResult(.generalError), assignedConnectionID: identifier)
    ).encoded()
    stop.setHeader(connectionID: .unknown, ns: 0, nr: 0)
    let forged = Datagram(
      octets: stop.octets, source: remote, local: local, encapsulation: .udp, socket: SocketID(rawValue: 1))
    let hellos = pair.count(.hello)
    for _ in 0..<5 {
      pair.handle(.datagram(forged), left: false)
      pair.run(for: .seconds(3))
    }
    #expect(pair.count(.hello) == hellos + 5)
    #expect(pair.isForwarding)
    #expect(pair.right.status.tunnels[0].establishedCount == 1)
    // Where nobody answers, it was true.
    pair.network = { _ in [] }
    pair.handle(.datagram(forged), left: false)
    pair.run(for: .milliseconds(2900))
    #expect(pair.right.status.tunnels[0].state.value == .established)
    pair.run(for: .milliseconds(200))
    #expect(pair.right.status.tunnels[0].state.value != .established)
  }

  @Test("but not without the secret, nor of another connection")
  func doubtsLoss() throws {
    let pair = EnginePair(leftRole: .accept, rightRole: .initiate, secret: [1, 2, 3])
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(10)))
    let status = pair.right.status.tunnels[0]
    let (identifier, local, remote) = (
      try #require(status.peerID), try #require(status.local), try #require(status.remote)
    )
    for named in [identifier, ControlConnectionID(rawValue: identifier.rawValue &+ 1)] {
      var stop = ControlMessage.stopNotification(
        StopNotification(result: StopResult(.generalError), assignedConnectionID: named)
      ).encoded()
      stop.setHeader(connectionID: .unknown, ns: 0, nr: 0)
      pair.handle(
        .datagram(
          Datagram(
            octets: stop.octets, source: remote, local: local, encapsulation: .udp, socket: SocketID(rawValue: 1))),
        left: false)
    }
    #expect(pair.isForwarding)
  }
}
