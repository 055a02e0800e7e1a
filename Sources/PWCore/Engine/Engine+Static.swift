/// Tunnels without signalling: the data path of declared identifiers, on a socket by which no control message leaves.
///
/// A connection that says nothing stands for such a tunnel, so that its socket, its data path and its sessions are
/// made, shown, lost and made again like those of others. It is established as soon as its socket is connected, and
/// nobody can know whether the far end is there.
extension Engine {
  /// Begins an attempt to make a tunnel without signalling.
  mutating func startStatic(_ tunnel: TunnelReference, _ identifiers: StaticConnection, to address: IPAddress) {
    guard connectionsByID[identifiers.localID] == nil else {
      return attemptFailed(
        tunnel, "Control Connection ID \(identifiers.localID.rawValue) is in use by another tunnel of this site")
    }
    // The kernel names the tunnel by it, and takes its time to let go of it.
    guard !turn.effects.areRemoving(identifiers.localID) else {
      tunnels[tunnel].awaitsIdentifier = true
      return waitForAttempt(tunnel, until: now + EngineLimits.staticRemovalTime)
    }
    tunnels[tunnel].awaitsIdentifier = false
    let declaration = tunnels[tunnel].declaration
    let isUDP = declaration.encapsulation == .udp
    let remote = Endpoint(address: address, port: isUDP ? declaration.peerPort : 0)
    var connection = ControlConnection(
      of: tunnel, isInitiator: true, localID: identifiers.localID, socket: nextSocket(), remote: remote,
      encapsulation: declaration.encapsulation, reliability: declaration.reliability, isSignalled: false, at: now)
    connection.channel.peerID = identifiers.peerID
    let reference = connections.insert(connection)
    connectionsByID.insert(identifiers.localID, for: reference)
    tunnels[tunnel].connections.append(reference)
    tunnels[tunnel].attempt = .connecting(reference)
    openSocket(
      SocketRequest(
        for: declaration, declaration.encapsulation, address.family, local: declaration.local,
        localPort: isUDP ? declaration.staticLocalPort : 0, connectionID: identifiers.localID,
        remote: remote),
      for: reference)
    touch(reference)
  }

  /// The identifier of a tunnel that is gone can be used again: a tunnel that waits for it goes on.
  mutating func staticRemoved(_ identifier: ControlConnectionID) {
    for tunnel in declaredTunnels where tunnels[tunnel].declaration.staticConnection?.localID == identifier {
      // Any other wait is a back-off.
      if tunnels[tunnel].awaitsIdentifier { waitForAttempt(tunnel, until: now) }
    }
  }

  private mutating func waitForAttempt(_ tunnel: TunnelReference, until moment: Instant) {
    tunnels[tunnel].attempt = .waiting(until: moment)
    turn.schedule(moment, .tunnel(tunnel))
  }

  /// The socket of a tunnel without signalling is connected: there is nobody to wait for.
  mutating func establishStatic(_ connection: ConnectionReference) {
    let tunnel = connections[connection].tunnel
    connections[connection].machine.establishWithoutSignalling()
    connections[connection].establish(at: now)
    connections[connection].calls.peerIsReady()
    tunnels[tunnel].attempt = .none
    tunnels[tunnel].active = connection
    tunnels[tunnel].establishedCount += 1
    let address = connections[connection].remote.address
    note(
      .notice, .staticTunnelMade, tunnel: tunnel,
      "made without signalling: nothing tells yet whether \(address) is there")
    for pseudowire in tunnels[tunnel].pseudowires { waitForConnection(pseudowire) }
    watchStatic(connection)
    makeDataPath(connection)
  }

  // MARK: Whether the peer is there

  /// Watches for the peer's silence from now on, if the tunnel declares how long it may be; else for nothing.
  mutating func watchStatic(_ connection: ConnectionReference) {
    if let liveness = tunnels[connections[connection].tunnel].declaration.liveness {
      connections[connection].presence.expectSign(within: liveness)
      if connections[connection].presence.isSilent, !connections[connection].presence.isHelloDue(at: now) {
        setSilent(false, connection)
      }
    } else {
      connections[connection].presence.stopAsking()
      if connections[connection].presence.isSilent { setSilent(false, connection) }
    }
    updateForwardingOfAll(connection)
    touch(connection)
  }

  /// A data packet of the peer's has arrived.
  mutating func heardStatic(_ connection: ConnectionReference) {
    if connections[connection].presence.suspicion != nil { peerReached(connection) }
    if let liveness = tunnels[connections[connection].tunnel].declaration.liveness {
      connections[connection].presence.expectSign(within: liveness)
      touch(connection)
    }
    noteFirstData(connection)
  }

  /// The timer of a tunnel without signalling: the peer may have been silent for too long, or a report that it is out
  /// of reach too old.
  mutating func staticTimerFired(_ connection: ConnectionReference) {
    if connections[connection].presence.suspicionDeadline.map({ $0 <= now }) ?? false { peerReached(connection) }
    guard connections[connection].presence.isHelloDue(at: now) else { return }
    connections[connection].presence.stopAsking()
    setSilent(true, connection)
  }

  /// Frames do not get to the peer, as the system or a router says. That may be forged, but nobody can be asked; it
  /// counts as long as it is repeated, and until something arrives. A report of this machine itself ends the tunnel if
  /// waiting does not help.
  mutating func staticPeerUnreachable(_ failure: Unreachable, _ connection: ConnectionReference) {
    if failure.isCertain, failure.isFinal {
      return abandon(connection, because: failure.reason, isFailure: true, .peerUnreachable)
    }
    let known = connections[connection].presence.suspicion
    connections[connection].presence.believe(failure, until: now + EngineLimits.staticSuspicionTime)
    touch(connection)
    guard known?.failure != failure, let words = unreachableWords(of: connection) else { return }
    // Forged reports do not fill the log with ever other reasons.
    note(known == nil ? .warning : .debug, .peerUnreachable, tunnel: connections[connection].tunnel, words)
    updateForwardingOfAll(connection)
  }

  /// How long the peer has been silent; nil where it is not, or nobody watches.
  func staticSilenceWords(of connection: ConnectionReference, at now: Instant) -> String? {
    guard let liveness = tunnels[connections[connection].tunnel].declaration.liveness else { return nil }
    let seconds = (now - connections[connection].presence.lastHeard).components.seconds
    let since = connections[connection].hasBeenHeard ? "for \(seconds) s" : "yet, in \(seconds) s"
    return "no frame has arrived from the peer \(since) (`liveness: \(DurationText.text(liveness))`)"
  }

  /// A control message for a tunnel without signalling: the other end has signalling, or means another tunnel.
  mutating func receivedControlMessage(of datagram: Datagram, forStatic connection: ConnectionReference) {
    admission.dropped.misaddressed += 1
    noteStranger(
      about: connections[connection].tunnel,
      "dropped a control message from \(datagram.source.address): this tunnel has `signalling: none`")
  }
}
