/// Addresses as text: `192.0.2.1`, `2001:db8::1`, `fe80::1%eth0`.
extension IPAddress: CustomStringConvertible {
  /// Groups of an IPv6 address.
  private static let groupCount = 8

  /// Reads dotted decimal (four numbers without leading zeros, as some programs take those for octal), or any form of
  /// RFC 4291 section 2.2 with an optional zone (RFC 4007 section 11); nil if the text is neither.
  public init?(_ text: String) {
    if text.utf8.contains(UInt8(ascii: ":")) {
      self.init(colonText: text)
    } else if let number = Self.dotted(text[...]) {
      self = .v4(number)
    } else {
      return nil
    }
  }

  private init?(colonText text: String) {
    let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    var zone: Zone?
    if parts.count == 2 {
      guard Self.isZone(parts[1]), let named = Zone(String(parts[1])) else { return nil }
      zone = named
    }
    guard let groups = Self.groups(parts[0]) else { return nil }
    let high = groups[..<4].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
    let low = groups[4...].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
    self = .v6(high: high, low: low, zone: zone)
  }

  /// The canonical form (RFC 5952 section 4); an IPv4-mapped address ends in dotted decimal (section 5).
  public var description: String {
    switch self {
    case .v4(let number):
      return Self.dotted(number)
    case .v6(let high, let low, let zone):
      let suffix = zone.map { "%\($0)" } ?? ""
      if high == 0, low >> 32 == 0xFFFF {
        return "::ffff:" + Self.dotted(UInt32(truncatingIfNeeded: low)) + suffix
      }
      let groups = [high, low].flatMap { half in
        [48, 32, 16, 0].map { UInt16(truncatingIfNeeded: half >> UInt64($0)) }
      }
      return Self.text(groups) + suffix
    }
  }

  private static func dotted(_ number: UInt32) -> String {
    "\(number >> 24).\(number >> 16 & 0xFF).\(number >> 8 & 0xFF).\(number & 0xFF)"
  }

  private static func dotted(_ text: Substring) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var number: UInt32 = 0
    for part in parts {
      guard let octet = UInt8(part), part == String(octet) else { return nil }
      number = number << 8 | UInt32(octet)
    }
    return number
  }

  /// All eight groups of an address without its zone.
  private static func groups(_ text: Substring) -> [UInt16]? {
    guard let gap = text.firstRange(of: "::") else {
      guard let groups = run(text), groups.count == groupCount else { return nil }
      return groups
    }
    let left = text[..<gap.lowerBound]
    let right = text[gap.upperBound...]
    guard let head = left.isEmpty ? [] : run(left, mayEndDotted: false), let tail = right.isEmpty ? [] : run(right),
      head.count + tail.count < groupCount
    else { return nil }
    return head + [UInt16](repeating: 0, count: groupCount - head.count - tail.count) + tail
  }

  /// Groups between colons; the last two may be written as an IPv4 address.
  private static func run(_ text: Substring, mayEndDotted: Bool = true) -> [UInt16]? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= groupCount else { return nil }
    var groups: [UInt16] = []
    for (index, part) in parts.enumerated() {
      if mayEndDotted, index == parts.count - 1, part.contains("."), let number = dotted(part) {
        groups += [UInt16(truncatingIfNeeded: number >> 16), UInt16(truncatingIfNeeded: number)]
      } else {
        guard (1...4).contains(part.utf8.count), part.allSatisfy({ $0.isASCII && $0.isHexDigit }),
          let group = UInt16(part, radix: 16)
        else { return nil }
        groups.append(group)
      }
    }
    return groups
  }

  /// An interface name, or its number.
  private static func isZone(_ zone: Substring) -> Bool {
    zone.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "%") }
  }

  private static func text(_ groups: [UInt16]) -> String {
    guard let gap = longestRunOfZeros(groups) else { return hexadecimal(groups[...]) }
    return hexadecimal(groups[..<gap.lowerBound]) + "::" + hexadecimal(groups[gap.upperBound...])
  }

  private static func hexadecimal(_ groups: ArraySlice<UInt16>) -> String {
    groups.map { String($0, radix: 16) }.joined(separator: ":")
  }

  /// The first of the longest runs of at least two zero groups (RFC 5952 section 4.2).
  private static func longestRunOfZeros(_ groups: [UInt16]) -> Range<Int>? {
    var best: Range<Int>?
    var start: Int?
    for index in 0...groups.count {
      if index < groups.count, groups[index] == 0 {
        start = start ?? index
      } else if let begin = start {
        if index - begin > max(1, best?.count ?? 0) { best = begin..<index }
        start = nil
      }
    }
    return best
  }
}
