/// Octets as a recording has them: lower-case hexadecimal digits, two for each.
public struct OctetText: Codable, Equatable, Sendable {
  /// The octets that the digits stand for, in the same order.
  public var octets: [UInt8]

  /// The text form of these octets, of which there may be any number.
  public init(_ octets: [UInt8]) {
    self.octets = octets
  }

  /// Reads pairs of digits.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let octets = OctetText(digits: try container.decode(String.self).utf8) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "octets are pairs of hexadecimal digits")
    }
    self = octets
  }

  /// Takes pairs of digits, in ASCII; nil where they are anything else.
  init?(digits text: some Sequence<UInt8>) {
    let digits = text.map(\.hexDigitValue)
    octets = []
    octets.reserveCapacity(digits.count / 2)
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard index + 1 < digits.count, let high = digits[index], let low = digits[index + 1] else { return nil }
      octets.append(high << 4 | low)
    }
  }

  /// Writes pairs of digits.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(hex(octets))
  }
}

extension UInt8 {
  /// The value of a hexadecimal digit in ASCII, lower case alone; nil for any other octet.
  fileprivate var hexDigitValue: UInt8? {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}
