import Testing

@testable import PWCore

@Suite("A peer that goes on from another place")
struct EngineRoamingTests {
  private func pair(
    secret: [UInt8]?, peer: TunnelDeclaration.Peer = .address(EnginePair.leftAddress),
    right declare: (inout TunnelDeclaration) -> Void = { _ in }
  ) -> (EnginePair, Translator) {
    Translator.pair(secret: secret, peer: peer, hello: (.seconds(10), .seconds(60)), right: declare)
  }

  private func remarks(_ pair: EnginePair) -> [String] {
    pair.right.events.filter { $0.level == .notice && $0.message.contains("continues from") }.map(\.message)
  }

  @Test("another port of the same host: with a secret and without, the connection stays", arguments: [nil, [1, 2]])
  func port(secret: [UInt8]?) {
    let (pair, translator) = pair(secret: secret)
    let identifier = pair.right.tunnels.keys.first
    translator.outside.port = 20_002
    pair.run(for: .seconds(120))
    #expect(pair.isForwarding && pair.right.tunnels.keys.first == identifier)
    #expect(pair.left.status.tunnels[0].establishedCount == 1)
    #expect(remarks(pair) == ["the peer continues from 192.0.2.1:20002; before that, it was at 192.0.2.1:20001"])
    #expect(pair.right.sockets.values.contains { $0.remote == translator.outside }, "data goes there, too")
  }

  @Test("another address is the peer's where a secret proves it and the site has anybody for a peer")
  func address() {
    // Without, a new connection takes the place of the old one; where another host is declared, nothing does.
    for (secret, peer, stays, connections) in [
      ([1, 2], .any, true, 1), (nil, .any, false, 2), ([1, 2], .address(EnginePair.leftAddress), false, 1),
    ] as [([UInt8]?, TunnelDeclaration.Peer, Bool, Int)] {
      let (pair, translator) = pair(secret: secret, peer: peer)
      translator.outside = Endpoint(address: .v4(0xC000_0263), port: 20_001)
      pair.run(for: .seconds(40))
      #expect(remarks(pair).count == (stays ? 1 : 0))
      pair.run(for: .seconds(600))
      #expect(pair.left.status.tunnels[0].establishedCount == connections)
      #expect(pair.isForwarding == (peer == .any))
    }
  }

  @Test("the path to the new place is not known before it is probed, and sessions do not grow meanwhile")
  func anotherPath() {
    let (pair, translator) = pair(secret: nil) { $0.probesPath = true }
    let path = {
      let tunnel = pair.right.engine.status(at: pair.now).tunnels[0]
      return "\(tunnel.pathMTUOctets ?? 0)\(tunnel.isPathMTUProbed ? " probed" : "")"
    }
    pair.run(for: .seconds(12))
    #expect(path() == "1500 probed")
    var moves = 0
    func move(_ octets: Int) {
      moves += 1
      pair.right.pathMTUOctets = octets
      translator.outside.port += 1
      #expect(pair.run(until: { remarks(pair).count == moves }, limit: .seconds(60)))
    }
    move(1300)
    #expect(path() == "1500")
    pair.run(for: .seconds(12))
    #expect(path() == "1300 probed" && pair.isForwarding)
    // Not even after two moves, of which the first path was never probed, nor where no probe of the new one arrives.
    move(0)
    move(0)
    #expect(path() == "1300")
    pair.run(for: .seconds(60))
    #expect(path() == "1300")
    move(9000)
    #expect(path() == "1300")
    pair.run(for: .seconds(12))
    #expect(path() == "1500 probed" && pair.isForwarding)
  }

  @Test("a message in its turn from elsewhere, said once, moves nothing: its sender hears us where it was")
  func twoPorts() {
    let peer = HandPeer.connected()
    let place = peer.record?.remote
    peer.source.port = 5_000
    peer.say(.hello(Hello()))
    peer.say(.hello(Hello()))
    #expect(peer.record?.remote == place)
    peer.repeatLast(.hello(Hello()))
    #expect(peer.record?.remote.port == 5_000)
  }

  @Test("wherever in the peer's round of HELLOs the NAT forgets", arguments: 0..<40)
  func anyMoment(quarter: Int) {
    let (pair, translator) = pair(secret: [1, 2])
    pair.network = { _ in [.milliseconds(400)] }
    pair.run(for: .seconds(20) + .milliseconds(250 * quarter))
    translator.outside.port = 20_002
    pair.run(for: .seconds(120))
    #expect(pair.isForwarding && pair.left.status.tunnels[0].establishedCount == 1)
    #expect(remarks(pair).count == 1)
  }

  @Test("a message that was here before is not believed from elsewhere, however often it comes")
  func replayed() {
    let peer = HandPeer.connected()
    let place = peer.record?.remote
    peer.say(.hello(Hello()))
    peer.source.port = 5_000
    for _ in 0..<3 { peer.repeatLast(.hello(Hello())) }
    #expect(peer.record?.remote == place)
  }
}
