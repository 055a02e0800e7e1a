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

extension TunnelDeclaration {
  /// Its pseudowires that are carried out.
  package var owners: [LinkOwner] {
    guard disabled == nil else { return [] }
    return pseudowires.filter { $0.disabled == nil }.map { LinkOwner(tunnel: name, pseudowire: $0.name) }
  }
}
