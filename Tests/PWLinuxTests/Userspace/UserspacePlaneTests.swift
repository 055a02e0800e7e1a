import CLinux
import Glibc
import PWCore
import Testing

@testable import PWLinux

/// Whether TAP devices and namespaces can be made here.
private let canRun = Namespace.isAllowed && UserspaceDataPlane.obstacle() == nil

@Suite("Userspace data plane", .enabled(if: canRun, "needs root and /dev/net/tun")) struct UserspacePlaneTests {
  private static func ends(_ encapsulation: Encapsulation, _ family: AddressFamily = .v4) throws -> TwoEnds {
    try TwoEnds(encapsulation, family) { try UserspaceDataPlane(loop: $0) }
  }

  /// Makes session 11 at the left end and 22 at the right one, both links up.
  private static func join(
    _ ends: TwoEnds, cookie: Int = 8, sublayer: PseudowireDeclaration.Sublayer = .none, isSequenced: Bool = false
  ) throws {
    let left = ends.session(
      11, in: 1, peer: 22, name: "pwl", cookie: cookie, sublayer: sublayer, isSequenced: isSequenced)
    let right = ends.session(
      22, in: 2, peer: 11, name: "pwr", cookie: cookie, sublayer: sublayer, isSequenced: isSequenced)
    #expect(try ends.perform(.createSession(left), on: ends.left) == .done)
    #expect(try ends.perform(.createSession(right), on: ends.right) == .done)
    #expect(try Namespace.shell("ip -o link show pwl").contains("state DOWN"))
    try Namespace.shell("ip link set pwl up; ip link set pwr up")
  }

  private static let leftKey = SessionKey(tunnel: ControlConnectionID(rawValue: 1), session: SessionID(rawValue: 11))
  private static let rightKey = SessionKey(tunnel: ControlConnectionID(rawValue: 2), session: SessionID(rawValue: 22))

  /// The counters of the right end's session, once they are as expected.
  private static func counters(
    _ ends: TwoEnds, until isExpected: (TrafficCounters) -> Bool
  ) throws -> TrafficCounters {
    // Each turn is a round through the data thread: more than any frame takes.
    for _ in 0..<100_000 {
      if let seen = try ends.counters(ends.right).sessions[rightKey], isExpected(seen) { return seen }
    }
    throw ShellFailure(command: "wait for the counters", output: "in vain")
  }

  /// A frame of an experimental EtherType that nobody answers.
  private static func frame(_ number: Int, length: Int = 60) -> [UInt8] {
    [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xB5] + FrameBuilder.payload(length - 14, from: number)
  }

  @Test("frames pass both ways, and both ends count them", arguments: KernelPlaneTests.Variant.all)
  func passes(_ variant: KernelPlaneTests.Variant) throws {
    try Namespace.run {
      var ends = try Self.ends(variant.encapsulation, variant.family)
      try ends.connect()
      try Self.join(
        ends, cookie: variant.cookie, sublayer: variant.sublayer, isSequenced: variant.sublayer == .standard)
      let left = try PacketSocket(interface: "pwl", listens: true)
      let right = try PacketSocket(interface: "pwr", listens: true)
      for number in 0..<3 {
        try PacketSocket(interface: "pwl").send(Self.frame(number, length: 60 + 727 * number))
        #expect(try right.receive() == Self.frame(number, length: 60 + 727 * number))
        try PacketSocket(interface: "pwr").send(Self.frame(number + 10))
        #expect(try left.receive() == Self.frame(number + 10))
      }
      let counters = try ends.counters(ends.left)
      var expected = TrafficCounters()
      expected.transmittedPackets = 3
      expected.transmittedOctets = 60 + 787 + 1514
      expected.receivedPackets = 3
      expected.receivedOctets = 180
      if variant.sublayer == .standard { expected.missingPackets = 0 }
      #expect(counters.sessions == [Self.leftKey: expected])
      #expect(counters.tunnels == [Self.leftKey.tunnel: expected])
      ends.end()
    }
  }

  @Test("without the S bit nobody looks at the number: a sublayer that is all 0 passes again and again")
  func numbersWithoutS() throws {
    try Namespace.run {
      var ends = try Self.ends(.udp)
      try ends.connect()
      try Self.join(ends, sublayer: .standard)
      let receiver = try PacketSocket(interface: "pwr", listens: true)
      for number in 0..<5 {
        try PacketSocket(interface: "pwl").send(Self.frame(number))
        #expect(try receiver.receive() == Self.frame(number))
      }
      ends.end()
    }
  }

  @Test("the first number is 0 (RFC 3931 appendix C)")
  func firstNumber() throws {
    try Namespace.run {
      var ends = try Self.ends(.udp)
      try ends.connect()
      let session = ends.session(11, in: 1, peer: 22, name: "pwl", sublayer: .standard, isSequenced: true)
      #expect(try ends.perform(.createSession(session), on: ends.left) == .done)
      try Namespace.shell("sysctl -q -w net.ipv6.conf.pwl.disable_ipv6=1 || true")
      let wire = try PacketSocket(interface: "lo", listens: true)
      try Namespace.shell("ip link set pwl up")
      for number in 0..<2 {
        try PacketSocket(interface: "pwl").send(Self.frame(number))
        // Ethernet, IPv4 and UDP headers, flags word, Session ID and cookie stand before the sublayer.
        let sublayer = try wire.receive().dropFirst(14 + 20 + 8 + 8 + 8).prefix(4)
        #expect(Array(sublayer) == [0x40, 0, 0, UInt8(number)])
      }
      ends.end()
    }
  }

  @Test("reserved bits of a data message are ignored (RFC 3931 section 4.1.2.1)")
  func reservedBits() throws {
    try Namespace.run {
      var ends = try Self.ends(.udp)
      try ends.connect()
      try Self.join(ends)
      let receiver = try PacketSocket(interface: "pwr", listens: true)
      let header: [UInt8] = [0x7F, 0xF3, 0xFF, 0xFF, 0, 0, 0, 22] + [UInt8](repeating: 22, count: 8)
      ends.left.plane.send(
        Transmission(
          octets: header + Self.frame(1), socket: SocketID(rawValue: 1), destination: ends.endpoints.1))
      #expect(try receiver.receive() == Self.frame(1))
      ends.end()
    }
  }

  @Test("tagged frames pass unchanged")
  func tagged() throws {
    try Namespace.run {
      var ends = try Self.ends(.udp)
      try ends.connect()
      try Self.join(ends)
      var builder = FrameBuilder()
      builder.tags = [0x2064, 7]
      builder.payload = FrameBuilder.payload(1_000)
      let receiver = try PacketSocket(interface: "pwr", listens: true)
      try PacketSocket(interface: "pwl").send(builder.frame)
      // The kernel keeps the outer tag apart (packet(7), PACKET_AUXDATA): the rest begins with the inner one.
      var seen = builder.frame
      seen.removeSubrange(12..<16)
      #expect(try receiver.receive() == seen)
      ends.end()
    }
  }

  @Test("a wrong cookie and a link that is down are counted, and nothing passes")
  func dropped() throws {
    try Namespace.run {
      var ends = try Self.ends(.ip)
      try ends.connect()
      var left = ends.session(11, in: 1, peer: 22, name: "pwl")
      let right = left.transmitCookie
      left.transmitCookie = Cookie(number: right.number ^ 1, lengthOctets: 8)
      #expect(try ends.perform(.createSession(left), on: ends.left) == .done)
      #expect(try ends.perform(.createSession(ends.session(22, in: 2, peer: 11, name: "pwr")), on: ends.right) == .done)
      try Namespace.shell("ip link set pwl up")
      try PacketSocket(interface: "pwl").send(Self.frame(1))
      var seen = try Self.counters(ends) { $0.cookieDiscards > 0 }
      #expect(seen.receivedPackets == 0)
      // Back with the right cookie, from the end whose link is down: it has nothing to say; then towards it.
      #expect(
        try ends.perform(.deleteSession(tunnelID: left.tunnelID, sessionID: left.localID), on: ends.left) == .done)
      left.transmitCookie = right
      #expect(try ends.perform(.createSession(left), on: ends.left) == .done)
      try Namespace.shell("ip link set pwl up")
      try PacketSocket(interface: "pwl").send(Self.frame(2))
      seen = try Self.counters(ends) { $0.receiveErrors > 0 }
      #expect(seen.cookieDiscards == 1)
      ends.end()
    }
  }

  @Test("control messages pass beside data", arguments: [Encapsulation.udp, .ip])
  func control(_ encapsulation: Encapsulation) throws {
    try Namespace.run {
      var ends = try Self.ends(encapsulation)
      try ends.connect()
      let message: [UInt8] = [0xC8, 0x03, 0, 12, 0, 0, 0, 2, 0, 0, 0, 0]
      ends.left.plane.send(
        Transmission(octets: message, socket: SocketID(rawValue: 1), destination: ends.endpoints.1))
      try ends.loop.wait(for: "the message") { !ends.right.datagrams.isEmpty }
      let received = try #require(ends.right.datagrams.first)
      #expect(received.octets == message)
      #expect(received.source == ends.endpoints.0)
      #expect(received.local == ends.endpoints.1)
      #expect(received.socket == SocketID(rawValue: 2))
      ends.end()
    }
  }

  @Test("a listener on every address is told which one was called, once", arguments: [Encapsulation.udp, .ip])
  func listener(_ encapsulation: Encapsulation) throws {
    try Namespace.run {
      var ends = try Self.ends(encapsulation)
      let port: UInt16 = encapsulation == .udp ? 1701 : 0
      let request = SocketRequest(
        encapsulation: encapsulation, family: .v4, local: nil, localPort: port, bindDevice: nil, connectionID: .unknown,
        remote: nil)
      #expect(try ends.perform(.listen(SocketID(rawValue: 9), request), on: ends.right) == .done)
      try ends.connect()
      let target = Endpoint(address: ends.addresses.1, port: port)
      for number in UInt8(0)..<3 {
        let message: [UInt8] = [0xC8, 0x03, 0, 12, 0, 0, 0, 0, 0, number, 0, 0]
        ends.left.plane.send(Transmission(octets: message, socket: SocketID(rawValue: 1), destination: target))
      }
      try ends.loop.wait(for: "the messages") { ends.right.datagrams.count >= 3 }
      #expect(ends.right.datagrams.map { $0.octets[9] } == [0, 1, 2])
      #expect(ends.right.datagrams.allSatisfy { $0.socket == SocketID(rawValue: 9) && $0.local == target })
      ends.end()
    }
  }

  @Test("a deleted session whose interface was released is gone when that is answered, and its name is free")
  func deletes() throws {
    try Namespace.run {
      var ends = try Self.ends(.udp)
      try ends.connect()
      for round in UInt32(0)..<3 {
        let sessions = (0..<5).map { ends.session(100 * round + 11 + $0, in: 1, peer: 22, name: "pw\($0)") }
        for session in sessions { #expect(try ends.perform(.createSession(session), on: ends.left) == .done) }
        for session in sessions {
          let effect = PlaneChange.deleteSession(tunnelID: session.tunnelID, sessionID: session.localID)
          #expect(try ends.perform(.releaseInterfaces([session.interface]), on: ends.left) == .done)
          #expect(try ends.perform(effect, on: ends.left) == .done)
          #expect(if_nametoindex(session.interfaceName) == 0)
        }
      }
      #expect(try ends.counters(ends.left).sessions.isEmpty)
      ends.end()
    }
  }

  @Test("a session that is deleted while it is made leaves nothing, unless it was just made, and both are answered")
  func deletedWhileMade() throws {
    try Namespace.run {
      var ends = try Self.ends(.udp)
      try ends.connect()
      let session = ends.session(11, in: 1, peer: 22, name: "pwl")
      let (making, deleting) = (EffectID<Nothing>(rawValue: 1), EffectID<Nothing>(rawValue: 2))
      var answers: [PlaneCompletion] = []
      ends.left.plane.perform(.change(making, .createSession(session))) { answers.append($0) }
      let deletion = PlaneChange.deleteSession(tunnelID: session.tunnelID, sessionID: session.localID)
      ends.left.plane.perform(.change(deleting, deletion)) { answers.append($0) }
      try ends.loop.wait(for: "both answers") { answers.count == 2 }
      let refused = EffectResult<Nothing>.failed(EffectFailure("deleted while it was made"))
      let isMade = answers == [.changed(making, .done), .changed(deleting, .done)]
      #expect(isMade || answers == [.changed(making, refused), .changed(deleting, .done)])
      #expect((if_nametoindex("pwl") != 0) == isMade, "the device of a session is kept for the next one")
      ends.end()
      #expect(if_nametoindex("pwl") == 0)
    }
  }

  @Test("a tunnel goes with its sessions and its socket, in the middle of traffic; stop takes the rest")
  func deletesTunnel() throws {
    try Namespace.run {
      var ends = try Self.ends(.udp)
      try ends.connect()
      try Self.join(ends)
      let sender = try PacketSocket(interface: "pwl")
      for number in 0..<500 { try sender.send(Self.frame(number)) }
      let released = ends.session(22, in: 2, peer: 11, name: "pwr").interface
      #expect(try ends.perform(.releaseInterfaces([released]), on: ends.right) == .done)
      #expect(if_nametoindex("pwr") != 0, "a session has it")
      let effect = PlaneChange.deleteTunnel(Self.rightKey.tunnel, socket: SocketID(rawValue: 2))
      #expect(try ends.perform(effect, on: ends.right) == .done)
      #expect(if_nametoindex("pwr") == 0)
      #expect(try ends.counters(ends.right).tunnels.isEmpty)
      for number in 0..<500 { try sender.send(Self.frame(number)) }
      ends.end()
      #expect(if_nametoindex("pwl") == 0)
    }
  }

  @Test("an interface that somebody removes is reported")
  func loses() throws {
    try Namespace.run {
      var ends = try Self.ends(.ip)
      try ends.connect()
      try Self.join(ends)
      try Namespace.shell("ip link del pwl")
      try ends.loop.wait(for: "the loss") { !ends.left.lost.isEmpty }
      #expect(ends.left.lost.first?.0 == Self.leftKey.tunnel)
      #expect(ends.left.lost.first?.1 == Self.leftKey.session)
      ends.end()
    }
  }

  @Test("an impossible session is refused in words")
  func refused() throws {
    try Namespace.run {
      var ends = try Self.ends(.udp)
      try ends.connect()
      try Namespace.shell("ip link add taken type bridge && ip tuntap add dev tapped mode tap")
      var ppp = ends.session(11, in: 1, peer: 22, name: "pw")
      ppp.payload = .ppp
      let cases: [(SessionRequest, String)] = [
        (ppp, "kernel"), (ends.session(11, in: 1, peer: 22, name: "taken"), "exists already"),
        (ends.session(11, in: 1, peer: 22, name: "tapped"), "exists already"),
        (ends.session(11, in: 1, peer: 22, name: "pw%d"), "name"),
        (ends.session(11, in: 1, peer: 22, name: "sixteen-octets-x"), "15 octets"),
        (ends.session(11, in: 1, peer: 22, name: "pw", isSequenced: true), "Sublayer"),
        (ends.session(11, in: 7, peer: 22, name: "pw"), "tunnel"),
      ]
      for (request, word) in cases {
        guard case .failed(let failure) = try ends.perform(.createSession(request), on: ends.left) else {
          Issue.record("accepted \(request.interfaceName) \(request.payload)")
          continue
        }
        #expect(failure.message.contains(word), "\(failure.message)")
      }
      #expect(try ends.perform(.createSession(ends.session(11, in: 1, peer: 22, name: "pw")), on: ends.left) == .done)
      ends.end()
    }
  }

  @Test("a socket that cannot be opened says why, and whether to try again")
  func sockets() throws {
    try Namespace.run {
      let ends = try Self.ends(.udp)
      let missing = IPAddress.v4(0xC000_0263)
      for (encapsulation, port) in [(Encapsulation.udp, UInt16(1701)), (.ip, 0)] {
        let request = SocketRequest(
          encapsulation: encapsulation, family: .v4, local: missing, localPort: port, bindDevice: nil,
          connectionID: .unknown, remote: nil)
        guard case .failed(let failure) = try ends.perform(.listen(SocketID(rawValue: 5), request), on: ends.left)
        else {
          Issue.record("opened at an address that is not there")
          continue
        }
        #expect(failure.message.contains("192.0.2.99"))
        #expect(failure.message.contains("no interface has this address"))
        #expect(failure.isTemporary)
      }
      ends.end()
    }
  }
}
