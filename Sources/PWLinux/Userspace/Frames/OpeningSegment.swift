/// A TCP segment that opens a connection (SYN), in a frame whose lengths agree: what an MSS option stands in.
///
/// Frames of any other kind are none: fragments, IPv6 packets with extension headers, and what is shorter than it says.
struct OpeningSegment {
  private let frame: PacketView
  private let layout: FrameLayout
  /// Where the options end, and the payload begins.
  private let optionsEnd: Int

  private static let tcpHeaderOctets = 20
  /// Kinds of options (RFC 9293 section 3.1).
  private enum Option {
    static let end: UInt8 = 0
    static let padding: UInt8 = 1
    static let maximumSegmentSize: UInt8 = 2
    /// The length of the maximum segment size option, kind and length included.
    static let maximumSegmentSizeOctets = 4
  }

  /// Looks at a frame.
  @inline(__always)
  init?(_ frame: PacketView) {
    guard let layout = FrameLayout(frame), layout.transportProtocol == FrameLayout.tcp,
      layout.transport + OpeningSegment.tcpHeaderOctets <= layout.end,
      frame.u8(layout.transport + 13) & TCPFlags.syn != 0
    else { return nil }
    let transportOctets = Int(frame.u8(layout.transport + 12) >> 4) * 4
    guard transportOctets > OpeningSegment.tcpHeaderOctets, layout.transport + transportOctets <= layout.end else {
      return nil
    }
    self.frame = frame
    self.layout = layout
    optionsEnd = layout.transport + transportOctets
  }

  /// Whether IPv6 carries it, or IPv4.
  var isIPv6: Bool { layout.isIPv6 }
  /// How many 802.1Q tags stand before the packet.
  var tagCount: Int { layout.tagCount }

  /// Lowers the MSS to so many octets where it is larger. The checksum follows the change and is right afterwards
  /// exactly if it was before.
  func lowerSegmentSize(to limit: UInt16) {
    var offset = layout.transport + OpeningSegment.tcpHeaderOctets
    while offset < optionsEnd {
      let kind = frame.u8(offset)
      if kind == Option.end { return }
      if kind == Option.padding {
        offset += 1
        continue
      }
      guard offset + 2 <= optionsEnd else { return }
      let octets = Int(frame.u8(offset + 1))
      guard octets >= 2, offset + octets <= optionsEnd else { return }
      if kind == Option.maximumSegmentSize, octets == Option.maximumSegmentSizeOctets {
        lower(at: offset + 2, to: limit)
      }
      offset += octets
    }
  }

  private func lower(at offset: Int, to limit: UInt16) {
    let before = frame.u16(offset)
    guard before > limit else { return }
    frame.set16(offset, limit)
    let checksum = layout.transport + 16
    // The sum is one of words from the header's beginning: a number at an odd place lies in two, octets swapped.
    let isOdd = (offset - layout.transport) % 2 != 0
    frame.set16(
      checksum,
      InternetChecksum.updated(
        frame.u16(checksum), from: isOdd ? before.byteSwapped : before, to: isOdd ? limit.byteSwapped : limit))
  }
}
