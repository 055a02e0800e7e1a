import PWCore

/// The interface name of a pseudowire that the file does not name: a function of its tunnel's name and its own alone, so
/// that it stays the same whatever else changes.
enum DerivedNames {
  /// `tunnel-pseudowire` where that fits into an interface name, else its beginning and eight hexadecimal digits.
  static func interface(tunnel: String, pseudowire: String) -> String {
    let joined = "\(tunnel)-\(pseudowire)"
    if joined.utf8.count <= InterfaceName.maximumOctets { return joined }
    return "\(joined.prefix(6))-\(hex(StableHash.bits32("\(tunnel)/\(pseudowire)")))"
  }
}
