import PWCore

/// The length of the cookie that we assign.
enum CookieLength: Equatable {
  /// The longest, and none where the peer ignores it.
  case automatic
  /// This many octets: 0, 4 or 8.
  case octets(Int)

  /// The only three that RFC 3931 section 4.1 has.
  static let all = [0, 4, 8]
}

extension KeyType where Value == CookieLength {
  /// `auto`, or a length in octets.
  static var cookieLength: KeyType {
    let lengths = Value.all.map(String.init)
    return KeyType(
      Words.alternatives((["auto"] + lengths).map { "`\($0)`" }),
      written: { if case .octets(let length) = $0 { "`\(length)`" } else { "`auto`" } },
      read: { (scalar) throws(ValueFault) in
        guard scalar.text != "auto" else { return .automatic }
        guard let length = Int(scalar.text), Value.all.contains(length) else {
          throw ValueFault(
            "'\(scalar.text)' octets is not a cookie length; write \(Words.alternatives(lengths + ["auto"])) "
              + "(RFC 3931 section 4.1)")
        }
        return .octets(length)
      })
  }
}

extension KeyType where Value == PseudowireDeclaration.InterfaceMTU {
  /// `auto`, `none`, or an MTU in octets.
  static var interfaceMTU: KeyType {
    let range = MTUOption.range
    return KeyType(
      "`auto`, `none` or a number, \(range.lowerBound) to \(range.upperBound)",
      written: { value in
        switch value {
        case .automatic: "`auto`"
        case .unsaid: "`none`"
        case .octets(let octets): "`\(octets)`"
        }
      },
      read: { (scalar) throws(ValueFault) in
        switch scalar.text {
        case "auto": return .automatic
        case "none": return .unsaid
        default:
          guard let octets = UInt16(scalar.text), range.contains(Int(octets)) else {
            throw ValueFault(
              "'\(scalar.text)' is not an interface MTU; write 'auto', 'none', or a number from \(range.lowerBound) to "
                + "\(range.upperBound)" + Spelling.hint(for: scalar.text, among: ["auto", "none"]))
          }
          return .octets(octets)
        }
      })
  }
}

extension KeyType where Value == Bool {
  /// Whether data packets are numbered: a switch, or which packets are.
  static var sequencing: KeyType {
    KeyType("`true`, `all`, `false` or `none`") { (scalar) throws(ValueFault) in
      switch scalar.text {
      case "all": return true
      case "none": return false
      default:
        guard let value = Switch.value(of: scalar.text) else {
          throw ValueFault("'\(scalar.text)' is not a valid value; write 'true' or 'all', 'false' or 'none'")
        }
        return value
      }
    }
  }
}

extension KeyType where Value == UInt8 {
  /// A share of a hundred.
  static func percentage(_ range: ClosedRange<UInt8>) -> KeyType {
    let (least, most) = ("\(range.lowerBound)%", "\(range.upperBound)%")
    return KeyType("percentage, \(least) to \(most)", written: { "`\($0)%`" }) { (scalar) throws(ValueFault) in
      guard scalar.text.hasSuffix("%"), let number = UInt8(scalar.text.dropLast()), range.contains(number) else {
        throw ValueFault("'\(scalar.text)' is not a percentage; write one from '\(least)' to '\(most)'")
      }
      return number
    }
  }
}

extension KeyType where Value == SegmentLimit? {
  /// The limit of TCP segments; nil means that there is no limit.
  static var segmentLimit: KeyType {
    let range = SegmentLimit.range
    return KeyType(
      "`off`, `auto` or a number, \(range.lowerBound) to \(range.upperBound)",
      written: { limit in
        switch limit {
        case nil: "`off`"
        case .automatic: "`auto`"
        case .octets(let octets): "`\(octets)`"
        }
      },
      read: { (scalar) throws(ValueFault) in
        // YAML 1.1 reads `off` as a switch, and so do people.
        if Switch.value(of: scalar.text) == false { return nil }
        if scalar.text.lowercased() == "auto" { return .automatic }
        guard let octets = UInt16(scalar.text), range.contains(Int(octets)) else {
          throw ValueFault(
            "'\(scalar.text)' is not a segment size; write 'off', 'auto', or a number from \(range.lowerBound) to "
              + "\(range.upperBound)")
        }
        return .octets(octets)
      })
  }
}
