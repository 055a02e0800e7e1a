import PWCore
import Testing

@testable import PWLinux

/// What is to be done for one VLAN, without a kernel.
struct VLANPlanTests {
  private static let place = VLANPlace(port: "eth1", tag: VLANTag(111))
  private static let port = LinkInfo(index: 3, name: "eth1")
  private static let session = LinkInfo(index: 7, name: "pw1")
  private static let use = VLANUse(
    owner: LinkOwner(tunnel: "t", pseudowire: "p"), link: "pw1", priorities: TagPriorities([5: 3]))
  private static let record = VLANRecord(index: 3, session: 7, priorities: TagPriorities([5: 3]))
  private static let join: [LinkStep] = [
    .rewriteTags(7, name: "pw1", to: VLANTag(111), TagPriorities([5: 3]), port: 3),
    .takeVLAN(VLANTag(111), from: 3, name: "eth1", to: 7),
  ]

  private static func plan(
    use: VLANUse? = use, isPortReady: Bool = true, session: LinkInfo? = session, record: VLANRecord? = nil,
    hasFailed: Bool = false
  ) -> VLANPlan {
    VLANPlan.make(
      .init(
        place: place, use: use, port: port, isPortReady: isPortReady, session: session, record: record,
        hasFailed: hasFailed))
  }

  @Test("It is joined once, and again when the last attempt failed or somebody is another")
  func joins() {
    #expect(Self.plan() == VLANPlan(steps: Self.join, record: Self.record))
    #expect(Self.plan(record: Self.record) == VLANPlan(record: Self.record))
    #expect(Self.plan(record: Self.record, hasFailed: true).steps == Self.join)
    var other = Self.record
    other.session = 6
    #expect(Self.plan(record: other).steps == Self.join)
    other = Self.record
    other.priorities = .kept
    #expect(Self.plan(record: other).steps == Self.join)
    other = Self.record
    other.index = 2
    #expect(Self.plan(record: other).steps == Self.join, "the entry is of another port that had the name")
  }

  @Test("It waits for its port and its session's interface")
  func waits() {
    #expect(Self.plan(isPortReady: false) == VLANPlan())
    #expect(Self.plan(session: nil) == VLANPlan())
    #expect(Self.plan(session: nil, record: Self.record) == VLANPlan(record: Self.record))
  }

  @Test("It is left to its port again, if it was taken from this one")
  func undo() {
    #expect(Self.plan(use: nil, record: Self.record).steps == [.leaveVLAN(VLANTag(111), to: 3, name: "eth1")])
    #expect(Self.plan(use: nil, record: Self.record).record == nil)
    #expect(Self.plan(use: nil) == VLANPlan())
    var other = Self.record
    other.index = 2
    #expect(Self.plan(use: nil, record: other) == VLANPlan())
  }

  @Test("The journal's lines are read as they were written, and what makes no sense is passed over")
  func journal() {
    let service = VLANPlace(port: "eth1", tag: VLANTag(111, .service))
    var entries = JournalEntries()
    entries.vlans = [Self.place: Self.record, service: VLANRecord(index: 3, session: 9, priorities: .kept)]
    entries.members["eth1"] = MemberRecord(index: 3, isPromiscuous: true, carriesVLANs: true, mayOwnHook: true)
    #expect(JournalEntries(text: entries.text) == entries)
    let gone = JournalEntries.line(.vlan(service, nil))
    entries.vlans[service] = nil
    let line = JournalEntries.line(.vlan(service, VLANRecord(index: 3, session: 9, priorities: .kept)))
    #expect(JournalEntries(text: entries.text + line + gone) == entries)
    let nonsense = ["0 index=3", "111 index=3", "4095 gone", "111 gone again", "x gone"]
    let lines = nonsense.map { "vlan eth1 802.1q \($0) session=7 priorities=0123\n" } + ["vlan eth1 802.1z 111 gone\n"]
    #expect(JournalEntries(text: lines.joined()) == JournalEntries())
  }
}

/// Whether the kernel takes frames by their tag and rewrites it (cls_flower, act_vlan).
enum TagControl {
  static let canRewrite: Bool = {
    guard TrafficControl.canRedirect else { return false }
    do {
      try Namespace.run {
        try Namespace.shell(
          """
          ip link add va type veth peer name vb && tc qdisc add dev va clsact && tc filter add dev va ingress \
          protocol 802.1q flower vlan_id 7 action vlan modify id 8 pipe action mirred egress redirect dev vb
          """)
      }
      return true
    } catch {
      return false
    }
  }()
}

@Suite("VLANs of a port", .enabled(if: TagControl.canRewrite, "this kernel rewrites no tags, or we are not root"))
struct VLANCircuitTests {
  private static let setUp = """
    ip link add eth1 type veth peer name station
    for n in 1 2; do ip link add pw$n type veth peer name line$n; ip link set line$n addrgenmode none up; done
    ip link set station addrgenmode none up; ip link set eth1 addrgenmode none
    """

  private static func requests(_ link: String, _ tag: VLANTag, _ priorities: TagPriorities = .kept) -> [LinkRequest] {
    [
      .session(.init(name: link, mtu: .carry, isUp: true)),
      .vlanCircuit(.init(link: link, port: "eth1", tag: tag, priorities: priorities)),
    ]
  }

  /// A frame with these tags in front of its type.
  private static func frame(_ tags: [UInt8]...) -> [UInt8] {
    [0x02, 0, 0, 0, 0, 0x0E, 2, 0, 0, 0, 0, 1] + tags.flatMap { $0 } + [0x88, 0xB5] + [UInt8](repeating: 7, count: 50)
  }

  private static func look() throws -> String {
    try Namespace.shell(
      "ip -o link show eth1 | sed 's/qdisc [a-z]*//'; tc qdisc show dev eth1 clsact; tc filter show dev eth1 ingress")
  }

  @Test("Each VLAN has its pseudowire, tags are rewritten, and nothing is left")
  func passes() throws {
    try Namespace.run {
      let journal = TemporaryPath()
      try Namespace.shell(Self.setUp)
      let before = try Self.look()
      let probe = try KeeperProbe(journal: journal.path)
      let (one, two) = (KeeperProbe.owner("pw1"), KeeperProbe.owner("pw2"))
      try probe.perform(.setLinks(one, Self.requests("pw1", VLANTag(111), TagPriorities([5: 3]))))
      try probe.perform(.setLinks(two, Self.requests("pw2", VLANTag(112, .service))))
      for owner in [one, two] { try probe.wait("the report") { probe.reports[owner]?.problems == [] } }
      #expect(probe.link("eth1")?.isPromiscuous == true)
      // Identifier, priority and kind are the port's; what stands behind the tag is not looked at.
      let customer = "protocol 802.1q flower vlan_id"
      let service = "protocol 802.1ad flower vlan_id"
      let ways: [(from: String, frame: [UInt8], to: String, seen: String)] = [
        ("station", Self.frame([0x81, 0, 0xA0, 111]), "line1", "\(customer) 111 vlan_prio 5"),
        ("line1", Self.frame([0x81, 0, 0xA0, 222]), "station", "\(customer) 111 vlan_prio 3"),
        ("line1", Self.frame([0x88, 0xA8, 0x40, 222]), "station", "\(customer) 111 vlan_prio 2"),
        (
          "station", Self.frame([0x88, 0xA8, 0, 112], [0x81, 0, 0, 5]), "line2",
          "\(service) 112 vlan_ethtype 802.1q cvlan_id 5"
        ),
        (
          "line2", Self.frame([0x88, 0xA8, 0, 9], [0x81, 0, 0, 5]), "station",
          "\(service) 112 vlan_ethtype 802.1q cvlan_id 5"
        ),
      ]
      for way in ways {
        try Self.watch(way.to, for: way.seen)
        try PacketSocket(interface: way.from).send(way.frame)
        try probe.wait("\(way.seen) at \(way.to)") { (try? Self.hasCounted(way.to)) == true }
      }
      try Self.watch("station", for: "protocol all flower")
      try PacketSocket(interface: "line1").send(Self.frame())
      try PacketSocket(interface: "line1").send(Self.frame([0x81, 0, 0, 222]))
      try probe.wait("a frame") { (try? Self.hasCounted("station")) == true }
      #expect(
        try Namespace.shell("tc -s filter show dev station ingress").contains(" 1 pkt"), "the untagged is dropped")
      try probe.perform(.setLinks(one, []))
      #expect(try !Namespace.shell("tc filter show dev eth1 ingress").contains("vlan_id 111"))
      #expect(try Namespace.shell("tc filter show dev eth1 ingress").contains("vlan_id 112"))
      try probe.stop()
      #expect(try Self.look() == before)
    }
  }

  @Test("What a run that was killed has left is undone, and the filters of others stay")
  func crash() throws {
    try Namespace.run {
      let journal = TemporaryPath()
      try Namespace.shell(
        Self.setUp + "; ip link set eth1 up; tc qdisc add dev eth1 clsact; "
          + "tc filter add dev eth1 ingress protocol 802.1q flower vlan_id 9 action drop")
      let before = try Self.look()
      do {
        let probe = try KeeperProbe(journal: journal.path)
        try probe.perform(.setLinks(KeeperProbe.owner("pw1"), Self.requests("pw1", VLANTag(111))))
        #expect(try Self.look().contains("vlan_id 111"))
        probe.service.stop()
      }
      try journal.awaitUnlocked()
      let next = try KeeperProbe(journal: journal.path)
      #expect(try Self.look() == before)
      try next.stop()
    }
  }

  @Test("Another VLAN takes the place of the first; a port that comes back has its VLANs again")
  func changes() throws {
    try Namespace.run {
      let journal = TemporaryPath()
      try Namespace.shell(Self.setUp)
      let probe = try KeeperProbe(journal: journal.path)
      let owner = KeeperProbe.owner("pw1")
      try probe.perform(.setLinks(owner, Self.requests("pw1", VLANTag(111))))
      try probe.perform(.setLinks(owner, Self.requests("pw1", VLANTag(113))))
      #expect(try !Self.look().contains("vlan_id 111"))
      #expect(try Self.look().contains("vlan_id 113"))
      try Namespace.shell("ip link delete eth1")
      try probe.wait("the problem") { probe.reports[owner]?.problems == ["the member eth1 is not there (yet)"] }
      try Namespace.shell("ip link add eth1 type veth peer name station; ip link set station up")
      try probe.wait("the port") { (try? Self.look().contains("vlan_id 113")) == true }
      try probe.wait("the report") { probe.reports[owner]?.problems == [] }
      try probe.stop()
      #expect(try !Self.look().contains("clsact"))
    }
  }

  /// Counts the frames that enter a link and match.
  private static func watch(_ link: String, for match: String) throws {
    try Namespace.shell(
      """
      tc qdisc del dev \(link) clsact 2>/dev/null; tc qdisc add dev \(link) clsact
      tc filter add dev \(link) ingress pref 1 \(match) action ok
      """)
  }

  private static func hasCounted(_ link: String) throws -> Bool {
    try !Namespace.shell("tc -s filter show dev \(link) ingress").contains(" 0 pkt")
  }
}
