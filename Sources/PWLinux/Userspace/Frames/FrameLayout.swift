/// Where the headers of an Ethernet frame are, as far as cutting and joining need it.
struct FrameLayout: Equatable {
  /// IPv6 or IPv4.
  var isIPv6: Bool
  /// How many 802.1Q tags stand before the IP header.
  var tagCount: Int { (network - FrameLayout.ethernetOctets) / FrameLayout.tagOctets }
  /// Where the IP header begins: behind the Ethernet header and the VLAN tags.
  var network: Int
  /// Where the transport header begins.
  var transport: Int
  /// TCP or UDP, or anything else.
  var transportProtocol: UInt8
  /// Where the IP packet ends; what follows is Ethernet padding.
  var end: Int

  private static let ipv4: UInt16 = 0x0800
  private static let ipv6: UInt16 = 0x86DD
  static let tcp: UInt8 = 6
  static let udp: UInt8 = 17
  /// Two addresses and the EtherType.
  static let ethernetOctets = 14
  private static let tagOctets = 4
  private static let mostTags = 2

  /// Reads the headers of a frame that carries an unfragmented IP packet without extension headers.
  ///
  /// - Returns: nil for every other frame, also for one that is shorter than its headers say.
  @inline(__always)
  init?(_ frame: PacketView) {
    guard let (type, network) = FrameLayout.packet(in: frame) else { return nil }
    self.network = network
    switch type {
    case FrameLayout.ipv4:
      guard network + 20 <= frame.count else { return nil }
      let versionAndLength = frame.u8(network)
      let headerOctets = Int(versionAndLength & 0x0F) * 4
      let length = Int(frame.u16(network + 2))
      // RFC 791: version, header length, total length; More Fragments and the offset must be zero.
      guard versionAndLength >> 4 == 4, headerOctets >= 20, length >= headerOctets, network + length <= frame.count,
        frame.u16(network + 6) & 0x3FFF == 0
      else { return nil }
      isIPv6 = false
      transport = network + headerOctets
      transportProtocol = frame.u8(network + 9)
      end = network + length
    case FrameLayout.ipv6:
      guard network + 40 <= frame.count else { return nil }
      let length = Int(frame.u16(network + 4))
      guard frame.u8(network) >> 4 == 6, network + 40 + length <= frame.count else { return nil }
      isIPv6 = true
      transport = network + 40
      transportProtocol = frame.u8(network + 6)
      end = transport + length
    default: return nil
    }
  }

  /// The packet behind a frame's tags: the EtherType, and where the packet begins; nil for a frame that ends before.
  @inline(__always)
  private static func packet(in frame: PacketView) -> (type: UInt16, offset: Int)? {
    guard frame.count >= ethernetOctets else { return nil }
    var offset = 12
    var tags = 0
    var type = frame.u16(offset)
    // IEEE 802.1Q customer and service tags.
    while type == 0x8100 || type == 0x88A8 {
      offset += tagOctets
      tags += 1
      guard tags <= mostTags, offset + 2 <= frame.count else { return nil }
      type = frame.u16(offset)
    }
    return (type, offset + 2)
  }

  /// The octet with the code point of the IP packet in a frame, a fragment too: IPv4's Type of Service or IPv6's
  /// Traffic Class, its ECN bits clear (RFC 2474 section 3); nil where there is no IP packet.
  @inline(__always)
  static func codePoint(in frame: PacketView) -> UInt8? {
    guard let (type, network) = packet(in: frame), network + 2 <= frame.count else { return nil }
    switch (type, frame.u8(network) >> 4) {
    case (ipv4, 4): return frame.u8(network + 1) & 0xFC
    case (ipv6, 6): return UInt8(truncatingIfNeeded: frame.u16(network) >> 4) & 0xFC
    default: return nil
    }
  }

  /// The sum of the pseudo header (RFC 9293 section 3.1, RFC 8200 section 8.1) for so many octets of header and payload.
  @inline(__always)
  func pseudoHeader(of frame: PacketView, transportOctets: Int) -> InternetChecksum {
    var sum = InternetChecksum()
    sum.add(isIPv6 ? frame.part(network + 8, 32) : frame.part(network + 12, 8))
    sum.add(UInt16(transportProtocol))
    sum.add(UInt16(truncatingIfNeeded: transportOctets))
    return sum
  }
}
