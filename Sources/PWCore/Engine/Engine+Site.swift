/// From one declared state to the next: what is new starts, what is gone stops, what changed is changed in place or
/// started again, and the rest is not touched.
extension Engine {
  mutating func apply(_ new: Site, secrets newSecrets: [String: TunnelSecrets]) {
    guard shutdown == .none else { return }
    let cutOff = replaceSecrets(by: newSecrets)
    let oldBridges = site.bridges
    let isEveryConnectionAnother = site.everyConnectionIsAnother(as: new, compiledIn: plugins.map(\.type))
    site = new
    site.tunnels = []
    releaseInterfaces(notOf: new.tunnels)
    let moved = applyTunnels(new.tunnels, restarting: isEveryConnectionAnother ? Set(declaredTunnels) : cutOff)
    admission.declare(
      declaredTunnels.filter { tunnels[$0].declaration.role != .initiate }
        .map { (reference: $0, peer: tunnels[$0].declaration.peer) })
    rebuildCircuits(moved: moved)
    if oldBridges != new.bridges {
      bridgeProblems = bridgeProblems.filter { problem in new.bridges.contains { $0.name == problem.key } }
      changeLinks(.setBridges(new.bridges))
    }
    applyListeners()
  }

  /// - Returns: the pseudowires that stand before another circuit, whose session goes on.
  private mutating func applyTunnels(
    _ declarations: [TunnelDeclaration], restarting restarted: Set<TunnelReference>
  ) -> [PseudowireReference] {
    var old: [String: TunnelReference] = [:]
    for tunnel in declaredTunnels { old[tunnels[tunnel].declaration.name] = tunnel }
    declaredTunnels = []
    // Their size is known here; growing them step by step costs a tenth of the time that sessions take.
    let pseudowireCount = declarations.reduce(0) { $0 + $1.pseudowires.count }
    pseudowiresByOwner.reserveCapacity(pseudowireCount)
    pseudowires.reserve(pseudowireCount)
    sessions.reserve(pseudowireCount)
    sessionsByID.reserveCapacity(pseudowireCount)
    var fresh: [TunnelReference] = []
    var moved: [PseudowireReference] = []
    for declaration in declarations {
      var bare = declaration
      bare.pseudowires = []
      if let tunnel = old[declaration.name], !restarted.contains(tunnel), goesOn(tunnel, as: bare) {
        old[declaration.name] = nil
        change(tunnel, to: bare)
        declaredTunnels.append(tunnel)
        moved += applyPseudowires(declaration.pseudowires, in: tunnel)
      } else {
        if let changed = old.removeValue(forKey: declaration.name) {
          let isPutDown = declaration.disabled != nil && tunnels[changed].declaration.disabled == nil
          remove(changed, because: isPutDown ? Disablement.toldPeer : "its declaration changed")
        }
        let tunnel = tunnels.insert(
          Tunnel(declaration: bare, addresses: PeerAddresses(bare.peer), idleSince: now))
        declaredTunnels.append(tunnel)
        _ = applyPseudowires(declaration.pseudowires, in: tunnel)
        fresh.append(tunnel)
      }
    }
    for tunnel in old.values.sorted(by: { $0.rawValue < $1.rawValue }) {
      remove(tunnel, because: "it is no longer declared")
    }
    for tunnel in fresh { beginAttempt(tunnel) }
    return moved
  }

  /// Stops a tunnel; its record goes with its last connection.
  private mutating func remove(_ tunnel: TunnelReference, because reason: String) {
    if tunnels[tunnel].declaration.disabled == nil { note(.info, .tunnelStopped, tunnel: tunnel, "stopped: \(reason)") }
    tunnels[tunnel].isRemoved = true
    for connection in tunnels[tunnel].connections where connections.contains(connection) {
      switch connections[connection].life {
      case .opening, .handshaking, .established: close(connection, StopResult(.generalRequest, text: reason))
      case .closing, .stopped: break
      }
      if connections.contains(connection), connections[connection].life.isOpening {
        abandon(connection, because: reason, isFailure: false, .stoppedHere)
      }
    }
    guard tunnels.contains(tunnel) else { return }
    for pseudowire in tunnels[tunnel].pseudowires { dropRecord(of: pseudowire) }
    tunnels[tunnel].pseudowires = []
    tunnels[tunnel].calls = CallTable()
    discardIfRemoved(tunnel)
  }

  /// Drops the record of a tunnel that is gone from the site once nothing of it is left.
  mutating func discardIfRemoved(_ tunnel: TunnelReference) {
    guard tunnels.contains(tunnel), tunnels[tunnel].isRemoved, tunnels[tunnel].connections.isEmpty else { return }
    for pseudowire in tunnels[tunnel].pseudowires { dropRecord(of: pseudowire) }
    sumUp(tunnel, isLast: true)
    tunnels.remove(tunnel)
  }

  /// - Returns: those that stand before another circuit, whose session goes on.
  private mutating func applyPseudowires(
    _ declarations: [PseudowireDeclaration], in tunnel: TunnelReference
  ) -> [PseudowireReference] {
    var old: [String: PseudowireReference] = [:]
    for pseudowire in tunnels[tunnel].pseudowires { old[pseudowires[pseudowire].declaration.name] = pseudowire }
    tunnels[tunnel].pseudowires = []
    var fresh: [PseudowireReference] = []
    var moved: [PseudowireReference] = []
    for declaration in declarations.prefix(EngineLimits.sessionsPerConnection) {
      if let pseudowire = old[declaration.name], goesOn(pseudowire, as: declaration) {
        old[declaration.name] = nil
        if pseudowires[pseudowire].declaration.circuit != declaration.circuit { moved.append(pseudowire) }
        change(pseudowire, to: declaration)
        tunnels[tunnel].pseudowires.append(pseudowire)
      } else {
        if let changed = old.removeValue(forKey: declaration.name) {
          disconnect(changed, from: tunnel, isPutDown: declaration.disabled != nil)
        }
        let pseudowire = pseudowires.insert(Pseudowire(declaration: declaration, tunnel: tunnel, at: now))
        tunnels[tunnel].pseudowires.append(pseudowire)
        tunnels[tunnel].calls.insert(declaration, pseudowire)
        pseudowiresByOwner[owner(pseudowire)] = pseudowire
        fresh.append(pseudowire)
      }
    }
    for pseudowire in old.values.sorted(by: { $0.rawValue < $1.rawValue }) { disconnect(pseudowire, from: tunnel) }
    for pseudowire in fresh { requestCall(pseudowire) }
    return moved
  }

  /// CDN for a pseudowire that is not declared any more, or not like this.
  private mutating func disconnect(
    _ pseudowire: PseudowireReference, from tunnel: TunnelReference, isPutDown: Bool = false
  ) {
    endSession(
      pseudowire, isPutDown ? CallResult(.administrative, text: Disablement.toldPeer) : CallResult(.administrative))
    tunnels[tunnel].calls.remove(pseudowires[pseudowire].declaration, pseudowire)
    dropRecord(of: pseudowire)
  }

  private mutating func dropRecord(of pseudowire: PseudowireReference) {
    guard pseudowires.contains(pseudowire) else { return }
    removeSession(of: pseudowire)
    sumUp(pseudowire, isLast: true)
    if !congestionPauses.isEmpty { congestionPauses[pseudowire] = nil }
    let owner = owner(pseudowire)
    if pseudowiresByOwner[owner] == pseudowire { pseudowiresByOwner[owner] = nil }
    pseudowires.remove(pseudowire)
  }

  // MARK: Attachment circuits

  /// Works out anew which pseudowire stands before which circuit, and tells the peers of what has changed.
  ///
  /// - Parameter moved: the pseudowires that stand before another circuit, whose session goes on.
  private mutating func rebuildCircuits(moved: [PseudowireReference]) {
    circuits.removeAll()
    for tunnel in declaredTunnels {
      for pseudowire in tunnels[tunnel].pseudowires {
        pseudowires[pseudowire].circuit = circuits.insert(
          pseudowire, before: pseudowires[pseudowire].declaration.circuit, bridges: site.bridges)
        circuitChanged(pseudowire)
      }
    }
    for pseudowire in moved where pseudowires.contains(pseudowire) { noteInterfaceMTUWarning(pseudowire) }
  }
}
