/// Why something that was sent to a peer did not get there, as the system or a router on the way says.
public struct Unreachable: Equatable, Codable, Sendable {
  /// One line, with what can be done about it.
  public var reason: String
  /// Whether waiting is no use: the peer's host says that nobody listens there, or our own address is gone.
  public var isFinal: Bool

  /// A reason in words.
  public init(_ reason: String, isFinal: Bool = false) {
    self.reason = reason
    self.isFinal = isFinal
  }
}
