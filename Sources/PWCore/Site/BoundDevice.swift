/// The interface that a tunnel's sockets are bound to (SO_BINDTODEVICE, or the scope of a link-local address).
public enum BoundDevice {
  /// The one that is named, or the zone of the socket's address; nil for a socket that is bound to none.
  public static func name(bindDevice: String?, local: IPAddress?) -> String? {
    if let bindDevice { return bindDevice }
    guard case .v6(_, _, let zone)? = local else { return nil }
    return zone?.name
  }
}

extension TunnelDeclaration {
  /// The interface that its sockets are bound to; nil for none.
  public var boundDevice: String? { BoundDevice.name(bindDevice: bindDevice, local: local) }
}
