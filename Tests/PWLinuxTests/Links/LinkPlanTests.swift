import PWCore
import Testing

@testable import PWLinux

@Suite("Plans for links") struct LinkPlanTests {
  private static let owner = LinkOwner(tunnel: "berlin", pseudowire: "lan")
  private static let address: [UInt8] = [0xFE, 1, 2, 3, 4, 5]

  private static func link(_ change: (inout LinkInfo) -> Void = { _ in }) -> LinkInfo {
    var link = LinkInfo(index: 5, name: "pw1")
    link.mtuOctets = 1450
    link.generatesAddresses = true
    change(&link)
    return link
  }

  private static func bridge(
    isAdopted: Bool, hasPorts: Bool = true, address: [UInt8] = [0x52, 0, 0, 0, 0, 1], mtu: Int = 1500
  ) -> BridgeView {
    var link = LinkInfo(index: 9, name: "br0")
    link.kind = "bridge"
    link.address = address
    link.mtuOctets = mtu
    return BridgeView(link: link, isAdopted: isAdopted, hasPorts: hasPorts, isAddressFixed: false, isMTUFixed: false)
  }

  private static func settings(_ change: (inout LinkSettings) -> Void) -> LinkSettings {
    var settings = LinkSettings()
    change(&settings)
    return settings
  }

  private static func plan(_ wish: SessionWish?, _ link: LinkInfo, _ bridge: BridgeView?, carried: Int = 1500)
    -> LinkPlan
  {
    LinkPlan.session(wish, link: link, bridge: bridge, carriedMTU: carried, alias: "mark", address: address)
  }

  @Test("a new session takes two requests: everything, then up (and isolated)", arguments: [false, true])
  func fresh(isIsolated: Bool) {
    let wish = SessionWish(owner: Self.owner, mtu: .carry, isUp: true, bridge: "br0", isIsolated: isIsolated)
    let plan = Self.plan(wish, Self.link(), Self.bridge(isAdopted: false))
    let first = Self.settings {
      $0.mtuOctets = 1500
      $0.address = Self.address
      $0.alias = "mark"
      $0.master = 9
      $0.generatesAddresses = false
    }
    let second = Self.settings {
      $0.isUp = true
      if isIsolated { $0.isIsolated = true }
    }
    #expect(plan.steps == [.set(5, name: "pw1", first), .set(5, name: "pw1", second)])
  }

  @Test("a link that is as wanted needs nothing")
  func settled() {
    let wish = SessionWish(owner: Self.owner, mtu: .octets(1450), isUp: true, bridge: "br0", isIsolated: true)
    let link = Self.link {
      $0.alias = "mark"
      $0.master = 9
      $0.isIsolated = true
      $0.isUp = true
      $0.generatesAddresses = false
    }
    #expect(Self.plan(wish, link, Self.bridge(isAdopted: true)) == LinkPlan())
  }

  @Test("without its bridge it stays down, and when closed it goes down and nothing else")
  func down() {
    let wish = SessionWish(owner: Self.owner, mtu: .octets(1450), isUp: true, bridge: "br0")
    let plan = Self.plan(
      wish,
      Self.link {
        $0.alias = "mark"; $0.generatesAddresses = nil
      }, nil)
    #expect(plan == LinkPlan())
    let closed = Self.plan(
      nil,
      Self.link {
        $0.isUp = true; $0.master = 9
      }, nil)
    #expect(closed.steps == [.set(5, name: "pw1", Self.settings { $0.isUp = false })])
    #expect(Self.plan(nil, Self.link(), nil) == LinkPlan())
  }

  @Test("an adopted bridge's MAC address is fixed when a port would change it, and only then")
  func fixedAddress() {
    let wish = SessionWish(owner: Self.owner, mtu: .octets(1500), isUp: true, bridge: "br0")
    let fix = LinkStep.set(9, name: "br0", Self.settings { $0.address = [0x52, 0, 0, 0, 0, 1] })
    #expect(!Self.plan(wish, Self.link(), Self.bridge(isAdopted: true)).steps.contains(fix))
    let empty = Self.plan(wish, Self.link(), Self.bridge(isAdopted: true, hasPorts: false))
    #expect(empty.steps.first == fix)
    #expect(empty.fixesAddress)
    let high = Self.bridge(isAdopted: true, address: [0xFE, 9, 0, 0, 0, 0])
    #expect(Self.plan(wish, Self.link(), high).fixesAddress)
    #expect(!Self.plan(wish, Self.link(), Self.bridge(isAdopted: false, hasPorts: false)).fixesAddress)
  }

  @Test("an adopted bridge's MTU is fixed before a smaller port joins, and only then")
  func fixedMTU() {
    let wish = SessionWish(owner: Self.owner, mtu: .octets(1400), isUp: false, bridge: "br0")
    let plan = Self.plan(wish, Self.link(), Self.bridge(isAdopted: true))
    #expect(plan.fixesMTU)
    #expect(
      plan.steps.prefix(2) == [
        .set(9, name: "br0", Self.settings { $0.mtuOctets = 1501 }),
        .set(9, name: "br0", Self.settings { $0.mtuOctets = 1500 }),
      ])
    #expect(!Self.plan(wish, Self.link(), Self.bridge(isAdopted: true, mtu: 1400)).fixesMTU)
    #expect(!Self.plan(wish, Self.link(), Self.bridge(isAdopted: false)).fixesMTU)
  }

  @Test("a member is given back as it was found")
  func undo() {
    var link = LinkInfo(index: 3, name: "eth1")
    link.isUp = true
    link.master = 9
    link.isPromiscuous = true
    let all = MemberRecord(index: 3, bridge: 9, wasRaised: true, isPromiscuous: true, redirect: 5, mayOwnHook: true)
    #expect(
      MemberPlan.undo(link, all).plan.steps == [
        .removeRedirect(3, name: "eth1", withHook: true),
        .set(
          3, name: "eth1",
          Self.settings {
            $0.master = 0
            $0.isPromiscuous = false
            $0.isUp = false
          }),
      ])
    #expect(MemberPlan.undo(link, nil) == MemberPlan())
    link.master = 11
    #expect(
      MemberPlan.undo(link, MemberRecord(index: 3, bridge: 9)).plan.steps.isEmpty, "somebody has moved it since")
    link.isUp = false
    let held = MemberRecord(index: 3, isHeldDown: true)
    #expect(
      MemberPlan.undo(link, held).plan.steps == [.set(3, name: "eth1", Self.settings { $0.isUp = true })])
  }

  @Test(
    "a bridge of ours goes down, loses its ports and goes; in several jobs where there are many and the site goes on")
  func removal() {
    var link = LinkInfo(index: 9, name: "br0")
    (link.kind, link.alias, link.isUp) = ("bridge", "mark", true)
    let entry = StateEntries.BridgeEntry(index: 9, isCreated: true)
    let ports = (1...3).map { BridgePlan.Port(index: Int32($0), name: "pw\($0)", isOurs: $0 != 2) }
    var situation = BridgePlan.Situation(
      name: "br0", declaration: nil, link: link, entry: entry, alias: "mark", address: [], hasIPv6: true, ports: ports)
    let down = LinkStep.set(9, name: "br0", Self.settings { $0.isUp = false })
    let detached = ports.map { LinkStep.detach($0.index, name: $0.name, isOurs: $0.isOurs) }
    #expect(
      BridgePlan.make(situation) == BridgePlan(steps: [down] + detached + [.delete(9, name: "br0")], entry: nil))
    situation.portsAtOnce = 2
    #expect(BridgePlan.make(situation) == BridgePlan(steps: [down] + detached.prefix(2), entry: entry))
    situation.ports = []
    #expect(BridgePlan.make(situation) == BridgePlan(steps: [.delete(9, name: "br0")], entry: nil))
  }
}
