import PWCore

/// Remote End IDs: a plain number is the 4-octet form that everybody supports (RFC 4719 section 2.2), the rest is text.
enum EndIDs {
  static let maximumOctets = 255

  static func endID(_ scalar: Scalar) throws(ValueFault) -> RemoteEndID {
    let text = scalar.text
    guard !text.isEmpty, text.utf8.count <= maximumOctets else {
      throw ValueFault("an end id has 1 to \(maximumOctets) octets of text; write a number, or a shorter text")
    }
    guard text.unicodeScalars.allSatisfy(\.isPrintableInALine) else {
      throw ValueFault("'\(text)' holds characters that do not print; write text in one line")
    }
    guard scalar.isPlain, looksNumeric(text) else { return RemoteEndID(text: text) }
    guard let number = Addresses.decimal(text), text == String(number) else {
      throw ValueFault(
        "'\(text)' is not a number from 0 to 4294967295 in plain decimal; write it so, or quote it to send the text: "
          + "\"\(text)\""
      )
    }
    return RemoteEndID(number: number)
  }

  /// Whether a reader, or another YAML program, could take it for a number.
  private static func looksNumeric(_ text: String) -> Bool {
    let unsigned = text.drop { $0 == "+" || $0 == "-" }
    guard let first = unsigned.utf8.first, (0x30...0x39).contains(first) else { return false }
    if unsigned.hasPrefix("0x") || unsigned.hasPrefix("0o") || unsigned.hasPrefix("0b") { return true }
    return unsigned.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") }
  }
}

extension KeyType where Value == RemoteEndID {
  /// A number or text.
  static var endID: KeyType { KeyType("number or text", read: EndIDs.endID) }
}
