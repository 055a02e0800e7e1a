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

  @Test("an address is told as it is, with the other end's")
  func addresses() throws {
    try Namespace.run {
      try Namespace.shell(
        "ip link add br0 type bridge; ip address add 10.9.0.1 peer 10.9.0.2 dev br0; ip address add 10.8.0.1/24 dev br0;"
          + "ip address add fe80::1 peer fe80::2 dev br0 nodad")
      let monitor = try LinkMonitor(loop: try EventLoop())
      let index = try #require(monitor["br0"]?.index)
      #expect(
        monitor.addresses(of: index).map(\.words).sorted() == [
          "10.8.0.1", "10.9.0.1 peer 10.9.0.2", "fe80::1 peer fe80::2",
        ])
      #expect(monitor.addresses(of: index).filter(\.isLinkLocal).map(\.words) == ["fe80::1 peer fe80::2"])
    }
  }

  @Test("while it is paused it knows what it was asked to take in, and afterwards everything")
  func pauses() throws {
    try Namespace.run {
      let loop = try EventLoop()
      let monitor = try LinkMonitor(loop: loop)
      var changes = 0
      monitor.observe { _ in changes += 1 }
      monitor.pause()
      try Namespace.shell("ip link add veth0 type veth peer name veth1")
      let turns = loop.makeTimer { loop.stop() }
      loop.setTimer(turns, after: .milliseconds(1))
      try loop.run()
      #expect(changes == 0)
      monitor.drain()
      #expect(monitor["veth0"] != nil && monitor["veth1"] != nil)
      try Namespace.shell("ip link set veth0 up")
      monitor.resume()
      try loop.wait(for: "the change") { monitor["veth0"]?.isUp == true }
    }
  }

  @Test("an observer that asks for what is new gets no change twice or out of order")
  func observersAsk() throws {
    try Namespace.run {
      let loop = try EventLoop()
      let monitor = try LinkMonitor(loop: loop)
      var names: [String] = []
      monitor.observe { change in
        if case .changed(nil, let new) = change { names.append(new.name) }
        monitor.drain()
      }
      // More than one read brings.
      let wanted = (1...50).map { "bridge\($0)" }
      try Namespace.shell(wanted.map { "ip link add \($0) type bridge" }.joined(separator: "; "))
      monitor.drain()
      #expect(names == wanted)
    }
  }

  @Test("a change that the kernel had no room to tell is found in its table")
  func overflows() throws {
    try Namespace.run {
      try Namespace.shell("ip link add veth0 type veth peer name veth1")
      let loop = try EventLoop()
      let monitor = try LinkMonitor(loop: loop, receiveBufferOctets: 4096)
      try Namespace.shell(
        (1...20).map { "ip link set veth0 mtu \(1300 + $0)" }.joined(separator: "; ")
          + "; ip link add last0 type bridge; ip link del veth1")
      try loop.wait(for: "the last change") { monitor["last0"] != nil }
      #expect(monitor["veth0"] == nil && monitor["veth1"] == nil)
    }
  }
}
