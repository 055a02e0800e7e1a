import Glibc
import PWCore
import Testing

@testable import PWLinux

@Suite("Interfaces that sockets are bound to", .enabled(if: Namespace.isAllowed, "network namespaces need root"))
struct BoundDevicesTests {
  enum Plane: CaseIterable {
    case null, userspace

    func make(_ loop: EventLoop) throws -> any DataPlane {
      switch self {
      case .null: NullDataPlane(loop: loop)
      case .userspace: try UserspaceDataPlane(loop: loop)
      }
    }
  }

  private static let setUp = """
    ip link add u0 address 06:00:00:00:00:01 type veth peer name far0; ip link set u0 up; ip link set far0 up
    ip address add 192.0.2.1/24 dev u0; ip address add fe80::1/64 dev u0 nodad
    """

  /// A UDP datagram with a control message for port 1701 of 192.0.2.1, in an Ethernet frame for u0.
  private static let frame: [UInt8] = {
    let message: [UInt8] = [0xC8, 0x03, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0]
    let udp: [UInt8] = [0x90, 0x00, 0x06, 0xA5, 0, 20, 0, 0] + message
    var header: [UInt8] = [0x45, 0, 0, 40, 0, 1, 0, 0, 64, 17, 0, 0, 192, 0, 2, 2, 192, 0, 2, 1]
    var sum = stride(from: 0, to: 20, by: 2).reduce(0) { $0 + Int(header[$1]) << 8 + Int(header[$1 + 1]) }
    sum = (sum & 0xFFFF) + sum >> 16
    header[10] = UInt8(truncatingIfNeeded: ~sum >> 8)
    header[11] = UInt8(truncatingIfNeeded: ~sum)
    return [6, 0, 0, 0, 0, 1, 6, 0, 0, 0, 0, 2, 0x08, 0x00] + header + udp
  }()

  private static func tunnel(_ name: String, device: String?, local: String) -> TunnelDeclaration {
    var tunnel = TunnelDeclaration(name: name, peer: .any)
    tunnel.bindDevice = device
    tunnel.local = IPAddress(local)
    return tunnel
  }

  @Test("a listener hears again when its interface is made anew, and it is told meanwhile", arguments: Plane.allCases)
  func madeAnew(_ kind: Plane) throws {
    try Namespace.run {
      try Namespace.shell(Self.setUp)
      let loop = try EventLoop()
      let service = try NetlinkService(loop: loop)
      let probe = PlaneProbe(try kind.make(loop))
      let devices = BoundDevices(service: service, plane: probe.plane)
      var events: [Event] = []
      devices.noticed = { events.append($0) }
      var told: [String?] = []
      devices.changed = { name, problem in
        #expect(name == "u0")
        told.append(problem)
      }
      var site = Site(name: "test", routerID: 1)
      site.tunnels = [Self.tunnel("hub", device: "u0", local: "192.0.2.1")]
      devices.follow(site)
      let request = SocketRequest(
        encapsulation: .udp, family: .v4, local: IPAddress("192.0.2.1"), localPort: 1701, bindDevice: "u0",
        connectionID: .unknown, remote: nil)
      #expect(try loop.perform(.listen(SocketID(rawValue: 1), request), on: probe.plane) == .done)
      try PacketSocket(interface: "far0").send(Self.frame)
      try loop.wait(for: "the first message") { probe.datagrams.count == 1 }
      #expect(devices.problems == [])

      try Namespace.shell("ip link del u0")
      try loop.wait(for: "the complaint") { devices.problems.first?.contains("is gone") == true }
      let complaint = "the interface u0 of tunnel 'hub' is gone: nothing passes until it is there again"
      #expect(devices.problems == [complaint])
      try Namespace.shell(Self.setUp)
      try loop.wait(for: "the new one") { devices.problems.isEmpty }
      let again = "the interface u0 of tunnel 'hub' is there again, and its sockets are bound to the new one"
      // It goes down before it goes, and comes before it is up.
      #expect(events.map(\.message).filter { [complaint, again].contains($0) } == [complaint, again])
      #expect(told.contains("is gone: nothing passes until it is there again"))
      #expect(told.last == .some(nil))
      // On the userspace plane's thread it is bound after this returns: messages come until one is heard.
      let far = try PacketSocket(interface: "far0")
      try loop.wait(for: "a message by the new one") {
        try? far.send(Self.frame)
        return probe.datagrams.count > 1
      }
      probe.plane.stop()
      service.stop()
    }
  }

  @Test("an interface that is absent, down or without a carrier passes nothing, and one with another name does")
  func states() throws {
    try Namespace.run {
      let loop = try EventLoop()
      let service = try NetlinkService(loop: loop)
      let devices = BoundDevices(service: service, plane: NullDataPlane(loop: loop))
      var told: [String?] = []
      devices.changed = { _, problem in told.append(problem.map { String($0.prefix { $0 != ":" }) }) }
      var site = Site(name: "test", routerID: 1)
      site.tunnels = [Self.tunnel("hub", device: "u0", local: "192.0.2.1")]
      let next = { (command: String, expected: String?) in
        let count = told.count
        try Namespace.shell(command)
        try loop.wait(for: command) { told.count > count && told.last == .some(expected) }
      }
      devices.follow(site)
      #expect(told == ["is not there (yet)"])
      devices.follow(site)
      #expect(told.count == 1, "it is told once")
      try next("ip link add u0 type veth peer name far0", "is down")
      try next("ip link set u0 up", "has no carrier")
      try next("ip link set far0 up", nil)
      #expect(devices.problems == [])
      try next("ip link set far0 down", "has no carrier")
      try next("ip link set far0 up", nil)
      try Namespace.shell("ip link set u0 down")
      try loop.wait(for: "the interface is down") { told.last == .some("is down") }
      let count = told.count
      try Namespace.shell("ip link set u0 name u9")
      try next("ip link set u9 up", nil)
      #expect(told.count == count + 1, "its sockets are bound to it whatever its name")
      try next("ip link del u9", "is gone")
      site.tunnels[0].bindDevice = nil
      devices.follow(site)
      #expect(told.last == .some(nil) && devices.problems == [])
      service.stop()
    }
  }

  @Test("a tunnel that has lost an address is told, and a change of VRF is one")
  func addresses() throws {
    try Namespace.run {
      try Namespace.shell(Self.setUp)
      let loop = try EventLoop()
      let service = try NetlinkService(loop: loop)
      let devices = BoundDevices(service: service, plane: NullDataPlane(loop: loop))
      var changes = 0
      devices.addressesChanged = { changes += 1 }
      try Namespace.shell("ip address delete 192.0.2.1/24 dev u0")
      try loop.wait(for: "the address") { changes == 1 }
      // The monitor knows a master, of whatever kind.
      try Namespace.shell("ip link add br0 type bridge; ip link set u0 master br0")
      try loop.wait(for: "the master") { changes > 1 }
      service.stop()
    }
  }

  @Test("an address of one link alone binds to that link, too")
  func zones() {
    #expect(BoundDevice.name(bindDevice: nil, local: IPAddress("fe80::1%u0")) == "u0")
    #expect(BoundDevice.name(bindDevice: "u1", local: IPAddress("192.0.2.1")) == "u1")
    #expect(BoundDevice.name(bindDevice: nil, local: IPAddress("2001:db8::1")) == nil)
    #expect(BoundDevice.name(bindDevice: nil, local: nil) == nil)
  }
}
