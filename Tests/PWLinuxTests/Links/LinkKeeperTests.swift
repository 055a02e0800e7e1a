import Glibc
import PWCore
import Testing

@testable import PWLinux

/// The sessions' interfaces are played by one end of a veth pair: the keeper does not care whose they are.
@Suite("Keeper of links", .enabled(if: Namespace.isAllowed, "network namespaces need root")) struct LinkKeeperTests {
  /// Two stations' cables and two sessions' interfaces.
  private static let setUp = """
    for n in 1 2; do
      ip link add eth$n address 06:00:00:00:00:0$n type veth peer name fareth$n; ip link set fareth$n up
      ip link add pw$n type veth peer name farpw$n; ip link set farpw$n up
    done
    """

  @Test("a bridge is made, members and pseudowires join when they appear, and nothing is left")
  func createdBridge() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      let before = try Namespace.shell("ip -o link")
      let probe = try KeeperProbe(stateFile: stateFile.path)
      try probe.setBridges(BridgeDeclaration(name: "br-lan", members: ["eth1"]))
      #expect(probe.bridges["br-lan"] == ["the member eth1 is not there (yet)"])
      #expect(probe.links["eth1"] == LinkState(name: "eth1", isUp: false, mtuOctets: nil))
      try probe.setPort("pw1", bridge: "br-lan", isIsolated: true)
      #expect(probe.reports[KeeperProbe.owner("pw1")]?.words == ["the interface pw1 is not there (yet)"])

      try Namespace.shell(Self.setUp + "; ip link set eth1 mtu 1600")
      try probe.wait("the LAN") { probe.links["eth1"]?.isUp == true && probe.link("pw1")?.isUp == true }
      let bridge = try #require(probe.link("br-lan"))
      try probe.wait("the MTU") { probe.link("pw1")?.mtuOctets == 1600 }
      let port = try #require(probe.link("pw1"))
      #expect(bridge.isUp)
      #expect(bridge.alias == "pwmgr site=test instance=one bridge")
      #expect(bridge.spanningTree == false)
      #expect(bridge.generatesAddresses != true)
      #expect(port.master == bridge.index)
      #expect(port.alias == "pwmgr site=test instance=one owner=t/pw1")
      #expect(port.isIsolated == true)
      #expect(port.generatesAddresses != true)
      #expect(port.address.first == 0xFE)
      #expect(probe.link("eth1")?.master == bridge.index)
      #expect(probe.bridges["br-lan"] == [])
      #expect(try !Namespace.shell("ip -6 address show dev pw1").contains("inet6"), "no IPv6 on a port")
      #expect(try !Namespace.shell("ip -6 address show dev br-lan").contains("inet6"), "no IPv6 on the bridge")
      try probe.wait("the report") {
        probe.reports[KeeperProbe.owner("pw1")]?.words == []
          && probe.reports[KeeperProbe.owner("pw1")]?.mtuOctets == 1600
      }
      try probe.stop()
      #expect(access(stateFile.path, F_OK) != 0)
      try Namespace.shell(
        "for n in 1 2; do ip link show eth$n | grep -q 'state DOWN'; ip link del eth$n; ip link del pw$n; done")
      #expect(try Namespace.shell("ip -o link") == before)
    }
  }

  @Test(
    "a bridge that was found keeps its MAC address, MTU and ports through start, stop and crash",
    arguments: [false, true], [false, true])
  func adoptedBridge(crashes: Bool, isEmpty: Bool) throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(Self.setUp)
      try Namespace.shell("ip link add br0 type bridge; ip link set br0 up")
      if isEmpty {
        try Namespace.shell("ip link set br0 address 06:00:00:00:00:77; ip link set br0 mtu 1500")
      } else {
        try Namespace.shell("ip link set eth2 master br0; ip link set eth2 up")
      }
      let before = try Namespace.shell("ip -o link; bridge link")
      let bridge = try #require(KeeperProbe(stateFile: stateFile.path).link("br0"))
      try stateFile.awaitUnlocked()
      do {
        let probe = try KeeperProbe(stateFile: stateFile.path)
        try probe.setBridges(BridgeDeclaration(name: "br0", members: ["eth1", "eth2"], spanningTree: nil))
        try probe.setPort("pw1", bridge: "br0", mtu: .octets(1400))
        try probe.wait("the ports") { probe.link("pw1")?.isUp == true && probe.link("eth1")?.master == bridge.index }
        let now = try #require(probe.link("br0"))
        #expect(now.address == bridge.address)
        #expect(now.mtuOctets == bridge.mtuOctets)
        #expect(now.alias == nil)
        try probe.wait("the warning") { probe.reports[KeeperProbe.owner("pw1")]?.warnings.isEmpty == false }
        let warnings = probe.reports[KeeperProbe.owner("pw1")]?.warnings ?? []
        #expect(warnings.contains { $0.words.hasPrefix("eth1 has an MTU of 1500 octets, the pseudowire 1400") })
        if crashes {
          probe.service.stop()
        } else {
          try probe.stop()
        }
      }
      try stateFile.awaitUnlocked()
      if crashes {
        let next = try KeeperProbe(stateFile: stateFile.path)
        try next.stop()
      }
      try stateFile.awaitUnlocked()
      #expect(try #require(KeeperProbe(stateFile: stateFile.path).link("br0")).address == bridge.address)
      // The pseudowire's own interface is its data plane's to remove.
      try Namespace.shell("ip link del pw1")
      let after = try Namespace.shell("ip -o link; bridge link")
      let expected = before.split(separator: "\n").filter { !$0.contains("pw1") }
      #expect(Self.withoutState(after.split(separator: "\n")) == Self.withoutState(expected))
    }
  }

  /// The attributes that must not change: name, MTU, bridge, MAC address. (Carrier and state follow the ports later.)
  private static func withoutState(_ lines: [Substring]) -> [String] {
    lines.map { line in
      let words = line.split(whereSeparator: { $0 == " " || $0 == "\\" })
      let telling = ["mtu", "master", "link/ether"]
      let facts = words.indices.dropLast().filter { telling.contains(String(words[$0])) }.map { words[$0 + 1] }
      return ([words[1]] + facts).joined(separator: " ")
    }
  }

  @Test("a created bridge of a run that was killed is removed by the next one, another instance's is left")
  func crashedBridge() throws {
    try Namespace.run {
      let (stateFile, other) = (TemporaryPath(), TemporaryPath())
      let stranger = try KeeperProbe(stateFile: other.path, mark: LinkMark(site: "test", instance: "two"))
      try stranger.setBridges(BridgeDeclaration(name: "br2"))
      do {
        let probe = try KeeperProbe(stateFile: stateFile.path)
        try probe.setBridges(BridgeDeclaration(name: "br1"))
        probe.service.stop()
      }
      try stateFile.awaitUnlocked()
      let next = try KeeperProbe(stateFile: stateFile.path)
      #expect(next.link("br1") == nil)
      #expect(next.link("br2") != nil)
      try next.stop()
      try stranger.stop()
      #expect(stranger.link("br2") == nil)
    }
  }

  @Test("two of one instance do not run at once")
  func lock() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      let first = try KeeperProbe(stateFile: stateFile.path)
      #expect {
        _ = try KeeperProbe(stateFile: stateFile.path)
      } throws: { error in
        (error as? EffectFailure)?.message.contains("another pwmgr of this site and instance is running") == true
      }
      withExtendedLifetime(first) {}
    }
  }

  @Test("members that cannot be are refused with the reason, and taken once it is gone")
  func refusals() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(Self.setUp)
      try Namespace.shell(
        """
        ip link set eth1 up; ip address add 192.0.2.1/24 dev eth1
        ip link add other type bridge; ip link set eth2 master other
        ip link set farpw2 up; ip route add 203.0.113.7/32 dev farpw2
        """)
      let probe = try KeeperProbe(stateFile: stateFile.path)
      probe.keeper.setPeers([.v4(0xCB00_7107), .v4(0xCB00_7109)])
      try probe.setBridges(
        BridgeDeclaration(name: "br-lan", members: ["eth1", "eth2", "farpw2", "lo", "other"]))
      let expected = [
        "eth1 has IP addresses", "eth2 belongs to other already", "farpw2 leads to the peer 203.0.113.7",
        "lo is the loopback", "other is a bridge itself",
      ]
      try probe.wait("the reasons") { probe.bridges["br-lan"]?.count == expected.count }
      for (problem, words) in zip(probe.bridges["br-lan"] ?? [], expected) {
        #expect(problem.hasPrefix(words), "\(problem)")
      }
      let other = try #require(probe.link("other"))
      #expect(probe.link("eth2")?.master == other.index)
      try Namespace.shell("ip address flush dev eth1; ip link set eth2 nomaster")
      let bridge = try #require(probe.link("br-lan"))
      try probe.wait("both") {
        probe.link("eth1")?.master == bridge.index && probe.link("eth2")?.master == bridge.index
      }
      try probe.wait("the rest") { probe.bridges["br-lan"]?.count == 3 }
      try probe.stop()
      #expect(probe.link("eth1")?.master == 0)
      #expect(probe.link("eth1")?.isUp == true, "it was up before")
      #expect(probe.link("eth2")?.isUp == false, "it was down before")
    }
  }

  @Test("a peer at a link-local address is reached by the link of its zone, and no other is taken for the way to it")
  func linkLocalPeer() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(
        """
        ip link add uplink type veth peer name far1; ip link add eth1 type veth peer name far2
        for link in uplink far1 eth1 far2; do ip link set $link up; done
        """)
      let probe = try KeeperProbe(stateFile: stateFile.path)
      probe.keeper.setPeers([try #require(IPAddress("fe80::2%uplink")), try #require(IPAddress("fe80::3%absent"))])
      try probe.setBridges(BridgeDeclaration(name: "br-lan", members: ["eth1", "uplink"]))
      try probe.wait("the reason") { probe.bridges["br-lan"]?.count == 1 }
      #expect(probe.bridges["br-lan"]?.first?.hasPrefix("uplink leads to the peer fe80::2%uplink") == true)
      let bridge = try #require(probe.link("br-lan"))
      try probe.wait("the member") { probe.link("eth1")?.master == bridge.index }
      #expect(probe.links["eth1"]?.isUp == true)
      #expect(probe.links["uplink"]?.isUp == false, "what is refused carries nothing of the LAN")
      try probe.stop()
    }
  }

  @Test("a change that somebody else undoes is made again, up to a limit")
  func undone() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(Self.setUp)
      let probe = try KeeperProbe(stateFile: stateFile.path)
      try probe.setBridges(BridgeDeclaration(name: "br-lan", members: ["eth1"]))
      try probe.setPort("pw1", bridge: "br-lan")
      let joined = { probe.link("pw1")?.master == probe.link("br-lan")?.index && probe.link("pw1")?.isUp == true }
      try probe.wait("the port") { joined() }
      try Namespace.shell("ip link set pw1 nomaster; ip link set eth1 nomaster")
      try probe.wait("the ports again") { joined() && probe.link("eth1")?.master == probe.link("br-lan")?.index }
      try Namespace.shell("ip link del br-lan")
      try probe.wait("the bridge again") {
        joined() && probe.link("br-lan") != nil && probe.link("eth1")?.master == probe.link("br-lan")?.index
      }
      // However slow the machine is, its commands come fast enough.
      probe.keeper.jobs.window = .seconds(86_400)
      let problem = { probe.reports[KeeperProbe.owner("pw1")]?.words.first }
      for _ in 0...JobTable<LinkKeeper.Subject>.limit where problem() == nil {
        try Namespace.shell("ip link set pw1 nomaster")
        try probe.wait("an answer") { joined() || problem() != nil }
      }
      #expect(problem()?.hasPrefix("another program keeps changing pw1") == true)
      try probe.stop()
    }
  }

  @Test("MTU: the largest of the LAN is carried, a change follows, and a port that exceeds a smaller one is named")
  func mtu() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(Self.setUp + "; ip link set eth1 mtu 1400; ip link set eth2 mtu 9000")
      let probe = try KeeperProbe(stateFile: stateFile.path)
      try probe.setBridges(BridgeDeclaration(name: "br-lan", members: ["eth1", "eth2"]))
      try probe.setPort("pw1", bridge: "br-lan")
      try probe.setPort("pw2", bridge: "br-lan", mtu: .octets(1446))
      try probe.wait("the MTU") { probe.link("pw1")?.mtuOctets == 9000 && probe.link("pw2")?.mtuOctets == 1446 }
      try probe.wait("the warning") { probe.reports[KeeperProbe.owner("pw2")]?.warnings.count == 1 }
      let warning = probe.reports[KeeperProbe.owner("pw2")]?.warnings.first
      #expect(warning?.words.hasPrefix("eth2 has an MTU of 9000") == true)
      #expect(probe.reports[KeeperProbe.owner("pw1")]?.warnings == [])
      try Namespace.shell("ip link set eth2 mtu 1500")
      try probe.wait("the new MTU") { probe.link("pw1")?.mtuOctets == 1500 }
      try Namespace.shell("ip link del eth2")
      try probe.wait("the smaller MTU") { probe.link("pw1")?.mtuOctets == 1400 }
      try probe.wait("no warning") { probe.reports[KeeperProbe.owner("pw2")]?.warnings == [] }
      try probe.stop()
    }
  }

  @Test("a closed session's interface goes down, a changed one moves to its new bridge")
  func changes() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(Self.setUp)
      let probe = try KeeperProbe(stateFile: stateFile.path)
      try probe.setBridges(BridgeDeclaration(name: "br1"), BridgeDeclaration(name: "br2", spanningTree: true))
      #expect(probe.link("br2")?.spanningTree == true)
      try probe.setPort("pw1", bridge: "br1", isUp: false)
      #expect(probe.link("pw1")?.isUp == false)
      #expect(probe.link("pw1")?.master == probe.link("br1")?.index)
      try probe.setPort("pw1", bridge: "br1", isIsolated: true)
      #expect(probe.link("pw1")?.isUp == true)
      #expect(probe.link("pw1")?.isIsolated == true)
      try probe.setPort("pw1", bridge: "br2")
      #expect(probe.link("pw1")?.master == probe.link("br2")?.index)
      #expect(probe.link("pw1")?.isIsolated == false)
      try probe.perform(.setLinks(KeeperProbe.owner("pw1"), []))
      #expect(probe.link("pw1")?.isUp == false)
      try probe.setBridges(BridgeDeclaration(name: "br2"))
      try probe.wait("the removal") { probe.link("br1") == nil }
      #expect(probe.link("br2")?.spanningTree == false)
      try probe.stop()
      #expect(probe.link("br2") == nil)
    }
  }

  @Test("a bridge's name that is taken by something else is told")
  func wrongKind() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(Self.setUp)
      let probe = try KeeperProbe(stateFile: stateFile.path)
      try probe.setBridges(BridgeDeclaration(name: "eth1"))
      #expect(probe.bridges["eth1"]?.first?.hasPrefix("eth1 exists and is not a bridge (veth)") == true)
      try probe.setPort("pw1", bridge: "eth1")
      #expect(probe.link("pw1")?.isUp == false)
      let problem = probe.reports[KeeperProbe.owner("pw1")]?.words.first
      #expect(problem?.hasPrefix("eth1 exists and is not a bridge") == true)
      try probe.stop()
    }
  }

  @Test("a bridge with many ports is removed while the site goes on, and its foreign ports stay as they are")
  func manyPorts() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      let names = (1...(2 * BridgePlan.portsPerJob)).map { "pw\($0)" }
      try Namespace.shell(names.map { "ip link add \($0) type veth peer name far\($0)" }.joined(separator: "; "))
      try Namespace.shell("ip link add other type veth peer name farother")
      let probe = try KeeperProbe(stateFile: stateFile.path)
      try probe.setBridges(BridgeDeclaration(name: "br0"))
      for name in names { try probe.setPort(name, bridge: "br0") }
      try probe.wait("the ports") { names.allSatisfy { probe.link($0)?.isUp == true } }
      try Namespace.shell("ip link set other master br0 up")
      try probe.setBridges()
      try probe.wait("the bridge's end") { probe.link("br0") == nil }
      #expect(names.allSatisfy { probe.link($0)?.master == 0 && probe.link($0)?.isUp == false })
      #expect(probe.link("other")?.isUp == true)
      try probe.stop()
      #expect(access(stateFile.path, F_OK) != 0)
    }
  }

  @Test("a stop that is given up leaves the rest to the next start")
  func givenUp() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(Self.setUp)
      let probe = try KeeperProbe(stateFile: stateFile.path)
      try probe.setBridges(BridgeDeclaration(name: "br0", members: ["eth1", "eth2"]))
      probe.keeper.giveUp()
      try probe.stop()
      #expect(probe.events.contains { $0.message.contains("the next start tries again") })
      #expect(access(stateFile.path, F_OK) == 0)
      #expect(probe.link("br0") != nil)
    }
  }
}
