import Glibc
import PWCore
import Testing

@testable import PWLinux

/// Whether the kernel redirects what enters a link (act_mirred, cls_matchall).
enum TrafficControl {
  static let canRedirect: Bool = {
    guard Namespace.isAllowed else { return false }
    do {
      try Namespace.run {
        try Namespace.shell(
          """
          ip link add va type veth peer name vb && tc qdisc add dev va clsact \
          && tc filter add dev va ingress matchall action mirred egress redirect dev vb
          """)
      }
      return true
    } catch {
      return false
    }
  }()
}

@Suite("Point to point", .enabled(if: TrafficControl.canRedirect, "this kernel does not redirect, or we are not root"))
struct PointToPointTests {
  private static let setUp = """
    ip link add eth1 type veth peer name station; ip link add pw1 type veth peer name line
    for n in station line; do ip link set $n addrgenmode none; ip link set $n up; done
    """
  private static let owner = KeeperProbe.owner("pw1")

  private static func requests(isUp: Bool, passesFault: Bool = false) -> [LinkRequest] {
    [
      .session(.init(name: "pw1", mtu: .carry, isUp: isUp)),
      .pointToPoint(.init(link: "pw1", member: "eth1", passesFaultToMember: passesFault)),
    ]
  }

  @Test("every frame passes both ways, also those that a bridge keeps, and nothing is left")
  func passes() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(Self.setUp + "; ip link set eth1 mtu 1600")
      // A link that has been up once has another queueing discipline than before: that much is the kernel's.
      let look = "ip -o link show eth1 | sed 's/qdisc [a-z]*//'; tc qdisc show dev eth1 clsact"
      let before = try Namespace.shell(look)
      let probe = try KeeperProbe(stateFile: stateFile.path)
      probe.keeper.watch(["eth1"])
      #expect(probe.links["eth1"]?.isUp == false)
      try probe.perform(.setLinks(Self.owner, Self.requests(isUp: true)))
      try probe.wait("the joint") { probe.link("eth1")?.isUp == true && probe.link("pw1")?.isUp == true }
      try probe.wait("the MTU") { probe.link("pw1")?.mtuOctets == 1600 }
      #expect(probe.link("eth1")?.isPromiscuous == true)
      try probe.wait("the report") { probe.reports[Self.owner]?.words == [] }
      // LLDP's destination, which no bridge forwards.
      let frame: [UInt8] =
        [0x01, 0x80, 0xC2, 0, 0, 0x0E, 2, 0, 0, 0, 0, 1, 0x88, 0xCC] + [UInt8](repeating: 7, count: 50)
      for (from, to) in [("station", "line"), ("line", "station")] {
        let listener = try PacketSocket(interface: to, listens: true)
        try PacketSocket(interface: from).send(frame)
        #expect(try listener.receive() == frame, "\(from) to \(to)")
      }
      try probe.stop()
      #expect(try Namespace.shell(look) == before)
    }
  }

  @Test("the hook of somebody else stays, also after a crash")
  func foreignHook() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(Self.setUp + "; tc qdisc add dev eth1 clsact; ip link set eth1 up")
      let before = try Namespace.shell("tc qdisc show dev eth1 clsact; tc filter show dev eth1 ingress")
      do {
        let probe = try KeeperProbe(stateFile: stateFile.path)
        try probe.perform(.setLinks(Self.owner, Self.requests(isUp: true)))
        #expect(try Namespace.shell("tc filter show dev eth1 ingress").contains("mirred"))
        probe.service.stop()
      }
      try stateFile.awaitUnlocked()
      let next = try KeeperProbe(stateFile: stateFile.path)
      #expect(try Namespace.shell("tc qdisc show dev eth1 clsact; tc filter show dev eth1 ingress") == before)
      #expect(next.link("eth1")?.isPromiscuous == false)
      try next.stop()
    }
  }

  @Test("a session's interface that comes back is joined again")
  func comesBack() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(Self.setUp)
      let probe = try KeeperProbe(stateFile: stateFile.path)
      try probe.perform(.setLinks(Self.owner, Self.requests(isUp: true)))
      try probe.wait("the joint") { probe.reports[Self.owner]?.words == [] }
      try Namespace.shell("ip link delete pw1")
      try probe.wait("the problem") { probe.reports[Self.owner]?.words != [] }
      try Namespace.shell("ip link add pw1 type veth peer name line; ip link set line addrgenmode none up")
      try probe.wait("the other joint") {
        (try? Namespace.shell("tc filter show dev eth1 ingress").contains("to device pw1")) == true
      }
      try probe.wait("the report") { probe.reports[Self.owner]?.words == [] }
      try probe.stop()
    }
  }

  @Test("a fault is passed on to the member, which says nothing of itself meanwhile")
  func fault() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(Self.setUp)
      let probe = try KeeperProbe(stateFile: stateFile.path)
      try probe.perform(.setLinks(Self.owner, Self.requests(isUp: true, passesFault: true)))
      try probe.wait("the member") { probe.links["eth1"]?.isUp == true }
      try probe.perform(.setLinks(Self.owner, Self.requests(isUp: false, passesFault: true)))
      #expect(probe.link("eth1")?.isUp == false)
      #expect(probe.links["eth1"]?.isUp == true)
      try probe.perform(.setLinks(Self.owner, Self.requests(isUp: true, passesFault: true)))
      #expect(probe.link("eth1")?.isUp == true)
      try Namespace.shell("ip link set station down")
      try probe.wait("the cable") { probe.links["eth1"]?.isUp == false }
      #expect(probe.reports[Self.owner]?.words == ["the member eth1 has no carrier; look at its cable"])
      try probe.perform(.setLinks(Self.owner, []))
      #expect(probe.link("eth1")?.isUp == false, "it was down before us")
      try probe.stop()
    }
  }
}

@Suite(
  "Point to point where the kernel cannot",
  .enabled(if: Namespace.isAllowed && !TrafficControl.canRedirect, "this kernel redirects, or we are not root"))
struct NoPointToPointTests {
  @Test("the failure stays a problem of the pseudowire, with the cure")
  func isTold() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(
        """
        ip link add eth1 type veth peer name station; ip link add pw1 type veth peer name line
        for n in station line; do ip link set $n up; done
        """)
      let probe = try KeeperProbe(stateFile: stateFile.path)
      let owner = KeeperProbe.owner("pw1")
      try probe.perform(
        .setLinks(
          owner,
          [
            .session(.init(name: "pw1", mtu: .carry, isUp: true)), .pointToPoint(.init(link: "pw1", member: "eth1")),
          ]))
      try probe.wait("the problem") {
        probe.reports[owner]?.words.contains { $0.contains("cls_matchall") } ?? false
      }
      // A change that makes the keeper look again does not make the problem go away.
      try Namespace.shell("ip link set eth1 mtu 1400")
      try probe.wait("the look") { probe.link("pw1")?.mtuOctets == 1_400 }
      #expect(probe.reports[owner]?.words.contains { $0.contains("cls_matchall") } == true)
    }
  }
}
