import PWCore
import Testing

@testable import PWLinux

@Suite("Links that another program changes", .enabled(if: Namespace.isAllowed, "network namespaces need root"))
struct PuttingBackTests {
  private static let setUp =
    "ip link add pw1 type veth peer name farpw1; ip link add eth1 type veth peer name fareth1; ip link set eth1 up"

  private func told(_ probe: KeeperProbe) -> [String] {
    probe.events.filter { $0.message.contains("put back") }.map(\.message)
  }

  @Test("they are put back, and that is told once for each change")
  func told() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(Self.setUp)
      let probe = try KeeperProbe(stateFile: stateFile.path)
      try probe.setBridges(BridgeDeclaration(name: "br0", members: ["eth1"]))
      try probe.setPort("pw1", bridge: "br0", mtu: .octets(1400))
      #expect(told(probe) == [])
      for _ in 0..<2 {
        try Namespace.shell("ip link set pw1 mtu 1300")
        try probe.wait("the MTU") { probe.link("pw1")?.mtuOctets == 1400 }
      }
      #expect(
        told(probe) == ["another program has changed pw1, which is put back: it has an MTU of 1300 octets"])
      try Namespace.shell("ip link set pw1 nomaster")
      try probe.wait("the bridge") { probe.link("pw1")?.master == probe.link("br0")?.index }
      #expect(told(probe).last?.hasSuffix("it belongs to no bridge") == true)
      // What we change ourselves is nobody else's doing.
      try probe.setPort("pw1", bridge: "br0", mtu: .octets(1300))
      try probe.setPort("pw1", bridge: "br0", mtu: .octets(1400), isUp: false)
      try probe.setPort("pw1", bridge: "br0", mtu: .octets(1400))
      #expect(told(probe).count == 2)
      try probe.stop()
    }
  }

  @Test("a bridge whose members have gone into another one is removed")
  func renamedBridge() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(Self.setUp)
      let probe = try KeeperProbe(stateFile: stateFile.path)
      try probe.setBridges(BridgeDeclaration(name: "br0", members: ["eth1"]))
      try probe.setPort("pw1", bridge: "br0")
      try probe.setBridges(BridgeDeclaration(name: "br1", members: ["eth1"]))
      try probe.setPort("pw1", bridge: "br1")
      try probe.wait("the new bridge") { probe.link("eth1")?.master == probe.link("br1")?.index }
      try probe.wait("the end of the old one") { probe.link("br0") == nil }
      #expect(told(probe) == [])
      try probe.stop()
    }
  }
}
