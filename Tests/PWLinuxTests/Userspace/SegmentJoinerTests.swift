import Glibc
import Testing

@testable import PWLinux

/// Keeps what comes out of a joiner.
private final class Collector: FrameSink {
  var frames: [(header: OffloadHeader, frame: [UInt8], port: Int)] = []

  func deliver(_ pieces: UnsafeMutablePointer<iovec>, count: Int, port: Int) {
    var octets: [UInt8] = []
    for index in 0..<count {
      octets += UnsafeRawBufferPointer(start: pieces[index].iov_base, count: pieces[index].iov_len)
    }
    withView(octets) { view in
      frames.append((OffloadHeader(reading: view), view.from(OffloadHeader.octets).octets, port))
    }
  }

  /// The frames as a station without offload sees them.
  var asSeen: [[UInt8]] {
    frames.flatMap { header, frame, _ in header.segmentation == .none ? [frame] : (cut(frame, header) ?? []) }
  }
}

@Suite("Joining segments") struct SegmentJoinerTests {
  private func join(_ frames: [[UInt8]], ports: [Int]? = nil, isOrdered: Bool = false) -> Collector {
    let collector = Collector()
    var joiner = SegmentJoiner()
    let views = frames.map { frame in
      let memory = UnsafeMutableRawPointer.allocate(byteCount: max(1, frame.count), alignment: 8)
      frame.withUnsafeBytes { if let base = $0.baseAddress { memory.copyMemory(from: base, byteCount: $0.count) } }
      return PacketView(memory, count: frame.count)
    }
    for (index, view) in views.enumerated() {
      joiner.offer(view, port: ports?[index] ?? 0, isOrdered: isOrdered, into: collector)
    }
    joiner.flush(into: collector)
    for view in views { view.base.deallocate() }
    return collector
  }

  /// Consecutive segments of one flow, across the end of both numbers.
  private func segments(
    _ count: Int, size: Int = 1_448, isIPv6: Bool = false, port: UInt16 = 4_000,
    change: (Int, inout FrameBuilder) -> Void = { _, _ in }
  ) -> [[UInt8]] {
    (0..<count).map { index in
      var builder = FrameBuilder()
      builder.isIPv6 = isIPv6
      builder.sourcePort = port
      builder.sequence = 0xFFFF_F000 &+ UInt32(index * size)
      builder.identification = 0xFFFE &+ UInt16(index)
      builder.payload = FrameBuilder.payload(size, from: index * size)
      change(index, &builder)
      return builder.frame
    }
  }

  @Test("segments in order become one frame that is cut into the same again", arguments: [false, true])
  func joins(isIPv6: Bool) throws {
    let frames = segments(20, isIPv6: isIPv6) { index, builder in
      guard index == 19 else { return }
      builder.flags |= 0x08
      builder.payload = FrameBuilder.payload(77)
    }
    let result = join(frames)
    let only = try #require(result.frames.first)
    #expect(result.frames.count == 1)
    #expect(only.header.segmentOctets == 1_448)
    #expect(only.header.segmentation == (isIPv6 ? .tcpOverIPv6 : .tcpOverIPv4))
    #expect(Int(only.header.checksumStart) == 14 + (isIPv6 ? 40 : 20))
    #expect(result.asSeen == frames)
  }

  @Test("a checksum for the kernel begins with the right sum of the pseudo header", arguments: [false, true])
  func partialChecksum(isIPv6: Bool) throws {
    let frames = segments(2, isIPv6: isIPv6)
    let only = try #require(join(frames).frames.first)
    var whole = FrameBuilder()
    whole.isIPv6 = isIPv6
    whole.sequence = 0xFFFF_F000
    whole.identification = 0xFFFE
    whole.payload = FrameBuilder.payload(2 * 1_448)
    withView(only.frame) { view in
      #expect(only.header.completeChecksum(of: view))
      #expect(view.octets == whole.frame)
    }
  }

  @Test("flows are joined beside each other")
  func flows() {
    let (first, second) = (segments(5, port: 1), segments(5, port: 2))
    let result = join(zip(first, second).flatMap { [$0, $1] })
    #expect(result.frames.count == 2)
    #expect(result.asSeen == first + second)
  }

  @Test("sessions are not mixed")
  func ports() {
    let frames = segments(2)
    let result = join(frames, ports: [3, 4])
    #expect(result.frames.map(\.port) == [3, 4])
    #expect(result.frames.map(\.frame) == frames)
  }

  @Test("more flows than are joined at a time lose nothing")
  func manyFlows() {
    let frames = (0..<50).flatMap { segments(2, port: UInt16($0)) }
    let result = join(frames)
    #expect(result.asSeen == frames)
  }

  @Test("no frame grows past what IP counts", arguments: [false, true])
  func largest(isIPv6: Bool) {
    let frames = segments(100, isIPv6: isIPv6)
    let result = join(frames)
    #expect(result.frames.count == 3)
    #expect(result.asSeen == frames)
  }

  @Test("small segments are bounded by their number")
  func mostSegments() {
    let frames = segments(300, size: 10)
    let result = join(frames)
    #expect(result.frames.count == 3)
    #expect(result.asSeen == frames)
  }

  /// The differences that may set the second segment apart from its neighbours.
  private static let differences: [(String, @Sendable (inout FrameBuilder) -> Void)] = [
    ("DSCP", { $0.typeOfService = 0x20 }), ("ECN CE", { $0.typeOfService = 0x03 }), ("TTL", { $0.hops = 63 }),
    ("DF", { $0.fragment = 0 }), ("identification", { $0.identification &+= 1 }), ("a gap", { $0.sequence &+= 1 }),
    ("a repetition", { $0.sequence &-= 1_448 }), ("acknowledgement", { $0.acknowledgement += 1 }),
    ("window", { $0.window += 1 }), ("timestamps", { $0.options[7] = 9 }), ("options", { $0.options += [1, 1, 1, 1] }),
    ("FIN", { $0.flags |= 0x01 }), ("RST", { $0.flags |= 0x04 }), ("URG", { $0.flags |= 0x20 }),
    ("ECE", { $0.flags |= 0x40 }), ("CWR", { $0.flags |= 0x80 }), ("SYN", { $0.flags |= 0x02 }),
    ("longer", { $0.payload += [1] }), ("no payload", { $0.payload = [] }), ("a tag", { $0.tags = [5] }),
    ("padding", { $0.padding = 3 }),
  ]

  @Test(
    "a segment that differs in a header field is not joined with those before it, and comes after them",
    arguments: 0..<differences.count)
  func different(index: Int) {
    let (name, change) = Self.differences[index]
    let frames = segments(2) { index, builder in if index == 1 { change(&builder) } }
    let result = join(frames)
    #expect(Set(result.frames.map(\.frame)) == Set(frames), "\(name)")
    // A tagged frame is of another flow: the two may change places.
    if name != "a tag" { #expect(result.frames.map(\.frame) == frames, "\(name)") }
    #expect(result.frames.allSatisfy { $0.header == OffloadHeader() }, "\(name)")
  }

  @Test("a pushed segment ends its run, a short one too")
  func ends() {
    let pushed = segments(4) { index, builder in if index == 1 { builder.flags |= 0x08 } }
    #expect(join(pushed).frames.count == 2)
    #expect(join(pushed).asSeen == pushed)
    let short = segments(4) { index, builder in
      if index == 1 { builder.payload = Array(builder.payload.prefix(100)) }
      if index > 1 { builder.sequence &-= 1_348 }
    }
    #expect(join(short).frames.count == 2)
    #expect(join(short).asSeen == short)
  }

  @Test(
    "damage is passed on as it is: IP checksum and TTL, TCP checksum, options, payload",
    arguments: [14 + 10, 14 + 8, 14 + 20 + 16, 14 + 20 + 24, 200])
  func damaged(at offset: Int) {
    var frames = segments(3)
    frames[1][offset] ^= 0x10
    let result = join(frames)
    #expect(result.frames.map(\.frame) == frames)
    #expect(result.frames.allSatisfy { $0.header == OffloadHeader() })
  }

  @Test("fragments, UDP, tags, ARP and stubs pass unchanged", arguments: [false, true])
  func others(isOrdered: Bool) {
    var fragment = FrameBuilder()
    fragment.fragment = 0x2000
    fragment.payload = FrameBuilder.payload(100)
    var udp = FrameBuilder()
    udp.isUDP = true
    udp.payload = FrameBuilder.payload(101)
    var tagged = FrameBuilder()
    tagged.tags = [7, 8]
    tagged.payload = FrameBuilder.payload(102)
    var many = tagged
    many.tags = [1, 2, 3]
    let arp: [UInt8] = [UInt8](repeating: 0xFF, count: 12) + [8, 6] + [UInt8](repeating: 0, count: 46)
    let stubs = (14..<54).map { Array(segments(1)[0][..<$0]) }
    let frames = [fragment.frame, udp.frame, tagged.frame, many.frame, arp] + stubs
    #expect(join(frames, isOrdered: isOrdered).frames.map(\.frame) == frames)
  }

  @Test("a session with sequence numbers keeps the order of all its frames")
  func ordered() {
    var udp = FrameBuilder()
    udp.isUDP = true
    udp.payload = FrameBuilder.payload(101)
    var frames = segments(4)
    frames.insert(udp.frame, at: 2)
    #expect(join(frames, isOrdered: true).asSeen == frames)
    #expect(join(frames).asSeen == [udp.frame] + segments(4))
  }
}
