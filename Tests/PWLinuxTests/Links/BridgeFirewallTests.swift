import CLinux
import CNetlink
import Glibc
import PWCore
import Testing

@testable import PWLinux

@Suite("The firewall and bridges") struct BridgeFirewallTests {
  private static func chain(_ family: UInt8, drops: Bool = true) -> ForwardChain {
    ForwardChain(family: family, table: "filter", name: "FORWARD", dropsTheRest: drops)
  }

  @Test("only chains that a switch leads to count, and one that drops what is left is named first")
  func warnings() {
    let (both, version4, version6) = (UInt8(1), UInt8(2), UInt8(10))
    var firewall = BridgeFirewall(switches: [], chains: [Self.chain(version4)])
    #expect(firewall.warning(bridge: "br-lan", callsFirewall: false) == nil)
    #expect(
      firewall.warning(bridge: "br-lan", callsFirewall: true)
        == "frames that cross br-lan pass the firewall (nf_call_iptables of br-lan is 1), whose chain FORWARD of table "
        + "filter drops all that no rule accepts: accept them there, or `ip link set br-lan type bridge nf_call_iptables 0 "
        + "nf_call_ip6tables 0`")
    firewall.switches = ["bridge-nf-call-ip6tables"]
    #expect(firewall.warning(bridge: "br-lan", callsFirewall: false) == nil)
    firewall.chains = [Self.chain(version6, drops: false)]
    #expect(
      firewall.warning(bridge: "br-lan", callsFirewall: false)
        == "frames that cross br-lan pass the firewall (net.bridge.bridge-nf-call-ip6tables is 1), whose chain FORWARD of "
        + "table filter may drop them: accept them there, or `sysctl -w net.bridge.bridge-nf-call-ip6tables=0`")
    firewall.chains.insert(Self.chain(both))
    #expect(
      firewall.warning(bridge: "br-lan", callsFirewall: false)?.contains("drops all that no rule accepts") == true)
    firewall.chains = []
    #expect(firewall.warning(bridge: "br-lan", callsFirewall: true) == nil)
  }

  @Test(
    "a chain with a policy that drops is seen, warned of, and forgotten when it or the switch is gone",
    .enabled(if: FirewallChain.isPossible, "this kernel has no nf_tables, or we are not root"))
  func kernel() throws {
    try Namespace.run {
      let (stateFile, folder) = (TemporaryPath(), TemporaryPath())
      try Namespace.shell("ip link add pw1 type veth peer name farpw1; ip link set farpw1 up")
      let probe = try KeeperProbe(stateFile: stateFile.path)
      let switches = String(folder.path.dropLast("/state".count))
      try Namespace.shell("mkdir \(switches); echo 1 > \(switches)/bridge-nf-call-iptables")
      defer { _ = try? Namespace.shell("rm \(switches)/bridge-nf-call-iptables") }
      probe.keeper.firewallFolder = switches
      try probe.setBridges(BridgeDeclaration(name: "br-lan"))
      try probe.setPort("pw1", bridge: "br-lan")
      let warnings = { probe.reports[KeeperProbe.owner("pw1")]?.warnings ?? [] }
      probe.keeper.lookAtFirewall()
      try probe.wait("the switch") { probe.keeper.firewall.switches == ["bridge-nf-call-iptables"] }
      #expect(warnings() == [], "a firewall without rules drops nothing")
      try FirewallChain.create()
      probe.keeper.lookAtFirewall()
      try probe.wait("the warning") { !warnings().isEmpty }
      #expect(warnings().first?.contains("chain FORWARD of table filter drops all that no rule accepts") == true)
      let count = probe.reportCount
      probe.keeper.lookAtFirewall()
      try Namespace.shell("echo 0 > \(switches)/bridge-nf-call-iptables")
      probe.keeper.lookAtFirewall()
      try probe.wait("no warning") { warnings().isEmpty }
      #expect(probe.reportCount == count + 1, "it is told once")
      try probe.stop()
    }
  }
}

/// A chain of the firewall, as `nft add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }`
/// makes it.
enum FirewallChain {
  static let isPossible = Namespace.isAllowed && (try? Namespace.run { try create() }) != nil

  static func create() throws {
    let descriptor = try Descriptor.checked(socket(AF_NETLINK, Int32(SOCK_RAW.rawValue), NETLINK_NETFILTER), "socket")
    let create = UInt16(NLM_F_CREATE | NLM_F_ACK)
    let subsystem = UInt16(NFNL_SUBSYS_NFTABLES)
    let number: (UInt32) -> [UInt8] = { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
    let hook = attribute(4, attribute(1, number(2)) + attribute(2, number(0)))
    let table = attribute(1, Array("filter\0".utf8))
    let chain =
      table + attribute(3, Array("FORWARD\0".utf8)) + hook + attribute(5, number(0))
      + attribute(7, Array("filter\0".utf8))
    let batch =
      message(16, 0, family: 0, resource: subsystem) + message(subsystem << 8, create, family: 2, table)
      + message(subsystem << 8 | 3, create, family: 2, chain) + message(17, 0, family: 0, resource: subsystem)
    guard send(descriptor.rawValue, batch, batch.count, 0) == batch.count else { throw SystemError.last("send") }
    // One acknowledgement for the table, one for the chain.
    for _ in 0..<2 {
      var answer = [UInt8](repeating: 0, count: 4096)
      let count = recv(descriptor.rawValue, &answer, answer.count, 0)
      guard count >= 20, answer[16..<20].allSatisfy({ $0 == 0 }) else { throw SystemError.last("make a chain") }
    }
  }

  private static func message(
    _ type: UInt16, _ flags: UInt16, family: UInt8, resource: UInt16 = 0, _ attributes: [UInt8] = []
  ) -> [UInt8] {
    let length = UInt32(20 + attributes.count)
    return octets(length) + octets(type) + octets(flags | UInt16(NLM_F_REQUEST)) + octets(UInt32(1)) + octets(UInt32(0))
      + [family, 0] + octets(resource.bigEndian) + attributes
  }

  private static func attribute(_ type: UInt16, _ value: [UInt8]) -> [UInt8] {
    let padding = [UInt8](repeating: 0, count: (4 - value.count % 4) % 4)
    return octets(UInt16(4 + value.count)) + octets(type) + value + padding
  }

  private static func octets(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }
}
