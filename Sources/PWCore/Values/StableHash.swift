/// FNV-1a: a hash that is the same in every run and on every machine, which Swift's own is not. It tells names apart, and
/// keeps nothing secret.
package enum StableHash {
  /// 32 bits of a text's UTF-8.
  package static func bits32(_ text: String) -> UInt32 {
    text.utf8.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
  }

  /// 64 bits of a text's UTF-8.
  package static func bits64(_ text: String) -> UInt64 {
    text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }
}
