import Testing

@testable import PWCore

@Suite("Interface MTU (RFC 4667 section 4.3)")
struct EngineInterfaceMTUTests {
  /// A peer whose call says so; behind our end stands `eth1` with MTU 1500.
  private func called(
    mtu: UInt16?, _ configure: (inout PseudowireDeclaration) -> Void = { _ in }
  ) -> HandPeer {
    let peer = HandPeer(configure: configure)
    peer.connect()
    peer.call { $0.dataPath.interfaceMTUOctets = mtu }
    return peer
  }

  private func status(_ peer: HandPeer) -> PseudowireStatus { peer.engine.status.tunnels[0].pseudowires[0] }

  private func warnings(_ peer: HandPeer) -> [String] {
    peer.engine.events.filter { $0.level == .warning && $0.message.contains("MTU") }.map(\.message)
  }

  @Test("ours is that of the link behind the pseudowire, the declared one, or none")
  func sent() {
    #expect(called(mtu: nil).replies.map(\.dataPath.interfaceMTUOctets) == [1500])
    #expect(called(mtu: nil) { $0.interfaceMTU = .octets(1400) }.replies.map(\.dataPath.interfaceMTUOctets) == [1400])
    #expect(called(mtu: nil) { $0.interfaceMTU = .unsaid }.replies.map(\.dataPath.interfaceMTUOctets) == [nil])
    let caller = HandPeer()
    caller.connect()
    caller.wait(.seconds(7))
    #expect(caller.calls.map(\.dataPath.interfaceMTUOctets) == [1500])
  }

  @Test(
    "the peer's is in the status; the same, none and 0 are nothing to tell of", arguments: [1500, nil, 0] as [UInt16?])
  func matches(mtu: UInt16?) {
    let peer = called(mtu: mtu) { $0.refusesMTUMismatch = true }
    peer.completeCall()
    #expect(peer.sessionState == .established)
    #expect(status(peer).peerInterfaceMTUOctets == (mtu == 1500 ? 1500 : nil))
    #expect(status(peer).interfaceMTUOctets == 1500)
    #expect(status(peer).warnings == [] && warnings(peer) == [])
  }

  @Test("another one is reported, in the status and once in the log, and the session is up")
  func reported() {
    let peer = called(mtu: 9000)
    peer.completeCall()
    #expect(peer.sessionState == .established)
    let words =
      "the peer's attachment circuit has MTU 9000 and ours 1500: packets larger than 1500 octets are lost silently; "
      + "give both LANs the same MTU"
    #expect(status(peer).warnings == [PseudowireWarning(.interfaceMTU, words)])
    #expect(warnings(peer) == [words])
    peer.engine.handle(.link(LinkState(name: "eth1", isUp: true, mtuOctets: 9000)), at: peer.now)
    #expect(status(peer).warnings == [])
    peer.engine.handle(.link(LinkState(name: "eth1", isUp: true, mtuOctets: 1400)), at: peer.now)
    #expect(status(peer).warnings.count == 1 && warnings(peer).count == 2)
  }

  @Test("where it is declared so, another one is refused (CDN 23), by the called end and by the calling end")
  func refused() throws {
    let peer = called(mtu: 9000) { $0.refusesMTUMismatch = true }
    #expect(peer.disconnects.map(\.result.code) == [.mtuMismatch])
    #expect(
      peer.disconnects.first?.result.text
        == "`interface-mtu: 9000` was announced; the end that refuses has `interface-mtu: 1500` and "
        + "`mtu-mismatch: refuse`")
    #expect(peer.engine.status.tunnels[0].pseudowires[0].lastError?.value.contains("23") == true)

    let pair = EnginePair { tunnel, isLeft in
      tunnel.pseudowires[0].interfaceMTU = .octets(isLeft ? 1500 : 9000)
      tunnel.pseudowires[0].refusesMTUMismatch = isLeft
    }
    pair.run(for: .seconds(5))
    #expect(!pair.isForwarding)
    #expect(pair.right.status.tunnels[0].pseudowires[0].lastError?.value.contains("interface MTU mismatch") == true)
  }

  @Test("of a bridge the narrowest member counts, as far as it is there")
  func bridge() {
    let peer = HandPeer()
    var site = peer.engine.engine.declaredSite
    site.tunnels[0].pseudowires[0].circuit = .bridge("br0")
    site.bridges = [
      BridgeDeclaration(name: "br0", members: ["eth1", "eth2", "eth3"], spanningTree: nil, mtuOctets: nil)
    ]
    peer.engine.reload(site, at: peer.now)
    peer.engine.handle(.link(LinkState(name: "eth2", isUp: false, mtuOctets: 1492)), at: peer.now)
    #expect(status(peer).interfaceMTUOctets == 1492)
    peer.engine.handle(.link(LinkState(name: "eth2", isUp: false, mtuOctets: nil)), at: peer.now)
    #expect(status(peer).interfaceMTUOctets == 1500)
  }
}
