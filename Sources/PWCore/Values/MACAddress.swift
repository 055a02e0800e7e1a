/// The MAC address of an interface, or of a station on an Ethernet (IEEE 802, EUI-48).
public struct MACAddress: Hashable, Sendable, CustomStringConvertible {
  /// Octets of an address.
  public static let octetCount = 6
  /// The broadcast address: a frame sent to it is for all stations.
  public static let broadcast = MACAddress(number: 0xFFFF_FFFF_FFFF)

  private let number: UInt64

  private init(number: UInt64) { self.number = number }

  /// Six octets, in the order of the wire; nil for any other number of them.
  public init?(octets: some Collection<UInt8>) {
    guard octets.count == Self.octetCount else { return nil }
    self.init(joining: octets)
  }

  private init(joining octets: some Collection<UInt8>) {
    number = octets.reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Six pairs of hexadecimal digits, with `:` or `-` between them; nil for any other text.
  public init?(_ text: String) {
    let parts = text.split(whereSeparator: { $0 == ":" || $0 == "-" })
    let octets = parts.compactMap { $0.utf8.count == 2 && $0.allSatisfy(\.isHexDigit) ? UInt8($0, radix: 16) : nil }
    guard octets.count == Self.octetCount, parts.count == octets.count, text.utf8.count == 3 * octets.count - 1 else {
      return nil
    }
    self.init(joining: octets)
  }

  /// An address that is the same in every run and on every machine for the same words, and another one for others: a locally
  /// administered one of a single interface.
  ///
  /// Its last 40 bits are FNV-1a with 64 bits over the words with an octet 0 between them, the upper 24 bits folded in.
  ///
  /// - Parameters:
  ///   - words: what the interface is known by; none of them holds an octet 0.
  ///   - first: the first octet, with bit 1 (local) set and bit 0 (group) clear.
  public init(derivedFrom words: [String], first: UInt8) {
    precondition(first & 0b11 == 0b10, "not the first octet of a locally administered address")
    let hash = StableHash.bits64(words.joined(separator: "\0"))
    number = UInt64(first) << 40 | (hash ^ hash >> 40) & 0xFF_FFFF_FFFF
  }

  /// The six octets, in the order of the wire.
  public var octets: [UInt8] { (0..<6).map { UInt8(truncatingIfNeeded: number >> (40 - 8 * $0)) } }

  /// Whether it is one interface's, and no group's: none has another.
  public var isOneInterface: Bool { number >> 40 & 1 == 0 && number != 0 }

  /// `02:00:00:00:00:01`.
  public var description: String { octets.map { hex($0) }.joined(separator: ":") }
}

extension MACAddress: Codable {
  /// Reads it as text.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let address = MACAddress(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not a MAC address")
    }
    self = address
  }

  /// Writes it as text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
