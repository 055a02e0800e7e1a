/// Arithmetic on Ns and Nr, which count modulo 2^16 (RFC 3931 section 4.2).
enum SequenceNumber {
  /// Whether `number` is `last` or one of the 32,767 before it: received already.
  static func isAtOrBefore(_ number: UInt16, last: UInt16) -> Bool {
    last &- number < 0x8000
  }

  /// How far `number` lies after `base`: 0...65,535.
  static func distance(from base: UInt16, to number: UInt16) -> Int {
    Int(number &- base)
  }
}
