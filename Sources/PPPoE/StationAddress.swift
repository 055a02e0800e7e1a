/// The MAC address of a station on an Ethernet (IEEE 802).
public struct StationAddress: Hashable, Sendable, CustomStringConvertible {
  /// Octets of an address.
  public static let octetCount = 6
  /// All stations.
  public static let broadcast = StationAddress(number: 0xFFFF_FFFF_FFFF)

  private let number: UInt64

  private init(number: UInt64) { self.number = number }

  /// Six octets, in the order of the wire; nil for any other number of them.
  public init?(_ octets: some Collection<UInt8>) {
    guard octets.count == Self.octetCount else { return nil }
    number = octets.reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The six octets, in the order of the wire.
  public var octets: [UInt8] { (0..<6).map { UInt8(truncatingIfNeeded: number >> (40 - 8 * $0)) } }

  /// Whether it is one station's, and no group's: a sender has no other.
  public var isOneStation: Bool { number >> 40 & 1 == 0 && number != 0 }

  /// `02:00:00:00:00:01`.
  public var description: String {
    octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
  }
}
