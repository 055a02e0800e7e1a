extension Engine {
  /// The status of everything declared, in the order of the file.
  public func status(at now: Instant) -> SiteStatus {
    SiteStatus(
      tunnels: declaredTunnels.map { status(of: $0, at: now) },
      bridges: site.bridges.map { BridgeStatus(name: $0.name, problems: bridgeProblems[$0.name] ?? []) },
      problems: listeners.compactMap { listener in
        guard case .failed(let reason, _) = listener.state else { return nil }
        return reason
      }, dropped: admission.dropped, halfOpenConnections: admission.halfOpen.count)
  }

  private func status(of reference: TunnelReference, at now: Instant) -> TunnelStatus {
    let tunnel = tunnels[reference]
    var status = TunnelStatus(
      name: tunnel.declaration.name, state: state(of: tunnel), peer: tunnel.declaration.peer.words,
      encapsulation: tunnel.declaration.encapsulation)
    status.descriptionText = tunnel.declaration.descriptionText
    status.disabled = tunnel.declaration.disabled
    status.signalling = tunnel.declaration.signalling
    status.compatibility = tunnel.declaration.compatibility
    status.dscp = tunnel.declaration.dscp
    status.copiesDSCP = tunnel.declaration.copiesDSCP
    status.hopLimit = tunnel.declaration.hopLimit
    status.protection = protection(of: tunnel)
    if let reference = shownConnection(of: tunnel) {
      let connection = connections[reference]
      if tunnel.declaration.compatibility == .automatic, case .settled(let dialect) = connection.dialect {
        status.compatibility = dialect == .cisco ? .cisco : .rfc
        status.isCompatibilityLearned = true
      }
      status.remote = connection.remote
      if tunnel.addresses.areSeveral, let number = tunnel.addresses.number(of: connection.remote.address) {
        status.peerAddressNumber = number
        status.peerAddressCount = tunnel.addresses.count
      }
      // A connection of ours, or a static one, begins with a moment at which nobody was heard.
      let heard = connection.presence.lastHeard
      if connection.life == .established, heard > connection.since || status.isSignalled { status.lastHeard = heard }
      status.local = connection.local
      status.localID = connection.localID
      status.peerID = connection.channel.peerID == .unknown ? nil : connection.channel.peerID
      status.peerHostName = connection.peer.hostName?.printable
      status.peerRouterID = connection.peer.routerID
      if connection.machine.state == .waitReply, connection.life.isRunning {
        if peerSign(of: connection.tunnel, at: now).map({ $0.since < connection.since }) ?? true {
          status.unansweredRequests = connection.channel.retransmissions + 1
        }
        status.nextAttempt = connection.channel.deadline
      }
      status.pathMTUOctets = connection.pathMTU.octets
      status.isPathMTUProbed = connection.pathMTU.certainty == .probed
      status.peerUsesDSCP = status.dscp != nil && connection.peer.controlPHB == status.dscp?.phbCode
      status.digest = connection.digest
      status.secret = secretLabel(of: connection, tunnel.declaration)
      status.isChallengeAnswered = connection.challenge?.isAnswered
      status.hiding = connection.authentication?.hides ?? .none
      status.peerHides = connection.authentication?.peerHides ?? false
    }
    status.establishedCount = tunnel.establishedCount
    status.losses = tunnel.losses
    status.lastError = tunnel.lastError
    if case .waiting(let until) = tunnel.attempt { status.nextAttempt = until }
    status.pseudowires = tunnel.pseudowires.map { self.status(of: $0, at: now) }
    return status
  }

  /// What is demanded of the protection of its packets, and what was found; nil where nobody asks.
  private func protection(of tunnel: Tunnel) -> ProtectionStatus? {
    guard tunnel.declaration.protection != .none else { return nil }
    return ProtectionStatus(
      demand: tunnel.declaration.protection, found: tunnel.protection?.value, since: tunnel.protection?.since)
  }

  private func secretLabel(of connection: ControlConnection, _ declaration: TunnelDeclaration) -> String? {
    if connection.challenge?.isAnswered == true { return declaration.authentication?.secretLabels.first }
    guard let authentication = connection.authentication, authentication.hasSecret,
      let proven = authentication.provenKey, let labels = declaration.authentication?.secretLabels,
      labels.indices.contains(proven)
    else { return nil }
    return labels[proven]
  }

  /// The established connection, else the one that is furthest on its way.
  private func shownConnection(of tunnel: Tunnel) -> ConnectionReference? {
    if let active = tunnel.active { return active }
    return tunnel.connections.first { connections[$0].life.isRunning }
      ?? tunnel.connections.first { connections[$0].life.isOpening }
      ?? tunnel.connections.first { connections[$0].life.isClosing }
  }

  private func state(of tunnel: Tunnel) -> Since<TunnelStatus.State> {
    guard let reference = shownConnection(of: tunnel) else {
      switch tunnel.attempt {
      case .resolving: return Since(.preparing, since: tunnel.idleSince)
      case .none, .waiting, .yielding, .connecting: return Since(.idle, since: tunnel.idleSince)
      }
    }
    let connection = connections[reference]
    switch connection.life {
    case .opening: return Since(.preparing, since: connection.since)
    case .closing: return Since(.closing, since: connection.since)
    case .stopped: return Since(.idle, since: connection.since)
    case .handshaking, .established:
      switch connection.machine.state {
      case .idle: return Since(.preparing, since: connection.since)
      case .waitReply: return Since(.waitReply, since: connection.since)
      case .waitConnected: return Since(.waitConnected, since: connection.since)
      case .established: return Since(.established, since: connection.since)
      }
    }
  }

  private func status(of reference: PseudowireReference, at now: Instant) -> PseudowireStatus {
    let pseudowire = pseudowires[reference]
    var status = PseudowireStatus(declaration: pseudowire.declaration, at: pseudowire.since)
    status.state = Since(pseudowire.machine.state.shown, since: pseudowire.since)
    let obstacles = obstacles(to: reference, at: now)
    status.forwarding = Since(obstacles.isEmpty ? .yes : .no(because: obstacles), since: pseudowire.forwardingSince)
    status.sublayer = pseudowire.sublayer
    status.descriptionText = pseudowire.declaration.descriptionText
    status.disabled = tunnels[pseudowire.tunnel].declaration.disabled ?? pseudowire.declaration.disabled
    if let circuit = pseudowire.circuit { status.attachment = circuits.words(circuit) }
    status.localCircuit = circuitStatus(reference)
    status.interfaceMTUOctets = interfaceMTU(of: reference)
    status.isVerified =
      pseudowire.session.map { isVerified(sessions[$0]) } ?? (pseudowire.declaration.staticSession == nil)
    if let session = pseudowire.session { show(sessions[session], in: &status) }
    status.establishedCount = Int(pseudowire.establishedCount)
    status.lastError = pseudowire.lastError
    return status
  }

  private func show(_ session: Session, in status: inout PseudowireStatus) {
    status.localID = session.localID
    status.peerID = session.peerID == .unknown ? nil : session.peerID
    status.receiveCookieLengthOctets = session.receiveCookie.lengthOctets
    status.transmitCookieLengthOctets = session.transmitCookie.lengthOctets
    status.peerCircuit = session.peerCircuit
    status.peerInterfaceMTUOctets = session.peerMTUOctets
    status.mtuOctets = session.report?.mtuOctets
    if let remarks = session.remarks {
      status.addresses = remarks.addresses
      status.peerTransmitSpeed = remarks.transmitSpeed
      status.peerReceiveSpeed = remarks.receiveSpeed
      status.peerErrors = remarks.errors
    }
    status.warnings = session.report?.warnings ?? []
    if let warning = interfaceMTUWarning(session.pseudowire) { status.warnings.append(.init(.interfaceMTU, warning)) }
    if let warning = lossWarning(session) { status.warnings.append(.init(.loss, warning)) }
  }
}

extension TunnelDeclaration.Peer {
  /// As the site file has it.
  var words: String {
    switch self {
    case .address, .name, .list:
      hosts.map { host in
        switch host {
        case .address(let address): "\(address)"
        case .name(let name): name
        }
      }.joined(separator: ", ")
    case .prefix(let prefix): "\(prefix)"
    case .any: "any"
    }
  }
}
