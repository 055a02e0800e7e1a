/// The bits of AVPs as the RFCs give them, written apart from the catalogue, which is compared with them.
enum PublishedBits {
  /// Attribute types whose M bit is to be clear (RFC 3931 section 5.4, RFC 3308, RFC 4667); all others that we
  /// understand have it set.
  static let withoutM: Set<UInt16> = [8, 15, 25, 34, 47, 48, 58, 72, 74, 75, 89, 90, 91]
  /// Those that RFC 3931 section 5.4 does not let anybody hide.
  static let neverHidden: Set<UInt16> = [0, 1, 5, 7, 10, 36, 59, 60, 73]
}
