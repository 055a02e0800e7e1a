import PWCore
import Testing

@testable import PWLinux

@Suite("VLANs of bridge ports") struct PortVLANTests {
  private static func tagged(_ identifiers: ClosedRange<UInt16>) -> PortVLANRange { .init(identifiers: identifiers) }
  private static func untagged(_ identifier: UInt16) -> PortVLANRange {
    .init(identifiers: identifier...identifier, isForUntagged: true, leavesUntagged: true)
  }
  private static func wanted(_ text: String, _ untagged: PortVLANs.Untagged = .asGiven) throws -> PortVLANs {
    PortVLANs(tagged: try #require(PortVLANs.tagged(text)), untagged: untagged)
  }

  @Test("missing VLANs are added, surplus ones go, and wanted ones are left")
  func differences() throws {
    let given = PortVLANTable([Self.untagged(1)])
    let trunk = PortVLANTable(try Self.wanted("10,20-22"), usual: 1)
    #expect(trunk.additions(to: given) == [Self.tagged(10...10), Self.tagged(20...22)])
    #expect(trunk.removals(from: given) == [])
    #expect(trunk.additions(to: trunk) == [])
    #expect(given.removals(from: trunk) == [Self.tagged(10...10), Self.tagged(20...22)])

    let access = PortVLANTable(try Self.wanted("none", .vlan(20)), usual: 1)
    #expect(access.additions(to: trunk) == [Self.untagged(20)], "it was tagged")
    #expect(access.removals(from: trunk) == [Self.tagged(1...1), Self.tagged(10...10), Self.tagged(21...22)])

    let strict = PortVLANTable(try Self.wanted("1", .none), usual: 1)
    #expect(strict.additions(to: given) == [Self.tagged(1...1)], "it has a tag now")
    #expect(PortVLANTable(try Self.wanted("10"), usual: nil).removals(from: given) == [Self.tagged(1...1)])
  }

  @Test("the text of a declaration is read and written")
  func texts() throws {
    #expect(PortVLANs.tagged("10,20-30")?.text == "10,20-30")
    #expect(PortVLANs.tagged("none")?.ranges == [])
    for text in ["", "0", "4095", "10-", "all"] { #expect(PortVLANs.tagged(text) == nil) }
    #expect(PortVLANs.untagged("none") == PortVLANs.Untagged.none)
    #expect(PortVLANs.untagged("7") == .vlan(7))
    for text in ["", "0", "4095", "1-2"] { #expect(PortVLANs.untagged(text) == nil) }
    #expect(try Self.wanted("none", .none).untaggedText == "none")
    #expect(try Self.wanted("none").taggedText == "none")
  }

  @Test("a bridge of ours is made to filter, or not to; one of a kernel that cannot is left where that is wanted")
  func bridges() {
    func steps(_ wanted: Bool?, _ now: Bool?) -> [LinkStep] {
      var link = LinkInfo(index: 9, name: "br0")
      (link.kind, link.alias, link.isUp, link.filtersVLANs) = ("bridge", "mark", true, now)
      var declaration = BridgeDeclaration(name: "br0")
      declaration.filtersVLANs = wanted
      let entry = StateEntries.BridgeEntry(index: 9, isCreated: true)
      return BridgePlan.make(
        .init(
          name: "br0", declaration: declaration, link: link, entry: entry, alias: "mark", address: [], hasIPv6: true)
      ).steps
    }
    func filtering(_ filters: Bool) -> [LinkStep] {
      var settings = LinkSettings()
      settings.filtersVLANs = filters
      return [.set(9, name: "br0", settings)]
    }
    #expect(steps(true, false) == filtering(true))
    #expect(steps(true, nil) == filtering(true))
    #expect(steps(false, true) == filtering(false))
    for (wanted, now) in [(true, true), (false, false), (false, nil), (nil, true), (nil, false), (nil, nil)] {
      #expect(steps(wanted, now) == [], "\(String(describing: wanted)) \(String(describing: now))")
    }
  }

  @Test("a port that joins goes up in a second job, with its VLANs")
  func plan() throws {
    var bridge = LinkInfo(index: 9, name: "br0")
    (bridge.kind, bridge.filtersVLANs, bridge.usualVLAN) = ("bridge", true, 1)
    let view = BridgeView(link: bridge, isAdopted: false, hasPorts: true, isAddressFixed: false, isMTUFixed: false)
    let owner = LinkOwner(tunnel: "t", pseudowire: "p")
    let wish = SessionWish(
      owner: owner, mtu: .octets(1500), isUp: true, bridge: "br0", vlans: try Self.wanted("10"))
    var link = LinkInfo(index: 5, name: "pw1")
    (link.mtuOctets, link.alias) = (1500, "mark")
    let target = PortVLANTable(try Self.wanted("10"), usual: 1)
    func steps(_ current: [PortVLANRange]) -> [LinkStep] {
      LinkPlan.session(
        wish, link: link, bridge: view, carriedMTU: 1500, alias: "mark", address: [],
        vlans: PortVLANPlan(target: target, current: PortVLANTable(current))
      ).steps
    }
    var joins = LinkSettings()
    joins.master = 9
    #expect(steps([]) == [.set(5, name: "pw1", joins)])
    link.master = 9
    var up = LinkSettings()
    up.isUp = true
    let vlans = LinkStep.setPortVLANs(5, name: "pw1", removals: [], additions: [Self.tagged(10...10)])
    #expect(steps([Self.untagged(1)]) == [vlans, .set(5, name: "pw1", up)])
    link.isUp = true
    #expect(steps([Self.untagged(1), Self.tagged(10...10)]) == [])
  }
}

@Suite(
  "VLANs of ports in the kernel", .enabled(if: FilteringBridge.isPossible, "this kernel's bridges filter no VLANs"))
struct PortVLANKernelTests {
  private static let setUp = """
    ip link add eth1 type veth peer name fareth1; ip link set fareth1 up
    ip link add pw1 type veth peer name farpw1; ip link set farpw1 up
    """

  private static func vlans(_ port: String) throws -> [String] {
    try Namespace.shell("bridge vlan show dev \(port)").split(separator: "\n").dropFirst().map { line in
      line.split(separator: " ").filter { $0 != Substring(port) }.joined(separator: " ")
    }
  }

  private static func requests(_ vlans: PortVLANs?) -> [LinkRequest] {
    [
      .session(.init(name: "pw1", mtu: .carry, isUp: true)),
      .bridgePort(.init(link: "pw1", bridge: "br-lan", vlans: vlans)),
    ]
  }

  @Test("a port has what is wanted, again when it is made anew, and is warned of where nothing is said")
  func keeps() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(Self.setUp)
      let probe = try KeeperProbe(stateFile: stateFile.path)
      let owner = KeeperProbe.owner("pw1")
      var bridge = BridgeDeclaration(name: "br-lan", members: ["eth1"])
      bridge.filtersVLANs = true
      try probe.setBridges(bridge)
      #expect(probe.link("br-lan")?.filtersVLANs == true)
      try Namespace.shell("bridge vlan add dev eth1 vid 10; bridge vlan add dev eth1 vid 20-30")
      try probe.perform(.setLinks(owner, Self.requests(nil)))
      try probe.wait("the warning") {
        probe.reports[owner]?.warnings.first?.words.contains("VLANs 10,20-30 of its") == true
      }
      #expect(try Self.vlans("pw1") == ["1 PVID Egress Untagged"])

      let wanted = PortVLANs(tagged: VLANSet([10...10, 20...30]), untagged: .vlan(5))
      try probe.perform(.setLinks(owner, Self.requests(wanted)))
      let expected = ["5 PVID Egress Untagged", "10"] + (20...30).map { "\($0)" }
      #expect(try Self.vlans("pw1") == expected)
      #expect(probe.reports[owner]?.warnings == [])
      try Namespace.shell("bridge vlan del dev pw1 vid 10; bridge vlan add dev pw1 vid 40")
      try probe.wait("them again") { (try? Self.vlans("pw1")) == expected }
      try Namespace.shell("ip link del pw1; " + Self.setUp.split(separator: "\n")[1])
      try probe.wait("the new one's") { probe.link("pw1")?.isUp == true && (try? Self.vlans("pw1")) == expected }
      // More than one request can hold.
      let odd = VLANSet((1...2046).map { 2 * $0 + 1...2 * $0 + 1 })
      try probe.perform(.setLinks(owner, Self.requests(PortVLANs(tagged: odd, untagged: .none))))
      #expect(try Self.vlans("pw1").count == 2046)
      try probe.stop()
    }
  }
}

/// A bridge that filters by VLAN, where the kernel has such.
enum FilteringBridge {
  static let isPossible =
    Namespace.isAllowed
    && (try? Namespace.run { try Namespace.shell("ip link add name br0 type bridge vlan_filtering 1") }) != nil
}
