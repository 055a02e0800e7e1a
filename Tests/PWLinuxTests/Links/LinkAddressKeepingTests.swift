import PWCore
import Testing

@testable import PWLinux

@Suite("Addresses of links of ours", .enabled(if: Namespace.isAllowed, "network namespaces need root"))
struct LinkAddressKeepingTests {
  private static let setUp = "ip link add pw1 type veth peer name farpw1; ip link set farpw1 up"

  private static func request(_ addresses: String..., isUp: Bool = true, mtu: LinkRequest.MTU = .carry) -> LinkRequest {
    .session(.init(name: "pw1", mtu: mtu, isUp: isUp, addresses: addresses.compactMap { InterfaceAddress($0) }))
  }

  /// Its addresses but the link-local ones, as `ip` shows them.
  private static func addresses(_ link: String) throws -> [String] {
    try Namespace.shell("ip -o address show dev \(link)").split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      guard let place = words.firstIndex(where: { $0 == "inet" || $0 == "inet6" }) else { return nil }
      return words[place + 1].hasPrefix("fe80") ? nil : String(words[place + 1])
    }.sorted()
  }

  @Test("an interface has them, gets them again when it is made anew, and loses those that are not wanted any more")
  func session() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(Self.setUp)
      let probe = try KeeperProbe(stateFile: stateFile.path)
      let owner = KeeperProbe.owner("pw1")
      try probe.perform(.setLinks(owner, [Self.request("10.8.0.1/30", "2001:db8::1/64")]))
      #expect(try Self.addresses("pw1") == ["10.8.0.1/30", "2001:db8::1/64"])
      #expect(try Namespace.shell("ip -6 address show dev pw1").contains("fe80::"), "IPv6 has its link-local one too")
      #expect(probe.reports[owner]?.words == [])
      #expect(probe.reports[owner]?.addresses == ["10.8.0.1/30", "2001:db8::1/64"])

      try Namespace.shell("ip link del pw1; " + Self.setUp)
      try probe.wait("the new one") { (try? Self.addresses("pw1")) == ["10.8.0.1/30", "2001:db8::1/64"] }
      try Namespace.shell("ip address flush dev pw1 scope global")
      try probe.wait("them again") { (try? Self.addresses("pw1")) == ["10.8.0.1/30", "2001:db8::1/64"] }
      try Namespace.shell("ip link set pw1 down")
      try probe.wait("IPv6 again") { (try? Self.addresses("pw1")) == ["10.8.0.1/30", "2001:db8::1/64"] }

      try Namespace.shell("ip address add 192.0.2.7/24 dev pw1")
      try probe.perform(.setLinks(owner, [Self.request("10.8.0.1/24")]))
      #expect(try Self.addresses("pw1") == ["10.8.0.1/24", "192.0.2.7/24"], "the operator's own stays")
      #expect(probe.reports[owner]?.addresses == ["10.8.0.1/24"])
      try probe.perform(.setLinks(owner, [Self.request()]))
      #expect(try Self.addresses("pw1") == ["192.0.2.7/24"])
      try probe.stop()
    }
  }

  @Test("one that the kernel refuses is a problem")
  func refused() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(Self.setUp)
      let probe = try KeeperProbe(stateFile: stateFile.path)
      let owner = KeeperProbe.owner("pw1")
      // IPv6 wants 1,280 octets (RFC 8200 section 5).
      try probe.perform(.setLinks(owner, [Self.request("10.8.0.1/30", "2001:db8::1/64", mtu: .octets(1_000))]))
      #expect(try Self.addresses("pw1") == ["10.8.0.1/30"])
      #expect(probe.reports[owner]?.words.first?.contains("pw1 the address 2001:db8::1/64") == true)
      try probe.stop()
    }
  }

  @Test("IPv6 is switched on for an interface that is to have such an address")
  func forbidden() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(Self.setUp + "; sysctl -qw net.ipv6.conf.pw1.disable_ipv6=1")
      let probe = try KeeperProbe(stateFile: stateFile.path)
      let owner = KeeperProbe.owner("pw1")
      try probe.perform(.setLinks(owner, [Self.request("10.8.0.1/30", "2001:db8::1/64")]))
      #expect(try Self.addresses("pw1") == ["10.8.0.1/30", "2001:db8::1/64"])
      #expect(probe.reports[owner]?.words == [])
      try probe.stop()
    }
  }

  @Test("a bridge of ours has them; one that was there before is left, and that is told")
  func bridge() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell("ip link add br-old type bridge; ip link set br-old up")
      let probe = try KeeperProbe(stateFile: stateFile.path)
      var declarations = [BridgeDeclaration(name: "br-lan"), BridgeDeclaration(name: "br-old")]
      for index in declarations.indices {
        declarations[index].addresses = ["192.0.2.1/24", "2001:db8::1/64"].compactMap { InterfaceAddress($0) }
      }
      try probe.perform(.setBridges(declarations))
      #expect(try Self.addresses("br-lan") == ["192.0.2.1/24", "2001:db8::1/64"])
      #expect(try Self.addresses("br-old") == [])
      #expect(probe.bridges["br-lan"] == [])
      #expect(probe.bridges["br-old"]?.first?.hasPrefix("br-old existed before pwmgr, so 'addresses'") == true)
      try Namespace.shell("ip link del br-lan")
      try probe.wait("the bridge again") {
        probe.link("br-lan") != nil && (try? Self.addresses("br-lan")) == ["192.0.2.1/24", "2001:db8::1/64"]
      }
      declarations[0].addresses = []
      try probe.perform(.setBridges(declarations))
      #expect(try Self.addresses("br-lan") == [])
      try probe.stop()
    }
  }
}
