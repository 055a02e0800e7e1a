import PWCore
import Testing

@testable import PWLinux

@Suite("VLANs of a port", .enabled(if: TagControl.canRewrite, "this kernel rewrites no tags, or we are not root"))
struct VLANCircuitTests {
  @Test("Each VLAN has its pseudowire, tags are rewritten, and nothing is left")
  func passes() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(TaggedPort.setUp)
      let before = try TaggedPort.look()
      let probe = try KeeperProbe(stateFile: stateFile.path)
      let (one, two) = (KeeperProbe.owner("pw1"), KeeperProbe.owner("pw2"))
      try probe.perform(.setLinks(one, TaggedPort.requests("pw1", VLANTag(111), TagPriorities([5: 3]))))
      try probe.perform(.setLinks(two, TaggedPort.requests("pw2", VLANTag(112, .service))))
      for owner in [one, two] { try probe.wait("the report") { probe.reports[owner]?.words == [] } }
      #expect(probe.link("eth1")?.isPromiscuous == true)
      // Identifier, priority and kind are the port's; the filter does not look behind the tag.
      let customer = "protocol 802.1q flower vlan_id"
      let service = "protocol 802.1ad flower vlan_id"
      let ways: [(from: String, frame: [UInt8], to: String, seen: String)] = [
        ("station", TaggedPort.frame([0x81, 0, 0xA0, 111]), "line1", "\(customer) 111 vlan_prio 5"),
        ("line1", TaggedPort.frame([0x81, 0, 0xA0, 222]), "station", "\(customer) 111 vlan_prio 3"),
        ("line1", TaggedPort.frame([0x88, 0xA8, 0x40, 222]), "station", "\(customer) 111 vlan_prio 2"),
        (
          "station", TaggedPort.frame([0x88, 0xA8, 0, 112], [0x81, 0, 0, 5]), "line2",
          "\(service) 112 vlan_ethtype 802.1q cvlan_id 5"
        ),
        (
          "line2", TaggedPort.frame([0x88, 0xA8, 0, 9], [0x81, 0, 0, 5]), "station",
          "\(service) 112 vlan_ethtype 802.1q cvlan_id 5"
        ),
      ]
      for way in ways {
        try TaggedPort.watch(way.to, for: way.seen)
        try PacketSocket(interface: way.from).send(way.frame)
        try probe.wait("\(way.seen) at \(way.to)") { (try? TaggedPort.hasCounted(way.to)) == true }
      }
      try TaggedPort.watch("station", for: "protocol all flower")
      try PacketSocket(interface: "line1").send(TaggedPort.frame())
      try PacketSocket(interface: "line1").send(TaggedPort.frame([0x81, 0, 0, 222]))
      try probe.wait("a frame") { (try? TaggedPort.hasCounted("station")) == true }
      #expect(
        try Namespace.shell("tc -s filter show dev station ingress").contains(" 1 pkt"), "the untagged is dropped")
      try probe.perform(.setLinks(one, []))
      #expect(try !Namespace.shell("tc filter show dev eth1 ingress").contains("vlan_id 111"))
      #expect(try Namespace.shell("tc filter show dev eth1 ingress").contains("vlan_id 112"))
      try probe.stop()
      #expect(try TaggedPort.look() == before)
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
        try probe.perform(.setLinks(KeeperProbe.owner("pw1"), TaggedPort.requests("pw1", VLANTag(111))))
        #expect(try TaggedPort.look().contains("vlan_id 111"))
        probe.service.stop()
      }
      try stateFile.awaitUnlocked()
      let next = try KeeperProbe(stateFile: stateFile.path)
      #expect(try TaggedPort.look() == before)
      try next.stop()
    }
  }

  @Test("Another VLAN takes the place of the first; a port that comes back has its VLANs again")
  func changes() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(TaggedPort.setUp)
      let probe = try KeeperProbe(stateFile: stateFile.path)
      let owner = KeeperProbe.owner("pw1")
      try probe.perform(.setLinks(owner, TaggedPort.requests("pw1", VLANTag(111))))
      try probe.perform(.setLinks(owner, TaggedPort.requests("pw1", VLANTag(113))))
      #expect(try !TaggedPort.look().contains("vlan_id 111"))
      #expect(try TaggedPort.look().contains("vlan_id 113"))
      try Namespace.shell("ip link delete eth1")
      try probe.wait("the problem") { probe.reports[owner]?.words == ["the member eth1 is not there (yet)"] }
      try Namespace.shell("ip link add eth1 type veth peer name station; ip link set station up")
      try probe.wait("the port") { (try? TaggedPort.look().contains("vlan_id 113")) == true }
      try probe.wait("the report") { probe.reports[owner]?.words == [] }
      try probe.stop()
      #expect(try !TaggedPort.look().contains("clsact"))
    }
  }
}
