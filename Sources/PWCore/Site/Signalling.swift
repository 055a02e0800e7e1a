/// How a tunnel and its sessions come about: by messages, or by the declarations of both ends.
public enum Signalling: String, Codable, Sendable, CaseIterable {
  /// A control connection sets the sessions up (RFC 3931 section 3.4).
  case full
  /// A control connection shows that the peer is there; both ends have declared the sessions, which last as long as it
  /// does. Routers call such sessions manual, or static with a keepalive.
  case keepalive
  /// No message is exchanged (RFC 3931 section 3 allows that): both ends have declared all of it.
  case none
}
