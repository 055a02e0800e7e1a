import Testing

@testable import PWLinux

@Suite("Cutting superframes") struct SuperframeCutterTests {
  private func header(_ segmentation: OffloadHeader.Segmentation, _ segmentOctets: UInt16) -> OffloadHeader {
    var header = OffloadHeader()
    header.segmentation = segmentation
    header.segmentOctets = segmentOctets
    return header
  }

  /// The frames that a station without offload would have sent.
  private func expected(_ builder: FrameBuilder, segment: Int) -> [[UInt8]] {
    let count = (builder.payload.count + segment - 1) / segment
    return (0..<count).map { index in
      var piece = builder
      piece.payload = Array(builder.payload[index * segment..<min(builder.payload.count, (index + 1) * segment)])
      piece.sequence = builder.sequence &+ UInt32(index * segment)
      piece.identification = builder.identification &+ UInt16(index)
      if index < count - 1 { piece.flags &= ~0x09 }
      if index > 0 { piece.flags &= ~0x80 }
      return piece.frame
    }
  }

  @Test(
    "TCP becomes what a station without offload sends",
    arguments: [false, true], [[], [0x0064], [0x0064, 0x2065]] as [[UInt16]])
  func tcp(isIPv6: Bool, tags: [UInt16]) {
    for length in [1_449, 2_896, 4_345, 10_001] {
      var builder = FrameBuilder()
      builder.isIPv6 = isIPv6
      builder.tags = tags
      builder.flags = 0x99
      builder.sequence = 0xFFFF_FF00
      builder.identification = 0xFFFE
      builder.payload = FrameBuilder.payload(length)
      let frames = cut(builder.frame, header(isIPv6 ? .tcpOverIPv6 : .tcpOverIPv4, 1_448))
      #expect(frames == expected(builder, segment: 1_448))
    }
  }

  @Test("TCP is cut smaller where the path passes less, unless that is next to nothing; UDP is not")
  func smaller() {
    var builder = FrameBuilder()
    builder.payload = FrameBuilder.payload(5_000)
    let tcp = header(.tcpOverIPv4, 1_448)
    let room = 1_472 - builder.headerOctets
    #expect(cut(builder.frame, tcp, largest: 1_472) == expected(builder, segment: room))
    #expect(cut(builder.frame, tcp, largest: 90) == expected(builder, segment: 1_448))
    builder.isUDP = true
    #expect(cut(builder.frame, header(.udp, 1_448), largest: 1_000) == expected(builder, segment: 1_448))
  }

  @Test("UDP datagrams", arguments: [false, true])
  func udp(isIPv6: Bool) {
    var builder = FrameBuilder()
    builder.isUDP = true
    builder.isIPv6 = isIPv6
    builder.payload = FrameBuilder.payload(3_001)
    #expect(cut(builder.frame, header(.udp, 500)) == expected(builder, segment: 500))
  }

  @Test("a frame that does not agree with the offload header, or ends too early, is refused")
  func refused() {
    var builder = FrameBuilder()
    builder.payload = FrameBuilder.payload(3_000)
    let frame = builder.frame
    let tcp = header(.tcpOverIPv4, 1_448)
    #expect(cut(frame, header(.tcpOverIPv6, 1_448)) == nil)
    #expect(cut(frame, header(.udp, 1_448)) == nil)
    #expect(cut(frame, header(.tcpOverIPv4, 0)) == nil)
    #expect(cut(frame, header(OffloadHeader.Segmentation(rawValue: 3), 1_448)) == nil)
    for length in [0, 13, 20, 33, 34, 53, 60] { #expect(cut(Array(frame[..<length]), tcp) == nil) }
    for offset: UInt8 in [0x00, 0x40] {
      var short = frame
      short[builder.transportOffset + 12] = offset
      #expect(cut(short, tcp) == nil)
    }
  }
}
