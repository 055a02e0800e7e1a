/// An attachment circuit's wish for a pseudowire that has a session on demand only
/// (`PseudowireDeclaration.Calling.onDemand`).
///
/// That the session could not be had, or is over, comes back as ``Effect/setLinks(_:_:)`` without links: nothing of the wish is left
/// then, and the circuit may ask again.
public enum CircuitDemand: Equatable, Codable, Sendable {
  /// The circuit wants a session, which the engine then calls for.
  case wanted
  /// None any more: the peer hears CDN with this reason, one line.
  case over(reason: String)
}
