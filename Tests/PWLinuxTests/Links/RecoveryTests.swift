import Glibc
import PWCore
import Testing

@testable import PWLinux

/// The start undoes the changes that the state file lists, where the marks on the links do not say otherwise.
@Suite("Recovery of links", .enabled(if: Namespace.isAllowed, "network namespaces need root")) struct RecoveryTests {
  /// Writes a state file as a run of the same site would have left it.
  private func write(_ changes: [StateChange], to path: TemporaryPath) throws {
    do {
      let stateFile = try StateFile(path: path.path, mark: KeeperProbe.mark)
      for change in changes { try stateFile.write(change) }
    }
    try path.awaitUnlocked()
  }

  private func link(_ name: String) throws -> LinkInfo {
    let service = try NetlinkService(loop: EventLoop())
    defer { service.stop() }
    return try #require(service.monitor[name])
  }

  @Test("a bridge is not removed because the state file says that we made it, when its alias says that we did not")
  func foreignBridge() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(
        """
        for n in 1 2 3; do ip link add br$n address 06:00:00:00:00:0$n type bridge; done
        ip link set br2 alias 'the office'; ip link add br4 type bridge
        ip link set br4 alias 'pwmgr site=test instance=one bridge'
        """)
      try write(
        [
          .bridge("br1", .init(index: try link("br1").index, isCreated: true, address: [2, 2, 2, 2, 2, 2])),
          .bridge("br2", .init(index: 0, isCreated: true, address: [6, 0, 0, 0, 0, 2])),
          .bridge("br3", .init(index: 0, isCreated: true, address: [6, 0, 0, 0, 0, 3])),
          .bridge("br4", .init(index: try link("br4").index, isCreated: true, address: [2, 2, 2, 2, 2, 2])),
        ], to: stateFile)
      let probe = try KeeperProbe(stateFile: stateFile.path)
      #expect(probe.link("br1") != nil)
      #expect(probe.link("br2") != nil)
      #expect(probe.link("br3") == nil, "it was left between its making and its mark")
      #expect(probe.link("br4") == nil)
      #expect(probe.events.map(\.level) == [.warning, .warning])
      #expect(probe.events.first?.message.contains("bridge br1: ") == true)
      #expect(probe.events.first?.message.contains("it has no alias") == true)
      #expect(probe.events.last?.message.contains("its alias is 'the office'") == true)
      try probe.stop()
      #expect(try Namespace.shell("ip link show br1") != "", "a clean stop does not remove it either")
    }
  }

  @Test("a member is neither taken out of a bridge nor changed when what it should lead to is not ours")
  func foreignTargets() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(
        """
        ip link add br1 type bridge; ip link set br1 up; ip link add br2 type bridge
        for n in 1 2 3; do ip link add eth$n type veth peer name far$n; ip link set eth$n up; done
        ip link set eth1 master br1; ip link set eth2 master br2; ip link set far3 alias 'the office'
        """)
      let far = try link("far3").index
      let place = VLANPlace(port: "eth3", tag: VLANTag(7, .customer))
      try write(
        [
          .member("eth1", MemberRecord(index: try link("eth1").index, bridge: try link("br1").index, wasRaised: true)),
          .member("eth2", MemberRecord(index: try link("eth2").index, bridge: try link("br2").index, wasRaised: true)),
          .bridge("br2", .init(index: try link("br2").index)),
          .member("eth3", MemberRecord(index: try link("eth3").index, wasRaised: true, redirect: far)),
          .vlan(place, VLANRecord(index: try link("eth3").index, session: far, priorities: TagPriorities([:]))),
        ], to: stateFile)
      let probe = try KeeperProbe(stateFile: stateFile.path)
      let eth1 = try #require(probe.link("eth1"))
      #expect(eth1.master == probe.link("br1")?.index && eth1.isUp)
      let eth2 = try #require(probe.link("eth2"))
      #expect(eth2.master == 0 && !eth2.isUp, "a bridge that was only found has no mark: the state file is believed")
      #expect(probe.link("eth3")?.isUp == true)
      #expect(probe.events.count == 3)
      #expect(probe.events.allSatisfy { $0.message.contains("does not agree with the machine's links") })
      try probe.stop()
    }
  }

  @Test("while the state file cannot be written no link is changed, which is told once, and once that it is over")
  func fullFileSystem() throws {
    try Namespace.run {
      let place = try OwnPlace()
      try Namespace.shell("mkdir \(place.inside); mount -t tmpfs -o size=64k,mode=0755 pwmgr-test \(place.inside)")
      defer { _ = try? Namespace.shell("umount -l \(place.inside)") }
      let probe = try KeeperProbe(stateFile: place.inside + "/state")
      _ = try? Namespace.shell("cat /dev/zero >\(place.inside)/filler")
      try probe.setBridges(BridgeDeclaration(name: "br1", members: []), BridgeDeclaration(name: "br2", members: []))
      try probe.setBridges(BridgeDeclaration(name: "br1", members: []), BridgeDeclaration(name: "br3", members: []))
      #expect(probe.link("br1") == nil)
      #expect(probe.bridges["br1"]?.first?.contains("nothing is changed") == true)
      #expect(probe.events.map(\.level) == [.error])
      #expect(probe.events.first?.message.contains("No space left on device") == true)
      try Namespace.shell("rm \(place.inside)/filler")
      try probe.setBridges(BridgeDeclaration(name: "br1", members: []), BridgeDeclaration(name: "br4", members: []))
      try probe.wait("the bridges") { probe.link("br1") != nil && probe.link("br4") != nil }
      #expect(probe.events.map(\.level) == [.error, .notice])
      #expect(probe.events.last?.message.contains("can be written again") == true)
      try probe.stop()
    }
  }
}
