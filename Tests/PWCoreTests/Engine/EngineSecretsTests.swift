import Testing

@testable import PWCore

/// A secret that is replaced while sessions run (RFC 3931 section 5.4.1).
@Suite("Two engines whose shared secret is replaced") struct EngineSecretsTests {
  private static let old: [UInt8] = [1, 2, 3]
  private static let new: [UInt8] = [4, 5, 6, 7]

  private func pair(hiding: Authentication.Hiding = .none) -> EnginePair {
    EnginePair(pseudowires: 2, secret: Self.old) { tunnel, _ in
      tunnel.helloInterval = .seconds(10)
      tunnel.authentication = Authentication(secretFile: "/secrets/old", hiding: hiding)
    }
  }

  /// One end reads its site again, with these secrets and the names of their files.
  private func reload(_ pair: EnginePair, left isLeft: Bool, _ secrets: TunnelSecrets) {
    func file(_ secret: [UInt8]) -> String { secret == Self.old ? "/secrets/old" : "/secrets/new" }
    let driver = isLeft ? pair.left : pair.right
    var site = driver.engine.declaredSite
    site.tunnels[0].authentication?.secretFile = file(secrets.secret)
    site.tunnels[0].authentication?.previousSecretFile = secrets.previous.map(file)
    pair.reload(site, secrets: ["peer": secrets], left: isLeft)
  }

  private func labels(_ pair: EnginePair) -> [String?] { [pair.left, pair.right].map { $0.status.tunnels[0].secret } }

  /// Whether HELLOs go both ways over the connections that are there.
  private func exchangesMessages(_ pair: EnginePair) -> Bool {
    pair.run(for: .seconds(25))
    return pair.isForwarding && pair.left.engine.connections.count == 1 && pair.right.engine.connections.count == 1
  }

  @Test("no session is lost on the way, whichever end goes first, whatever is hidden", arguments: [true, false])
  func replacement(leftFirst: Bool) {
    for hiding in Authentication.Hiding.allCases {
      let pair = pair(hiding: hiding)
      #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
      #expect(exchangesMessages(pair))
      #expect(labels(pair) == ["old", "old"])
      let sessions = pair.left.sessions.keys.map(\.rawValue).sorted()
      let (both, after) = (TunnelSecrets(Self.new, previous: Self.old), TunnelSecrets(Self.new))
      let steps = [(leftFirst, both), (!leftFirst, both), (leftFirst, after), (!leftFirst, after)]
      for (isLeft, secrets) in steps {
        reload(pair, left: isLeft, secrets)
        #expect(exchangesMessages(pair), "\(hiding), after \(secrets) at the \(isLeft ? "left" : "right")")
        #expect(pair.left.sessions.keys.map(\.rawValue).sorted() == sessions)
      }
      #expect(labels(pair) == ["new", "new"])
      #expect(pair.left.status.tunnels[0].establishedCount == 1)
      #expect(pair.count(.stopNotification) == 0 && pair.count(.callDisconnect) == 0)
    }
  }

  @Test("status says which secret the peer uses: of two, that which it has")
  func labelOfTwo() {
    let pair = pair()
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    reload(pair, left: true, TunnelSecrets(Self.new, previous: Self.old))
    #expect(exchangesMessages(pair))
    #expect(labels(pair) == ["old", "old"])
    reload(pair, left: false, TunnelSecrets(Self.new))
    // The right end knows only the new one now: the connection goes on, as the left end seals with both.
    #expect(pair.left.engine.connections.count == 1)
  }

  @Test("while one end has two secrets its messages carry two digests, and a new connection comes up with either")
  func twoDigests() throws {
    for other in [Self.old, Self.new] {
      let pair = pair(hiding: .all)
      reload(pair, left: false, TunnelSecrets(other))
      reload(pair, left: true, TunnelSecrets(Self.new, previous: Self.old))
      // The SCCRQ that is on its way is hidden with the old one: only the next attempt can be read with the new one alone.
      #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(120)))
      #expect(pair.left.status.tunnels[0].secret == (other == Self.old ? "old" : "new"))
      let last = try #require(pair.wire.last { $0.fromLeft }).datagram.octets
      let digests = ControlCodec.digests(of: last.span)
      #expect(digests.first != nil && digests.second != nil)
      let answer = try #require(pair.wire.last { !$0.fromLeft }).datagram.octets
      #expect(ControlCodec.digests(of: answer.span).second == nil)
    }
  }

  @Test("each end shows its secrets at once, although data arrives and no HELLO is due")
  func shownAtOnce() {
    let pair = pair()
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    pair.run(for: .seconds(1))
    for isLeft in [true, false] {
      reload(pair, left: isLeft, TunnelSecrets(Self.new, previous: Self.old))
      #expect(pair.run(until: { labels(pair) == (isLeft ? ["old", "old"] : ["new", "new"]) }, limit: .seconds(1)))
      pair.run(for: .seconds(1))
    }
    #expect(labels(pair) == ["new", "new"])
  }

  @Test("a copy of a message from before the change does not take the new secret back")
  func replay() throws {
    let pair = pair(hiding: .sensitive)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    pair.run(for: .seconds(11))
    let copy = try #require(pair.wire.last { !$0.fromLeft }).datagram
    reload(pair, left: true, TunnelSecrets(Self.new, previous: Self.old))
    reload(pair, left: false, TunnelSecrets(Self.new, previous: Self.old))
    #expect(pair.run(until: { labels(pair) == ["new", "new"] }, limit: .seconds(1)))
    pair.run(for: .seconds(1))
    var arrived = copy
    arrived.socket = try #require(pair.left.arriving(copy)).socket
    pair.handle(.datagram(arrived), left: true)
    #expect(labels(pair) == ["new", "new"])
  }

  @Test("a message that was on its way when a second secret came is sent again with the digest that the peer knows")
  func retransmission() {
    let pair = pair()
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    pair.run(for: .seconds(1))
    // The HELLO gets through only after the left end has two secrets.
    pair.network = { _ in [] }
    pair.run(for: .seconds(11))
    reload(pair, left: true, TunnelSecrets(Self.new, previous: Self.old))
    pair.network = { _ in [.milliseconds(1)] }
    #expect(exchangesMessages(pair))
    #expect(pair.left.status.tunnels[0].establishedCount == 1)
  }

  @Test("a secret that replaces another without a time of both starts the tunnel again")
  func sudden() {
    let pair = pair()
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    reload(pair, left: true, TunnelSecrets(Self.new))
    #expect(!pair.isForwarding)
    reload(pair, left: false, TunnelSecrets(Self.new))
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(120)))
    #expect(pair.left.status.tunnels[0].secret == "new")
  }
}
