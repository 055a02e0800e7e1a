/// A frame that may be joined with its neighbours: an undamaged TCP segment with payload and nothing unusual about it.
struct JoinCandidate {
  let frame: PacketView
  let layout: FrameLayout
  /// Octets of all headers.
  let headerOctets: Int
  let sequence: UInt32
  let flags: UInt8

  /// Octets of TCP payload, behind all headers.
  var payloadOctets: Int { frame.count - headerOctets }

  /// The treatment of a frame by the joiner.
  enum Kind {
    /// It can begin or continue a run.
    case candidate(JoinCandidate)
    /// A TCP segment that has to pass alone, behind what its flow has sent before.
    case alone(FrameLayout)
    /// A frame in which no TCP header is found.
    case other
  }

  /// Looks at a frame. Both checksums are verified here: a joined frame gets new ones, and a damaged segment must stay damaged.
  @inline(__always)
  static func examine(_ frame: PacketView) -> Kind {
    guard let layout = FrameLayout(frame), layout.transportProtocol == FrameLayout.tcp,
      layout.transport + 20 <= layout.end
    else { return .other }
    let transportOctets = Int(frame.u8(layout.transport + 12) >> 4) * 4
    let flags = frame.u8(layout.transport + 13)
    let headerOctets = layout.transport + transportOctets
    // Tagged frames and IPv4 options pass alone: they are rare, and the offload header describes them less well.
    guard transportOctets >= 20, headerOctets < layout.end, layout.end == frame.count,
      layout.network == FrameLayout.ethernetOctets, layout.isIPv6 || layout.transport - layout.network == 20,
      flags & ~TCPFlags.push == TCPFlags.ack
    else { return .alone(layout) }
    let candidate = JoinCandidate(
      frame: frame, layout: layout, headerOctets: headerOctets, sequence: frame.u32(layout.transport + 4), flags: flags)
    return candidate.isIntact ? .candidate(candidate) : .alone(layout)
  }

  private var isIntact: Bool {
    if !layout.isIPv6 {
      var header = InternetChecksum()
      header.add(frame.part(layout.network, 20))
      guard header.isIntact else { return false }
    }
    var sum = layout.pseudoHeader(of: frame, transportOctets: frame.count - layout.transport)
    sum.add(frame.from(layout.transport))
    return sum.isIntact
  }
}

/// Consecutive segments of one TCP flow that are to become one frame.
struct SegmentRun {
  /// The session's index, whose TAP the frame goes to.
  let port: Int
  /// The first segment: its headers stand for all.
  let head: PacketView
  let layout: FrameLayout
  let headerOctets: Int
  /// Octets of payload in each segment but the last.
  let segmentOctets: Int
  var payloadOctets: Int
  var count: Int
  var flags: UInt8

  /// Begins with a segment.
  init(_ first: JoinCandidate, port: Int) {
    self.port = port
    head = first.frame
    layout = first.layout
    headerOctets = first.headerOctets
    segmentOctets = first.payloadOctets
    payloadOctets = first.payloadOctets
    count = 1
    flags = first.flags
  }

  /// The most that the length field of IPv4 counts (RFC 791), and that of IPv6 without a jumbo option.
  private static let mostPacketOctets = 65_535
  /// The most segments in one frame.
  static let mostSegments = 128

  /// Whether a frame with these headers belongs to the same TCP connection in the same direction between the same stations.
  @inline(__always)
  func isSameFlow(_ frame: PacketView, _ other: FrameLayout, port: Int) -> Bool {
    guard port == self.port, other.isIPv6 == layout.isIPv6, other.network == layout.network,
      frame.u32(other.transport) == head.u32(layout.transport)
    else { return false }
    let addresses =
      layout.isIPv6 ? (layout.network + 8, layout.network + 40) : (layout.network + 12, layout.network + 20)
    return head.matches(frame, from: addresses.0, to: addresses.1) && head.matches(frame, from: 0, to: layout.network)
  }

  /// Whether a segment of the flow continues the run: the next in sequence, and equal in every header field that a station
  /// could tell apart afterwards.
  @inline(__always)
  func accepts(_ next: JoinCandidate) -> Bool {
    let (frame, network, transport) = (next.frame, layout.network, layout.transport)
    guard flags & TCPFlags.push == 0, next.headerOctets == headerOctets, next.layout.transport == transport,
      next.sequence == head.u32(transport + 4) &+ UInt32(truncatingIfNeeded: payloadOctets),
      next.payloadOctets <= segmentOctets, payloadOctets == count * segmentOctets, count < SegmentRun.mostSegments,
      headerOctets - network + payloadOctets + next.payloadOctets <= SegmentRun.mostPacketOctets
    else { return false }
    let isNetworkEqual =
      layout.isIPv6
      // Version, traffic class and flow label; next header and hop limit.
      ? frame.u32(network) == head.u32(network) && frame.u16(network + 6) == head.u16(network + 6)
      // Version, length, DSCP and ECN; flags; TTL and protocol; identifications that count up as those of TSO do.
      : frame.u16(network) == head.u16(network) && frame.u32(network + 6) >> 16 == head.u32(network + 6) >> 16
        && frame.u16(network + 8) == head.u16(network + 8)
        && frame.u16(network + 4) == head.u16(network + 4) &+ UInt16(truncatingIfNeeded: count)
    // Acknowledgement, header length with the reserved bits; window; urgent pointer; options, timestamps among them.
    return isNetworkEqual && frame.u32(transport + 8) == head.u32(transport + 8)
      && frame.u8(transport + 12) == head.u8(transport + 12) && frame.u16(transport + 14) == head.u16(transport + 14)
      && frame.u16(transport + 18) == head.u16(transport + 18)
      && head.matches(frame, from: transport + 20, to: headerOctets)
  }

  /// Takes a segment in.
  @inline(__always)
  mutating func append(_ next: JoinCandidate) {
    payloadOctets += next.payloadOctets
    count += 1
    flags |= next.flags
  }

  /// Whether nothing can follow: the last segment asked to be pushed, or was shorter than the others.
  var isComplete: Bool {
    flags & TCPFlags.push != 0 || payloadOctets != count * segmentOctets || count == SegmentRun.mostSegments
  }

  /// Makes the first segment's headers those of the whole, and says how to cut it again.
  func finish() -> OffloadHeader {
    guard count > 1 else { return OffloadHeader() }
    let (network, transport) = (layout.network, layout.transport)
    let transportOctets = headerOctets - transport + payloadOctets
    if layout.isIPv6 {
      head.set16(network + 4, UInt16(transportOctets))
    } else {
      head.set16(network + 2, UInt16(transport - network + transportOctets))
      head.set16(network + 10, 0)
      var sum = InternetChecksum()
      sum.add(head.part(network, transport - network))
      head.set16(network + 10, sum.value)
    }
    head.set8(transport + 13, flags)
    head.set16(transport + 16, layout.pseudoHeader(of: head, transportOctets: transportOctets).folded)
    var header = OffloadHeader()
    header.flags = OffloadHeader.needsChecksum
    header.segmentation = layout.isIPv6 ? .tcpOverIPv6 : .tcpOverIPv4
    header.headerOctets = UInt16(headerOctets)
    header.segmentOctets = UInt16(segmentOctets)
    header.checksumStart = UInt16(transport)
    header.checksumOffset = 16
    return header
  }
}
