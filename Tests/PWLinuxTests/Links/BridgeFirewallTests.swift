import CLinux
import CNetlink
import Glibc
import PWCore
import Testing

@testable import PWLinux

@Suite("The firewall and bridges") struct BridgeFirewallTests {
  private static let (both, version4, version6) = (UInt8(1), UInt8(2), UInt8(10))

  private static func chain(_ family: UInt8, drops: Bool = true, _ name: String = "FORWARD") -> ForwardChain {
    ForwardChain(table: FirewallTable(family: family, name: "filter"), name: name, dropsTheRest: drops)
  }

  @Test("only chains that a switch leads to count, and one that drops what is left is named first")
  func warnings() {
    var firewall = BridgeFirewall(switches: [], chains: [Self.chain(Self.version4)])
    #expect(firewall.warning(bridge: "br-lan", own: []) == nil)
    #expect(firewall.warning(bridge: "br-lan", own: [.ip6tables]) == nil, "of IPv6")
    #expect(
      firewall.warning(bridge: "br-lan", own: [.iptables, .ip6tables])
        == "frames that cross br-lan pass the firewall (nf_call_iptables of br-lan is 1), whose chain FORWARD of table "
        + "filter drops all that no rule accepts: accept them there, or `ip link set br-lan type bridge "
        + "nf_call_iptables 0`")
    firewall.switches = [.ip6tables]
    #expect(firewall.warning(bridge: "br-lan", own: []) == nil)
    firewall.chains = [Self.chain(Self.version6, drops: false)]
    #expect(
      firewall.warning(bridge: "br-lan", own: [.iptables])
        == "frames that cross br-lan pass the firewall (net.bridge.bridge-nf-call-ip6tables is 1), whose chain FORWARD "
        + "of table filter may drop them: accept them there, or `sysctl -w net.bridge.bridge-nf-call-ip6tables=0`")
    firewall.chains.insert(Self.chain(Self.both, "all"))
    #expect(firewall.warning(bridge: "br-lan", own: [])?.contains("chain all of table filter drops all") == true)
    firewall.chains = []
    #expect(firewall.warning(bridge: "br-lan", own: [.iptables, .ip6tables]) == nil)
  }

  @Test("the cause and the cure have every switch that leads to the chain, of the machine and of the bridge")
  func switches() {
    let firewall = BridgeFirewall(switches: [.iptables, .ip6tables], chains: [Self.chain(Self.both)])
    #expect(
      firewall.warning(bridge: "br-lan", own: [.ip6tables])
        == "frames that cross br-lan pass the firewall (net.bridge.bridge-nf-call-iptables and "
        + "net.bridge.bridge-nf-call-ip6tables and nf_call_ip6tables of br-lan are 1), whose chain FORWARD of table "
        + "filter drops all that no rule accepts: accept them there, or "
        + "`sysctl -w net.bridge.bridge-nf-call-iptables=0` and `sysctl -w net.bridge.bridge-nf-call-ip6tables=0` and "
        + "`ip link set br-lan type bridge nf_call_ip6tables 0`")
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
      try probe.wait("the switch") { probe.keeper.firewall.switches == [.iptables] }
      #expect(warnings() == [], "a firewall without rules drops nothing")
      try FirewallChain.create()
      probe.keeper.lookAtFirewall()
      try probe.wait("the warning") { !warnings().isEmpty }
      #expect(warnings().first?.code == .firewall)
      #expect(warnings().first?.words.contains("chain FORWARD of table filter drops all that no rule accepts") == true)
      try FirewallChain.setDormant(true)
      probe.keeper.lookAtFirewall()
      try probe.wait("a table that does nothing") { warnings().isEmpty }
      try FirewallChain.setDormant(false)
      probe.keeper.lookAtFirewall()
      try probe.wait("the warning again") { !warnings().isEmpty }
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
    let hook = attribute(4, attribute(1, number(2)) + attribute(2, number(0)))
    let table = attribute(1, text("filter"))
    let chain = table + attribute(3, text("FORWARD")) + hook + attribute(5, number(0)) + attribute(7, text("filter"))
    try send([(0, table), (3, chain)])
  }

  /// The same as `nft add table ip filter { flags dormant; }`, or without the flag.
  static func setDormant(_ isDormant: Bool) throws {
    try send([(0, attribute(1, text("filter")) + attribute(2, number(isDormant ? 1 : 0)))])
  }

  private static func send(_ requests: [(kind: UInt16, attributes: [UInt8])]) throws {
    let descriptor = try Descriptor.checked(socket(AF_NETLINK, Int32(SOCK_RAW.rawValue), NETLINK_NETFILTER), "socket")
    let flags = UInt16(NLM_F_CREATE | NLM_F_ACK)
    let subsystem = UInt16(NFNL_SUBSYS_NFTABLES)
    var batch = message(16, 0, family: 0, resource: subsystem)
    for request in requests {
      batch += message(subsystem << 8 | request.kind, flags, family: 2, request.attributes)
    }
    batch += message(17, 0, family: 0, resource: subsystem)
    guard Glibc.send(descriptor.rawValue, batch, batch.count, 0) == batch.count else { throw SystemError.last("send") }
    for _ in requests {
      var answer = [UInt8](repeating: 0, count: 4096)
      let count = recv(descriptor.rawValue, &answer, answer.count, 0)
      guard count >= 20, answer[16..<20].allSatisfy({ $0 == 0 }) else { throw SystemError.last("change the firewall") }
    }
  }

  private static func number(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
  }

  private static func text(_ text: String) -> [UInt8] { Array(text.utf8) + [0] }

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
