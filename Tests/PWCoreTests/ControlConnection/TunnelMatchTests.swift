import Testing

@testable import PWCore

@Suite("Which tunnel an SCCRQ belongs to")
struct TunnelMatchTests {
  let peer = IPAddress.v4(0xC000_0201)
  let local = IPAddress.v4(0xC000_0202)

  func tunnel(_ peer: TunnelDeclaration.Peer, _ configure: (inout TunnelDeclaration) -> Void = { _ in })
    -> TunnelDeclaration
  {
    var tunnel = TunnelDeclaration(name: "t", peer: peer)
    configure(&tunnel)
    return tunnel
  }

  func compare(_ tunnel: TunnelDeclaration, resolved: [IPAddress] = []) -> TunnelMatch.Comparison {
    TunnelMatch.compare(
      tunnel, resolved: resolved,
      with: TunnelMatch.Sender(
        source: Endpoint(address: peer, port: 40_000), local: Endpoint(address: local, port: 1701), encapsulation: .udp,
        hostName: "left", routerID: 7))
  }

  @Test(
    "an address beats a name, a name a prefix, a long prefix a short one, and that anybody; then Host Name, then Router ID"
  )
  func ranks() throws {
    let ordered = [
      compare(tunnel(.any)), compare(tunnel(.any) { $0.peerRouterID = 7 }),
      compare(tunnel(.any) { $0.peerHostName = "left" }),
      compare(
        tunnel(.any) {
          $0.peerHostName = "left"
          $0.peerRouterID = 7
        }), compare(tunnel(.prefix(try #require(IPPrefix(.v4(0xC000_0000), lengthBits: 8))))),
      compare(tunnel(.prefix(try #require(IPPrefix(.v4(0xC000_0200), lengthBits: 24))))),
      compare(tunnel(.name("p")), resolved: [peer]), compare(tunnel(.address(peer))),
      compare(tunnel(.address(peer)) { $0.peerHostName = "left" }),
    ]
    let matches = ordered.compactMap { comparison -> TunnelMatch? in
      guard case .takes(let match) = comparison else { return nil }
      return match
    }
    #expect(matches.count == ordered.count)
    for (less, more) in zip(matches, matches.dropFirst()) { #expect(less < more) }
  }

  @Test("each address of a list counts as an address, each name as a name")
  func lists() {
    #expect(compare(tunnel(.list([.address(local), .address(peer)]))) == compare(tunnel(.address(peer))))
    let named = tunnel(.list([.address(local), .name("p")]))
    #expect(compare(named, resolved: [peer]) == compare(tunnel(.name("p")), resolved: [peer]))
    #expect(compare(named) == .otherPeer)
  }

  @Test("a tunnel of another address, role, encapsulation or local address does not take it")
  func refuses() {
    #expect(compare(tunnel(.address(local))) == .otherPeer)
    #expect(IPPrefix(.v4(0x0A00_0000), lengthBits: 8).map { compare(tunnel(.prefix($0))) } == .otherPeer)
    #expect(compare(tunnel(.name("p")), resolved: [local]) == .otherPeer)
    #expect(compare(tunnel(.address(peer)) { $0.role = .initiate }) == .otherPeer)
    #expect(compare(tunnel(.address(peer)) { $0.encapsulation = .ip }) == .otherPeer)
    #expect(compare(tunnel(.address(peer)) { $0.local = peer }) == .otherPeer)
    #expect(compare(tunnel(.address(peer)) { $0.local = local }) != .otherPeer)
  }

  @Test("the right address that presents the wrong name or number is told")
  func presents() {
    #expect(compare(tunnel(.address(peer)) { $0.peerHostName = "x" }) == .presents("the Host Name 'left', not 'x'"))
    #expect(compare(tunnel(.address(peer)) { $0.peerRouterID = 8 }) == .presents("the Router ID 0.0.0.7, not 0.0.0.8"))
  }

  @Test("zones count only where both have one")
  func zones() {
    let bare = IPAddress.v6(high: 0xFE80 << 48, low: 1, zone: nil)
    let first = IPAddress.v6(high: 0xFE80 << 48, low: 1, zone: "eth0")
    let second = IPAddress.v6(high: 0xFE80 << 48, low: 1, zone: "eth1")
    #expect(bare.isSameHost(as: first))
    #expect(!first.isSameHost(as: second))
    #expect(first.withoutZone == bare)
  }
}
