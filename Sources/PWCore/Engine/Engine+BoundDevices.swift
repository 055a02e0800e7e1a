/// The interfaces that tunnels are bound to. Nothing can leave by one that is gone or down: that is known here, and
/// nobody has to be asked for it.
extension Engine {
  /// An interface passes nothing, and why; or, with nil, it passes packets again.
  mutating func boundDeviceReported(_ name: String, _ problem: String?) {
    guard deviceProblems[name] != problem else { return }
    deviceProblems[name] = problem
    for tunnel in declaredTunnels where tunnels[tunnel].declaration.boundDevice == name {
      guard let connection = tunnels[tunnel].active else { continue }
      if problem == nil { askAgain(connection, after: name) }
      updateForwardingOfAll(connection)
    }
  }

  /// Why nothing can leave for the peer of a tunnel; nil when its interface passes packets, or it is bound to none.
  func deviceReason(_ tunnel: TunnelReference) -> String? {
    // Mostly there is nothing to look up.
    guard !deviceProblems.isEmpty, let name = tunnels[tunnel].declaration.boundDevice,
      let problem = deviceProblems[name]
    else { return nil }
    return "the interface \(name) that the tunnel is bound to \(problem)"
  }

  /// An interface that is there again may lack its address or its routes still, and the peer may have gone meanwhile:
  /// frames pass when the peer has answered. A message that waits to be sent again does not wait any longer.
  private mutating func askAgain(_ connection: ConnectionReference, after device: String) {
    connections[connection].presence.suspicion = PeerPresence.Suspicion(
      failure: Unreachable("it has not answered since the interface \(device) began to pass packets again"),
      retransmissions: connections[connection].channel.retransmissions, isConfirmed: true)
    if connections[connection].channel.isIdle {
      send(.hello(Hello()), on: connection)
    } else {
      connections[connection].channel.repeatFirst(at: now)
      touch(connection)
    }
  }
}
