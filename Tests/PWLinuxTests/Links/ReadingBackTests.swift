import PWCore
import Testing

@testable import PWLinux

/// Settings that the kernel acknowledges and does not tell of by itself.
@Suite("Reading back what was set") struct ReadingBackTests {
  private static let setUp = "ip link add pw1 type veth peer name farpw1; ip link set farpw1 up"

  @Test(
    "a port that is down is isolated with one request, and again when it is not", .enabled(if: Namespace.isAllowed),
    arguments: [true, false])
  func isolatedWhileDown(isIsolated: Bool) throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(Self.setUp)
      let probe = try KeeperProbe(stateFile: stateFile.path)
      try probe.setBridges(BridgeDeclaration(name: "br-lan"))
      try probe.setPort("pw1", bridge: "br-lan", isUp: false, isIsolated: !isIsolated)
      try probe.setPort("pw1", bridge: "br-lan", isUp: false, isIsolated: isIsolated)
      #expect(probe.link("pw1")?.isUp == false)
      #expect(probe.link("pw1")?.isIsolated == isIsolated)
      #expect(try Namespace.shell("bridge -d link show dev pw1").contains("isolated on") == isIsolated)
      #expect(probe.reports[KeeperProbe.owner("pw1")]?.words == [])
      #expect(probe.keeper.jobs.attempts(at: .session("pw1")) <= 1)
      try probe.setPort("pw1", bridge: "br-lan", isIsolated: isIsolated)
      #expect(probe.link("pw1")?.isUp == true)
      #expect(probe.events.filter { $0.level == .warning }.map(\.message) == [])
      try probe.stop()
    }
  }

  @Test("a bridge that somebody switched off gets its spanning tree all the same", .enabled(if: Namespace.isAllowed))
  func spanningTreeWhileDown() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      let probe = try KeeperProbe(stateFile: stateFile.path)
      try probe.setBridges(BridgeDeclaration(name: "br-lan"))
      try Namespace.shell("ip link set br-lan down")
      try probe.wait("the news") { probe.link("br-lan")?.isUp == false }
      try probe.setBridges(BridgeDeclaration(name: "br-lan", spanningTree: true))
      #expect(probe.link("br-lan")?.spanningTree == true)
      #expect(probe.bridges["br-lan"] == ["the bridge br-lan is down; `ip link set br-lan up`"])
      try probe.stop()
    }
  }

  @Test("nobody is blamed for what is wanted otherwise again and again", .enabled(if: Namespace.isAllowed))
  func changingWishes() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(Self.setUp)
      let probe = try KeeperProbe(stateFile: stateFile.path)
      probe.keeper.jobs.window = .seconds(86_400)
      try probe.setBridges(BridgeDeclaration(name: "br-lan"))
      for turn in 0...JobTable<LinkKeeper.Subject>.limit + 1 {
        try probe.setPort("pw1", bridge: "br-lan", isUp: turn.isMultiple(of: 2))
        #expect(probe.link("pw1")?.isUp == turn.isMultiple(of: 2))
      }
      #expect(probe.reports[KeeperProbe.owner("pw1")]?.words == [])
      try probe.stop()
    }
  }

  @Test("an answer is in the table in its place among the notifications", .enabled(if: Namespace.isAllowed))
  func inquiry() throws {
    try Namespace.run {
      try Namespace.shell(Self.setUp)
      let loop = try EventLoop()
      let monitor = try LinkMonitor(loop: loop)
      let index = try #require(monitor["pw1"]?.index)
      try Namespace.shell("ip link set pw1 alias before")
      monitor.drain()
      #expect(monitor["pw1"]?.alias == nil, "the kernel does not tell: else nobody would have to ask")
      let inquiry = monitor.makeInquiry()
      inquiry.ask(0, name: "pw1")
      try Namespace.shell("ip link set pw1 alias after; ip link set pw1 mtu 1400")
      inquiry.ask(index + 1000, name: "nobody")
      monitor.drain()
      #expect(monitor.takeAnswer(to: inquiry, index, name: "pw1")?.alias == "before")
      #expect(monitor.takeAnswer(to: inquiry, index, name: "pw1") == nil, "it has been taken")
      inquiry.ask(index, name: "pw1")
      monitor.drain()
      #expect(monitor.takeAnswer(to: monitor.makeInquiry(), index, name: "pw1") == nil, "an old one proves nothing")
      #expect(monitor["pw1"]?.alias == "after")
    }
  }

  @Test("a setting that was acknowledged and is not there is named")
  func unmet() {
    var link = LinkInfo(index: 5, name: "pw1")
    link.mtuOctets = 1500
    link.address = [0xFE, 0, 0, 0, 0, 0x0A]
    var settings = LinkSettings()
    settings.isUp = true
    settings.mtuOctets = 1600
    settings.address = [0xFE, 0, 0, 0, 0, 0x0B]
    settings.isIsolated = true
    #expect(
      settings.unmet(by: link) == [
        "is down", "has an MTU of 1500 octets", "has the MAC address fe:00:00:00:00:0a",
      ], "a link that is no port has no port's settings")
    link.isIsolated = false
    #expect(settings.unmet(by: link).last == "is not isolated")
    settings = LinkSettings()
    #expect(settings.unmet(by: link) == [])
    var up = LinkSettings()
    up.mtuOctets = 1501
    var back = LinkSettings()
    back.mtuOctets = 1500
    let steps: [LinkStep] = [.set(5, name: "pw1", up), .delete(6, name: "pw2"), .set(5, name: "pw1", back)]
    #expect(LinkStep.settings(in: steps).map(\.settings) == [back], "the last word counts")
  }
}
