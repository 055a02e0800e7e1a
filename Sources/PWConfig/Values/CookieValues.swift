import PWCore

extension KeyType where Value == Cookie {
  /// A cookie as its octets in hexadecimal digits: 8 digits or 16.
  static var cookieValue: KeyType {
    var type = KeyType("8 or 16 hexadecimal digits") { (scalar) throws(ValueFault) in
      // The value is not repeated: complaints end up in logs.
      guard let octets = octets(ofHex: scalar.text), octets.count == 4 || octets.count == 8 else {
        throw ValueFault("it is not a cookie; write 8 or 16 hexadecimal digits, as the other end has them")
      }
      return Cookie(octets: octets)
    }
    type.isSecret = true
    return type
  }

  private static func octets(ofHex text: String) -> [UInt8]? {
    let digits = text.utf8.compactMap { UInt8(String(UnicodeScalar($0)), radix: 16) }
    guard digits.count == text.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}
