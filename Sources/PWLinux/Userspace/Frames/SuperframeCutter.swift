/// Cuts what a TAP delivers under segmentation offload (one TCP segment or one run of UDP datagrams of up to 64 KiB) into the
/// frames that a station without offload would have sent.
///
/// It writes headers only: the payload of each frame stays where it is, and the caller gathers both (writev(2)).
struct SuperframeCutter {
  private let frame: PacketView
  private let layout: FrameLayout
  private let payloadOctets: Int
  private let isTCP: Bool

  /// Octets of headers before the payload of each frame, the same for all.
  let headerOctets: Int
  /// Octets of payload in each frame but the last.
  let segmentOctets: Int
  /// How many frames it becomes.
  let count: Int

  /// The most octets that the headers of a frame can have: Ethernet, two tags, IPv4 with options, TCP with options.
  static let mostHeaderOctets = 14 + 8 + 60 + 60

  /// Looks at a superframe.
  ///
  /// - Parameters:
  ///   - frame: the frame behind the offload header.
  ///   - header: the offload header.
  ///   - largestFrameOctets: what one frame may have at most; TCP is cut smaller where that is less than it asks for, because
  ///     TCP does not care where its segments end. UDP datagrams are never made smaller.
  /// - Returns: nil when the headers are not what the offload header says.
  init?(frame: PacketView, header: OffloadHeader, largestFrameOctets: Int) {
    guard let layout = FrameLayout(frame), header.segmentOctets > 0 else { return nil }
    switch header.segmentation {
    case .tcpOverIPv4, .tcpOverIPv6:
      guard layout.transportProtocol == FrameLayout.tcp, layout.transport + 20 <= layout.end,
        layout.isIPv6 == (header.segmentation == .tcpOverIPv6)
      else { return nil }
      let transportOctets = Int(frame.u8(layout.transport + 12) >> 4) * 4
      guard transportOctets >= 20 else { return nil }
      isTCP = true
      headerOctets = layout.transport + transportOctets
    case .udp:
      guard layout.transportProtocol == FrameLayout.udp else { return nil }
      isTCP = false
      headerOctets = layout.transport + 8
    default: return nil
    }
    guard headerOctets <= SuperframeCutter.mostHeaderOctets, headerOctets < layout.end else { return nil }
    self.frame = frame
    self.layout = layout
    payloadOctets = layout.end - headerOctets
    let room = largestFrameOctets - headerOctets
    segmentOctets =
      isTCP && room >= SuperframeCutter.leastSegmentOctets
      ? min(Int(header.segmentOctets), room) : Int(header.segmentOctets)
    count = (payloadOctets + segmentOctets - 1) / segmentOctets
  }

  /// TCP is not cut smaller than this: a path that passes less is left to fragmentation.
  private static let leastSegmentOctets = 256

  /// The payload of a frame.
  @inline(__always)
  func payload(_ index: Int) -> PacketView {
    let start = index * segmentOctets
    return frame.part(headerOctets + start, min(segmentOctets, payloadOctets - start))
  }

  /// Writes the headers of a frame, lengths, identification, sequence number, flags and checksums included, to `target`, which
  /// has `headerOctets`.
  @inline(__always)
  func writeHeaders(_ index: Int, to target: PacketView) {
    let payload = payload(index)
    target.copy(headerOctets, from: frame)
    let transportOctets = headerOctets - layout.transport + payload.count
    if layout.isIPv6 {
      target.set16(layout.network + 4, UInt16(truncatingIfNeeded: transportOctets))
    } else {
      writeIPv4(index, transportOctets: transportOctets, to: target)
    }
    if isTCP {
      writeTCP(index, to: target)
    } else {
      target.set16(layout.transport + 4, UInt16(truncatingIfNeeded: transportOctets))
    }
    let checksumAt = layout.transport + (isTCP ? 16 : 6)
    target.set16(checksumAt, 0)
    var sum = layout.pseudoHeader(of: target, transportOctets: transportOctets)
    sum.add(target.part(layout.transport, headerOctets - layout.transport))
    sum.add(payload)
    // RFC 768: a UDP checksum of zero would mean that there is none.
    target.set16(checksumAt, sum.value == 0 && !isTCP ? 0xFFFF : sum.value)
  }

  @inline(__always)
  private func writeIPv4(_ index: Int, transportOctets: Int, to target: PacketView) {
    let network = layout.network
    let networkOctets = layout.transport - network
    target.set16(network + 2, UInt16(truncatingIfNeeded: networkOctets + transportOctets))
    target.set16(network + 4, frame.u16(network + 4) &+ UInt16(truncatingIfNeeded: index))
    target.set16(network + 10, 0)
    var sum = InternetChecksum()
    sum.add(target.part(network, networkOctets))
    target.set16(network + 10, sum.value)
  }

  @inline(__always)
  private func writeTCP(_ index: Int, to target: PacketView) {
    let transport = layout.transport
    target.set32(transport + 4, frame.u32(transport + 4) &+ UInt32(truncatingIfNeeded: index * segmentOctets))
    var flags = frame.u8(transport + 13)
    // FIN and PSH belong to the last octet, CWR to the first (RFC 9293 section 3.1, RFC 3168 section 6.1.2).
    if index < count - 1 { flags &= ~(TCPFlags.fin | TCPFlags.push) }
    if index > 0 { flags &= ~TCPFlags.cwr }
    target.set8(transport + 13, flags)
  }
}

/// The flags of TCP that cutting and joining look at (RFC 9293 section 3.1).
enum TCPFlags {
  static let fin: UInt8 = 0x01
  static let syn: UInt8 = 0x02
  static let push: UInt8 = 0x08
  static let ack: UInt8 = 0x10
  static let cwr: UInt8 = 0x80
}

extension OffloadHeader {
  /// Completes the checksum of a frame that is not to be cut (VIRTIO_NET_HDR_F_NEEDS_CSUM).
  ///
  /// - Returns: false when the offsets lie outside of the frame, which is then not sent.
  func completeChecksum(of frame: PacketView) -> Bool {
    guard flags & OffloadHeader.needsChecksum != 0 else { return true }
    let (start, field) = (Int(checksumStart), Int(checksumStart) + Int(checksumOffset))
    guard start <= frame.count, field + 2 <= frame.count else { return false }
    // The field holds the pseudo header's sum, and is part of what is summed.
    var sum = InternetChecksum()
    sum.add(frame.from(start))
    // Zero is not a checksum in UDP, and its other form is as good for TCP.
    frame.set16(field, sum.value == 0 ? 0xFFFF : sum.value)
    return true
  }
}
