import Glibc
import PWCore
import Testing

@testable import PWLinux

@Suite(
  "The outer IP header of packets that the userspace plane sends",
  .enabled(if: Namespace.isAllowed && UserspaceDataPlane.obstacle() == nil, "needs root and /dev/net/tun"))
struct OuterFieldsTests {
  /// Two planes, the left one's socket as `configure` says, and a session between them.
  private static func join(
    _ encapsulation: Encapsulation, _ family: AddressFamily,
    _ configure: @escaping @Sendable (inout SocketRequest) -> Void,
    _ body: @escaping @Sendable (TwoEnds) throws -> Void
  ) throws {
    try Namespace.run {
      var ends = try TwoEnds(encapsulation, family) { try UserspaceDataPlane(loop: $0) }
      try ends.connect(configure)
      for (probe, session) in [
        (ends.left, ends.session(11, in: 1, peer: 22, name: "pwl")),
        (ends.right, ends.session(22, in: 2, peer: 11, name: "pwr")),
      ] {
        #expect(try ends.perform(.createSession(session), on: probe) == .done)
      }
      try Namespace.shell("ip link set pwl up; ip link set pwr up")
      try body(ends)
      ends.end()
    }
  }

  /// Of a packet: TTL or Hop Limit, and the octet with the code point.
  private struct Header: Equatable {
    var hopLimit: UInt8
    var trafficClass: UInt8
  }

  /// Of the outer packet that carries a frame.
  private static func outer(of frame: [UInt8], _ family: AddressFamily) throws -> Header {
    let wire = try PacketSocket(interface: "lo", listens: true)
    try PacketSocket(interface: "pwl").send(frame)
    return fields(of: try wire.receive(), family)
  }

  private static func fields(of packet: [UInt8], _ family: AddressFamily) -> Header {
    switch family {
    case .v4: Header(hopLimit: packet[14 + 8], trafficClass: packet[14 + 1])
    case .v6: Header(hopLimit: packet[14 + 7], trafficClass: packet[14] << 4 | packet[14 + 1] >> 4)
    }
  }

  @Test(
    "data and control messages have the declared TTL and code point, over IP too",
    arguments: [Encapsulation.udp, .ip], [AddressFamily.v4, .v6])
  func declared(encapsulation: Encapsulation, family: AddressFamily) throws {
    let declare: @Sendable (inout SocketRequest) -> Void = { request in
      request.hopLimit = 7
      request.dscp = DSCP(name: "ef")
    }
    try Self.join(encapsulation, family, declare) { ends in
      var builder = FrameBuilder()
      builder.typeOfService = 0x28
      builder.payload = FrameBuilder.payload(100)
      let header = try Self.outer(of: builder.frame, family)
      #expect(header == Header(hopLimit: 7, trafficClass: 0xB8))
      let wire = try PacketSocket(interface: "lo", listens: true)
      ends.left.plane.send(
        Transmission(
          octets: [0xC8, 0x03, 0, 12, 0, 0, 0, 2, 0, 0, 0, 0], socket: SocketID(rawValue: 1),
          destination: ends.endpoints.1))
      let packet = try wire.receive()
      #expect(Self.fields(of: packet, family) == Header(hopLimit: 7, trafficClass: 0xB8))
    }
  }

  @Test(
    "a code point comes from the packet inside, without its ECN bits; a frame without IP has none",
    arguments: [Encapsulation.udp, .ip], [AddressFamily.v4, .v6])
  func copied(encapsulation: Encapsulation, family: AddressFamily) throws {
    try Self.join(encapsulation, family, { $0.copiesDSCP = true }) { _ in
      for isIPv6 in [false, true] {
        for (inside, outside) in [(0xBB, 0xB8), (0x28, 0x28), (0x03, 0)] as [(UInt8, UInt8)] {
          var builder = FrameBuilder()
          builder.isIPv6 = isIPv6
          builder.typeOfService = inside
          builder.payload = FrameBuilder.payload(100)
          let header = try Self.outer(of: builder.frame, family)
          #expect(header.trafficClass == outside)
        }
      }
      let other: [UInt8] = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xB5] + FrameBuilder.payload(46)
      let header = try Self.outer(of: other, family)
      #expect(header.trafficClass == 0)
    }
  }

  @Test("the kernel's plane refuses to look inside, and says what to do")
  func kernel() throws {
    var request = SocketRequest(
      encapsulation: .udp, family: .v4, local: nil, localPort: 0, bindDevice: nil, connectionID: .unknown, remote: nil)
    #expect(KernelFailure.check(request) == nil)
    request.copiesDSCP = true
    let failure = try #require(KernelFailure.check(request))
    #expect(failure.message.contains("`dscp`") && failure.message.contains("userspace") && !failure.isTemporary)
  }
}

@Suite("The code point of the packet in a frame") struct CodePointTests {
  private static func codePoint(_ frame: [UInt8]) -> UInt8? { withView(frame) { FrameLayout.codePoint(in: $0) } }

  @Test("behind tags, and in fragments too", arguments: [[], [0x0064], [0x0064, 0x2065]] as [[UInt16]])
  func found(tags: [UInt16]) {
    for isIPv6 in [false, true] {
      var builder = FrameBuilder()
      (builder.isIPv6, builder.tags, builder.typeOfService, builder.fragment) = (isIPv6, tags, 0xBA, 0x2000)
      #expect(Self.codePoint(builder.frame) == 0xB8)
    }
  }

  @Test("there is none in frames without IP, in frames that end before it, and behind three tags")
  func none() {
    let builder = FrameBuilder()
    for count in 0..<16 { #expect(Self.codePoint(Array(builder.frame[..<count])) == nil) }
    var other = builder.frame
    other[14] = 0x65
    #expect(Self.codePoint(other) == nil)
    other = builder.frame
    other[13] = 0x06
    #expect(Self.codePoint(other) == nil)
    var tagged = builder
    tagged.tags = [1, 2, 3]
    #expect(Self.codePoint(tagged.frame) == nil)
  }
}
