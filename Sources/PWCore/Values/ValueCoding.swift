/// Values whose form in a recording is text, as people write it, or that not every combination of their parts is one of.
extension IPAddress: Codable {
  /// Reads what ``init(shown:)`` does.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let address = IPAddress(shown: text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not an address")
    }
    self = address
  }

  /// Reads `192.0.2.1`, `2001:db8::1`, or the latter with `%` and a zone behind it, which may be anything: interfaces
  /// have names that no site file could write.
  init?(shown text: String) {
    let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    switch (IPAddress(String(parts[0])), parts.count > 1 ? String(parts[1]) : nil) {
    case (.v4(let number), nil):
      self = .v4(number)
    case (.v6(let high, let low, _), let name):
      let zone = name.flatMap { Zone($0) }
      guard name == nil || zone != nil else { return nil }
      self = .v6(high: high, low: low, zone: zone)
    case (.v4, _), (nil, _):
      return nil
    }
  }

  /// Writes it as text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension IPPrefix: Codable {
  private enum CodingKeys: CodingKey {
    case address, lengthBits
  }

  /// Reads address and length, which must fit each other.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let address = try container.decode(IPAddress.self, forKey: .address)
    guard let prefix = IPPrefix(address, lengthBits: try container.decode(Int.self, forKey: .lengthBits)) else {
      throw DecodingError.dataCorruptedError(
        forKey: .lengthBits, in: container, debugDescription: "the address has bits behind the prefix")
    }
    self = prefix
  }

  /// Writes address and length.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(address, forKey: .address)
    try container.encode(lengthBits, forKey: .lengthBits)
  }
}

extension Cookie: Codable {
  /// Reads its octets, 0, 4 or 8.
  public init(from decoder: any Decoder) throws {
    let octets = try OctetText(from: decoder).octets
    guard [0, 4, 8].contains(octets.count) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "a cookie has 0, 4 or 8 octets"))
    }
    self.init(octets: octets)
  }

  /// Writes its octets as hexadecimal digits.
  public func encode(to encoder: any Encoder) throws {
    try OctetText(octets).encode(to: encoder)
  }
}

extension RemoteEndID: Codable {
  /// Reads its octets from hexadecimal digits.
  public init(from decoder: any Decoder) throws {
    self.init(octets: try OctetText(from: decoder).octets)
  }

  /// Writes its octets as hexadecimal digits.
  public func encode(to encoder: any Encoder) throws {
    try OctetText(octets).encode(to: encoder)
  }
}
