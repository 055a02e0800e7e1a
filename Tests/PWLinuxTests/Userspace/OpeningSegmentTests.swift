import PWCore
import Testing

@testable import PWLinux

@Suite("Lowering the MSS of connections") struct OpeningSegmentTests {
  private static let syn: UInt8 = 0x02
  private static let synAck: UInt8 = 0x12
  private static let usual: [UInt8] = [2, 4, 0x05, 0xB4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7]

  private static func opening(_ options: [UInt8] = usual, isIPv6: Bool = false) -> FrameBuilder {
    var builder = FrameBuilder()
    builder.flags = syn
    builder.options = options
    builder.isIPv6 = isIPv6
    return builder
  }

  /// The frame after it was looked at, and its MSS lowered where it opens a connection.
  private static func lowered(_ frame: [UInt8], to limit: UInt16 = 1_406) -> [UInt8] {
    withView(frame) { view in
      OpeningSegment(view)?.lowerSegmentSize(to: limit)
      return view.octets
    }
  }

  /// Whether nothing in a frame is an opening segment, or whatever it is stays untouched.
  private static func isUntouched(_ frame: [UInt8]) -> Bool { lowered(frame, to: 536) == frame }

  @Test(
    "an MSS that is too large is lowered, and the frame is one that the station would have sent",
    arguments: [false, true], [[], [0x0064], [0x0064, 0x2065]] as [[UInt16]])
  func lowers(isIPv6: Bool, tags: [UInt16]) {
    for flags in [Self.syn, Self.synAck, Self.syn | 0xC0] {
      for payload in [0, 9] {
        var builder = Self.opening(isIPv6: isIPv6)
        builder.tags = tags
        builder.flags = flags
        builder.payload = FrameBuilder.payload(payload)
        var expected = builder
        expected.options.replaceSubrange(2..<4, with: [0x05, 0x7E])
        #expect(Self.lowered(builder.frame) == expected.frame)
      }
    }
  }

  @Test("wherever the option stands among the others, at an odd place too", arguments: 0..<8)
  func anywhere(before: Int) {
    for value in [0x05B4, 0xFFFF, 0x0600, 0x8000, 0x057F] as [UInt16] {
      func options(_ value: UInt16) -> [UInt8] {
        let options = [UInt8](repeating: 1, count: before) + [2, 4] + FrameBuilder.octets16(value)
        return options + [UInt8](repeating: 0, count: (4 - options.count % 4) % 4)
      }
      #expect(Self.lowered(Self.opening(options(value)).frame) == Self.opening(options(min(value, 1_406))).frame)
    }
  }

  @Test("an MSS that is small enough stays as it is, and so does a segment without one")
  func small() {
    for options in [[2, 4, 0x05, 0x7E], [2, 4, 0x00, 0x10], [1, 1, 1, 0], [4, 2, 1, 1]] as [[UInt8]] {
      let frame = Self.opening(options).frame
      #expect(Self.lowered(frame) == frame)
    }
  }

  @Test("a damaged segment stays as damaged as it was")
  func damaged() {
    var frame = Self.opening().frame
    let at = Self.opening().transportOffset
    frame[at] ^= 0x40
    var seen = Self.lowered(frame)
    #expect(seen != frame)
    seen[at] ^= 0x40
    #expect(seen == Self.lowered(Self.opening().frame))
  }

  @Test("IPv4 options stand before it")
  func options() {
    let builder = Self.opening()
    let ethernet = 14
    func withOptions(_ frame: [UInt8]) -> [UInt8] {
      var frame = frame
      frame.insert(contentsOf: [0x94, 4, 0, 0], at: ethernet + 20)
      frame[ethernet] = 0x46
      frame.replaceSubrange(ethernet + 2..<ethernet + 4, with: FrameBuilder.octets16(UInt16(frame.count - ethernet)))
      return frame
    }
    #expect(Self.lowered(withOptions(builder.frame)) == withOptions(Self.lowered(builder.frame)))
    #expect(Self.lowered(builder.frame) != builder.frame)
  }

  @Test("Ethernet padding behind the packet does not matter")
  func padding() {
    var builder = Self.opening([2, 4, 0x05, 0xB4])
    builder.padding = 2
    var expected = builder
    expected.options.replaceSubrange(2..<4, with: [0x05, 0x7E])
    #expect(Self.lowered(builder.frame) == expected.frame)
  }

  @Test("segments of a connection that stands are left alone, and so is UDP")
  func others() {
    for flags: UInt8 in [0x10, 0x18, 0x11, 0x04, 0x00] {
      var builder = Self.opening()
      builder.flags = flags
      #expect(Self.isUntouched(builder.frame))
    }
    var builder = FrameBuilder()
    builder.isUDP = true
    builder.payload = [UInt8](repeating: 2, count: 40)
    #expect(Self.isUntouched(builder.frame))
  }

  @Test("fragments are left alone, the first one too", arguments: [0x2000, 0x0001, 0x2001, 0x1FFF] as [UInt16])
  func fragments(fragment: UInt16) {
    var builder = Self.opening()
    builder.fragment = fragment
    #expect(Self.isUntouched(builder.frame))
  }

  @Test("IPv6 extension headers are not looked behind", arguments: [0, 43, 44, 60] as [UInt8])
  func extensions(header: UInt8) {
    var frame = Self.opening(isIPv6: true).frame
    frame[14 + 6] = header
    #expect(Self.isUntouched(frame))
  }

  @Test("a frame that ends too early is left alone, wherever it ends", arguments: [false, true])
  func truncated(isIPv6: Bool) {
    let frame = Self.opening(isIPv6: isIPv6).frame
    for count in 0..<frame.count { #expect(Self.isUntouched(Array(frame[..<count]))) }
  }

  @Test("header lengths that cannot be are left alone")
  func lengths() {
    let builder = Self.opening()
    for offset: UInt8 in [0x00, 0x40, 0x50, 0xF0] {
      var frame = builder.frame
      frame[builder.transportOffset + 12] = offset
      #expect(Self.isUntouched(frame))
    }
    for version: UInt8 in [0x44, 0x4F, 0x65, 0x05] {
      var frame = builder.frame
      frame[14] = version
      #expect(Self.isUntouched(frame))
    }
    for length: UInt16 in [0, 19, 39, 200, 65_535] {
      var frame = builder.frame
      frame.replaceSubrange(16..<18, with: FrameBuilder.octets16(length))
      #expect(Self.isUntouched(frame))
    }
  }

  @Test(
    "options that say too much or nothing end the search, and nothing outside of the header is touched",
    arguments: [
      [2, 0, 0x05, 0xB4], [2, 1, 0x05, 0xB4], [2, 3, 0x05, 1], [2, 5, 0x05, 0xB4], [8, 0, 2, 4, 0x05, 0xB4, 1, 1],
      [8, 40, 2, 4, 0x05, 0xB4, 1, 1], [0, 2, 4, 0x05, 0xB4, 1, 1, 1], [1, 1, 1, 2], [1, 1, 2, 4],
    ] as [[UInt8]])
  func badOptions(options: [UInt8]) {
    var builder = Self.opening(options)
    builder.payload = [0x05, 0xB4, 0x05, 0xB4]
    #expect(Self.isUntouched(builder.frame))
  }

  @Test("no octets of a frame cause a trap, headers before TCP's stay, and so does the sum", arguments: 0..<8)
  func mutations(seed: Int) {
    var random = UInt64(seed + 1)
    func next(_ limit: Int) -> Int {
      // Knuth's MMIX generator: the same course every time.
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(random >> 33) % limit
    }
    var builder = Self.opening(isIPv6: seed % 2 == 0)
    builder.tags = seed % 4 < 2 ? [] : [0x0064]
    // Of the shortest headers that there can be before it.
    let firstChecksum = 14 + 20 + 16
    for _ in 0..<3_000 {
      var frame = builder.frame
      for _ in 0..<next(4) { frame[next(frame.count)] = UInt8(next(256)) }
      if next(4) == 0 { frame.removeLast(next(frame.count)) }
      let seen = Self.lowered(frame)
      #expect(seen.count == frame.count && seen.prefix(firstChecksum) == frame.prefix(firstChecksum))
      // A change of an MSS changes the checksum so that the sum of all is the same (RFC 1624).
      #expect(FrameBuilder.checksum(seen) == FrameBuilder.checksum(frame))
    }
  }

  @Test("the checksum follows a word that changes, whatever it was (RFC 1624)")
  func checksums() {
    for (before, after) in [(0xFFFF, 0), (0, 0xFFFF), (0x1234, 0x5555), (0x05B4, 0x05B4)] as [(UInt16, UInt16)] {
      for other in [0, 0xFFFF, 0x8000, 0x0001] as [UInt16] {
        let old = FrameBuilder.checksum(FrameBuilder.octets16(before) + FrameBuilder.octets16(other) + [0x12, 0x34])
        let new = FrameBuilder.checksum(FrameBuilder.octets16(after) + FrameBuilder.octets16(other) + [0x12, 0x34])
        #expect(InternetChecksum.updated(old, from: before, to: after) == new)
      }
    }
  }
}
