extension SocketRequest {
  /// A connection's own socket, with what its tunnel's declaration says of every one of them.
  ///
  /// - Parameters:
  ///   - local: the address to bind; nil lets the route decide.
  ///   - localPort: the UDP port to bind; 0 lets the kernel choose.
  init(
    for tunnel: TunnelDeclaration, _ encapsulation: Encapsulation, _ family: AddressFamily, local: IPAddress?,
    localPort: UInt16, connectionID: ControlConnectionID, remote: Endpoint
  ) {
    self.init(
      encapsulation: encapsulation, family: family, local: local, localPort: localPort, bindDevice: tunnel.bindDevice,
      connectionID: connectionID, remote: remote, dscp: tunnel.dscp)
    hopLimit = tunnel.hopLimit
    copiesDSCP = tunnel.copiesDSCP
  }
}
