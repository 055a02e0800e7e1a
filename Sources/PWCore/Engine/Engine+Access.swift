/// Tunnels for whoever fits (`peer: any`, or a prefix): the first peer that does has the tunnel, as long as it is there.
extension Engine {
  /// The sender of an SCCRQ, which opens a connection.
  struct Caller {
    /// The address and port that its SCCRQ came from.
    var source: Endpoint
    /// Its Host Name.
    var hostName: String
    /// Its Router ID.
    var routerID: UInt32
    /// Whether it has shown to have the tunnel's secret: then it is who it says it is, and else where it is tells.
    var hasSecret: Bool
  }

  /// Why a caller may not have the tunnel, if it serves another one; nil if it may. One that has started again, or has moved, is
  /// not another one.
  mutating func servesAnother(than caller: Caller, _ tunnel: TunnelReference) -> StopResult? {
    guard !tunnels[tunnel].declaration.peer.isOneHost, let active = tunnels[tunnel].active else { return nil }
    let hostName = connections[active].peer.hostName ?? ""
    let address = connections[active].remote.address
    let isSame =
      caller.hasSecret
      ? caller.hostName == hostName && caller.routerID == connections[active].peer.routerID
      : caller.source.address.isSameHost(as: address)
    guard !isSame else { return nil }
    admission.dropped.notAllowed += 1
    noteSecondPeer(
      tunnel,
      "refused '\(caller.hostName.printable)' at \(caller.source.address): the tunnel serves '\(hostName.printable)' "
        + "at \(address); declare a tunnel for each peer, distinguished by 'peer-host-name'")
    return StopResult(.notAuthorised, text: "the tunnel serves another peer")
  }

  /// Whether an SCCRQ may begin a connection as far as others are concerned. With a secret that is told only when SCCCN is here:
  /// before SCCRP the sender has no nonce of ours, and not every router can verify a refusal then.
  mutating func isFirst(_ request: StartRequest, _ datagram: Datagram, _ tunnel: TunnelReference) -> Bool {
    guard tunnels[tunnel].declaration.authentication?.secretFile == nil else { return true }
    let caller = Caller(
      source: datagram.source, hostName: request.parameters.hostName, routerID: request.parameters.routerID,
      hasSecret: false)
    guard let refusal = servesAnother(than: caller, tunnel) else { return true }
    refuse(datagram, peerID: request.parameters.assignedConnectionID, nr: 1, refusal)
    return false
  }

  /// Tells people that a tunnel is wanted by two, and keeps it for `status`, but not again and again.
  private mutating func noteSecondPeer(_ tunnel: TunnelReference, _ message: String) {
    if let last = tunnels[tunnel].strangersErrorAt, now - last < EngineLimits.strangersErrorInterval {
      return noteStranger(about: tunnel, message)
    }
    tunnels[tunnel].strangersErrorAt = now
    note(.warning, .secondPeer, tunnel: tunnel, message)
    tunnels[tunnel].lastError = Since(message, since: now)
  }
}
