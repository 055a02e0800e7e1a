import PWCore
import Testing

@testable import PWLinux

@Suite(
  "The MSS of segments that the userspace plane carries",
  .enabled(if: Namespace.isAllowed && UserspaceDataPlane.obstacle() == nil, "needs root and /dev/net/tun"))
struct SegmentLimitPlaneTests {
  private static func opening(_ size: UInt16) -> [UInt8] {
    var builder = FrameBuilder()
    builder.flags = 0x02
    builder.options = [2, 4] + FrameBuilder.octets16(size)
    return builder.frame
  }

  /// Two sessions, joined; the left one has the limit.
  private static func join(_ limit: SegmentLimit?, _ body: @escaping @Sendable () throws -> Void) throws {
    try Namespace.run {
      var ends = try TwoEnds(.udp, .v4) { try UserspaceDataPlane(loop: $0) }
      try ends.connect()
      var left = ends.session(11, in: 1, peer: 22, name: "pwl")
      left.segmentLimit = limit
      #expect(try ends.perform(.createSession(left), on: ends.left) == .done)
      #expect(
        try ends.perform(.createSession(ends.session(22, in: 2, peer: 11, name: "pwr")), on: ends.right) == .done)
      try Namespace.shell("ip link set pwl up mtu 1400; ip link set pwr up mtu 9000")
      try body()
      ends.end()
    }
  }

  private static func expect(_ size: UInt16, from: String, to: String, becomes lowered: UInt16) throws {
    let receiver = try PacketSocket(interface: to, listens: true)
    try PacketSocket(interface: from).send(opening(size))
    let frame = try receiver.receive()
    #expect(frame == opening(lowered))
  }

  @Test("auto follows the MTU of the interface, in both directions, at one end alone")
  func automatic() throws {
    try Self.join(.automatic) {
      for (mtu, size) in [(1400, 1360), (1300, 1260)] as [(Int, UInt16)] {
        try Namespace.shell("ip link set pwl mtu \(mtu)")
        try Self.expect(1460, from: "pwl", to: "pwr", becomes: size)
        try Self.expect(8960, from: "pwr", to: "pwl", becomes: size)
        try Self.expect(536, from: "pwl", to: "pwr", becomes: 536)
      }
    }
  }

  @Test("a number holds whatever the MTU is")
  func number() throws {
    try Self.join(.octets(1000)) {
      try Self.expect(1460, from: "pwl", to: "pwr", becomes: 1000)
      try Self.expect(1460, from: "pwr", to: "pwl", becomes: 1000)
    }
  }

  @Test("without a limit nothing is touched")
  func none() throws {
    try Self.join(nil) {
      try Self.expect(1460, from: "pwl", to: "pwr", becomes: 1460)
    }
  }

  @Test("the kernel's plane refuses it, and says what to do")
  func kernel() throws {
    let request = SessionRequest(
      tunnelID: ControlConnectionID(rawValue: 1), localID: SessionID(rawValue: 1), peerID: SessionID(rawValue: 2),
      payload: .ethernet, interfaceName: "pw", receiveCookie: Cookie(), transmitCookie: Cookie(), sublayer: .none,
      isSequenced: false, owner: LinkOwner(tunnel: "t", pseudowire: "p"), segmentLimit: .automatic)
    let failure = try #require(KernelFailure.check(request))
    #expect(failure.message.contains("`mss`") && failure.message.contains("userspace") && !failure.isTemporary)
  }
}
