import PWCore
import Testing

@testable import PWLinux

/// The plan for one VLAN, made without a kernel.
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
    hasFormerSession: Bool = true, hasFailed: Bool = false
  ) -> VLANPlan {
    VLANPlan.make(
      .init(
        place: place, use: use, port: port, isPortReady: isPortReady, session: session,
        formerSession: hasFormerSession ? Self.session : nil, record: record,
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
    other.index = 2
    #expect(Self.plan(record: other).steps == Self.join, "the entry is of another port that had the name")
  }

  @Test("Its priorities are treated otherwise while its frames pass", arguments: [false, true])
  func priorities(isOfTrunk: Bool) {
    var record = VLANRecord(index: 3, session: 7, priorities: TagPriorities([1: 2, 5: 4]), isOfTrunk: isOfTrunk)
    var use = Self.use
    use.isOfTrunk = isOfTrunk
    let change = LinkStep.changePriorities(
      VLANTag(111), record.priorities, to: use.priorities, from: 7, name: "pw1", port: 3, isOfTrunk: isOfTrunk)
    let plan = Self.plan(use: use, record: record)
    #expect(plan.steps == [change] && plan.record?.priorities == use.priorities)
    #expect(Self.plan(use: use, record: record, hasFailed: true).steps.count > 1, "everything is made anew")
    record.session = 6
    #expect(Self.plan(use: use, record: record).steps.count > 1, "another interface has none of it")
    #expect(TagPriorities([1: 2, 5: 4]).changes(missingIn: use.priorities) == [1])
    #expect(TagPriorities.allChanged.changes.map(\.from) == Array(TagPriorities.range))
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

  @Test("One of a trunk lets its own pass and no other's, and goes without the others")
  func trunk() {
    let kept = VLANUse(owner: Self.use.owner, link: "pw1", priorities: .kept, isOfTrunk: true)
    let record = VLANRecord(index: 3, session: 7, priorities: .kept, isOfTrunk: true)
    let join: [LinkStep] = [
      .makeTrunk(7, name: "pw1"), .admitVLAN(VLANTag(111), .kept, from: 7, name: "pw1", to: 3),
      .takeVLAN(VLANTag(111), from: 3, name: "eth1", to: 7),
    ]
    #expect(Self.plan(use: kept) == VLANPlan(steps: join, record: record))
    #expect(Self.plan(use: kept, record: record) == VLANPlan(record: record))
    let dismissal = LinkStep.dismissVLAN(VLANTag(111), .kept, from: 7, name: "pw1")
    let leave = LinkStep.leaveVLAN(VLANTag(111), to: 3, name: "eth1")
    #expect(Self.plan(use: nil, record: record).steps == [leave, dismissal])
    #expect(Self.plan(use: nil, record: record, hasFormerSession: false).steps == [leave])
    #expect(Self.plan(use: kept, record: Self.record).steps == join, "what was rewritten before")
    #expect(Self.plan(record: record).steps == [dismissal] + Self.join, "what is rewritten from now on")
    #expect(Self.plan(record: record, hasFormerSession: false).steps == Self.join)
  }

  @Test("The state file's lines are read as they were written, and lines that make no sense are passed over")
  func stateFile() {
    let service = VLANPlace(port: "eth1", tag: VLANTag(111, .service))
    var entries = StateEntries()
    entries.vlans = [
      Self.place: Self.record, service: VLANRecord(index: 3, session: 9, priorities: .kept, isOfTrunk: true),
    ]
    entries.members["eth1"] = MemberRecord(index: 3, isPromiscuous: true, carriesVLANs: true, mayOwnHook: true)
    #expect(StateEntries(text: entries.text) == entries)
    #expect(entries.vlanTexts == ["VLAN 111 of eth1", "VLAN 111 of eth1"], "of either kind")
    for number: UInt16 in [112, 113, 7] { entries.vlans[VLANPlace(port: "eth2", tag: VLANTag(number))] = Self.record }
    #expect(entries.vlanTexts == ["VLAN 111 of eth1", "VLAN 7,112-113 of eth2", "VLAN 111 of eth1"])
    let gone = StateEntries.line(.vlan(service, nil))
    entries.vlans[service] = nil
    let line = StateEntries.line(.vlan(service, VLANRecord(index: 3, session: 9, priorities: .kept)))
    #expect(StateEntries(text: entries.text + line + gone) == entries)
    let nonsense = ["0 index=3", "111 index=3", "4095 gone", "111 gone again", "x gone"]
    let lines = nonsense.map { "vlan eth1 802.1q \($0) session=7 priorities=0123\n" } + ["vlan eth1 802.1z 111 gone\n"]
    #expect(StateEntries(text: lines.joined()) == StateEntries())
  }
}
