/// The importance of the protection of a tunnel's packets below L2TP (RFC 3931 section 4.1.3): ``Protection``.
public enum ProtectionDemand: String, Codable, Sendable, CaseIterable {
  /// Nobody asks for it.
  case none
  /// Its lack is told, and changes nothing else.
  case expected
  /// Without it nothing is sent.
  case required
}
