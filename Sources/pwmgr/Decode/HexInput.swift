/// Hexadecimal text, cut into messages.
///
/// A blank line ends a message. A line break does too, unless the Length field says that more of the message is to come and
/// the next line does not begin like a message itself.
enum HexInput {
  /// The text of one message.
  struct Block: Equatable {
    /// The line that it begins on, from 1.
    var line: Int
    /// The octets of the message, or the reason why the text is not hexadecimal.
    var content: Content
  }

  /// The text of a message as it was read: its octets, or the fault in it.
  enum Content: Equatable {
    /// The octets that the digits stand for.
    case octets([UInt8])
    /// Something else, from this octet on.
    case notHexadecimal(String, octet: Int)
  }

  /// The messages of a text.
  static func blocks(_ text: [UInt8]) -> [Block] {
    var blocks: [Block] = []
    var open: (line: Int, digits: [UInt8])?
    func close() {
      if let open { blocks.append(Block(line: open.line, content: content(open.digits))) }
    }
    for (index, line) in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      let digits = line.filter { !isSpace($0) }
      if digits.isEmpty {
        close()
        open = nil
      } else if let begun = open, continues(begun.digits, with: digits) {
        open?.digits += digits
      } else {
        close()
        open = (index + 1, digits)
      }
    }
    close()
    return blocks
  }

  private static func continues(_ begun: [UInt8], with digits: [UInt8]) -> Bool {
    switch progress(begun) {
    case .barelyBegun: true
    case .incomplete: !beginsLikeAMessage(digits)
    case .complete: false
    }
  }

  private static func isSpace(_ character: UInt8) -> Bool {
    character == UInt8(ascii: " ") || (0x09...0x0D).contains(character)
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  private static func content(_ digits: [UInt8]) -> Content {
    var octets: [UInt8] = []
    octets.reserveCapacity(digits.count / 2)
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = value(digits[index]) else { return wrong(digits[index], octet: octets.count) }
      guard index + 1 < digits.count else {
        return .notHexadecimal("an odd number of hexadecimal digits: half an octet is missing", octet: octets.count)
      }
      guard let low = value(digits[index + 1]) else { return wrong(digits[index + 1], octet: octets.count) }
      octets.append(high << 4 | low)
    }
    return .octets(octets)
  }

  private static func wrong(_ digit: UInt8, octet: Int) -> Content {
    let shown = (0x21...0x7E).contains(digit) ? "'\(Character(UnicodeScalar(digit)))'" : "octet \(digit)"
    return .notHexadecimal("\(shown) is not a hexadecimal digit", octet: octet)
  }

  /// How much of a message there is.
  private enum Progress {
    /// Perhaps some of the first four digits of one, or the zeroes before them.
    case barelyBegun
    /// Less than the Length field says, or less than a Length field.
    case incomplete
    /// All of it, or something that is not a control message.
    case complete
  }

  private static func progress(_ digits: [UInt8]) -> Progress {
    let zeroes = digits.prefix(8).prefix { $0 == UInt8(ascii: "0") }.count
    guard zeroes < digits.count else { return zeroes <= 8 ? .barelyBegun : .complete }
    let message = digits.dropFirst(zeroes == 8 ? 8 : 0)
    let start = message.prefix(8).map { value($0) ?? 0xFF }
    guard start.count >= 4 else { return flagsWord.starts(with: start) ? .barelyBegun : .complete }
    guard start.starts(with: flagsWord) else { return .complete }
    guard start.count == 8 else { return .incomplete }
    let length = start[4...].reduce(0) { $0 << 4 | Int($1) }
    return message.count < 2 * length ? .incomplete : .complete
  }

  private static let flagsWord: [UInt8] = [0xC, 8, 0, 3]

  private static func beginsLikeAMessage(_ digits: [UInt8]) -> Bool {
    let zeroes = digits.prefix(8).prefix { $0 == UInt8(ascii: "0") }.count
    return digits.dropFirst(zeroes == 8 ? 8 : 0).prefix(4).map { value($0) ?? 0xFF } == flagsWord
  }
}
