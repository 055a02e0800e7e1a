import PWCore

/// The interface that a socket is bound to.
enum BoundDevice {
  /// The one that is named, or the zone of the socket's address.
  static func name(bindDevice: String?, local: IPAddress?) -> String? {
    if let bindDevice { return bindDevice }
    guard case .v6(_, _, let zone)? = local else { return nil }
    return zone
  }
}

extension SocketRequest {
  /// The interface that the socket is bound to, if it is.
  var deviceName: String? { BoundDevice.name(bindDevice: bindDevice, local: local) }
}
