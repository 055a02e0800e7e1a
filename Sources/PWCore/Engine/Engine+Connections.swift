/// Control connections from the first attempt to the established state.
extension Engine {
  // MARK: Attempts of ours

  /// Begins an attempt, unless the peer's is under way or a connection is there.
  mutating func beginAttempt(_ tunnel: TunnelReference) {
    guard shutdown == .none, tunnels.contains(tunnel), !tunnels[tunnel].isRemoved, tunnels[tunnel].active == nil,
      tunnels[tunnel].declaration.role != .accept, tunnels[tunnel].declaration.disabled == nil
    else { return }
    if case .yielding = tunnels[tunnel].attempt, !hasAnswered(tunnel) { tunnels[tunnel].hasYielded = true }
    tunnels[tunnel].attempt = .none
    guard !mustYield(tunnel) else { return yield(tunnel) }
    callPeer(tunnel)
  }

  /// Whether an SCCRQ of the peer's has been answered and its SCCCN is awaited, but not for too long; and not once more
  /// when that has been in vain: a stranger who goes on sending forged ones would keep us from trying for ever.
  func mustYield(_ tunnel: TunnelReference) -> Bool {
    guard !hasAnswered(tunnel) else { return true }
    guard !tunnels[tunnel].hasYielded else { return false }
    return awaitedConnections(tunnel).contains { now - connections[$0].since < EngineLimits.halfOpenPatience }
  }

  /// Whether the peer has acknowledged our SCCRP: it is there and means it, its SCCCN was only lost, and the time for a
  /// set-up bounds how long it is waited for.
  private func hasAnswered(_ tunnel: TunnelReference) -> Bool {
    awaitedConnections(tunnel).contains { connections[$0].channel.isAcknowledged(ns: 0) }
  }

  /// Half-open connections whose SCCCN may still come.
  private func awaitedConnections(_ tunnel: TunnelReference) -> [ConnectionReference] {
    tunnels[tunnel].connections.filter { connections[$0].isHalfOpen && !connections[$0].life.isStopped }
  }

  /// Lets the peer's attempt go first. The sender of its SCCRQ may have forged it or said it before, so our own
  /// attempt is made beside it when its SCCCN takes long.
  mutating func yield(_ tunnel: TunnelReference) {
    guard tunnels[tunnel].active == nil, tunnels[tunnel].attempt == .none, canInitiate(tunnel) else { return }
    let until = now + EngineLimits.halfOpenPatience
    tunnels[tunnel].attempt = .yielding(until: until)
    turn.schedule(until, .tunnel(tunnel))
  }

  /// Whether the tunnel's declaration lets us begin.
  func canInitiate(_ tunnel: TunnelReference) -> Bool {
    tunnels[tunnel].declaration.role != .accept && tunnels[tunnel].declaration.peer.isOneHost
  }

  mutating func startConnecting(_ tunnel: TunnelReference, to address: IPAddress) {
    let declaration = tunnels[tunnel].declaration
    if let identifiers = declaration.staticConnection { return startStatic(tunnel, identifiers, to: address) }
    let localID = newConnectionID()
    let remote = Endpoint(address: address, port: declaration.encapsulation == .udp ? declaration.peerPort : 0)
    var connection = ControlConnection(
      of: tunnel, isInitiator: true, localID: localID, socket: nextSocket(), remote: remote,
      encapsulation: declaration.encapsulation, reliability: declaration.reliability, at: now)
    connection.authentication = newAuthentication(for: tunnel)
    connection.challenge = newChallenge(for: tunnel)
    connection.dialect = SpokenDialect(
      calling: declaration.compatibility, learned: tunnels[tunnel].learnedDialect)
    connection.tieBreaker = turn.entropy.next()
    let reference = connections.insert(connection)
    connectionsByID.insert(localID, for: reference)
    tunnels[tunnel].connections.append(reference)
    tunnels[tunnel].attempt = .connecting(reference)
    openSocket(
      SocketRequest(
        for: declaration, declaration.encapsulation, address.family, local: declaration.local,
        localPort: declaration.encapsulation == .udp ? declaration.localPort ?? 0 : 0, connectionID: localID,
        remote: remote),
      for: reference)
    touch(reference)
  }

  /// An attempt of ours, or an established connection, is over: the next one comes after the back-off.
  mutating func attemptFailed(_ tunnel: TunnelReference, _ reason: String) {
    guard !callsNextAddress(tunnel, because: reason) else { return }
    retryLater(tunnel)
    setError(tunnel, .tunnelFault, reason, then: nextAttemptWords(tunnel))
  }

  /// Waits for the next attempt, if it is ours to make.
  mutating func retryLater(_ tunnel: TunnelReference) {
    tunnels[tunnel].idleSince = now
    tunnels[tunnel].attempt = .none
    guard shutdown == .none, !tunnels[tunnel].isRemoved, tunnels[tunnel].active == nil, canInitiate(tunnel) else {
      return
    }
    tunnels[tunnel].failures += 1
    let delay = backOff(tunnels[tunnel].failures, tunnels[tunnel].declaration.reconnection)
    let until = now + max(delay, pauseForForgetting(tunnel))
    tunnels[tunnel].attempt = .waiting(until: until)
    turn.schedule(until, .tunnel(tunnel))
  }

  // MARK: Sockets

  mutating func socketOpened(_ connection: ConnectionReference, _ result: EffectResult<Endpoint>) {
    guard connections.contains(connection) else { return }
    if connections[connection].life.isStopped { return socketReopened(connection, result) }
    guard connections[connection].life.isOpening else { return }
    switch result {
    case .success(let local):
      connections[connection].local = local
      whenProtected(connection, .begin)
    case .failed(let failure): abandon(connection, because: failure.message, isFailure: true, .localFault)
    }
  }

  /// The socket is there, and messages may leave by it.
  mutating func socketMayBeUsed(_ connection: ConnectionReference) {
    guard connections[connection].life.isOpening else { return }
    if connections[connection].isInitiator, connections[connection].isSignalled {
      connections[connection].socketIsOpen()
      act(connections[connection].machine.open(), on: connection)
    } else {
      connectSocket(of: connection)
    }
  }

  mutating func socketConnected(_ connection: ConnectionReference, _ result: EffectResult<SocketPath>) {
    guard connections.contains(connection) else { return }
    switch result {
    case .success(let path):
      connections[connection].local = path.local
      switch connections[connection].life {
      case .opening:
        connections[connection].pathMTU.routesSay(path.pathMTUOctets)
        // Something may have changed since the machine was asked.
        whenProtected(connection, .beginConnected)
      case .handshaking, .established:
        if connections[connection].dataPath.state == .none {
          connections[connection].pathMTU.routesSay(path.pathMTUOctets)
        } else {
          pathIsAnother(connection, octets: path.pathMTUOctets)
        }
        makeDataPath(connection)
      case .closing, .stopped: break
      }
    case .failed(let failure):
      switch connections[connection].life {
      case .opening: abandon(connection, because: failure.message, isFailure: true, .localFault)
      case .handshaking, .established:
        close(connection, StopResult(.generalError, error: .insufficientResources, text: failure.message))
      case .closing, .stopped: break
      }
    }
  }

  /// The socket is connected, and messages may leave by it.
  mutating func connectedSocketMayBeUsed(_ connection: ConnectionReference) {
    guard connections[connection].life.isOpening else { return }
    connections[connection].socketIsOpen()
    guard connections[connection].isSignalled else { return establishStatic(connection) }
    act(connections[connection].machine.receivedRequest(refusal: nil), on: connection)
  }

  // MARK: Messages

  /// SCCRP: is it the declared peer, and does it do what we need?
  mutating func receivedReply(_ reply: StartReply, from datagram: Datagram, on connection: ConnectionReference) {
    if connections[connection].machine.state == .waitReply {
      connections[connection].channel.peerID = reply.parameters.assignedConnectionID
      connections[connection].channel.setPeerWindow(reply.parameters.receiveWindowSize)
      connections[connection].peer = PeerFacts(reply.parameters)
      connections[connection].authentication?.remoteNonce = reply.parameters.nonce ?? []
      connections[connection].challenge?.theirs = reply.parameters.challenge
      // The peer may have answered from another port (RFC 3931 section 4.1.2.2): that is where it is from now on.
      connections[connection].remote = datagram.source
      whenProtected(connection, nil)
    }
    let refusal =
      refusal(of: reply.parameters, on: connection)
      ?? refusal(ofResponse: reply.parameters.challengeResponse, in: .startReply, on: connection)
    act(connections[connection].machine.receivedReply(refusal: refusal), on: connection)
  }

  private func refusal(of parameters: StartParameters, on connection: ConnectionReference) -> StopResult? {
    let declaration = tunnels[connections[connection].tunnel].declaration
    if let expected = declaration.peerHostName, expected != parameters.hostName {
      return StopResult(.notAuthorised, text: "Host Name '\(parameters.hostName.printable)' is not '\(expected)'")
    }
    if let expected = declaration.peerRouterID, expected != parameters.routerID {
      let presented = IPAddress.v4(parameters.routerID)
      return StopResult(.notAuthorised, text: "Router ID \(presented) is not \(IPAddress.v4(expected))")
    }
    if connections[connection].authentication?.hasSecret != true, parameters.nonce != nil {
      return StopResult(.notAuthorised, text: "control message authentication is not configured at this end")
    }
    return refusal(ofChallenge: parameters.challenge, connections[connection].tunnel)
      ?? refusal(ofControlPHB: parameters.controlPHB, connection)
  }

  /// SCCCN: the peer has seen our SCCRP, so it is where it says it is.
  mutating func receivedConnected(_ message: StartConnected, _ connection: ConnectionReference) {
    var unproven: StopResult?
    if connections[connection].machine.state == .waitConnected {
      unproven = refusal(ofResponse: message.challengeResponse, in: .startConnected, on: connection)
    }
    let state = connections[connection]
    let caller = Caller(
      source: state.remote, hostName: state.peer.hostName ?? "", routerID: state.peer.routerID ?? 0,
      hasSecret: state.authentication?.hasSecret ?? state.challenge?.isAnswered ?? false)
    let refusal = unproven ?? servesAnother(than: caller, state.tunnel)
    act(connections[connection].machine.receivedConnected(refusal: refusal), on: connection)
  }

  /// Does what the state machine decided.
  mutating func act(_ action: ConnectionMachine.Action, on connection: ConnectionReference) {
    switch action {
    case .nothing: break
    case .sendRequest:
      var request = StartRequest(parameters: parameters(connection), tieBreaker: connections[connection].tieBreaker)
      request.parameters.vendorName = Self.vendorName
      connections[connection].since = now
      send(.startRequest(request), on: connection, isRequest: true)
    case .sendReply:
      connections[connection].since = now
      var reply = StartReply(parameters: parameters(connection))
      reply.parameters.challengeResponse = challengeResponse(in: .startReply, on: connection)
      send(.startReply(reply), on: connection)
    case .sendConnectedAndEstablish:
      var connected = StartConnected()
      connected.challengeResponse = challengeResponse(in: .startConnected, on: connection)
      send(.startConnected(connected), on: connection)
      connections[connection].calls.awaitReadiness(until: now + EngineLimits.handshakePatience)
      established(connection)
      whenProtected(connection, .connect)
    case .establish:
      established(connection)
      makeDataPath(connection)
    case .stop(let result): stop(connection, result)
    case .clear: stopped(connection)
    case .abandon: abandon(connection, because: silenceReason(connection), isFailure: true, .peerSilent)
    }
  }

  /// Vendor Name AVP: for people who read captures.
  static let vendorName = "pwmgr"

  private func parameters(_ connection: ConnectionReference) -> StartParameters {
    let state = connections[connection]
    let declaration = tunnels[state.tunnel].declaration
    var parameters = StartParameters(
      hostName: site.hostName, routerID: site.routerID, assignedConnectionID: state.localID,
      pseudowireCapabilities: pseudowireTypes)
    if let authentication = state.authentication, authentication.hasSecret {
      parameters.nonce = authentication.localNonce
    }
    parameters.challenge = state.challenge?.ours
    parameters.receiveWindowSize = declaration.reliability.receiveWindow
    parameters.controlPHB = controlPHB(of: connection)
    return parameters
  }

  /// The handshake is through. An older connection of the tunnel gives way only now that the new one has proved that
  /// its peer is there: a forged or replayed SCCRQ takes nothing down.
  private mutating func established(_ connection: ConnectionReference) {
    let tunnel = connections[connection].tunnel
    leaveHalfOpen(connection)
    connections[connection].establish(at: now)
    if let older = tunnels[tunnel].active, older != connection, connections.contains(older) {
      noteTakeover(of: older, by: connection)
      replace(older, by: connection)
      keepRivalry(of: tunnel)
    }
    if case .connecting(let attempt) = tunnels[tunnel].attempt, attempt != connection, connections.contains(attempt) {
      abandon(attempt, because: "the peer's own attempt succeeded", isFailure: false, .crossed)
    }
    tunnels[tunnel].attempt = .none
    tunnels[tunnel].hasYielded = false
    tunnels[tunnel].peerSign = nil
    (tunnels[tunnel].unansweredSince, tunnels[tunnel].pausedAt) = (nil, nil)
    tunnels[tunnel].active = connection
    tunnels[tunnel].learnedDialect = connections[connection].dialect.written
    tunnels[tunnel].establishedCount += 1
    let declaration = tunnels[tunnel].declaration
    if declaration.helloInterval > .zero {
      scheduleHello(connection)
    }
    schedulePathProbe(connection, after: EngineLimits.pathProbeDelay)
    let host = connections[connection].peer.hostName?.printable ?? ""
    let address = connections[connection].remote.address
    note(
      .notice, .connectionEstablished, tunnel: tunnel, fields: [.address(address), .text(.hostName, "\(host)")],
      "control connection with '\(host)' at \(address) established")
    noteProtection(of: connection)
    for pseudowire in tunnels[tunnel].pseudowires { waitForConnection(pseudowire) }
  }

  /// Ends a connection of which the peer has begun a newer one.
  private mutating func replace(_ older: ConnectionReference, by newer: ConnectionReference) {
    let reason = "replaced by a newer control connection"
    guard connections[older].channel.peerID != connections[newer].channel.peerID else {
      // A peer that has one identifier for all its connections would take our StopCCN for the newer one's.
      note(
        .notice, .peerRestarted, tunnel: connections[older].tunnel,
        "the peer has started again: the control connection is \(reason)")
      remark(.reusesIdentifiers, of: connections[older].tunnel)
      return abandon(older, because: reason, isFailure: false, .replaced)
    }
    connections[older].end = .replaced
    close(older, StopResult(.generalRequest, text: reason))
    // Its peer is not there any more, so its acknowledgement is not worth waiting for.
    if connections.contains(older) {
      flushNow(older)
      removeDataPath(older)
    }
  }

  // MARK: Data path

  mutating func makeDataPath(_ connection: ConnectionReference) {
    guard connections[connection].dataPath.state == .none, connections[connection].life == .established else { return }
    connections[connection].dataPath.begin()
    change(
      .createTunnel(
        TunnelRequest(
          socket: connections[connection].socket.id, encapsulation: connections[connection].encapsulation,
          localID: connections[connection].localID, peerID: connections[connection].channel.peerID,
          remote: connections[connection].remote)),
      for: .createTunnel(connection))
  }

  mutating func dataPathMade(_ connection: ConnectionReference, _ result: EffectResult<Nothing>) {
    guard connections.contains(connection), connections[connection].life.isRunning else { return }
    switch result {
    case .success:
      makeWaitingSessions(connections[connection].dataPath.made())
      // Declared sessions need no turn.
      if connections[connection].isInitiator || tunnels[connections[connection].tunnel].declaration.declaresSessions {
        callAll(connection)
      } else {
        // The initiator calls first, so that not every ICRQ meets one of ours on the way; a peer that waits is called.
        let delay = turn.jittered(EngineLimits.responderCallDelay * 1.25, down: 0.8)
        connections[connection].calls.wait(until: now + delay)
        touch(connection)
      }
    case .failed(let failure):
      connections[connection].dataPath.failed()
      close(connection, StopResult(.generalError, error: .insufficientResources, text: failure.message))
    }
  }
}
