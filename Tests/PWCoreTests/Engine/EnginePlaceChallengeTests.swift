import Testing

@testable import PWCore

@Suite("Data from another place than the peer's, long before the next message from there")
struct EnginePlaceChallengeTests {
  private static let otherPort = Endpoint(address: EnginePair.leftAddress, port: 20_002)
  private static let otherHost = Endpoint(address: .v4(0xC000_0263), port: 20_001)

  /// Left is behind a NAT, everything is up, and the next HELLO is far away.
  private func pair(
    secret: [UInt8]? = nil, peer: TunnelDeclaration.Peer = .address(EnginePair.leftAddress),
    right declare: (inout TunnelDeclaration) -> Void = { _ in }
  ) -> (EnginePair, Translator) {
    let hello = (left: Duration.seconds(600), right: Duration.seconds(600))
    let (pair, translator) = Translator.pair(secret: secret, peer: peer, hello: hello, right: declare)
    pair.run(for: .seconds(5))
    return (pair, translator)
  }

  /// A data packet of the session arrives at the right end, from a place that is not its peer's.
  private func stray(
    _ pair: EnginePair, from source: Endpoint, cookie: [UInt8]? = nil, toPort port: UInt16 = 1701
  ) throws {
    let session = try #require(pair.right.sessions.values.first)
    #expect(session.receiveCookie.lengthOctets == 8)
    let packet = StrayPacket(
      session: session.localID, source: source, local: Endpoint(address: EnginePair.rightAddress, port: port),
      following: cookie ?? session.receiveCookie.octets)
    pair.handle(.dataStrayed(packet), left: false)
  }

  /// Data arrives as it should, so that nothing contradicts forwarding any more.
  private func data(_ pair: EnginePair) throws {
    pair.handle(.dataReceived(try #require(pair.right.tunnels.keys.first)), left: false)
  }

  private func moves(_ pair: EnginePair) -> Int { pair.right.events.filter { $0.kind == .peerMoved }.count }

  private func remote(_ pair: EnginePair) -> Endpoint? { pair.right.status.tunnels[0].remote }

  /// How many messages the right end has sent to a place.
  private func questions(_ pair: EnginePair, at place: Endpoint) -> Int {
    pair.wire.filter { !$0.fromLeft && $0.datagram.local == place }.count
  }

  /// A datagram arrives at the right end as if from elsewhere.
  private func replay(_ datagram: Datagram, _ pair: EnginePair, from source: Endpoint) throws {
    var copy = datagram
    copy.source = source
    let arrived = try #require(pair.right.arriving(copy))
    pair.handle(.datagram(arrived), left: false)
  }

  /// The last acknowledgement of the left end's.
  private func acknowledgement(_ pair: EnginePair) throws -> Datagram {
    let last = try #require(pair.wire.last { $0.fromLeft }).datagram
    #expect([nil, .acknowledgement].contains(ControlCodec.digests(of: last.octets.span).messageType))
    return last
  }

  @Test("another port of the same host: the connection is there with the first data", arguments: [nil, [1, 2]])
  func port(secret: [UInt8]?) throws {
    let (pair, translator) = pair(secret: secret)
    let identifier = pair.right.tunnels.keys.first
    translator.outside = Self.otherPort
    try stray(pair, from: Self.otherPort)
    #expect(pair.run(until: { moves(pair) == 1 }, limit: .seconds(1)))
    #expect(remote(pair) == Self.otherPort && pair.right.tunnels.keys.first == identifier)
    #expect(pair.right.sockets.values.contains { $0.remote == Self.otherPort }, "data goes there, too")
    pair.run(for: .seconds(1_300))
    #expect(pair.isForwarding && moves(pair) == 1 && pair.left.status.tunnels[0].establishedCount == 1)
  }

  @Test("another address is asked only where it may be the peer's, and a secret can prove that")
  func address() throws {
    for (secret, peer, isAsked) in [
      ([1, 2], .any, true), (nil, .any, false), ([1, 2], .address(EnginePair.leftAddress), false),
    ] as [([UInt8]?, TunnelDeclaration.Peer, Bool)] {
      let (pair, translator) = pair(secret: secret, peer: peer)
      translator.outside = Self.otherHost
      try stray(pair, from: Self.otherHost)
      pair.run(for: .seconds(2))
      #expect(moves(pair) == (isAsked ? 1 : 0) && (remote(pair) == Self.otherHost) == isAsked)
      #expect(questions(pair, at: Self.otherHost) > 0 || !isAsked)
      if !isAsked { #expect(questions(pair, at: Self.otherHost) == 0) }
    }
  }

  @Test("a question that is lost is put again with later data, and one that is out already goes to the new place too")
  func lost() throws {
    let (pair, translator) = pair(secret: [1, 2])
    translator.outside = Self.otherPort
    pair.network = { _ in [] }
    try stray(pair, from: Self.otherPort)
    pair.run(for: .milliseconds(900))
    pair.network = { _ in [.milliseconds(20)] }
    try stray(pair, from: Self.otherPort)
    pair.run(for: .milliseconds(90))
    #expect(moves(pair) == 0)
    pair.run(for: .milliseconds(20))
    try stray(pair, from: Self.otherPort)
    #expect(pair.run(until: { moves(pair) == 1 }, limit: .milliseconds(50)))
    #expect(questions(pair, at: Self.otherPort) == 2 && pair.count(.hello) == 4, "twice at each place")
  }

  @Test("nobody is asked for a wrong cookie, at another port of ours, or where messages have to be protected")
  func unasked() throws {
    let (pair, _) = pair(secret: [1, 2])
    try stray(pair, from: Self.otherPort, cookie: [1, 2, 3, 4, 5, 6, 7, 8])
    try stray(pair, from: Self.otherPort, cookie: [])
    try stray(pair, from: Self.otherPort, toPort: 1702)
    pair.right.protection = { _ in .esp(algorithm: "cbc(aes)") }
    pair.change(left: false) { $0.protection = .required }
    pair.run(for: .seconds(1))
    try stray(pair, from: Self.otherPort)
    pair.run(for: .seconds(20))
    try data(pair)
    #expect(questions(pair, at: Self.otherPort) == 0 && moves(pair) == 0 && pair.isForwarding)
  }

  @Test("nobody is asked by a HELLO where the site file wants none")
  func withoutHello() throws {
    let (pair, _) = pair(secret: [1, 2]) { $0.helloInterval = .zero }
    try stray(pair, from: Self.otherPort)
    pair.run(for: .seconds(20))
    #expect(questions(pair, at: Self.otherPort) == 0 && pair.isForwarding == false)
    try data(pair)
    #expect(pair.isForwarding)
  }

  @Test("a peer that is where it was stays there, whatever is sent in its name", arguments: [nil, [1, 2]])
  func forged(secret: [UInt8]?) throws {
    let (pair, translator) = pair(secret: secret, peer: secret == nil ? .address(EnginePair.leftAddress) : .any)
    let forged = secret == nil ? Self.otherPort : Self.otherHost
    try stray(pair, from: forged)
    pair.run(for: .seconds(1))
    #expect(questions(pair, at: forged) == 1)
    // It has been seen on its way, and is sent again.
    let seen = try acknowledgement(pair)
    for _ in 0..<3 { try replay(seen, pair, from: forged) }
    // And once more when the next question is out.
    pair.run(for: EngineLimits.placeChallengeRest)
    pair.network = { _ in [.milliseconds(400)] }
    try stray(pair, from: forged)
    for _ in 0..<3 { try replay(seen, pair, from: forged) }
    pair.run(for: .seconds(5))
    #expect(questions(pair, at: forged) == 2)
    try data(pair)
    #expect(moves(pair) == 0 && remote(pair) == translator.outside && pair.isForwarding)
    #expect(pair.left.status.tunnels[0].establishedCount == 1)
  }

  @Test("an answer whose digest is wrong, or missing, proves nothing")
  func wrongDigest() throws {
    let (pair, translator) = pair(secret: [1, 2], peer: .any)
    // The peer's own answer is kept back.
    var held: [Datagram] = []
    pair.network = { datagram in
      guard datagram.source.address == translator.outside.address else { return [.milliseconds(1)] }
      held.append(datagram)
      return []
    }
    try stray(pair, from: Self.otherHost)
    pair.run(for: .milliseconds(500))
    let answer = try #require(held.first)
    var wrong = answer
    wrong.octets[wrong.octets.count - 1] ^= 1
    try replay(wrong, pair, from: Self.otherHost)
    var header = EncodedMessage.zeroLengthBody()
    let seen = try ControlCodec.header(of: answer.octets.span).header
    header.setHeader(connectionID: seen.connectionID, ns: seen.ns, nr: seen.nr)
    var bare = answer
    bare.octets = header.octets
    try replay(bare, pair, from: Self.otherHost)
    #expect(moves(pair) == 0 && remote(pair) == translator.outside)
    // So only the digest was missing.
    try replay(answer, pair, from: Self.otherHost)
    #expect(moves(pair) == 1 && remote(pair) == Self.otherHost)
  }

  @Test("a thousand packets a second, from one place or from ever others, are asked after once a second at most")
  func flood() throws {
    for isOnePlace in [true, false] {
      let (pair, translator) = pair(secret: [1, 2], peer: .any)
      let before = pair.wire.count
      for number in 0..<10_000 {
        let port = isOnePlace ? 7 : UInt16(number + 1)
        try stray(pair, from: Endpoint(address: Self.otherHost.address, port: port))
        pair.run(for: .milliseconds(1))
      }
      let asked = pair.wire.dropFirst(before)
        .filter { !$0.fromLeft && $0.datagram.local.address == Self.otherHost.address }
      #expect((1...(isOnePlace ? 2 : 11)).contains(asked.count), "\(asked.count)")
      #expect(asked.allSatisfy { $0.datagram.octets.count <= EngineLimits.placeChallengeOctets })
      #expect(moves(pair) == 0 && remote(pair) == translator.outside)
      try stray(pair, from: translator.outside)
      #expect(pair.left.status.tunnels[0].establishedCount == 1)
    }
  }

  @Test("late data from where it was does not call a peer back that has moved")
  func late() throws {
    let (pair, translator) = pair()
    let old = translator.outside
    translator.outside = Self.otherPort
    try stray(pair, from: Self.otherPort)
    #expect(pair.run(until: { moves(pair) == 1 }, limit: .seconds(1)))
    let before = questions(pair, at: old)
    for _ in 0..<20 {
      try stray(pair, from: old)
      pair.run(for: .milliseconds(100))
    }
    #expect(questions(pair, at: old) == before && remote(pair) == Self.otherPort)
  }
}
