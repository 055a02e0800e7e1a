/// Changes of a declaration that leave what runs running: no identifier changes, and no frame is lost.
///
/// Most values are read of the declaration each time that they are needed, so that a changed one holds from the next
/// time on. Here are the values that were copied when a connection or session began. The keys say the same in their
/// declarations (``ChangeImpact``), and a test tries each of them.
extension Engine {
  // MARK: Tunnels

  /// Whether a tunnel goes on when its declaration becomes another one, pseudowires left aside.
  func goesOn(_ tunnel: TunnelReference, as new: TunnelDeclaration) -> Bool {
    var known = tunnels[tunnel].declaration
    known.helloInterval = new.helloInterval
    known.probesPath = new.probesPath
    known.reliability = new.reliability
    known.reconnection = new.reconnection
    if allows(new.role, tunnel) { known.role = new.role }
    if let old = known.authentication, let new = new.authentication, old.allowsReplacement(by: new) {
      known.authentication = new
    }
    return known == new
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
    guard let connection = tunnels[tunnel].active else { return }
    if old.helloInterval != new.helloInterval { changeHello(connection, to: new.helloInterval) }
    if old.probesPath != new.probesPath { changeProbing(connection, to: new.probesPath) }
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
    guard !isWanted else { return schedulePathProbe(connection, after: .zero) }
    endPathProbe(connection)
    connections[connection].stopProbing()
    setPathMTU(connections[connection].pathMTU.believeRoutes(), connection)
    updateForwardingOfAll(connection)
    touch(connection)
  }

  // MARK: Pseudowires

  /// Whether a pseudowire's session stays when its declaration becomes another one.
  func goesOn(_ pseudowire: PseudowireReference, as new: PseudowireDeclaration) -> Bool {
    var known = pseudowires[pseudowire].declaration
    // The peer hears of the circuit's state, and of nothing else about it.
    known.circuit = new.circuit
    known.lossLimitPercent = new.lossLimitPercent
    if !new.refusesMTUMismatch {
      known.refusesMTUMismatch = false
      known.interfaceMTU = new.interfaceMTU
    }
    if changeableOptions(of: new.type)?.allow(new.options, inPlaceOf: known.options) == true {
      known.options = new.options
    }
    return known == new
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
