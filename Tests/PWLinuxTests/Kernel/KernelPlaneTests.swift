import CLinux
import Glibc
import PWCore
import Testing

@testable import PWLinux

/// The abilities of the machine's kernel. The tests below are skipped without them: the machine's other kernel, the
/// one in the virtual machine, runs them.
enum Kernel {
  static let hasL2TP = Namespace.isAllowed && KernelDataPlane.isAvailable().isAvailable
}

/// A data plane and what it said.
final class PlaneProbe: DataPlaneDelegate {
  let plane: any DataPlane
  var datagrams: [Datagram] = []
  var lost: [(ControlConnectionID, SessionID?)] = []
  var events: [Event] = []
  var unreached: [Unreachable] = []
  var strays: [StrayPacket] = []

  init(_ plane: any DataPlane) {
    self.plane = plane
    plane.delegate = self
  }

  func dataPlaneReceived(_ datagrams: [Datagram]) { self.datagrams += datagrams }
  func dataPlaneLost(tunnel: ControlConnectionID, session: SessionID?, reason: String) {
    lost.append((tunnel, session))
  }
  func dataPlaneReceivedStray(_ packet: StrayPacket) { strays.append(packet) }
  func dataPlaneDidNotReach(_ socket: SocketID, _ failure: Unreachable) { unreached.append(failure) }
  func dataPlaneNoticed(_ event: Event) { events.append(event) }
}

/// Two ends of a control connection in one namespace, their sockets connected to each other.
struct TwoEnds {
  let loop: EventLoop
  let service: NetlinkService
  let left: PlaneProbe
  let right: PlaneProbe
  let encapsulation: Encapsulation
  let addresses: (IPAddress, IPAddress)
  var endpoints: (Endpoint, Endpoint)

  /// - Parameter make: makes a data plane of another kind than the kernel's.
  init(
    _ encapsulation: Encapsulation, _ family: AddressFamily, make: ((EventLoop) throws -> any DataPlane)? = nil
  ) throws {
    loop = try EventLoop()
    service = try NetlinkService(loop: loop)
    let mark = LinkMark(site: "test", instance: "kernel")
    left = PlaneProbe(try make?(loop) ?? KernelDataPlane(loop: loop, service: service, mark: mark))
    right = PlaneProbe(try make?(loop) ?? KernelDataPlane(loop: loop, service: service, mark: mark))
    self.encapsulation = encapsulation
    switch family {
    case .v4:
      try Namespace.shell("ip address add 10.0.0.1/32 dev lo; ip address add 10.0.0.2/32 dev lo")
      addresses = (.v4(0x0A00_0001), .v4(0x0A00_0002))
    case .v6:
      try Namespace.shell(
        """
        ip address add 2001:db8::1/128 dev lo nodad; ip address add 2001:db8::2/128 dev lo nodad
        # The kernel makes their routes later: until then packets to them are unreachable.
        for turn in $(seq 10000); do
          test $(ip -6 route show table local type local | grep -c 2001:db8::) = 2 && exit 0
        done; exit 1
        """)
      addresses = (
        .v6(high: 0x2001_0db8_0000_0000, low: 1, zone: nil), .v6(high: 0x2001_0db8_0000_0000, low: 2, zone: nil)
      )
    }
    endpoints = (Endpoint(address: addresses.0), Endpoint(address: addresses.1))
  }

  func perform(_ change: PlaneChange, on probe: PlaneProbe) throws -> EffectResult<Nothing> {
    try loop.perform(change, on: probe.plane)
  }

  /// Opens both sockets, connects them, makes both tunnels: identifiers 1 and 2, sockets 1 and 2.
  ///
  /// - Parameter configure: says more of the left one's socket.
  mutating func connect(_ configure: (inout SocketRequest) -> Void = { _ in }) throws {
    endpoints.0 = try open(left, 1, addresses.0, towards: addresses.1, configure)
    endpoints.1 = try open(right, 2, addresses.1, towards: addresses.0)
    try tunnel(left, 1, peer: 2, endpoints.1)
    try tunnel(right, 2, peer: 1, endpoints.0)
  }

  func open(
    _ probe: PlaneProbe, _ id: UInt32, _ local: IPAddress, towards remote: IPAddress,
    _ configure: (inout SocketRequest) -> Void = { _ in }
  ) throws -> Endpoint {
    var request = SocketRequest(
      encapsulation: encapsulation, family: local.family, local: local, localPort: 0, bindDevice: nil,
      connectionID: ControlConnectionID(rawValue: id), remote: Endpoint(address: remote, port: 1701))
    configure(&request)
    let result = try loop.open(SocketID(rawValue: UInt64(id)), request, on: probe.plane)
    guard case .success(let endpoint) = result else { throw ShellFailure(command: "open", output: "\(result)") }
    return endpoint
  }

  func tunnel(_ probe: PlaneProbe, _ id: UInt32, peer: UInt32, _ remote: Endpoint) throws {
    let (local, peer) = (ControlConnectionID(rawValue: id), ControlConnectionID(rawValue: peer))
    let socket = SocketID(rawValue: UInt64(id))
    let connected = try loop.connect(socket, to: remote, peerID: peer, on: probe.plane)
    guard case .success(let path) = connected else {
      throw ShellFailure(command: "connect", output: "\(connected)")
    }
    #expect(path.pathMTUOctets >= 1280)
    let request = TunnelRequest(
      socket: socket, encapsulation: encapsulation, localID: local, peerID: peer, remote: remote)
    #expect(try perform(.createTunnel(request), on: probe) == .done)
  }

  func session(
    _ id: UInt32, in tunnel: UInt32, peer: UInt32, name: String, cookie: Int = 8,
    sublayer: PseudowireDeclaration.Sublayer = .none, isSequenced: Bool = false
  ) -> SessionRequest {
    SessionRequest(
      tunnelID: ControlConnectionID(rawValue: tunnel), localID: SessionID(rawValue: id),
      peerID: SessionID(rawValue: peer), payload: .ethernet, interfaceName: name,
      receiveCookie: Cookie(octets: [UInt8](repeating: UInt8(truncatingIfNeeded: id), count: cookie)),
      transmitCookie: Cookie(octets: [UInt8](repeating: UInt8(truncatingIfNeeded: peer), count: cookie)),
      sublayer: sublayer,
      isSequenced: isSequenced, owner: LinkOwner(tunnel: "t", pseudowire: name))
  }

  func counters(_ probe: PlaneProbe) throws -> DataPlaneCounters {
    try loop.await { probe.plane.readCounters(completion: $0) }
  }

  func end() {
    left.plane.stop()
    right.plane.stop()
    service.stop()
  }
}

@Suite("Kernel data plane", .enabled(if: Kernel.hasL2TP, "this kernel has no L2TP, or we are not root"))
struct KernelPlaneTests {
  struct Variant: CustomTestStringConvertible {
    var encapsulation: Encapsulation
    var family: AddressFamily
    var cookie: Int
    var sublayer: PseudowireDeclaration.Sublayer
    var testDescription: String { "\(encapsulation) \(family) cookie \(cookie) sublayer \(sublayer)" }

    static let all = [Encapsulation.udp, .ip].flatMap { encapsulation in
      [AddressFamily.v4, .v6].flatMap { family in
        [0, 4, 8].flatMap { cookie in
          [PseudowireDeclaration.Sublayer.none, .standard].map { sublayer in
            Variant(encapsulation: encapsulation, family: family, cookie: cookie, sublayer: sublayer)
          }
        }
      }
    }
  }

  @Test("a frame passes, and both ends count it", arguments: Variant.all)
  func passes(_ variant: Variant) throws {
    try Namespace.run {
      var ends = try TwoEnds(variant.encapsulation, variant.family)
      try ends.connect()
      let left = ends.session(11, in: 1, peer: 22, name: "pwl", cookie: variant.cookie, sublayer: variant.sublayer)
      let right = ends.session(22, in: 2, peer: 11, name: "pwr", cookie: variant.cookie, sublayer: variant.sublayer)
      #expect(try ends.perform(.createSession(left), on: ends.left) == .done)
      #expect(try ends.perform(.createSession(right), on: ends.right) == .done)
      let shown = try Namespace.shell("ip l2tp show session")
      #expect(shown.contains("interface name: pwl"))
      #expect(try Namespace.shell("ip -o link show pwl").contains("state DOWN"))
      try Namespace.shell("for l in pwl pwr; do ip link set $l addrgenmode none; ip link set $l up; done")
      let frame = [UInt8](repeating: 0xFF, count: 64)
      let receiver = try PacketSocket(interface: "pwr", listens: true)
      try PacketSocket(interface: "pwl").send(frame)
      // Counted before it is delivered; on a loaded machine that is a while after it was sent.
      #expect(try receiver.receive() == frame)
      let key = SessionKey(tunnel: ControlConnectionID(rawValue: 2), session: SessionID(rawValue: 22))
      let counters = try ends.counters(ends.right)
      #expect(counters.sessions[key]?.receivedPackets == 1)
      #expect(counters.tunnels[key.tunnel]?.receivedPackets == 1)
      #expect(counters.sessions.count == 1, "the other end's are not ours")
      ends.end()
    }
  }

  @Test(
    "control messages pass beside data, also over IP where they leave by a socket of their own",
    arguments: [Encapsulation.udp, .ip])
  func control(_ encapsulation: Encapsulation) throws {
    try Namespace.run {
      var ends = try TwoEnds(encapsulation, .v4)
      try ends.connect()
      // Flags T, L, S, version 3; length 12; the receiver's identifier; Ns and Nr.
      let message: [UInt8] = [0xC8, 0x03, 0, 12, 0, 0, 0, 2, 0, 0, 0, 0]
      ends.left.plane.send(
        Transmission(octets: message, socket: SocketID(rawValue: 1), destination: ends.endpoints.1))
      try ends.loop.wait(for: "the message") { !ends.right.datagrams.isEmpty }
      #expect(ends.right.datagrams.first?.octets == message)
      #expect(ends.right.datagrams.first?.source.address == ends.addresses.0)
      #expect(ends.right.datagrams.first?.socket == SocketID(rawValue: 2))
      ends.end()
    }
  }

  @Test("a listener over IP hears identifier 0 beside tunnels on its address")
  func listener() throws {
    try Namespace.run {
      var ends = try TwoEnds(.ip, .v4)
      let request = SocketRequest(
        encapsulation: .ip, family: .v4, local: nil, localPort: 0, bindDevice: nil, connectionID: .unknown, remote: nil)
      #expect(try ends.perform(.listen(SocketID(rawValue: 9), request), on: ends.right) == .done)
      try ends.connect()
      let message: [UInt8] = [0xC8, 0x03, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0]
      ends.left.plane.send(
        Transmission(octets: message, socket: SocketID(rawValue: 1), destination: ends.endpoints.1))
      try ends.loop.wait(for: "the message") { !ends.right.datagrams.isEmpty }
      #expect(ends.right.datagrams.first?.socket == SocketID(rawValue: 9))
      #expect(ends.right.datagrams.first?.local.address == ends.addresses.1)
      ends.end()
    }
  }

  @Test("a name is free again at once, though the kernel takes its time to delete")
  func nameIsPushedAside() throws {
    try Namespace.run {
      var ends = try TwoEnds(.udp, .v4)
      try ends.connect()
      for id in UInt32(100)..<110 {
        let request = ends.session(id, in: 1, peer: id, name: "pw\(id)")
        #expect(try ends.perform(.createSession(request), on: ends.left) == .done)
      }
      let (id, socket) = (ControlConnectionID(rawValue: 1), SocketID(rawValue: 1))
      #expect(try ends.perform(.deleteTunnel(id, socket: socket), on: ends.left) == .done)
      let local = try ends.open(ends.left, 3, ends.addresses.0, towards: ends.addresses.1)
      #expect(local.port != 0)
      try ends.tunnel(ends.left, 3, peer: 2, ends.endpoints.1)
      for id in UInt32(100)..<110 {
        let request = ends.session(id + 1000, in: 3, peer: id, name: "pw\(id)")
        let result = try ends.perform(.createSession(request), on: ends.left)
        #expect(result == .done)
      }
      ends.end()
    }
  }

  @Test("an interface of somebody else is left alone, and the reason names it")
  func foreignName() throws {
    try Namespace.run {
      var ends = try TwoEnds(.udp, .v4)
      try ends.connect()
      try Namespace.shell("ip link add taken type dummy")
      let result = try ends.perform(.createSession(ends.session(11, in: 1, peer: 22, name: "taken")), on: ends.left)
      guard case .failed(let failure) = result else {
        Issue.record("it was made: \(result)")
        return
      }
      #expect(failure.message.contains("an interface named taken"))
      #expect(try Namespace.shell("ip -o link show taken").contains("taken"))
      ends.end()
    }
  }

  @Test("a stop that waits has ended when the interfaces are gone: the kernel removes them after the sockets")
  func stopsCleanly() throws {
    try Namespace.run {
      var ends = try TwoEnds(.udp, .v4)
      try ends.connect()
      let names = (0..<20).map { "pw\($0)" }
      for (number, name) in names.enumerated() {
        let id = UInt32(number) + 11
        #expect(try ends.perform(.createSession(ends.session(id, in: 1, peer: id, name: name)), on: ends.left) == .done)
      }
      let deadline = ends.loop.now + .seconds(60)
      try ends.loop.await { done in ends.left.plane.stop(waitingUntil: deadline) { done(()) } }
      #expect(names.filter { if_nametoindex($0) != 0 } == [])
      ends.end()
    }
  }

  @Test("a session, and a tunnel, that somebody else deletes are reported")
  func losses() throws {
    try Namespace.run {
      var ends = try TwoEnds(.udp, .v4)
      try ends.connect()
      for id in UInt32(11)...12 {
        let request = ends.session(id, in: 1, peer: id, name: "pw\(id)")
        #expect(try ends.perform(.createSession(request), on: ends.left) == .done)
      }
      try Namespace.shell("ip l2tp del session tunnel_id 1 session_id 11")
      try ends.loop.wait(for: "the lost session") { ends.left.lost.count == 1 }
      #expect(ends.left.lost.first?.1 == SessionID(rawValue: 11))
      try Namespace.shell("ip l2tp del tunnel tunnel_id 1")
      // That the interface of its last session is gone may be heard of first.
      try ends.loop.wait(for: "the lost tunnel") { ends.left.lost.contains { $0.1 == nil } }
      #expect(ends.left.lost.dropFirst().allSatisfy { $0.1 == nil || $0.1 == SessionID(rawValue: 12) })
      ends.end()
    }
  }

  @Test("an impossible session is refused before the kernel accepts nonsense")
  func nonsense() throws {
    try Namespace.run {
      var ends = try TwoEnds(.udp, .v4)
      try ends.connect()
      let requests = [
        ends.session(11, in: 1, peer: 0, name: "pw"), ends.session(0, in: 1, peer: 22, name: "pw"),
        ends.session(11, in: 1, peer: 22, name: "pw", isSequenced: true),
        ends.session(11, in: 7, peer: 22, name: "pw"),
      ]
      for request in requests {
        guard case .failed = try ends.perform(.createSession(request), on: ends.left) else {
          Issue.record("accepted \(request)")
          continue
        }
      }
      #expect(try Namespace.shell("ip l2tp show session").isEmpty)
      ends.end()
    }
  }
}
