import PWCore

/// An IP packet in two pieces, however short it is: it finds out whether fragments arrive, where the kernel would send
/// it whole.
struct CutPacket {
  /// The transport of a payload: UDP with its ports, or L2TP over IP.
  enum Transport {
    case udp(source: UInt16, destination: UInt16)
    case l2tp
  }

  /// The places of both ends.
  struct Way {
    var source: IPAddress
    var destination: IPAddress
    var outer = OuterHeader()
  }

  /// A fragment begins at a multiple of so many octets (RFC 791 section 3.1, RFC 8200 section 4.5).
  private static let unitOctets = 8
  private static let usualHopLimit: UInt8 = 64
  private static let udpHeaderOctets = 8
  private static let fragmentHeader: UInt8 = 44
  private static let fragmentHeaderOctets = 8

  /// The pieces, IP headers included; empty where the addresses are not of one family, or there is too little to cut.
  static func pieces(of payload: [UInt8], _ transport: Transport, _ way: Way, identification: UInt32) -> [[UInt8]] {
    let body = datagram(payload, transport, way)
    let cut = firstOctets(of: body.count, way)
    guard cut > 0, body.count <= Int(UInt16.max) else { return [] }
    let parts = [(octets: body[..<cut], offset: 0), (octets: body[cut...], offset: cut)]
    return parts.compactMap { part in
      header(part.octets.count, offset: part.offset, isLast: part.offset > 0, transport, way, identification).map {
        $0 + part.octets
      }
    }
  }

  /// Octets of the body in the first piece: that is as large as the kernel makes it on a path that passes the packet
  /// just whole. Over IPv6 some hosts and filters drop a first piece of less than 1,280 octets, which no link needs.
  private static func firstOctets(of octets: Int, _ way: Way) -> Int {
    // An IPv6 fragment has a header more than the whole packet.
    let rest = way.source.family == .v6 ? fragmentHeaderOctets : 1
    return max(0, octets - rest) / unitOctets * unitOctets
  }

  private static func header(
    _ octets: Int, offset: Int, isLast: Bool, _ transport: Transport, _ way: Way, _ identification: UInt32
  ) -> [UInt8]? {
    let hopLimit = way.outer.hopLimit ?? usualHopLimit
    let trafficClass = way.outer.dscp?.trafficClass ?? 0
    let place = UInt16(offset / unitOctets)
    switch (way.source, way.destination) {
    case (.v4(let source), .v4(let destination)):
      // The kernel fills the total length and the checksum in (raw(7)).
      let flags: UInt16 = isLast ? 0 : 0x2000
      return [0x45, trafficClass] + number(UInt16(20 + octets)) + number(UInt16(truncatingIfNeeded: identification))
        + number(flags | place) + [hopLimit, transport.number, 0, 0] + number(source) + number(destination)
    case (.v6(let high, let low, _), .v6(let otherHigh, let otherLow, _)):
      let first = 0x6000_0000 | UInt32(trafficClass) << 20
      let fragment: [UInt8] =
        [transport.number, 0] + number(place << 3 | (isLast ? 0 : 1)) + number(identification)
      return number(first) + number(UInt16(fragment.count + octets)) + [fragmentHeader, hopLimit]
        + [high, low, otherHigh, otherLow].flatMap { number($0) } + fragment
    case (.v4, .v6), (.v6, .v4): return nil
    }
  }

  /// The payload with its transport's header.
  private static func datagram(_ payload: [UInt8], _ transport: Transport, _ way: Way) -> [UInt8] {
    switch transport {
    // Session ID 0 says that a control message follows (RFC 3931 section 4.1.1.2).
    case .l2tp: return [0, 0, 0, 0] + payload
    case .udp(let source, let destination):
      let length = udpHeaderOctets + payload.count
      let header = number(source) + number(destination) + number(UInt16(truncatingIfNeeded: length))
      let sum = checksum(pseudoHeader(length, way) + header + [0, 0] + payload)
      return header + number(sum == 0 ? 0xFFFF : sum) + payload
    }
  }

  private static func pseudoHeader(_ octets: Int, _ way: Way) -> [UInt8] {
    [way.source, way.destination].flatMap { address -> [UInt8] in
      switch address {
      case .v4(let address): number(address)
      case .v6(let high, let low, _): number(high) + number(low)
      }
    } + number(UInt32(octets)) + number(UInt32(Transport.udpNumber))
  }

  /// The one's complement of the one's complement sum (RFC 1071).
  private static func checksum(_ octets: [UInt8]) -> UInt16 {
    var sum: UInt32 = 0
    for index in stride(from: 0, to: octets.count, by: 2) {
      sum += UInt32(octets[index]) << 8 | (index + 1 < octets.count ? UInt32(octets[index + 1]) : 0)
    }
    while sum > 0xFFFF { sum = (sum & 0xFFFF) + (sum >> 16) }
    return ~UInt16(sum)
  }

  private static func number<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }
}

extension CutPacket.Transport {
  fileprivate static let udpNumber: UInt8 = 17

  /// Its number in the IP header.
  fileprivate var number: UInt8 {
    switch self {
    case .udp: Self.udpNumber
    case .l2tp: UInt8(l2tpProtocol)
    }
  }
}
