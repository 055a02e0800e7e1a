/// Control connections from the first reason to end them to the last acknowledgement.
extension Engine {
  /// The end of an attempt, which people are told of as soon as it is known when the next one is: at the end of the
  /// same step.
  struct UntoldEnd: Codable {
    var level: Event.Level
    var kind: EventKind
    var fields: [EventField]
    var message: String
  }

  /// Ends a connection by our own decision: StopCCN with a reason, its data path once that is acknowledged.
  mutating func close(_ connection: ConnectionReference, _ result: StopResult) {
    act(connections[connection].machine.close(result), on: connection)
  }

  /// Sends StopCCN and leaves the rest to reliable delivery (RFC 3931 section 3.3.2).
  mutating func stop(_ connection: ConnectionReference, _ result: StopResult) {
    let end = connections[connection].end ?? ConnectionEnd(stoppingWith: result)
    let reason = "we stopped the control connection: \(result.words)"
    let isWanted = result.code == .shuttingDown || result.code == .generalRequest
    guard connections[connection].isSignalled else {
      return abandon(connection, because: result.text ?? result.words, isFailure: !isWanted, end)
    }
    guard connections[connection].socket.state == .open, connections[connection].channel.peerID != .unknown else {
      // Nobody has answered yet, so there is nobody to tell: a peer that answers later is told then.
      abandon(connection, because: reason, isFailure: !isWanted, end)
      return
    }
    guard !isNamesake(connection) else { return abandon(connection, because: reason, isFailure: false, end) }
    tellEnd(of: connection, result.code == .shuttingDown ? .info : isWanted ? .notice : .warning, end, reason)
    leaveHalfOpen(connection)
    connections[connection].beginClosing(at: now)
    endPathProbe(connection)
    endSessions(of: connection)
    connections[connection].channel.dropUnsent()
    send(
      .stopNotification(StopNotification(result: result, assignedConnectionID: connections[connection].localID)),
      on: connection)
    leave(connection, isFailure: true)
  }

  /// Whether a half-open connection has the peer's identifier of the one that serves its tunnel: a late copy of an
  /// SCCRQ that nothing marks began it, perhaps, and its StopCCN would be taken for the other's.
  private func isNamesake(_ connection: ConnectionReference) -> Bool {
    guard connections[connection].isHalfOpen, let active = tunnels[connections[connection].tunnel].active else {
      return false
    }
    return active != connection && connections[active].channel.peerID == connections[connection].channel.peerID
  }

  /// StopCCN from the peer: every session is over with it, without a CDN (RFC 3931 section 3.3.2).
  mutating func receivedStop(_ stop: StopNotification, on connection: ConnectionReference) {
    let reason =
      "the peer stopped the control connection: \(stop.result.words)" + challengeHint(for: stop.result, connection)
    let isTie = stop.result.code == .alreadyExists && connections[connection].machine.state == .waitReply
    tunnels[connections[connection].tunnel].peerSign = nil
    // The peer is there, and its own SCCRQ is on its way.
    if isTie { tunnels[connections[connection].tunnel].addresses.stay() }
    if isTie, tunnels[connections[connection].tunnel].failures < EngineLimits.unremarkableTies {
      // Told again and again, it is something else.
      note(.debug, .protocolStep, tunnel: connections[connection].tunnel, reason)
    } else {
      let isShuttingDown = stop.result.code == .shuttingDown
      tellEnd(
        of: connection, isShuttingDown ? .notice : .warning, isShuttingDown ? .peerShutDown : .peerStopped,
        fields: EventField.result(stop.result.code.rawValue, stop.result.error), reason)
    }
    if stop.result.code == .generalError, stop.result.error != .insufficientResources, isPathProbeOut(connection) {
      remark(.stopsForRepetitions, of: connections[connection].tunnel)
    }
    if connections[connection].channel.peerID == .unknown {
      guard let assigned = stop.assignedConnectionID else {
        // Our SCCRQ is refused by somebody who keeps no state for it, and wants no acknowledgement.
        end(connection, isFailure: true)
        return
      }
      connections[connection].channel.peerID = assigned
    }
    act(connections[connection].machine.receivedStop(), on: connection)
  }

  /// Everything is over; only the peer's retransmissions are acknowledged, for a full cycle.
  ///
  /// One that was never established keeps its place among the half-open ones until then: its SCCRQ may be
  /// forged, and this StopCCN by the same stranger.
  mutating func stopped(_ connection: ConnectionReference) {
    connections[connection].stop(at: now)
    endPathProbe(connection)
    endSessions(of: connection)
    // The acknowledgement goes out before the data path goes, and perhaps the socket with it.
    flushNow(connection)
    removeDataPath(connection)
    leave(connection, isFailure: true)
  }

  /// Both ends sent StopCCN: ours needs no acknowledgement any more.
  mutating func stopCrossed(_ connection: ConnectionReference) {
    connections[connection].stop(at: now)
    endPathProbe(connection)
    flushNow(connection)
    removeDataPath(connection)
  }

  /// Forgets a connection without a word: its peer does not answer, or must not be told.
  mutating func abandon(
    _ connection: ConnectionReference, because reason: String, isFailure: Bool, _ kind: ConnectionEnd
  ) {
    connections[connection].end = kind
    let object = connections[connection].isSignalled ? "control connection" : "tunnel"
    if isFailure { tellEnd(of: connection, .warning, kind, "the \(object) is given up: \(reason)") }
    end(connection, isFailure: isFailure)
  }

  /// Takes a connection away at once and without a word, because it could be read on its way.
  mutating func withhold(_ connection: ConnectionReference, because reason: String) {
    let tunnel = connections[connection].tunnel
    let isOurs = tunnels[tunnel].active == connection || tunnels[tunnel].attempt == .connecting(connection)
    if connections[connection].establishedAt != nil { tellEnd(of: connection, .notice, .unprotected, reason) }
    connections[connection].end = .unprotected
    connections[connection].endReason = reason
    if isOurs, tunnels[tunnel].lastError?.value != reason { tunnels[tunnel].lastError = Since(reason, since: now) }
    end(connection, isFailure: isOurs)
  }

  /// The peer has no state of the connection: there is nothing left to tell it, and nothing to wait for.
  mutating func peerLost(_ connection: ConnectionReference, _ words: String) {
    let reason = "the peer no longer has the control connection: \(words)"
    tellEnd(of: connection, .warning, .peerLostState, reason)
    end(connection, isFailure: true)
  }

  /// Ends a half-open connection whose place another one takes. Its peer, if it is there and only slow, hears of it
  /// once, and need not wait for what it says to be answered.
  mutating func giveWay(_ connection: ConnectionReference) {
    admission.dropped.displaced += 1
    let result = StopResult(.generalError, error: .insufficientResources, text: "too many connections are half open")
    if connections[connection].socket.state == .open, !connections[connection].life.isStopped, !isNamesake(connection),
      admission.refusals.allows(at: now)
    {
      // An SCCRP that is not acknowledged yet would keep StopCCN back.
      connections[connection].channel.dropQueue()
      send(
        .stopNotification(StopNotification(result: result, assignedConnectionID: connections[connection].localID)),
        on: connection)
      flushNow(connection)
    }
    let address = connections[connection].remote.address
    noteStranger(
      about: connections[connection].tunnel, "a half-open connection of \(address) gave way to a newer SCCRQ")
    end(connection, isFailure: false)
  }

  /// Takes everything of a connection away at once.
  private mutating func end(_ connection: ConnectionReference, isFailure: Bool) {
    endSessions(of: connection)
    removeDataPath(connection)
    leave(connection, isFailure: isFailure)
    forget(connection)
  }

  /// Tells people, once, why a connection ends, and keeps it for `status`. While another one serves the tunnel it is no
  /// news.
  private mutating func tellEnd(
    of connection: ConnectionReference, _ level: Event.Level, _ end: ConnectionEnd, fields: [EventField] = [],
    _ message: String
  ) {
    connections[connection].end = end
    let tunnel = connections[connection].tunnel
    if let active = tunnels[tunnel].active, active != connection {
      note(.debug, .connectionFailed, tunnel: tunnel, message)
      return
    }
    let message = withAddress(message, connection)
    connections[connection].endReason = message
    // Where another address comes next, that is told with the reason.
    let isGoingOn = isOneOfSeveral(connection) && tunnels[tunnel].addresses.hasNext
    let kind: EventKind = connections[connection].establishedAt == nil ? .connectionFailed : .connectionLost
    let all = [.text(.reason, end.rawValue), .address(connections[connection].remote.address)] + fields
    let untold = UntoldEnd(level: isGoingOn ? .debug : level, kind: kind, fields: all, message: message)
    // Before the ends of its sessions, of which one that was never established has none.
    if kind == .connectionFailed { connections[connection].untoldEnd = untold } else { tell(untold, tunnel) }
    if level.rawValue > Event.Level.info.rawValue { tunnels[tunnel].lastError = Since(message, since: now) }
  }

  /// Tells people why an attempt has failed, and when the next one is.
  private mutating func tellUntoldEnd(of connection: ConnectionReference) {
    guard let untold = connections[connection].untoldEnd else { return }
    connections[connection].untoldEnd = nil
    let tunnel = connections[connection].tunnel
    var next: String?
    // Of an attempt that is under way beside it, nothing is said here.
    if tunnels[tunnel].active == nil, case .waiting = tunnels[tunnel].attempt { next = nextAttemptWords(tunnel) }
    tell(untold, tunnel, then: next)
  }

  private mutating func tell(_ end: UntoldEnd, _ tunnel: TunnelReference, then next: String? = nil) {
    let message = end.message + Self.continuation(of: end.message, next)
    note(end.level, end.kind, tunnel: tunnel, fields: end.fields, message)
  }

  /// The peer acknowledges nothing any more.
  mutating func lost(_ connection: ConnectionReference) {
    switch connections[connection].life {
    case .opening, .handshaking, .established: act(connections[connection].machine.lost(), on: connection)
    case .closing, .stopped:
      removeDataPath(connection)
      forget(connection)
    }
  }

  /// Something of ours was acknowledged: after StopCCN, that was all there was to wait for.
  mutating func acknowledged(_ connection: ConnectionReference) {
    guard connections[connection].life.isClosing, connections[connection].channel.isIdle else { return }
    let tunnel = connections[connection].tunnel
    if tunnels[tunnel].active == nil { tunnels[tunnel].mayBeRemembered = false }
    removeDataPath(connection)
    forget(connection)
  }

  /// The time that there is for this part of the connection's life is over.
  mutating func lifeTimedOut(_ connection: ConnectionReference) {
    switch connections[connection].life {
    case .opening: abandon(connection, because: "the set-up takes too long", isFailure: true, .setupTimedOut)
    case .handshaking:
      connections[connection].end = .setupTimedOut
      close(connection, StopResult(.stateMachineError, text: "the set-up takes too long"))
    case .established: break
    case .closing: removeDataPath(connection)
    case .stopped: forget(connection)
    }
  }

  /// The connection does not serve its tunnel any more; another attempt follows if this was not a mere change of plan.
  private mutating func leave(_ connection: ConnectionReference, isFailure: Bool) {
    let tunnel = connections[connection].tunnel
    let wasActive = tunnels[tunnel].active == connection
    let wasAttempt = tunnels[tunnel].attempt == .connecting(connection)
    if wasActive {
      tunnels[tunnel].active = nil
      let end = connections[connection].end ?? .stoppedHere
      tunnels[tunnel].losses[end, default: 0] += 1
      tunnels[tunnel].mayBeRemembered = !end.isKnownToPeer
      tunnels[tunnel].addresses.restart()
      noteEndForRest(connection)
      noteEndAtLongMessage(connection)
      if let since = connections[connection].establishedAt, now - since >= EngineLimits.stableTime {
        tunnels[tunnel].failures = 0
      }
    }
    if wasAttempt {
      tunnels[tunnel].attempt = .none
      noteUnanswered(connection)
    }
    defer { tellUntoldEnd(of: connection) }
    guard isFailure, tunnels[tunnel].active == nil else { return }
    switch tunnels[tunnel].attempt {
    case .none, .yielding:
      let reason = connections[connection].endReason ?? "the attempt failed"
      if !wasAttempt || !callsNextAddress(tunnel, because: reason) { retryLater(tunnel) }
    case .waiting, .resolving, .connecting: break
    }
  }

  /// Asks for the end of the connection's data path and of every session in it, whole.
  mutating func removeDataPath(_ connection: ConnectionReference) {
    guard let interfaces = connections[connection].removeDataPath() else { return }
    let identifier = connections[connection].localID
    change(
      .deleteTunnel(identifier, socket: connections[connection].socket.id),
      for: connections[connection].isSignalled
        ? .tunnelRemoval(connection, interfaces: interfaces) : .staticRemoval(identifier, interfaces: interfaces))
  }

  /// Takes a connection out of every table and closes its socket.
  private mutating func forget(_ connection: ConnectionReference) {
    leaveHalfOpen(connection)
    let state = connections[connection]
    if state.socket.isOurs { change(.closeSocket(state.socket.id)) }
    connectionsByID.remove(state.localID)
    if let key = state.requestKey { admission.leave(connection, answering: key) }
    tunnels[state.tunnel].connections.removeAll { $0 == connection }
    endPathProbe(connection)
    connections.remove(connection)
    discardIfRemoved(state.tunnel)
  }

  /// Keeps an error for `status`; the last one wins.
  ///
  /// - Parameter next: what the log says besides, because it holds at this moment alone.
  mutating func setError(_ tunnel: TunnelReference, _ kind: EventKind, _ message: String, then next: String? = nil) {
    if tunnels[tunnel].lastError?.value != message {
      note(.warning, kind, tunnel: tunnel, message + Self.continuation(of: message, next))
    }
    tunnels[tunnel].lastError = Since(message, since: now)
  }

  /// Keeps an error that a stranger may have caused: while a connection serves the tunnel it is not news, and nobody
  /// fills the log with ever other texts. `status` shows the last one.
  mutating func setStrangersError(
    _ tunnel: TunnelReference, _ message: String, as kind: EventKind = .tunnelFault, then next: String? = nil
  ) {
    let isServed = tunnels[tunnel].active != nil
    guard !isServed else { return noteStranger(about: tunnel, message) }
    if let last = tunnels[tunnel].strangersErrorAt, now - last < EngineLimits.strangersErrorInterval {
      // Not told of, but the reason that holds now.
      if tunnels[tunnel].lastError?.value != message { noteStranger(about: tunnel, message) }
      // Where one message has two errors, the first one is the nearer reason.
      if tunnels[tunnel].lastError?.since != now { tunnels[tunnel].lastError = Since(message, since: now) }
      return
    }
    tunnels[tunnel].strangersErrorAt = now
    setError(tunnel, kind, message, then: next)
  }

  /// What follows a message in the log, behind the sign that belongs there.
  private static func continuation(of message: String, _ next: String?) -> String {
    guard let next, let first = next.first else { return "" }
    return message.hasSuffix("?") ? " \(first.uppercased())\(next.dropFirst())" : "; \(next)"
  }

  /// A wrong digest while the connection is being set up is what a wrong secret looks like.
  mutating func noteDigestFailure(_ connection: ConnectionReference) {
    guard connections[connection].machine.state != .established else { return }
    // The peer speaks our language now.
    tunnels[connections[connection].tunnel].peerSign = nil
    setError(
      connections[connection].tunnel, .wrongDigest,
      "a message from the peer was dropped: its digest is missing or wrong (is the secret the same at both ends?)",
      then: nextAttemptWords(connections[connection].tunnel))
  }

  /// The data plane lost something without having been asked.
  mutating func dataPathLost(_ identifier: ControlConnectionID, _ session: SessionID?, reason: String) {
    guard let connection = connectionsByID[identifier] else { return }
    guard let session else {
      close(connection, StopResult(.generalError, error: .insufficientResources, text: reason))
      return
    }
    guard let session = self.session(session, over: connection) else { return }
    endSession(sessions[session].pseudowire, CallResult(.lossOfCarrier, text: reason))
  }
}
