import CLinux
import CNetlink
import Glibc
import PWCore
import Testing

@testable import PWLinux

@Suite("The firewall and bridges") struct BridgeFirewallTests {
  private static let (both, version4, version6) = (UInt8(1), UInt8(2), UInt8(10))

  private static func chain(_ family: UInt8, drops: Bool = true, _ rules: [FirewallRule]? = nil) -> ForwardChain {
    var chain = ForwardChain(family: family, table: "filter", name: "FORWARD", dropsTheRest: drops)
    if let rules { chain.rules.chains["FORWARD"] = rules }
    return chain
  }

  private static func effect(_ firewall: BridgeFirewall, calls: Bool = false, filters: Bool = false) -> String? {
    switch firewall.effect(onBridge: "br-lan", callsFirewall: calls, filtersVLANs: filters) {
    case .dropsAll(let words): "drops all: \(words)"
    case .mayDrop(let words): words
    case nil: nil
    }
  }

  @Test("only chains that a switch leads to count, and one that drops what is left is named first")
  func warnings() {
    var firewall = BridgeFirewall(switches: [], chains: [Self.chain(Self.version4)])
    #expect(Self.effect(firewall) == nil)
    #expect(
      Self.effect(firewall, calls: true)
        == "frames that cross br-lan pass the firewall (nf_call_iptables of br-lan is 1), whose chain FORWARD of table "
        + "filter drops all that no rule accepts: accept them there, or `ip link set br-lan type bridge nf_call_iptables 0 "
        + "nf_call_ip6tables 0`")
    firewall.switches = ["bridge-nf-call-ip6tables"]
    #expect(Self.effect(firewall) == nil)
    firewall.chains = [Self.chain(Self.version6, drops: false)]
    #expect(
      Self.effect(firewall)
        == "frames that cross br-lan pass the firewall (net.bridge.bridge-nf-call-ip6tables is 1), whose chain FORWARD of "
        + "table filter may drop them: accept them there, or `sysctl -w net.bridge.bridge-nf-call-ip6tables=0`")
    firewall.chains.insert(Self.chain(Self.both))
    #expect(Self.effect(firewall)?.contains("drops all that no rule accepts") == true)
    firewall.chains = []
    #expect(Self.effect(firewall, calls: true) == nil)
  }

  @Test("a chain that accepts nothing of a bridge is an obstacle, where IPv4 comes to it and its rules are known")
  func certainty() {
    var firewall = BridgeFirewall(switches: ["bridge-nf-call-iptables"], chains: [Self.chain(Self.version4, [])])
    #expect(
      Self.effect(firewall)
        == "drops all: all IPv4 packets that cross br-lan are dropped by the firewall (net.bridge.bridge-nf-call-iptables "
        + "is 1): chain FORWARD of table filter accepts none of them; accept them there, or `sysctl -w "
        + "net.bridge.bridge-nf-call-iptables=0`")
    #expect(Self.effect(firewall, filters: true)?.hasPrefix("frames that cross") == true, "they have tags inside")
    firewall.switches = BridgeNetfilter.switches
    firewall.chains = [Self.chain(Self.both, [])]
    #expect(Self.effect(firewall)?.contains("all IPv4 and IPv6 packets") == true)
    firewall.chains = [Self.chain(Self.version6, [])]
    #expect(Self.effect(firewall)?.hasPrefix("frames that cross") == true, "IPv4 passes")
    firewall.chains = [Self.chain(Self.version4, drops: false, [])]
    #expect(Self.effect(firewall)?.contains("may drop them") == true)
  }

  @Test("the rules of a chain decide whether anything of a bridge can pass")
  func rules() {
    func rule(_ verdict: FirewallRule.Verdict, if names: String..., conditional: Bool = false) -> FirewallRule {
      let tests = names.map { name in
        FirewallRule.NameTest(octets: Array(name.drop { $0 == "!" }.utf8), isNegated: name.hasPrefix("!"))
      }
      return FirewallRule(names: tests, isConditional: conditional, verdict: verdict)
    }
    func dropsAll(_ rules: [FirewallRule], _ others: [String: [FirewallRule]] = [:], policyDrops: Bool = true) -> Bool {
      FirewallRules(chains: others.merging(["F": rules]) { $1 })
        .dropAll(from: "F", bridge: "br-lan", policyDrops: policyDrops)
    }
    // Docker's rules are about its own bridges.
    #expect(dropsAll([rule(.mayAccept, if: "docker0\0"), rule(.mayAccept, if: "br-1\0")]))
    #expect(!dropsAll([rule(.mayAccept, if: "br-lan\0")]))
    #expect(!dropsAll([rule(.mayAccept, if: "br-")]) && dropsAll([rule(.mayAccept, if: "br\0")]))
    #expect(!dropsAll([rule(.mayAccept, if: "!docker0\0")]) && dropsAll([rule(.mayAccept, if: "!br-lan\0")]))
    #expect(!dropsAll([rule(.mayAccept, conditional: true)]))
    // A policy that accepts, and a rule at the end that does not.
    #expect(dropsAll([rule(.none), rule(.drop)], policyDrops: false))
    #expect(!dropsAll([rule(.drop, conditional: true)], policyDrops: false) && !dropsAll([], policyDrops: false))
    #expect(!dropsAll([rule(.mayAccept, conditional: true), rule(.drop)], policyDrops: false))
    #expect(!dropsAll([rule(.giveBack, conditional: true), rule(.drop)], policyDrops: false))
    #expect(dropsAll([rule(.giveBack), rule(.mayAccept)]))
    // Other chains, and those that were not read.
    #expect(!dropsAll([rule(.jump("G"))]))
    #expect(dropsAll([rule(.jump("G"))], ["G": [rule(.giveBack, conditional: true)]]))
    #expect(!dropsAll([rule(.jump("G"), conditional: true)], ["G": [rule(.mayAccept)]]))
    #expect(dropsAll([rule(.jump("G"))], ["G": [rule(.drop)]], policyDrops: false))
    #expect(!dropsAll([rule(.jump("G"), conditional: true)], ["G": [rule(.drop)]], policyDrops: false))
    #expect(dropsAll([rule(.go("G")), rule(.mayAccept)], ["G": []]))
    #expect(!dropsAll([rule(.go("G"), conditional: true), rule(.drop)], ["G": []], policyDrops: false))
    #expect(!dropsAll([rule(.jump("F"))]), "a loop, which the kernel refuses, ends")
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
      let obstacles = { probe.reports[KeeperProbe.owner("pw1")]?.problems.filter { $0.code == .firewall } ?? [] }
      probe.keeper.lookAtFirewall()
      try probe.wait("the switch") { probe.keeper.firewall.switches == ["bridge-nf-call-iptables"] }
      #expect(warnings() == [], "a firewall without rules drops nothing")
      try FirewallChain.create()
      probe.keeper.lookAtFirewall()
      try probe.wait("the obstacle") { !obstacles().isEmpty }
      #expect(obstacles().first?.words.contains("chain FORWARD of table filter accepts none of them") == true)
      #expect(warnings() == [])
      // Rules about another interface accept nothing of this bridge.
      try FirewallChain.accept(fromLink: "docker0")
      probe.keeper.lookAtFirewall()
      try probe.wait("the rule") { probe.keeper.firewall.chains.first?.rules.chains["FORWARD"]?.count == 1 }
      #expect(!obstacles().isEmpty)
      try FirewallChain.accept(fromLink: "br-lan")
      probe.keeper.lookAtFirewall()
      try probe.wait("the warning") { obstacles().isEmpty }
      #expect(warnings().first?.words.contains("drops all that no rule accepts") == true)
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

  /// The same as `nft add rule ip filter FORWARD iifname NAME accept`.
  static func accept(fromLink name: String) throws {
    let padded = text(name) + [UInt8](repeating: 0, count: 15 - name.utf8.count)
    let expressions = [
      expression("meta", attribute(1, number(8)) + attribute(2, number(6))),
      expression("cmp", attribute(1, number(8)) + attribute(2, number(0)) + attribute(3, attribute(1, padded))),
      expression("counter", []),
      expression("immediate", attribute(1, number(0)) + attribute(2, attribute(2, attribute(1, number(1))))),
    ]
    let rule = attribute(1, text("filter")) + attribute(2, text("FORWARD")) + attribute(4, expressions.flatMap { $0 })
    try send([(6, rule)])
  }

  private static func expression(_ name: String, _ data: [UInt8]) -> [UInt8] {
    attribute(1, attribute(1, text(name)) + attribute(2, data))
  }

  private static func send(_ requests: [(kind: UInt16, attributes: [UInt8])]) throws {
    let descriptor = try Descriptor.checked(socket(AF_NETLINK, Int32(SOCK_RAW.rawValue), NETLINK_NETFILTER), "socket")
    let flags = UInt16(NLM_F_CREATE | NLM_F_APPEND | NLM_F_ACK)
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
