import Testing

@testable import PWLinux

@Suite("Internet checksum") struct ChecksumTests {
  @Test("agrees with the definition for every length, also odd ones")
  func agrees() {
    for length in 0..<300 {
      let octets = FrameBuilder.payload(length, from: length)
      let sum = withView(octets) { view in
        var sum = InternetChecksum()
        sum.add(view)
        return sum.value
      }
      #expect(sum == FrameBuilder.checksum(octets), "\(length) octets")
    }
  }

  @Test("the largest packet of ones does not overflow")
  func largest() {
    let octets = [UInt8](repeating: 0xFF, count: 65_535)
    withView(octets) { view in
      var sum = InternetChecksum()
      sum.add(view)
      #expect(sum.value == FrameBuilder.checksum(octets))
    }
  }

  @Test("parts of even length may be added one by one")
  func parts() {
    let octets = FrameBuilder.payload(1_461)
    withView(octets) { view in
      var sum = InternetChecksum()
      sum.add(view.part(0, 20))
      sum.add(view.part(20, 700))
      sum.add(view.from(720))
      #expect(sum.value == FrameBuilder.checksum(octets))
    }
  }

  @Test("a checksum that the kernel left to us is completed; one that lies outside of the frame is refused")
  func completes() {
    var builder = FrameBuilder()
    builder.payload = FrameBuilder.payload(333)
    let expected = builder.frame
    let transport = builder.transportOffset
    let pseudo = builder.addresses + [0, 6] + FrameBuilder.octets16(UInt16(expected.count - transport))
    var partial = expected
    partial.replaceSubrange(
      transport + 16..<transport + 18, with: FrameBuilder.octets16(~FrameBuilder.checksum(pseudo)))
    var header = OffloadHeader()
    header.flags = OffloadHeader.needsChecksum
    header.checksumStart = UInt16(transport)
    header.checksumOffset = 16
    withView(partial) { view in
      #expect(header.completeChecksum(of: view))
      #expect(view.octets == expected)
    }
    header.checksumStart = UInt16(partial.count)
    withView(partial) { view in #expect(!header.completeChecksum(of: view)) }
  }
}
