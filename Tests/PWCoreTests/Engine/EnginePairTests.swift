import Testing

@testable import PWCore

@Suite("Two engines")
struct EnginePairTests {
  @Test("one calls, the other answers, and frames pass", arguments: Encapsulation.allCases)
  func establishes(encapsulation: Encapsulation) {
    let pair = EnginePair(encapsulation: encapsulation)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    #expect(pair.left.sessions.count == 1)
    #expect(pair.right.sessions.count == 1)
    let (mine, theirs) = (pair.left.sessions.values.first, pair.right.sessions.values.first)
    #expect(mine?.peerID == theirs?.localID)
    #expect(mine?.localID == theirs?.peerID)
    #expect(mine?.receiveCookie == theirs?.transmitCookie)
    #expect(mine?.transmitCookie == theirs?.receiveCookie)
    #expect(mine?.receiveCookie.lengthOctets == 8)
    #expect(pair.count(.startRequest) == 1)
    #expect(pair.count(.incomingCallRequest) == 1)
    #expect(pair.left.links.values.first == pair.right.links.values.first)
  }

  @Test("with a secret every message has a digest that the other accepts")
  func authenticates() {
    let pair = EnginePair(pseudowires: 3, secret: [1, 2, 3])
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    for packet in pair.wire {
      #expect(ControlCodec.digests(of: packet.datagram.octets.span).first != nil)
    }
  }

  @Test("both may begin: one connection and one session each", arguments: 0..<20)
  func crosses(seed: Int) {
    let pair = EnginePair(pseudowires: 5, leftRole: .both, rightRole: .both, seed: UInt64(seed))
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(30)), "seed \(seed)")
    #expect(pair.left.tunnels.count == 1)
    #expect(pair.right.tunnels.count == 1)
    #expect(pair.left.sessions.count == 5)
    #expect(pair.right.sessions.count == 5)
  }

  @Test("hundreds of sessions over one connection")
  func many() {
    let pair = EnginePair(pseudowires: 700)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(60)))
    #expect(pair.left.sessions.count == 700)
    #expect(pair.left.events.filter { $0.level.rawValue >= Event.Level.warning.rawValue }.isEmpty)
  }

  @Test("three of ten datagrams lost, doubled or late: established all the same", arguments: 0..<50)
  func survives(seed: Int) {
    let pair = EnginePair(pseudowires: 4, leftRole: .both, rightRole: .both, seed: UInt64(seed))
    var dice = SeededEntropy(state: UInt64(seed) &+ 77)
    pair.network = { _ in
      let roll = dice.next() % 10
      if roll < 3 { return [] }
      let delay = Duration.milliseconds(Int64(dice.next() % 200))
      return roll == 9 ? [delay, delay * 2] : [delay]
    }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(300)), "seed \(seed)")
    #expect(pair.left.sessions.count == 4)
    #expect(pair.right.sessions.count == 4)
  }

  @Test("a shutdown tells the peer, removes everything and ends")
  func stops() {
    let pair = EnginePair(pseudowires: 3)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    pair.handle(.shutdown, left: true)
    #expect(pair.run(until: { pair.left.isStopped }, limit: .seconds(1)))
    #expect(pair.left.sessions.isEmpty)
    #expect(pair.left.tunnels.isEmpty)
    #expect(pair.left.sockets.isEmpty)
    #expect(pair.left.links.isEmpty)
    #expect(pair.right.sessions.isEmpty)
    #expect(pair.right.tunnels.isEmpty)
  }
}
