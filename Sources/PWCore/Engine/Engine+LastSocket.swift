/// Copies of the peer's StopCCN come for a full cycle of retransmissions, and are acknowledged (RFC 3931 section 3.3.2). The socket has
/// gone with the data path by then: where no other one would receive them, its place is taken by one for control messages alone.
extension Engine {
  /// The data path of a connection is gone, and its socket with it.
  mutating func reopenSocket(_ connection: ConnectionReference) {
    guard connections.contains(connection), connections[connection].life.isStopped, shutdown == .none,
      connections[connection].socket.state == .gone, let local = connections[connection].local,
      !isHeardByListener(connection, at: local)
    else { return }
    let state = connections[connection]
    let declaration = tunnels[state.tunnel].declaration
    connections[connection].socket.replace(by: nextSocket())
    openSocket(
      SocketRequest(
        for: declaration, state.encapsulation, local.address.family, local: local.address, localPort: local.port,
        connectionID: state.localID, remote: state.remote),
      for: connection)
  }

  /// Over UDP a listener hears what comes to its port; over IP it hears what names no connection, and these copies do.
  private func isHeardByListener(_ connection: ConnectionReference, at local: Endpoint) -> Bool {
    guard connections[connection].encapsulation == .udp else { return false }
    return listeners.contains { listener in
      listener.request.encapsulation == .udp && listener.request.localPort == local.port
        && listener.request.family == local.address.family && listener.request.local ?? local.address == local.address
    }
  }

  /// It is open, or another program has taken the port meanwhile: then the peer gives up by itself.
  mutating func socketReopened(_ connection: ConnectionReference, _ result: EffectResult<Endpoint>) {
    switch result {
    case .success: connections[connection].socket.opened()
    case .failed(let failure):
      note(
        .debug, .protocolStep, tunnel: connections[connection].tunnel,
        "copies of the peer's StopCCN cannot be acknowledged: \(failure.message)")
    }
  }
}
