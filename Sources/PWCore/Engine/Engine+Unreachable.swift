/// What the system says of a way to a peer that does not work.
///
/// Anybody can forge an ICMP message. So it is told, it keeps a session from being said to forward until the peer
/// acknowledges something, and where it says that nobody listens there, the peer is asked (`isDoubted`): nothing ends by
/// it alone.
extension Engine {
  mutating func peerUnreachable(_ socket: SocketID, _ failure: Unreachable) {
    guard unreachableNotes.allows(at: now), let connection = connection(of: socket) else { return }
    let tunnel = connections[connection].tunnel
    guard tunnels[tunnel].active == connection else {
      guard connections[connection].phase == .running else { return }
      return setError(
        tunnel, "\(connections[connection].remote.address) cannot be reached: \(failure.reason)")
    }
    let isNews = connections[connection].unreachable == nil
    connections[connection].unreachable = failure
    if isNews {
      note(.warning, tunnel: tunnel, "the peer cannot be reached: \(failure.reason)")
      updateForwardingOfAll(connection)
    }
    guard !connections[connection].isDoubted else { return }
    connections[connection].isDoubted = failure.isRefusal
    if connections[connection].channel.isIdle { send(.hello(Hello()), on: connection) }
  }

  /// The peer has acknowledged something: it can be reached.
  mutating func peerReached(_ connection: ConnectionReference) {
    connections[connection].unreachable = nil
    updateForwardingOfAll(connection)
  }

  /// Why the peer of a connection cannot be reached; nil when nothing says so.
  func unreachableWords(of connection: ConnectionReference) -> String? {
    connections[connection].unreachable.map { "the peer cannot be reached: \($0.reason)" }
  }

  /// `unreachableNotes` bounds how often they are looked through.
  private func connection(of socket: SocketID) -> ConnectionReference? {
    for tunnel in declaredTunnels {
      for connection in tunnels[tunnel].connections where connections[connection].socket == socket { return connection }
    }
    return nil
  }
}
