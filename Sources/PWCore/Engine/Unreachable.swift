/// Why something that was sent to a peer did not get there, as the system or a router on the way says.
public struct Unreachable: Equatable, Codable, Sendable {
  /// One line, with what can be done about it.
  public var reason: String
  /// Whether the peer's host is there and says that nobody listens: then the peer is not only out of reach, it is gone.
  public var isRefusal: Bool

  /// A reason in words.
  public init(_ reason: String, isRefusal: Bool = false) {
    self.reason = reason
    self.isRefusal = isRefusal
  }
}
