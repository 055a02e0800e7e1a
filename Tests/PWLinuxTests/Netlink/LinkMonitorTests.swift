import PWCore
import Testing

@testable import PWLinux

@Suite("Link monitor", .enabled(if: Namespace.isAllowed, "network namespaces need root")) struct LinkMonitorTests {
  @Test("follows links, their bridge, their addresses and their end")
  func follows() throws {
    try Namespace.run {
      try Namespace.shell("ip link add veth0 type veth peer name veth1")
      let loop = try EventLoop()
      let monitor = try LinkMonitor(loop: loop)
      var removed: [String] = []
      var addressed: [String] = []
      monitor.observe { change in
        switch change {
        case .removed(let link): removed.append(link.name)
        case .addressed(let link): addressed.append(link.name)
        case .changed: break
        }
      }
      let veth = try #require(monitor["veth0"])
      #expect(veth.kind == "veth")
      #expect(!veth.isUp)
      #expect(veth.mtuOctets == 1500)
      #expect(veth.address.count == 6)
      #expect(veth.generatesAddresses == true)
      try Namespace.shell(
        """
        ip link add br0 type bridge stp_state 1; ip link set veth0 addrgenmode none alias 'a mark'
        ip link set veth0 master br0; ip link set veth0 up; ip link set veth1 up; bridge link set dev veth0 isolated on
        ip address add 192.0.2.1/24 dev veth1
        """)
      try loop.wait(for: "the bridge port") {
        monitor["veth0"]?.isIsolated == true && monitor["veth0"]?.hasCarrier == true
      }
      let bridge = try #require(monitor["br0"])
      let port = try #require(monitor["veth0"])
      #expect(bridge.kind == "bridge")
      #expect(bridge.spanningTree == true)
      #expect(port.master == bridge.index)
      #expect(port.alias == "a mark")
      #expect(port.generatesAddresses == false)
      #expect(port.isUp)
      let index = try #require(monitor["veth1"]?.index)
      try loop.wait(for: "the address") { addressed == ["veth1"] }
      #expect(monitor.hasAddresses(index))
      try Namespace.shell(
        "ip link set veth0 nomaster; ip link set br0 name br1; ip address flush dev veth1 scope global")
      try loop.wait(for: "the rename") { monitor["br1"] != nil && monitor["br0"] == nil }
      try loop.wait(for: "the address's end") { addressed == ["veth1", "veth1"] }
      #expect(!monitor.hasAddresses(index))
      #expect(monitor["veth0"]?.master == 0)
      #expect(monitor["veth0"] != nil, "leaving a bridge is not the end of a link")
      try Namespace.shell("ip link del veth0")
      try loop.wait(for: "the end") { Set(removed) == ["veth0", "veth1"] }
    }
  }
}
