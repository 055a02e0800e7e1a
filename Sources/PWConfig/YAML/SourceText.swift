import PWCore

/// The octets of a file, checked to be text: what libyaml would refuse without a usable place is refused here.
struct SourceText {
  /// The octets that libyaml reads: the file without its byte order mark.
  let octets: [UInt8]

  init(_ octets: [UInt8]) {
    self.octets = octets.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(octets.dropFirst(3)) : octets
  }

  /// The first thing that is not text, if any.
  var firstFault: (mark: Mark, message: String)? {
    var decoder = UTF8()
    var iterator = octets.makeIterator()
    var mark = Mark(line: 1, column: 1)
    while true {
      switch decoder.decode(&iterator) {
      case .emptyInput:
        return nil
      case .error:
        return (mark, "not UTF-8 from here on; save the file as UTF-8")
      case .scalarValue("\n"):
        mark = Mark(line: mark.line + 1, column: 1)
      case .scalarValue(let scalar) where Self.isControl(scalar):
        let number = String(scalar.value, radix: 16, uppercase: true)
        return (
          mark, "control character U+\(String(repeating: "0", count: max(0, 4 - number.count)))\(number); remove it"
        )
      case .scalarValue:
        mark.column += 1
      }
    }
  }

  /// Whether the white space at the beginning of a line (counted from 1) has a tab: its column, counted from 1.
  func indentingTabColumn(inLine number: Int) -> Int? {
    var line = 1
    var column = 1
    for octet in octets {
      if line == number {
        switch octet {
        case UInt8(ascii: "\t"): return column
        case UInt8(ascii: " "): column += 1
        default: return nil
        }
      } else if octet == UInt8(ascii: "\n") {
        line += 1
      }
    }
    return nil
  }

  /// Whether YAML does not count a character as text (YAML 1.1 section 5.1).
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF: false
    default: true
    }
  }
}
