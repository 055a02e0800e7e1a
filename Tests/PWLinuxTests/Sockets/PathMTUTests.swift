import PWCore
import Testing

@testable import PWLinux

@Suite("The MTU of a path as the routes have it", .enabled(if: Namespace.isAllowed, "network namespaces need root"))
struct PathMTUTests {
  @Test(
    "the first link's own MTU is known beside what a route says",
    arguments: [("192.0.2.1", "198.51.100.1"), ("2001:db8::1", "2001:db8:1::1")], Encapsulation.allCases)
  func firstLink(ends: (local: String, peer: String), encapsulation: Encapsulation) throws {
    let here = try #require(IPAddress(ends.local))
    let there = Endpoint(address: try #require(IPAddress(ends.peer)), port: encapsulation == .udp ? 1701 : 0)
    try Namespace.run {
      try Namespace.shell(
        """
        ip link add u0 mtu 9000 type veth peer name far0; ip link set far0 mtu 9000 up; ip link set u0 up
        ip address add 192.0.2.1/24 dev u0; ip address add 2001:db8::1/64 dev u0 nodad
        ip route add 198.51.100.0/24 via 192.0.2.2 mtu 1400; ip route add 2001:db8:1::/64 via 2001:db8::2 mtu 1400
        """)
      var path = PathMTU(presumedOctets: 1500, routes: RouteInquiry())
      #expect(path.found.firstLinkOctets == nil)
      #expect(path.refresh(to: there, over: encapsulation, from: here, device: nil).mtuOctets == 1400)
      #expect(path.found.firstLinkOctets == 9000)
      var bound = PathMTU(presumedOctets: 1500, routes: RouteInquiry())
      #expect(bound.refresh(to: there, over: encapsulation, from: here, device: "u0").mtuOctets == 1400)
      #expect(bound.found.firstLinkOctets == 9000)
      try Namespace.shell(
        "ip link set u0 mtu 1280; ip route replace 198.51.100.0/24 via 192.0.2.2; "
          + "ip -6 route replace 2001:db8:1::/64 via 2001:db8::2")
      #expect(path.refresh(to: there, over: encapsulation, from: here, device: nil).mtuOctets == 1280)
      #expect(path.found.firstLinkOctets == 1280)
    }
  }

  @Test("another router, or none, is told as another first hop, and an address that is gone with the one in its place")
  func firstHop() throws {
    let peer = try #require(IPAddress("198.51.100.1"))
    let here = try #require(IPAddress("192.0.2.1"))
    let routers = [try #require(IPAddress("192.0.2.2")), try #require(IPAddress("2001:db8::2"))]
    try Namespace.run {
      try Namespace.shell(
        """
        ip link add u0 index 4001 type veth peer name far0; ip link set far0 up; ip link set u0 up
        ip address add 192.0.2.1/24 dev u0; ip address add 192.0.2.7/24 dev u0
        ip address add 2001:db8::1/64 dev u0 nodad
        ip route add 198.51.100.0/24 via 192.0.2.2
        """)
      func read() -> (PathReading, Unreachable?) {
        // Each with nothing asked before: how long an answer holds is not looked at here.
        var path = PathMTU(presumedOctets: 1500, routes: RouteInquiry())
        let reading = path.refresh(
          to: Endpoint(address: peer, port: 1701), over: .udp, from: here, device: nil)
        return (reading, path.absence)
      }
      #expect(read().0.firstHop == FirstHop(interfaceIndex: 4001, gateway: routers[0]))
      try Namespace.shell("ip route replace 198.51.100.0/24 via inet6 2001:db8::2 dev u0")
      #expect(read().0.firstHop == FirstHop(interfaceIndex: 4001, gateway: routers[1]))
      try Namespace.shell("ip route replace 198.51.100.0/24 dev u0")
      #expect(read().0.firstHop == FirstHop(interfaceIndex: 4001, gateway: nil))
      #expect(read().1 == nil)
      try Namespace.shell("ip address delete 192.0.2.1/24 dev u0; ip address replace 192.0.2.7/24 dev u0")
      try Namespace.shell("ip route replace 198.51.100.0/24 dev u0")
      #expect(read().1?.otherAddress == IPAddress("192.0.2.7"))
      try Namespace.shell("ip route delete 198.51.100.0/24")
      #expect(read().1?.reason == Unreachable.withoutAddress.reason && read().1?.otherAddress == nil)
    }
  }

  @Test("where the path to a former peer began says nothing of another peer's, be there a route to it or not")
  func anotherPeer() throws {
    let here = try #require(IPAddress("192.0.2.1"))
    let peers = try ["198.51.100.1", "203.0.113.1"].map { Endpoint(address: try #require(IPAddress($0)), port: 1701) }
    try Namespace.run {
      try Namespace.shell(
        """
        ip link add u0 type veth peer name far0; ip link set far0 up; ip link set u0 up
        ip address add 192.0.2.1/24 dev u0; ip route add 198.51.100.0/24 via 192.0.2.2
        """)
      var path = PathMTU(presumedOctets: 1500, routes: RouteInquiry())
      #expect(path.refresh(to: peers[0], over: .udp, from: here, device: nil).firstHop?.gateway != nil)
      let other = path.refresh(to: peers[1], over: .udp, from: here, device: nil)
      #expect(other.firstHop == nil && other.firstLinkOctets == nil)
      try Namespace.shell("ip route add 203.0.113.0/24 dev u0")
      let found = path.refresh(to: peers[1], over: .udp, from: here, device: nil)
      #expect(found.firstHop != nil && found.firstHop?.gateway == nil && found.firstLinkOctets == 1500)
    }
  }
}
