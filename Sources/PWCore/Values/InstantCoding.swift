/// How moments are written and read where others than a recording want them: what comes of `encode` and `decode` stands
/// for each `Instant` in a document, so that one clock serves all of it.
///
/// An encoder or a decoder has it in its `userInfo`; without, an `Instant` is its nanoseconds.
public struct InstantCoding: Sendable {
  /// Under which key it is in `userInfo`; the standard library makes keys optional.
  public static let key = CodingUserInfoKey(rawValue: "PWCore.InstantCoding")
  /// Writes a moment to an encoder, in the form that the document has.
  public var encode: @Sendable (Instant, any Encoder) throws -> Void
  /// Reads a moment of that form from a decoder.
  public var decode: @Sendable (any Decoder) throws -> Instant

  /// A form by the two functions that write and read it.
  public init(
    encode: @escaping @Sendable (Instant, any Encoder) throws -> Void,
    decode: @escaping @Sendable (any Decoder) throws -> Instant
  ) {
    self.encode = encode
    self.decode = decode
  }

  fileprivate static func of(_ userInfo: [CodingUserInfoKey: Any]) -> InstantCoding? {
    guard !userInfo.isEmpty, let key else { return nil }
    return userInfo[key] as? InstantCoding
  }
}

extension Instant: Codable {
  private enum CodingKeys: CodingKey {
    case nanoseconds
  }

  /// Reads a moment, in whatever form the decoder has them.
  public init(from decoder: any Decoder) throws {
    if let coding = InstantCoding.of(decoder.userInfo) {
      self = try coding.decode(decoder)
    } else {
      self.init(nanoseconds: try decoder.container(keyedBy: CodingKeys.self).decode(UInt64.self, forKey: .nanoseconds))
    }
  }

  /// Writes the moment in the form that the encoder's `userInfo` has, else as nanoseconds.
  public func encode(to encoder: any Encoder) throws {
    if let coding = InstantCoding.of(encoder.userInfo) { return try coding.encode(self, encoder) }
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(nanoseconds, forKey: .nanoseconds)
  }
}
