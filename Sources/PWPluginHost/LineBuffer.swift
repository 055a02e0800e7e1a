/// Octets that become lines: bounded, whatever arrives.
struct LineBuffer {
  /// Octets of a line, its newline not counted.
  let maximumOctets: Int
  private var octets: [UInt8] = []
  /// How much of it has been looked at for a newline.
  private var searched = 0

  init(maximumOctets: Int) { self.maximumOctets = maximumOctets }

  /// Adds octets as they arrive; ``nextLine()`` takes the lines.
  mutating func append(_ more: some Sequence<UInt8>) { octets.append(contentsOf: more) }

  /// The next whole line without its newline; nil while there is none.
  mutating func nextLine() -> [UInt8]? {
    guard let newline = octets[searched...].firstIndex(of: UInt8(ascii: "\n")) else {
      searched = octets.count
      return nil
    }
    let line = Array(octets[..<newline])
    octets.removeFirst(newline + 1)
    searched = 0
    return line
  }

  /// Whether what is there, after the last whole line was taken, is longer than a line may be.
  var isTooLong: Bool { octets.count > maximumOctets }

  /// Takes the octets that no newline followed.
  mutating func takeRest() -> [UInt8] {
    defer { (octets, searched) = ([], 0) }
    return octets
  }
}
