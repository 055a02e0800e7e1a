import PWCore
import Testing

@testable import PWLinux

@Suite("MAC addresses that stay", .enabled(if: Namespace.isAllowed, "network namespaces need root"))
struct StableAddressTests {
  private static let setUp = "ip link add pw1 type veth peer name farpw1; ip link set farpw1 up"

  @Test("a bridge and a pseudowire's interface have the same after every start, and other sites' have others")
  func starts() throws {
    try Namespace.run {
      let names = ["br-lan", "pw1"]
      func addresses(_ mark: LinkMark) throws -> [[UInt8]] {
        let stateFile = TemporaryPath()
        try Namespace.shell(Self.setUp)
        let probe = try KeeperProbe(stateFile: stateFile.path, mark: mark)
        try probe.setBridges(BridgeDeclaration(name: "br-lan"))
        try probe.setPort("pw1", bridge: "br-lan")
        let addresses = try names.map { try #require(probe.link($0)).address }
        try probe.stop()
        try Namespace.shell("ip link del pw1")
        return addresses
      }
      let first = try addresses(KeeperProbe.mark)
      #expect(first.map(\.first) == [0x02, 0xFE])
      #expect(try addresses(KeeperProbe.mark) == first)
      var (named, numbered) = (KeeperProbe.mark, KeeperProbe.mark)
      named.site = "other"
      numbered.routerID = 7
      for other in [named, numbered] {
        let others = try addresses(other)
        #expect(zip(first, others).allSatisfy { $0 != $1 })
      }
    }
  }

  @Test("an interface that is made anew has the address that it had")
  func remade() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(Self.setUp)
      let probe = try KeeperProbe(stateFile: stateFile.path)
      let request = LinkRequest.session(.init(name: "pw1", mtu: .carry, isUp: true))
      try probe.perform(.setLinks(KeeperProbe.owner("pw1"), [request]))
      let before = try #require(probe.link("pw1"))
      try Namespace.shell("ip link del pw1; " + Self.setUp)
      try probe.wait("the new one") { probe.link("pw1").map { $0.isUp && $0.index != before.index } ?? false }
      #expect(probe.link("pw1")?.address == before.address)
      try probe.stop()
    }
  }

  @Test("a bridge takes the address that the site names, changes with it, and goes back to its own")
  func named() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      let probe = try KeeperProbe(stateFile: stateFile.path)
      var declaration = BridgeDeclaration(name: "br-lan")
      try probe.setBridges(declaration)
      let derived = try #require(probe.link("br-lan")).address
      for text in ["02:00:00:00:00:01", "02:00:00:00:00:02"] {
        declaration.macAddress = MACAddress(text)
        try probe.setBridges(declaration)
        #expect(probe.link("br-lan")?.address == declaration.macAddress?.octets)
      }
      try Namespace.shell("ip link set br-lan address 02:00:00:00:00:03")
      try probe.wait("its own again") { probe.link("br-lan")?.address == declaration.macAddress?.octets }
      declaration.macAddress = nil
      try probe.setBridges(declaration)
      #expect(probe.link("br-lan")?.address == derived)
      try Namespace.shell("ip link set br-lan address 02:00:00:00:00:03")
      declaration.spanningTree = true
      try probe.setBridges(declaration)
      #expect(probe.link("br-lan")?.address == [2, 0, 0, 0, 0, 3], "the operator's, which the site says nothing of")
      try probe.stop()
    }
  }
}
