/// A Differentiated Services code point (RFC 2474): what routers on the way go by when they have to choose.
public struct DSCP: RawRepresentable, Hashable, Codable, Sendable {
  /// The code point: six bits, from 0 to ``maximum``.
  public let rawValue: UInt8

  /// The largest code point that fits into six bits.
  public static let maximum: UInt8 = 63

  /// A number up to ``maximum``; nil for any other.
  public init?(rawValue: UInt8) {
    guard rawValue <= Self.maximum else { return nil }
    self.rawValue = rawValue
  }

  /// A name of RFC 2474, 2597, 3246 or 8622: `cs0` to `cs7`, `af11` to `af43`, `ef`, `le`; or nil.
  public init?(name: String) {
    guard let number = Self.names[name] else { return nil }
    rawValue = number
  }

  /// Its name, if it has one.
  public var name: String? { Self.names.first { $0.value == rawValue }?.key }

  /// The PHB code of AVPs 47 and 48 (RFC 3308 section 6): that of the behaviour which has this code point (RFC 3140 section 2).
  public var phbCode: UInt16 { UInt16(rawValue) << 10 }

  /// The byte of IPv4's Type of Service or IPv6's Traffic Class, its ECN bits clear.
  public var trafficClass: UInt8 { rawValue << 2 }

  private static let names: [String: UInt8] = {
    var names: [String: UInt8] = ["ef": 46, "le": 1]
    for number in UInt8(0)..<8 { names["cs\(number)"] = number << 3 }
    for assured in UInt8(1)...4 {
      for precedence in UInt8(1)...3 { names["af\(assured)\(precedence)"] = assured << 3 | precedence << 1 }
    }
    return names
  }()
}
