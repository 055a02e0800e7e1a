/// The shared secrets of a tunnel: one, and beside it for a while the one that it replaces (RFC 3931 section 5.4.1).
///
/// It is Codable because recordings hold placeholders of this type (``EngineRecorder``). Nothing else writes it.
public struct TunnelSecrets: Equatable, Codable, Sendable {
  /// The octets of the secret that is in use.
  public var secret: [UInt8]
  /// The secret before it: the peer may still have that alone.
  public var previous: [UInt8]?

  /// A secret, and the one that it replaces, if that is still in use.
  public init(_ secret: [UInt8], previous: [UInt8]? = nil) {
    self.secret = secret
    self.previous = previous
  }

  /// Both, the newer first.
  var all: [[UInt8]] { [secret] + (previous.map { [$0] } ?? []) }

  /// Whether a peer that has the others may have one of these.
  func shares(with others: TunnelSecrets) -> Bool { all.contains { others.all.contains($0) } }
}
