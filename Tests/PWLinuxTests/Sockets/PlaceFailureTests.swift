import Glibc
import PWCore
import Testing

@testable import PWLinux

@Suite("Addresses and ways that VRFs hide") struct PlaceFailureTests {
  private static let blue = [AddressHolder(link: "u0", vrf: "blue")]
  private static let plain = [AddressHolder(link: "u0", vrf: nil)]

  private func words(
    _ holders: [AddressHolder], device: String? = nil, vrf: String? = nil, isDefaultOnly: Bool = false
  ) -> String {
    PlaceFailure(device: device, deviceVRF: vrf, isDefaultOnly: isDefaultOnly).words(holders: holders)
  }

  @Test("only where no link has an address is that said")
  func nobody() {
    #expect(words([]) == "no interface has this address (yet); `ip address` lists the addresses")
    #expect(!words(Self.blue).contains("no interface"))
    #expect(!words(Self.plain).contains("no interface"))
  }

  @Test("an address in a VRF is told with the VRF and the cure")
  func inVRF() {
    #expect(words(Self.blue) == "u0 has this address in the VRF blue; write `bind-device: blue`")
    #expect(
      words(Self.blue, device: "red", vrf: "red")
        == "u0 has this address in the VRF blue; write `bind-device: blue` in place of `bind-device: red`")
    #expect(
      words(Self.plain, device: "blue", vrf: "blue")
        == "u0 has this address in the default VRF, and `bind-device: blue` leads into the VRF blue; remove `bind-device`, "
        + "or `ip link set u0 master blue`")
  }

  @Test("of links that have one address, the one in the socket's own VRF counts")
  func several() {
    let both = Self.blue + [AddressHolder(link: "u1", vrf: "red")]
    #expect(words(both, device: "u1", vrf: "red").hasPrefix("u1 has this address and it cannot be used (yet)"))
  }

  @Test("the kernel's L2TP over IP is not sent where it cannot go")
  func kernelOverIP() {
    let cure = "`encapsulation: udp` at both ends, or `data-plane: userspace`"
    let reason = "the kernel's L2TP over IP supports only the default VRF"
    #expect(
      words(Self.blue, device: "blue", vrf: "blue", isDefaultOnly: true)
        == "u0 has this address in the VRF blue, and \(reason); write \(cure)")
    #expect(
      words(Self.blue, isDefaultOnly: true)
        == "u0 has this address in the VRF blue; write `bind-device: blue`, and \(cure): \(reason)")
  }

  @Test("a way to the peer in a VRF is told")
  func ways() {
    #expect(PlaceFailure.words(reachedIn: []) == nil)
    #expect(
      PlaceFailure.words(reachedIn: ["blue"]) == "there is one in the VRF blue; write `bind-device: blue`")
    #expect(
      PlaceFailure.words(reachedIn: ["blue", "red"])
        == "there is one in the VRF blue and in red; write `bind-device: blue` or `red`")
  }

  @Test("the kernel is asked who has an address", .enabled(if: Namespace.isAllowed, "network namespaces need root"))
  func asked() throws {
    try Namespace.run {
      try Namespace.shell(
        """
        ip link add u0 type veth peer name u1; ip link add br0 type bridge; ip link set u0 master br0
        ip address add 192.0.2.1/24 dev u0; ip address add fe80::1/64 dev u0 nodad; ip address add fe80::1/64 dev u1 nodad
        """)
      let inquiry = try VRFInquiry()
      #expect(try inquiry.holders(of: .v4(0xC000_0201)) == Self.plain, "a bridge is not a VRF")
      #expect(try inquiry.holders(of: .v4(0xC000_0202)) == [])
      let linkLocal = try #require(IPAddress("fe80::1%u1"))
      #expect(try inquiry.holders(of: linkLocal) == [AddressHolder(link: "u1", vrf: nil)])
      #expect(try inquiry.vrf(ofDevice: "u0") == nil)
      #expect(try inquiry.vrf(ofDevice: "nosuch") == nil)
      #expect(try inquiry.names() == [])
      #expect(
        PlaceFailure.explain(.v4(0xC000_0202), device: nil, isDefaultOnly: true).hasPrefix("no interface has"))
      #expect(
        PlaceFailure.explain(unreachable: .v4(0xC000_0263), device: nil)
          == "there is no route to 192.0.2.99 (yet): see `ip route`")
    }
  }
}
