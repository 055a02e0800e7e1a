/// A program's output, cut into lines that are fit to be printed.
struct OutputLines {
  /// Octets of a line that are kept.
  static let lineLimit = 200
  private var rest: [UInt8] = []

  /// Takes in output; returns the lines that are complete now, those that are empty left out.
  mutating func take(_ octets: some Sequence<UInt8>) -> [String] {
    var lines: [String] = []
    for octet in octets {
      if octet == UInt8(ascii: "\n") {
        if let line = takeRest() { lines.append(line) }
      } else if rest.count < OutputLines.lineLimit {
        // Somebody else may have written it: a peer, for instance.
        rest.append((0x20...0x7E).contains(octet) ? octet : UInt8(ascii: "?"))
      }
    }
    return lines
  }

  /// The line that has no end yet, which there will not be; nil if it is empty.
  mutating func takeRest() -> String? {
    defer { rest = [] }
    return rest.isEmpty ? nil : String(decoding: rest, as: UTF8.self)
  }
}
