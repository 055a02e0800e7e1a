/// An address of an interface with the length of its network's prefix: `192.0.2.1/24`, `2001:db8::1/64`.
public struct InterfaceAddress: Hashable, Sendable, CustomStringConvertible {
  /// The address, without a zone.
  public let address: IPAddress
  /// Leading bits that the addresses of its network have in common.
  public let prefixLengthBits: Int

  /// Reads an address that an interface can have; nil for anything else (``fault(of:)`` says why).
  public init?(_ text: String) {
    guard Self.fault(of: text) == nil, let (address, length) = Self.parts(text) else { return nil }
    (self.address, prefixLengthBits) = (address, length)
  }

  /// Why a text is not an address that an interface can have, and what to write; nil where it is.
  public static func fault(of text: String) -> String? {
    guard let (address, length) = parts(text) else {
      return "'\(text)' is not an address with its prefix length; write one like 192.0.2.1/24 or 2001:db8::1/64"
    }
    guard isOneHost(address) else { return "'\(text)' is not an interface's address; write that of one host" }
    guard case .v4(let number) = address, length < 31 else { return nil }
    let host = number & ~(UInt32.max << UInt32(32 - length))
    guard host != 0 else { return "'\(text)' is the network itself; write an address in it" }
    guard host != ~(UInt32.max << UInt32(32 - length)) else {
      return "'\(text)' is the network's broadcast address; write another one in it"
    }
    return nil
  }

  /// As it is written.
  public var description: String { "\(address)/\(prefixLengthBits)" }

  private static func parts(_ text: String) -> (IPAddress, Int)? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, !text.contains("%"), let address = IPAddress(String(parts[0])), let length = Int(parts[1]),
      String(length) == parts[1], (1...address.family.lengthBits).contains(length)
    else { return nil }
    return (address, length)
  }

  /// Neither nobody's address nor a group's (RFC 5771 and the limited broadcast address above it, RFC 4291 section 2.7).
  private static func isOneHost(_ address: IPAddress) -> Bool {
    switch address {
    case .v4(let number): number != 0 && number < 0xE000_0000
    case .v6(let high, let low, _): (high != 0 || low != 0) && high >> 56 != 0xFF
    }
  }
}

extension InterfaceAddress: Codable {
  /// Reads it as text.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let address = InterfaceAddress(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not an interface's address")
    }
    self = address
  }

  /// Writes it as text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
