import PWCore
import Testing

@testable import PWLinux

@Suite("Trunks of a port", .enabled(if: TagControl.canRewrite, "this kernel rewrites no tags, or we are not root"))
struct TrunkTests {
  private static let owner = KeeperProbe.owner("pw1")

  @Test("Its VLANs pass and nothing else, from either side, and one of them goes without the others")
  func passes() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(TaggedPort.setUp)
      let before = try TaggedPort.look()
      let probe = try KeeperProbe(stateFile: stateFile.path)
      try probe.perform(
        .setLinks(Self.owner, TaggedPort.requests("pw1", trunk: 1...50, 100...100, priorities: TagPriorities([5: 3]))))
      try probe.wait("the report") { probe.reports[Self.owner]?.words == [] }
      for vlan: UInt16 in [1, 50, 100] {
        try probe.expectPassing(vlan, from: "line1", to: "station")
        try probe.expectPassing(vlan, from: "station", to: "line1")
      }
      try probe.expectPassing(50, priority: 5, from: "line1", to: "station", seen: 3)
      try probe.expectPassing(50, priority: 5, from: "station", to: "line1", seen: 5)
      try probe.expectDropped(TaggedPort.tag(51, priority: 0), from: "line1", to: "station", behind: 100)
      try probe.expectDropped(TaggedPort.tag(51, priority: 0), from: "station", to: "line1", behind: 100)
      try probe.expectDropped([], from: "line1", to: "station", behind: 100)
      try probe.expectDropped([], from: "station", to: "line1", behind: 100)
      try probe.expectDropped([0x88, 0xA8, 0, 50], from: "line1", to: "station", behind: 100)
      try probe.perform(.setLinks(Self.owner, TaggedPort.requests("pw1", trunk: 2...50, 100...100)))
      try probe.expectDropped(TaggedPort.tag(1, priority: 0), from: "line1", to: "station", behind: 2)
      try probe.expectDropped(TaggedPort.tag(1, priority: 0), from: "station", to: "line1", behind: 2)
      try probe.expectPassing(50, priority: 5, from: "line1", to: "station", seen: 5)
      try probe.stop()
      #expect(try TaggedPort.look() == before)
    }
  }

  @Test("One VLAN becomes a trunk and one VLAN again, and nothing stays of what was before")
  func turns() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(TaggedPort.setUp)
      let before = try TaggedPort.look()
      let probe = try KeeperProbe(stateFile: stateFile.path)
      for _ in 1...2 {
        try probe.perform(.setLinks(Self.owner, TaggedPort.requests("pw1", VLANTag(7), TagPriorities([1: 2]))))
        try probe.expectPassing(200, from: "line1", to: "station", as: 7, seen: 2)
        try probe.expectDropped(TaggedPort.tag(8, priority: 0), from: "station", to: "line1", behind: 7)
        try probe.perform(.setLinks(Self.owner, TaggedPort.requests("pw1", trunk: 7...9)))
        try probe.expectPassing(7, from: "line1", to: "station")
        try probe.expectPassing(8, from: "station", to: "line1")
        try probe.expectDropped(TaggedPort.tag(200, priority: 0), from: "line1", to: "station", behind: 9)
      }
      try probe.stop()
      #expect(try TaggedPort.look() == before)
    }
  }

  @Test("A VLAN that leaves a trunk for another pseudowire passes by that one alone")
  func moves() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(TaggedPort.setUp)
      let probe = try KeeperProbe(stateFile: stateFile.path)
      let other = KeeperProbe.owner("pw2")
      try probe.perform(.setLinks(Self.owner, TaggedPort.requests("pw1", trunk: 1...50)))
      // The one that takes it speaks first, and then the one that gives it away.
      try probe.perform(.setLinks(other, TaggedPort.requests("pw2", VLANTag(30))))
      try probe.perform(.setLinks(Self.owner, TaggedPort.requests("pw1", trunk: 1...29)))
      try probe.expectPassing(30, from: "station", to: "line2")
      try probe.expectPassing(200, from: "line2", to: "station", as: 30)
      try probe.expectDropped(TaggedPort.tag(30, priority: 0), from: "line1", to: "station", behind: 29)
      // And back again, the other way round.
      try probe.perform(.setLinks(other, []))
      try probe.perform(.setLinks(Self.owner, TaggedPort.requests("pw1", trunk: 1...50)))
      try probe.expectPassing(30, from: "station", to: "line1")
      try probe.expectPassing(30, from: "line1", to: "station")
      try probe.stop()
    }
  }

  @Test("A session's interface and a port that come back have all their VLANs again")
  func comesBack() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(TaggedPort.setUp)
      let probe = try KeeperProbe(stateFile: stateFile.path)
      try probe.perform(.setLinks(Self.owner, TaggedPort.requests("pw1", trunk: 1...20)))
      try Namespace.shell("ip link delete pw1")
      try probe.wait("the problem") { probe.reports[Self.owner]?.words != [] }
      try Namespace.shell("ip link add pw1 type veth peer name line1; ip link set line1 addrgenmode none up")
      try probe.wait("the report") { probe.reports[Self.owner]?.words == [] }
      try probe.waitForFilter(of: 20, on: "pw1")
      try probe.expectPassing(20, from: "line1", to: "station")
      try Namespace.shell("ip link delete eth1")
      try probe.wait("the problem") { probe.reports[Self.owner]?.words == ["the member eth1 is not there (yet)"] }
      try Namespace.shell("ip link add eth1 type veth peer name station; ip link set station addrgenmode none up")
      try probe.wait("the report") { probe.reports[Self.owner]?.words == [] }
      try probe.waitForFilter(of: 20, on: "eth1")
      try probe.expectPassing(20, from: "line1", to: "station")
      try probe.stop()
      #expect(try !TaggedPort.look().contains("clsact"))
    }
  }

  @Test("The changes of a run that was killed are undone, and the filters of others stay")
  func crash() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(
        TaggedPort.setUp + "; ip link set eth1 up; tc qdisc add dev eth1 clsact; "
          + "tc filter add dev eth1 ingress protocol 802.1q flower vlan_id 9 action drop")
      let before = try TaggedPort.look()
      do {
        let probe = try KeeperProbe(stateFile: stateFile.path)
        try probe.perform(.setLinks(Self.owner, TaggedPort.requests("pw1", trunk: 100...200)))
        #expect(try TaggedPort.count("eth1") == 102)
        probe.service.stop()
      }
      try stateFile.awaitUnlocked()
      let next = try KeeperProbe(stateFile: stateFile.path)
      #expect(try TaggedPort.look() == before)
      try next.stop()
    }
  }

  @Test("VLANs that cannot be taken are told of, the others pass, and when nothing stands in the way all of them do")
  func fails() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(TaggedPort.setUp + "; tc qdisc add dev eth1 clsact")
      // Somebody's filters where ours belong, which the kernel does not take twice.
      let place = "dev eth1 ingress pref 0x7075 protocol 802.1q"
      for vlan in [49, 50] {
        try Namespace.shell("tc filter add \(place) handle \(9000 + vlan) flower vlan_id \(vlan) action drop")
      }
      let probe = try KeeperProbe(stateFile: stateFile.path)
      let set = LinkEffect.setLinks(Self.owner, TaggedPort.requests("pw1", trunk: 1...50, 100...100))
      func waitForProblems(_ words: String...) throws {
        try probe.wait("\(words)") {
          let problems = probe.reports[Self.owner]?.words ?? []
          return problems.count == words.count && zip(problems, words).allSatisfy { $0.contains($1) }
        }
      }
      try probe.perform(set)
      try waitForProblems("VLAN 49 ", "other VLANs")
      #expect(probe.events.filter { $0.level == .warning }.count == 1, "one of them says it for all")
      #expect(probe.events.filter { $0.message.contains("VLAN 50 ") }.map(\.level) == [.debug])
      try probe.expectPassing(48, from: "station", to: "line1")
      try probe.expectPassing(100, from: "station", to: "line1")
      try Namespace.shell("tc filter del \(place) handle 9049 flower")
      try probe.perform(set)
      try waitForProblems("VLAN 50 ")
      try probe.expectPassing(49, from: "station", to: "line1")
      // The one that fails is not wanted any more, and then again.
      try probe.perform(.setLinks(Self.owner, TaggedPort.requests("pw1", trunk: 1...49)))
      try waitForProblems()
      try probe.perform(set)
      try waitForProblems("VLAN 50 ")
      try Namespace.shell("tc filter del \(place) handle 9050 flower")
      try probe.perform(set)
      try waitForProblems()
      try probe.expectPassing(50, from: "station", to: "line1")
      try probe.stop()
    }
  }

  @Test("All VLANs that there are take few reports, and go as they came")
  func all() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(TaggedPort.setUp)
      let before = try TaggedPort.look()
      let probe = try KeeperProbe(stateFile: stateFile.path)
      try probe.perform(.setLinks(Self.owner, TaggedPort.requests("pw1", trunk: VLANTag.identifiers)))
      try probe.wait("the report") { probe.reports[Self.owner]?.words == [] }
      #expect(probe.reportCount < 20)
      #expect(try TaggedPort.count("eth1") == VLANTag.identifiers.count)
      for vlan: UInt16 in [1, 4094] {
        try probe.expectPassing(vlan, from: "line1", to: "station")
        try probe.expectPassing(vlan, from: "station", to: "line1")
      }
      try probe.stop()
      #expect(try TaggedPort.look() == before)
    }
  }
}

extension KeeperProbe {
  /// A frame of a VLAN arrives, by this number and with this priority.
  fileprivate func expectPassing(
    _ vlan: UInt16, priority: UInt8 = 1, from: String, to: String, as number: UInt16? = nil, seen: UInt8? = nil
  ) throws {
    let match = "vlan_id \(number ?? vlan) vlan_prio \(seen ?? priority)"
    try TaggedPort.watch(to, for: "protocol 802.1q flower \(match)")
    try PacketSocket(interface: from).send(TaggedPort.frame(TaggedPort.tag(vlan, priority: priority)))
    try wait("\(match) at \(to)") { (try? TaggedPort.hasCounted(to)) == true }
  }

  /// A frame with this tag, or none, does not arrive: of two frames the other one does, which is of a VLAN that passes.
  fileprivate func expectDropped(_ tag: [UInt8], from: String, to: String, behind carried: UInt16) throws {
    try TaggedPort.watch(to, for: "protocol all matchall")
    let socket = try PacketSocket(interface: from)
    for tag in [tag, TaggedPort.tag(carried, priority: 0)] { try socket.send(TaggedPort.frame(tag)) }
    try wait("a frame at \(to)") { (try? TaggedPort.hasCounted(to)) == true }
    let counted = try Namespace.shell("tc -s filter show dev \(to) ingress")
    #expect(counted.contains(" 1 pkt"), "\(tag) from \(from) to \(to)")
  }

  /// A link's filter of a VLAN is there.
  fileprivate func waitForFilter(of vlan: UInt16, on link: String) throws {
    try wait("VLAN \(vlan) on \(link)") {
      (try? Namespace.shell("tc filter show dev \(link) ingress").contains("vlan_id \(vlan)\n")) == true
    }
  }
}

extension TaggedPort {
  /// How many filters by VLAN a link has.
  fileprivate static func count(_ link: String) throws -> Int {
    let filters = try Namespace.shell("tc filter show dev \(link) ingress")
    return filters.split(separator: "\n").filter { $0.contains("vlan_id") }.count
  }
}
