/// A cookie: 0, 4 or 8 octets that a receiver wants in the data packets sent to it (RFC 3931 sections 4.1 and 8.2). A
/// number, not an array: sessions come by the thousand, and nothing is allocated for theirs.
public struct Cookie: Hashable, Sendable {
  /// The octets as a number, the first octet in its highest place; 0 without octets.
  public let number: UInt64
  private let length: UInt8

  /// How many octets it has: 0, 4 or 8.
  public var lengthOctets: Int { Int(length) }

  /// The empty cookie: data packets carry no cookie.
  public init() {
    self.init(number: 0, lengthOctets: 0)
  }

  /// As many of the lower octets of `number` as `lengthOctets` says, which must be 0, 4 or 8.
  public init(number: UInt64, lengthOctets: Int) {
    precondition(lengthOctets == 0 || lengthOctets == 4 || lengthOctets == 8, "a cookie has 0, 4 or 8 octets")
    length = UInt8(lengthOctets)
    // The bits of a longer number above the cookie's length do not count when cookies are compared.
    self.number = lengthOctets == 8 ? number : lengthOctets == 4 ? number & 0xFFFF_FFFF : 0
  }

  /// From its octets, of which there must be 0, 4 or 8.
  public init(octets: [UInt8]) {
    self.init(number: octets.reduce(0) { $0 << 8 | UInt64($1) }, lengthOctets: octets.count)
  }

  /// The octets as they go over the wire.
  public var octets: [UInt8] {
    (0..<lengthOctets).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * (lengthOctets - 1 - $0))) }
  }
}
