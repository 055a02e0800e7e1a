import PWCore
import Testing

@testable import PWLinux

@Suite("The states of ports") struct PortStateTests {
  private static let needsRoot: Comment = "only root may make links"

  private static func obstacles(_ probe: KeeperProbe) -> [ForwardingObstacle] {
    probe.reports[KeeperProbe.owner("pw1")]?.problems ?? []
  }

  @Test("each port has its own moment from which on it is disabled") func moments() {
    let start = Instant(nanoseconds: 1_000_000_000)
    let half = Duration.milliseconds(500)
    var ports = DisabledPorts()
    #expect(ports.next == nil)
    ports.note(1, isDisabled: true, at: start)
    ports.note(2, isDisabled: true, at: start + half)
    ports.note(1, isDisabled: true, at: start + half)
    #expect(ports.next == start + DisabledPorts.delay && ports.takeRipe(at: start + half).isEmpty)
    #expect(ports.takeRipe(at: start + DisabledPorts.delay) == [1])
    #expect(ports.contains(1) && !ports.contains(2) && ports.next == start + half + DisabledPorts.delay)
    ports.note(1, isDisabled: true, at: start + DisabledPorts.delay)
    ports.note(2, isDisabled: false, at: start + DisabledPorts.delay)
    #expect(ports.next == nil && ports.contains(1) && ports.takeRipe(at: start + .seconds(9)).isEmpty)
    ports.note(1, isDisabled: false, at: start + .seconds(9))
    #expect(!ports.contains(1))
  }

  @Test(
    "a port that was disabled before its bridge was the site's is told of",
    .enabled(if: Namespace.isAllowed, needsRoot))
  func adopted() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(
        """
        for name in pw1 lan0; do ip link add $name type veth peer name far$name; ip link set far$name up; done
        ip link add br-lan type bridge; ip link set br-lan up; ip link set lan0 master br-lan up
        """)
      let probe = try KeeperProbe(stateFile: stateFile.path)
      try probe.wait("the port") { probe.link("lan0")?.portState == .forwarding }
      try Namespace.shell("bridge link set dev lan0 state disabled")
      try probe.wait("the state") { probe.link("lan0")?.portState == .disabled }
      try probe.setBridges(BridgeDeclaration(name: "br-lan", members: ["lan0"]))
      try probe.setPort("pw1", bridge: "br-lan")
      try probe.wait("the obstacle") { !Self.obstacles(probe).isEmpty }
      #expect(Self.obstacles(probe).map(\.code) == [.portBlocked])
      let words = try #require(Self.obstacles(probe).first?.words)
      #expect(words.hasPrefix("lan0 is in state disabled in br-lan, though it runs no spanning tree"))
      #expect(probe.bridges["br-lan"] == [words])
      try Namespace.shell(String(words.split(separator: "`")[1]))
      try probe.wait("that the cure cures it") { Self.obstacles(probe).isEmpty }
      try probe.stop()
    }
  }

  @Test("a port that a BPDU guard has taken out is told of, with a cure", .enabled(if: Namespace.isAllowed, needsRoot))
  func guarded() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      // A bridge in the LAN that sends BPDUs each second.
      try Namespace.shell(
        """
        for name in pw1 lan0; do ip link add $name type veth peer name far$name; ip link set far$name up; done
        ip link add br-far type bridge stp_state 1 forward_delay 200 hello_time 100
        ip link set farlan0 master br-far; ip link set br-far up
        ip link add br-lan type bridge stp_state 1 forward_delay 200 hello_time 100; ip link set br-lan up
        ip link set lan0 master br-lan; bridge link set dev lan0 guard on; ip link set lan0 up
        """)
      let probe = try KeeperProbe(stateFile: stateFile.path)
      try probe.setBridges(BridgeDeclaration(name: "br-lan", members: ["lan0"]))
      try probe.setPort("pw1", bridge: "br-lan")
      let guarded = { Self.obstacles(probe).first { $0.code == .portBlocked } }
      try probe.wait("the guard") { guarded() != nil }
      let words = try #require(guarded()?.words)
      #expect(words.hasPrefix("lan0 is in state disabled in br-lan, and passes no frames: has a BPDU guard"))
      #expect((try? Namespace.shell("bridge link set dev lan0 state forwarding")) == nil, "the kernel refuses that")
      let parts = words.split(separator: "`").map(String.init)
      try Namespace.shell(parts[3] + "; " + parts[5])
      try probe.wait("that the cure cures it") {
        guarded() == nil && probe.link("lan0").map { $0.isUp && $0.portState != .disabled } == true
      }
      try probe.stop()
    }
  }
}
