import CLinux
import Glibc
import PWCore
import Testing

@testable import PWLinux

@Suite("Control sockets", .enabled(if: Namespace.isAllowed, "network namespaces need root")) struct ControlSocketTests {
  private static func request(
    _ family: AddressFamily, local: IPAddress? = nil, port: UInt16 = 0, remote: Endpoint? = nil, device: String? = nil
  ) -> SocketRequest {
    SocketRequest(
      encapsulation: .udp, family: family, local: local, localPort: port, bindDevice: device,
      connectionID: .unknown, remote: remote)
  }

  private static let message: [UInt8] = [0xC8, 0x03, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0]

  @Test("a listener on every address knows which one it was asked at, and a connected socket shares its port")
  func listener() throws {
    try Namespace.run {
      let loop = try EventLoop()
      let probe = PlaneProbe(NullDataPlane(loop: loop))
      try Namespace.shell("ip address add 10.0.0.1/32 dev lo; ip address add 10.0.0.2/32 dev lo")
      let (caller, listener, answer) = (SocketID(rawValue: 1), SocketID(rawValue: 2), SocketID(rawValue: 3))
      let plane = probe.plane
      #expect(try loop.perform(.listen(listener, Self.request(.v4, port: 1701)), on: plane) == .done)
      let target = Endpoint(address: .v4(0x0A00_0002), port: 1701)
      let opened = try loop.open(caller, Self.request(.v4, remote: target), on: plane)
      guard case .success(let source) = opened else {
        Issue.record("not opened: \(opened)")
        return
      }
      probe.plane.send(Transmission(octets: Self.message, socket: caller, destination: target))
      try loop.wait(for: "the request") { probe.datagrams.count == 1 }
      #expect(probe.datagrams.first?.local == target)
      #expect(probe.datagrams.first?.source.port == source.port)
      #expect(probe.datagrams.first?.socket == listener)
      probe.plane.send(Transmission(octets: [0, 3, 0, 0, 0, 0, 0, 7, 1], socket: caller, destination: target))
      try loop.wait(for: "the data packet") { !probe.strays.isEmpty }
      let stray = StrayPacket(session: SessionID(rawValue: 7), source: source, local: target)
      #expect(probe.strays.map(\.session) == [stray.session] && probe.strays.map(\.local) == [target])
      #expect(probe.strays.first?.source.port == source.port && probe.strays.first?.following == [1])

      let request = Self.request(.v4, local: target.address, port: 1701, remote: probe.datagrams.first?.source)
      #expect(try loop.open(answer, request, on: plane) == .success(target))
      let peer = try #require(probe.datagrams.first?.source)
      let connected = try loop.connect(answer, to: peer, on: plane)
      guard case .success(let path) = connected else {
        Issue.record("not connected: \(connected)")
        return
      }
      #expect(path.local == target)
      #expect(path.pathMTUOctets > 1500, "loopback")
      probe.plane.send(Transmission(octets: Self.message, socket: answer, destination: peer))
      probe.plane.send(Transmission(octets: Self.message, socket: caller, destination: target))
      try loop.wait(for: "both") { probe.datagrams.count == 3 }
      #expect(Set(probe.datagrams.dropFirst().map(\.socket)) == [caller, answer])
      probe.plane.stop()
    }
  }

  @Test("a socket marks what it sends with the declared code point (RFC 3308)", arguments: [AddressFamily.v4, .v6])
  func marks(family: AddressFamily) throws {
    try Namespace.run {
      var request = Self.request(family, local: .any(family))
      request.dscp = DSCP(name: "ef")
      let socket = try ControlSocket(request, sharesPort: false, routes: RouteInquiry())
      let (level, option) = family == .v4 ? (IPv4.level, IP_TOS) : (IPv6.level, IPV6_TCLASS)
      #expect(SocketOptions.number(socket.descriptor.rawValue, level, option) == 0xB8)
    }
  }

  @Test(
    "a socket sends with the declared TTL or Hop Limit", arguments: [Encapsulation.udp, .ip], [AddressFamily.v4, .v6])
  func hopLimit(encapsulation: Encapsulation, family: AddressFamily) throws {
    try Namespace.run {
      let descriptor =
        encapsulation == .udp
        ? try ControlSocket.open(.udp, family)
        : try Descriptor.checked(
          socket(family.systemValue, Int32(SOCK_RAW.rawValue), l2tpProtocol), "open a raw socket")
      try SocketOptions.prepare(
        descriptor.rawValue, encapsulation, family, device: nil, outer: OuterHeader(hopLimit: 7))
      let (level, option) = family == .v4 ? (IPv4.level, IP_TTL) : (IPv6.level, IPV6_UNICAST_HOPS)
      #expect(SocketOptions.number(descriptor.rawValue, level, option) == 7)
    }
  }

  @Test("control messages over UDP have a checksum (RFC 3931 section 4.1.2.3)", arguments: [AddressFamily.v4, .v6])
  func checksums(family: AddressFamily) throws {
    try Namespace.run {
      let request = Self.request(family, local: .any(family))
      let socket = try ControlSocket(request, sharesPort: false, routes: RouteInquiry())
      // SO_NO_CHECK of IPv4, and of IPv6 UDP_NO_CHECK6_TX (linux/udp.h).
      let (level, option) = family == .v4 ? (SOL_SOCKET, SO_NO_CHECK) : (SOL_UDP, 101)
      withExtendedLifetime(socket) {
        #expect(SocketOptions.number(socket.descriptor.rawValue, level, option) == 0)
      }
    }
  }

  @Test("a port of somebody else is refused, with the cure")
  func taken() throws {
    try Namespace.run {
      let loop = try EventLoop()
      let (mine, theirs) = (NullDataPlane(loop: loop), NullDataPlane(loop: loop))
      let listen = PlaneChange.listen(SocketID(rawValue: 1), Self.request(.v4, port: 1701))
      #expect(try loop.perform(listen, on: theirs) == .done)
      let result = try loop.perform(listen, on: mine)
      guard case .failed(let failure) = result else {
        Issue.record("shared with a stranger: \(result)")
        return
      }
      #expect(failure.message.contains("another program uses UDP port 1701"))
      #expect(failure.isTemporary)
      #expect(failure.message.contains("give another `local` or `listen-port`"))
      // That is the cure.
      let elsewhere = PlaneChange.listen(SocketID(rawValue: 2), Self.request(.v4, port: 1702))
      #expect(try loop.perform(elsewhere, on: mine) == .done)
    }
  }

  @Test("IPv6, scoped to a link, beside IPv4 on the same port")
  func version6() throws {
    try Namespace.run {
      try Namespace.shell("ip link add va type veth peer name vb; ip link set va up; ip link set vb up")
      try Namespace.shell(
        "ip address add fe80::1/64 dev va nodad; ip address add fe80::2/64 dev vb nodad")
      let loop = try EventLoop()
      let probe = PlaneProbe(NullDataPlane(loop: loop))
      let plane = probe.plane
      #expect(try loop.perform(.listen(SocketID(rawValue: 1), Self.request(.v4, port: 1701)), on: plane) == .done)
      #expect(try loop.perform(.listen(SocketID(rawValue: 2), Self.request(.v6, port: 1701)), on: plane) == .done)
      let target = Endpoint(address: .v6(high: 0xfe80 << 48, low: 2, zone: "va"), port: 1701)
      let opened = try loop.open(SocketID(rawValue: 3), Self.request(.v6, remote: target), on: plane)
      guard case .success(let local) = opened else {
        Issue.record("not opened: \(opened)")
        return
      }
      #expect(local.address.family == .v6)
      probe.plane.send(Transmission(octets: Self.message, socket: SocketID(rawValue: 3), destination: target))
      try loop.wait(for: "the request") { !probe.datagrams.isEmpty }
      #expect(probe.datagrams.first?.socket == SocketID(rawValue: 2))
      #expect(probe.datagrams.first?.local.address == .v6(high: 0xfe80 << 48, low: 2, zone: "vb"))
    }
  }

  @Test("a failure to bind names the missing part")
  func missing() throws {
    try Namespace.run {
      let loop = try EventLoop()
      let plane = NullDataPlane(loop: loop)
      let cases: [(SocketRequest, String)] = [
        (Self.request(.v4, local: .v4(0xC000_0207)), "no interface has this address"),
        (Self.request(.v4, device: "nosuch"), "nosuch is not there"),
        (
          Self.request(.v4, remote: Endpoint(address: .v4(0xC000_0207))),
          "there is no route to 192.0.2.7 (yet): see `ip route`"
        ),
      ]
      for (number, (request, words)) in cases.enumerated() {
        let result = try loop.open(SocketID(rawValue: UInt64(number)), request, on: plane)
        guard case .failed(let failure) = result else {
          Issue.record("opened \(request)")
          continue
        }
        #expect(failure.message.contains(words), "\(failure.message)")
      }
    }
  }

  @Test("a refused message is told of, and data of unknown sessions is nobody's")
  func errors() throws {
    try Namespace.run {
      let loop = try EventLoop()
      let probe = PlaneProbe(NullDataPlane(loop: loop))
      let plane = probe.plane
      let nobody = Endpoint(address: .v4(0x7F00_0001), port: 9)
      let socket = SocketID(rawValue: 1)
      _ = try loop.open(socket, Self.request(.v4, remote: nobody), on: plane)
      _ = try loop.connect(socket, to: nobody, on: plane)
      probe.plane.send(Transmission(octets: Self.message, socket: socket, destination: nobody))
      try loop.wait(for: "the report") { probe.unreached.count == 1 }
      #expect(probe.unreached.first?.reason.hasPrefix("nothing listens on UDP port 9 there") == true)
      #expect(probe.unreached.first?.isFinal == true && probe.events.isEmpty)

      let listener = SocketID(rawValue: 2)
      let request = Self.request(.v4, local: .v4(0x7F00_0001), port: 1701)
      #expect(try loop.perform(.listen(listener, request), on: plane) == .done)
      let target = Endpoint(address: .v4(0x7F00_0001), port: 1701)
      let sender = SocketID(rawValue: 3)
      _ = try loop.open(sender, Self.request(.v4, remote: target), on: plane)
      probe.plane.send(Transmission(octets: [0x00, 0x03, 0, 0, 1, 2, 3, 4], socket: sender, destination: target))
      probe.plane.send(Transmission(octets: Self.message, socket: sender, destination: target))
      try loop.wait(for: "the message") { !probe.datagrams.isEmpty }
      #expect(probe.datagrams.map(\.octets) == [Self.message])
    }
  }

  @Test(
    "a packet in pieces that cannot be sent is told of each time, its reason once, and does not count as sent",
    arguments: [DataPlaneKind.null, .userspace])
  func unsentPieces(kind: DataPlaneKind) throws {
    try Namespace.run {
      let loop = try EventLoop()
      let probe = PlaneProbe(
        kind == .userspace ? try UserspaceDataPlane(loop: loop) : NullDataPlane(loop: loop))
      let (socket, target) = (SocketID(rawValue: 1), Endpoint(address: .v4(0x7F00_0001), port: 1701))
      _ = try loop.open(socket, Self.request(.v4, remote: target), on: probe.plane)
      _ = try loop.connect(socket, to: target, on: probe.plane)
      // No route leads there.
      let nowhere = Endpoint(address: .v4(0xC000_0201), port: 1701)
      for _ in 0..<2 {
        probe.plane.send(Transmission(octets: Self.message, socket: socket, destination: nowhere, isCut: true))
      }
      try loop.wait(for: "both reports") { probe.unreached.count == 2 && !probe.events.isEmpty }
      #expect(probe.unreached == [.inPieces, .inPieces] && probe.events.count == 1)
      #expect(probe.events[0].message.hasPrefix("whether fragments get to 192.0.2.1:1701 is not known"))
      #expect(probe.plane.sentMessages.counts.isEmpty)
      probe.plane.stop()
    }
  }

  @Test(
    "a message that an interface drops has passed its captures, counts as sent, is told, and says nothing of the peer",
    arguments: [DataPlaneKind.null, .userspace])
  func dropped(kind: DataPlaneKind) throws {
    try Namespace.run {
      let loop = try EventLoop()
      let probe = PlaneProbe(
        kind == .userspace ? try UserspaceDataPlane(loop: loop) : NullDataPlane(loop: loop))
      let (socket, target) = (SocketID(rawValue: 1), Endpoint(address: .v4(0x7F00_0001), port: 1701))
      _ = try loop.open(socket, Self.request(.v4, remote: target), on: probe.plane)
      _ = try loop.connect(socket, to: target, on: probe.plane)
      // A queue without room: the kernel answers as it does where a cable was pulled a moment ago.
      try Namespace.shell("tc qdisc replace dev lo root pfifo limit 0")
      for _ in 0..<2 {
        probe.plane.send(Transmission(octets: Self.message, socket: socket, destination: target))
      }
      try loop.wait(for: "both to fail, and a word of it") {
        probe.plane.sentMessages.counts == ["ZLB": 2] && !probe.events.isEmpty
      }
      #expect(
        probe.events.map(\.message) == [
          "cannot send control messages to 127.0.0.1:1701: this machine's own interface dropped it: its queue is full, "
            + "or its cable was pulled; trying again"
        ])
      #expect(probe.unreached.isEmpty, "a queue that is full for a moment is not a peer that is out of reach")
      probe.plane.stop()
    }
  }
}
