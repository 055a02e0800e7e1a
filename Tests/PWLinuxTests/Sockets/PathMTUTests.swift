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
      var path = PathMTU(presumedOctets: 1500)
      #expect(path.firstLinkOctets == nil)
      #expect(path.refresh(to: there, over: encapsulation, from: here, device: nil) == 1400)
      #expect(path.firstLinkOctets == 9000)
      var bound = PathMTU(presumedOctets: 1500)
      #expect(bound.refresh(to: there, over: encapsulation, from: here, device: "u0") == 1400)
      #expect(bound.firstLinkOctets == 9000)
      try Namespace.shell(
        "ip link set u0 mtu 1280; ip route replace 198.51.100.0/24 via 192.0.2.2; "
          + "ip -6 route replace 2001:db8:1::/64 via 2001:db8::2")
      #expect(path.refresh(to: there, over: encapsulation, from: here, device: nil) == 1280)
      #expect(path.firstLinkOctets == 1280)
    }
  }
}
