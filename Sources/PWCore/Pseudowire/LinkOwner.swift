/// What a session carries, as the kernel distinguishes it (`enum l2tp_pwtype`, linux/l2tp.h): drivers exist for these two.
public enum PseudowirePayload: Equatable, Codable, Sendable {
  /// Ethernet frames through an interface of its own.
  case ethernet
  /// PPP frames through a PPPoX socket.
  case ppp
}

/// The pseudowire on whose behalf links exist.
public struct LinkOwner: Hashable, Codable, Sendable {
  /// The tunnel's name in the site.
  public var tunnel: String
  /// The pseudowire's name in the tunnel.
  public var pseudowire: String

  /// A pseudowire of a tunnel.
  public init(tunnel: String, pseudowire: String) {
    self.tunnel = tunnel
    self.pseudowire = pseudowire
  }
}
