/// A block of addresses: `192.0.2.0/24`, `2001:db8::/32`.
public struct IPPrefix: Hashable, Sendable, CustomStringConvertible {
  /// The first address of the block, whose bits behind the first ``lengthBits`` are all clear.
  public let address: IPAddress
  /// Leading bits that all its addresses have in common.
  public let lengthBits: Int

  /// A block; nil if the address has further bits set or a zone, or no address is that long.
  public init?(_ address: IPAddress, lengthBits: Int) {
    guard (0...address.family.lengthBits).contains(lengthBits), address.masked(to: lengthBits) == address else {
      return nil
    }
    self.address = address
    self.lengthBits = lengthBits
  }

  /// The block of so many leading bits that an address is in; nil if no address is that long.
  public init?(containing address: IPAddress, lengthBits: Int) {
    guard (0...address.family.lengthBits).contains(lengthBits) else { return nil }
    self.address = address.masked(to: lengthBits)
    self.lengthBits = lengthBits
  }

  /// Whether an address, whatever its zone, is in the block.
  public func contains(_ other: IPAddress) -> Bool {
    other.family == address.family && other.masked(to: lengthBits) == address
  }

  /// As it is written.
  public var description: String { "\(address)/\(lengthBits)" }
}

extension AddressFamily {
  /// Bits of an address.
  public var lengthBits: Int {
    switch self {
    case .v4: 32
    case .v6: 128
    }
  }
}

extension IPAddress {
  /// The address with all but so many leading bits cleared, and no zone.
  fileprivate func masked(to lengthBits: Int) -> IPAddress {
    switch self {
    case .v4(let number): return .v4(number & (UInt32.max << (32 - lengthBits)))
    case .v6(let high, let low, _):
      return .v6(
        high: high & (UInt64.max << (64 - min(lengthBits, 64))), low: low & (UInt64.max << (128 - max(lengthBits, 64))),
        zone: nil)
    }
  }
}
