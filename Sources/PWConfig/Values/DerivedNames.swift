import PWCore

/// The interface name of a pseudowire that the file does not name: a function of its tunnel's name and its own alone, so
/// that it stays the same whatever else changes.
enum DerivedNames {
  /// `tunnel-pseudowire` where that fits into an interface name, else its beginning and eight hexadecimal digits.
  static func interface(tunnel: String, pseudowire: String) -> String {
    let joined = "\(tunnel)-\(pseudowire)"
    if joined.utf8.count <= InterfaceName.maximumOctets { return joined }
    let digits = String(hash("\(tunnel)/\(pseudowire)"), radix: 16)
    let padded = String(repeating: "0", count: 8 - digits.count) + digits
    return "\(joined.prefix(6))-\(padded)"
  }

  /// FNV-1a, 32 bits: the same in every run and on every machine, which Swift's own hash is not.
  private static func hash(_ text: String) -> UInt32 {
    text.utf8.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
  }
}
