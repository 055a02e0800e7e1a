/// Changes of a declaration that leave what runs running: no identifier changes, and no frame is lost.
///
/// Most values are read of the declaration each time that they are needed, so that a changed one holds from the next
/// time on. Here are the values that were copied when a connection or session began.
extension Engine {
  // MARK: Tunnels

  /// Whether a tunnel goes on when its declaration becomes another one, pseudowires left aside.
  func goesOn(_ tunnel: TunnelReference, as new: TunnelDeclaration) -> Bool {
    tunnels[tunnel].declaration.connectionGoesOn(as: new, roleFits: allows(new.role, tunnel))
  }

  /// Whether the connection that a tunnel has might have come about with a role.
  private func allows(_ role: TunnelDeclaration.Role, _ tunnel: TunnelReference) -> Bool {
    guard let connection = tunnels[tunnel].active, tunnels[tunnel].connections == [connection] else { return false }
    switch role {
    case .initiate: return connections[connection].isInitiator
    case .accept: return !connections[connection].isInitiator
    case .both: return true
    }
  }

  /// Gives a tunnel that goes on its new declaration.
  mutating func change(_ tunnel: TunnelReference, to new: TunnelDeclaration) {
    let old = tunnels[tunnel].declaration
    tunnels[tunnel].declaration = new
    // The peer was told of the receive window when the connection was set up, and an attempt that is under way keeps
    // its time: those two hold from the next connection on.
    for connection in tunnels[tunnel].connections where old.reliability != new.reliability {
      connections[connection].channel.repeatMessages(as: new.reliability)
    }
    if old.reconnection != new.reconnection { shortenWaits(of: tunnel, new.reconnection) }
    if old.protection != new.protection { protectionDemandChanged(tunnel) }
    guard let connection = tunnels[tunnel].active else { return }
    if old.helloInterval != new.helloInterval { changeHello(connection, to: new.helloInterval) }
    if old.liveness != new.liveness { watchStatic(connection) }
    if old.probesPath != new.probesPath { changeProbing(connection, to: new.probesPath) }
  }

  /// Waits no longer for the next attempt, or the next call, than another back-off has it wait from now on.
  private mutating func shortenWaits(of tunnel: TunnelReference, _ reconnection: Reconnection) {
    if case .waiting(let until) = tunnels[tunnel].attempt {
      let sooner = min(until, now + backOff(tunnels[tunnel].failures, reconnection))
      tunnels[tunnel].attempt = .waiting(until: sooner)
      turn.schedule(sooner, .tunnel(tunnel))
    }
    guard let connection = tunnels[tunnel].active else { return }
    for pseudowire in tunnels[tunnel].pseudowires where congestionPauses[pseudowire] == nil {
      guard let retryAt = pseudowires[pseudowire].retryAt, pseudowires[pseudowire].failures > 0 else { continue }
      let sooner = min(retryAt, now + retryDelay(pseudowire, over: connection))
      pseudowires[pseudowire].retryAt = sooner
      turn.schedule(sooner, .pseudowire(pseudowire))
    }
  }

  private mutating func changeHello(_ connection: ConnectionReference, to interval: Duration) {
    if interval > .zero {
      scheduleHello(connection)
    } else {
      connections[connection].presence.stopAsking()
    }
    touch(connection)
  }

  /// Has the path probed from now on, or believes the routes from now on.
  private mutating func changeProbing(_ connection: ConnectionReference, to isWanted: Bool) {
    guard !isWanted else {
      // Who switches it on again wants to know whether the peer bears it now.
      tunnels[connections[connection].tunnel].remarkedHabits.remove(.stopsForRepetitions)
      return schedulePathProbe(connection, after: .zero)
    }
    endPathProbe(connection)
    connections[connection].stopProbing()
    setPathMTU(connections[connection].pathMTU.believeRoutes(), connection)
    updateForwardingOfAll(connection)
    touch(connection)
  }

  // MARK: Pseudowires

  /// Whether a pseudowire's session stays when its declaration becomes another one.
  func goesOn(_ pseudowire: PseudowireReference, as new: PseudowireDeclaration) -> Bool {
    pseudowires[pseudowire].declaration.sessionGoesOn(as: new, plugins.changeableOptions(of: new, site.plugins))
  }

  /// Gives a pseudowire whose session goes on its new declaration.
  mutating func change(_ pseudowire: PseudowireReference, to new: PseudowireDeclaration) {
    let old = pseudowires[pseudowire].declaration
    guard old != new else { return }
    pseudowires[pseudowire].declaration = new
    if old.lossLimitPercent != new.lossLimitPercent { endCongestionPause(pseudowire) }
    guard let session = pseudowires[pseudowire].session else { return }
    // A session without links of an established one asks for them when it gets there.
    switch sessions[session].links {
    case .none, .connecting: break
    case .establishing, .established: if old.options != new.options { consult(session, .established) }
    }
    if old.interfaceMTU != new.interfaceMTU { noteInterfaceMTUWarning(pseudowire) }
  }
}
