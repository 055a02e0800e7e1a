/// The ones' complement sum of IPv4, TCP and UDP (RFC 1071).
///
/// The sum is taken over words in the machine's own order and swapped once at the end, which RFC 1071 section 2 allows. Every
/// part but the last must be of even length.
struct InternetChecksum {
  private var sum: UInt64 = 0

  /// Adds a part of a packet; an odd last octet counts as if a zero followed.
  @inline(__always)
  mutating func add(_ view: PacketView) {
    let (total, carry) = sum.addingReportingOverflow(InternetChecksum.sum(of: view))
    sum = total &+ (carry ? 1 : 0)
  }

  /// Adds a 16-bit number of a pseudo header.
  @inline(__always)
  mutating func add(_ number: UInt16) {
    let (total, carry) = sum.addingReportingOverflow(UInt64(number.bigEndian))
    sum = total &+ (carry ? 1 : 0)
  }

  /// The sum folded to 16 bits, not complemented: what a checksum field holds that somebody else completes.
  var folded: UInt16 {
    var value = (sum & 0xFFFF_FFFF) + (sum >> 32)
    value = (value & 0xFFFF) + ((value >> 16) & 0xFFFF) + (value >> 32)
    value = (value & 0xFFFF) + (value >> 16)
    value = (value & 0xFFFF) + (value >> 16)
    return UInt16(truncatingIfNeeded: value).bigEndian
  }

  /// The checksum: the complement of the folded sum.
  var value: UInt16 { ~folded }

  /// Whether a packet that contains its own checksum is undamaged.
  var isIntact: Bool { folded == 0xFFFF }

  /// The checksum of a packet in which one 16-bit word became another (RFC 1624 section 3, equation 3).
  static func updated(_ checksum: UInt16, from before: UInt16, to after: UInt16) -> UInt16 {
    var sum = UInt32(~checksum) + UInt32(~before) + UInt32(after)
    sum = (sum & 0xFFFF) + (sum >> 16)
    sum = (sum & 0xFFFF) + (sum >> 16)
    return ~UInt16(truncatingIfNeeded: sum)
  }

  /// The sum of a part's 32-bit words: two vector accumulators, because this reads every octet that the plane carries.
  @inline(__always)
  private static func sum(of view: PacketView) -> UInt64 {
    let base = view.base
    var offset = 0
    var total: UInt64 = 0
    if view.count >= 64 {
      let low = SIMD4<UInt64>(repeating: 0xFFFF_FFFF)
      var even = SIMD4<UInt64>.zero
      var odd = SIMD4<UInt64>.zero
      while offset &+ 64 <= view.count {
        let first = base.loadUnaligned(fromByteOffset: offset, as: SIMD4<UInt64>.self)
        let second = base.loadUnaligned(fromByteOffset: offset &+ 32, as: SIMD4<UInt64>.self)
        even = even &+ (first & low) &+ (second & low)
        odd = odd &+ (first &>> 32) &+ (second &>> 32)
        offset &+= 64
      }
      // A packet has at most 2^16 octets, so no lane comes near its end.
      total = even.wrappedSum() &+ odd.wrappedSum()
    }
    while offset &+ 4 <= view.count {
      total &+= UInt64(base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      offset &+= 4
    }
    if offset &+ 2 <= view.count {
      total &+= UInt64(base.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
      offset &+= 2
    }
    if offset < view.count {
      total &+= UInt64(UInt16(base.load(fromByteOffset: offset, as: UInt8.self)).littleEndian)
    }
    return total
  }
}
