/// Actions of the session state machine, and the ends of sessions.
extension Engine {
  /// Does what the state machine decided.
  mutating func act(_ action: CallMachine.Action, on pseudowire: PseudowireReference) {
    switch action {
    case .nothing, .sendRequest: break
    case .makeDataPath:
      if let session = pseudowires[pseudowire].session { makeSession(session) }
    case .sendReply:
      guard let session = pseudowires[pseudowire].session else { return }
      var reply = IncomingCallReply(identifiers: identifiers(session), dataPath: dataPathParameters(session))
      if pseudowires[pseudowire].declaration.offers != nil { reply.others = offeredAVPs(pseudowire) }
      sessions[session].answerNs = connections[sessions[session].connection].channel.nextNs
      send(.incomingCallReply(reply), on: sessions[session].connection)
    case .sendConnected:
      guard let session = pseudowires[pseudowire].session else { return }
      if isNegotiated(session) {
        let connected = IncomingCallConnected(identifiers: identifiers(session))
        send(.incomingCallConnected(connected), on: sessions[session].connection)
      }
      sessionEstablished(pseudowire)
    case .sendOutgoingReply: sendOutgoingReply(pseudowire)
    case .sendOutgoingConnected: sendOutgoingConnected(pseudowire)
    case .establish: sessionEstablished(pseudowire)
    case .disconnect(let result):
      if let session = pseudowires[pseudowire].session {
        if isNegotiated(session) {
          let disconnect = CallDisconnect(result: result, identifiers: identifiers(session))
          send(.callDisconnect(disconnect), on: sessions[session].connection)
        }
        let verb = isNegotiated(session) ? "disconnected" : "ended"
        sessionFailed(pseudowire, "we \(verb) the session: \(result.words)")
      }
      removeSession(of: pseudowire)
      retrySession(pseudowire)
    case .clear:
      removeSession(of: pseudowire)
      retrySession(pseudowire)
    }
  }

  private mutating func sessionEstablished(_ pseudowire: PseudowireReference) {
    pseudowires[pseudowire].since = now
    pseudowires[pseudowire].establishedCount &+= 1
    pseudowires[pseudowire].hasWonTie = false
    pseudowires[pseudowire].isOneEndIDRefused = false
    if pseudowires[pseudowire].usesOtherEndID {
      remark(.spellsEndIDsOtherwise, of: pseudowires[pseudowire].tunnel)
    }
    let isOutgoing = pseudowires[pseudowire].machine.direction == .outgoing
    note(
      .info, .sessionEstablished, of: pseudowire,
      isOutgoing ? "session established: an outgoing call of the peer's" : "session established")
    guard let session = pseudowires[pseudowire].session else { return }
    if sessions[session].peerMTUOctets != nil { noteInterfaceMTUWarning(pseudowire) }
    consult(session, .established)
    queueCircuitStatus(session)
  }

  /// We end a session, or an attempt at one, with a reason for the peer.
  mutating func endSession(_ pseudowire: PseudowireReference, _ result: CallResult) {
    act(pseudowires[pseudowire].machine.close(result), on: pseudowire)
  }

  mutating func setupTimedOut(_ pseudowire: PseudowireReference) {
    let isWaitingForCircuit = pseudowires[pseudowire].machine.state == .waitAnswer
    endSession(
      pseudowire,
      CallResult(
        .stateMachineError,
        text: isWaitingForCircuit ? "the attachment circuit is still down" : "the set-up takes too long"))
  }

  /// Keeps an error for `status`.
  mutating func sessionFailed(
    _ pseudowire: PseudowireReference, fields: [EventField] = [], _ message: String
  ) {
    if pseudowires[pseudowire].lastError?.value != message {
      note(
        .warning, .sessionFailed, of: pseudowire,
        fields: fields, message)
    }
    pseudowires[pseudowire].lastError = Since(message, since: now)
  }

  /// Tries a session again after a back-off, if it has a connection to run over.
  mutating func retrySession(_ pseudowire: PseudowireReference) {
    let tunnel = pseudowires[pseudowire].tunnel
    guard let connection = tunnels[tunnel].active, shutdown == .none, isWanted(pseudowire) else { return }
    pseudowires[pseudowire].failures = min(pseudowires[pseudowire].failures + 1, 64)
    let retryAt = now + retryDelay(pseudowire, over: connection)
    pseudowires[pseudowire].retryAt = retryAt
    turn.schedule(retryAt, .pseudowire(pseudowire))
  }

  /// The back-off before the next call over a connection.
  mutating func retryDelay(_ pseudowire: PseudowireReference, over connection: ConnectionReference) -> Duration {
    let declaration = tunnels[pseudowires[pseudowire].tunnel].declaration
    let delay = backOff(Int(pseudowires[pseudowire].failures), declaration.reconnection)
    // The end that opened the connection calls first here, too, where somebody is called.
    let isOurTurn = connections[connection].isInitiator || declaration.declaresSessions
    return isOurTurn ? delay : delay + EngineLimits.responderCallDelay
  }

  /// Takes down a pseudowire's session, and tells the peer nothing. Its data path goes by itself while the connection
  /// stays, and with the connection's otherwise.
  mutating func removeSession(of pseudowire: PseudowireReference) {
    pseudowires[pseudowire].machine.forget()
    if hasStood(pseudowire) { pseudowires[pseudowire].failures = 0 }
    takeDownLinks(of: pseudowire)
    guard let session = pseudowires[pseudowire].session else { return }
    endCallInProgress(session)
    connections[sessions[session].connection].sessionEndedAt = now
    takeDownDataPath(session)
    sessionsByID.remove(sessions[session].localID)
    sessions.remove(session)
    pseudowires[pseudowire].session = nil
    pseudowires[pseudowire].since = now
    updateForwarding(pseudowire)
  }

  mutating func endCallInProgress(_ session: SessionReference) {
    guard sessions[session].isCallInProgress else { return }
    let connection = sessions[session].connection
    sessions[session].isCallInProgress = false
    connections[connection].calls.answered()
    touch(connection)
  }

  /// Whether a pseudowire's session has been established for long enough not to count as a failure.
  private func hasStood(_ pseudowire: PseudowireReference) -> Bool {
    guard let session = pseudowires[pseudowire].session else { return false }
    switch sessions[session].links {
    case .none, .connecting: return false
    case .establishing, .established: return now - pseudowires[pseudowire].since >= EngineLimits.stableTime
    }
  }

  /// Has a session's links taken down, if there may be any. A plugin that has been asked may have done its part
  /// already, whatever became of its answer; and an attachment circuit that has asked hears of the end in the same way.
  private mutating func takeDownLinks(of pseudowire: PseudowireReference) {
    var mayHaveLinks = pseudowires[pseudowire].isDemanded
    if let session = pseudowires[pseudowire].session {
      mayHaveLinks = mayHaveLinks || sessions[session].links != .none || sessions[session].consultation != nil
    }
    pseudowires[pseudowire].isDemanded = false
    if mayHaveLinks { changeLinks(.setLinks(owner(pseudowire), [])) }
  }

  private mutating func takeDownDataPath(_ session: SessionReference) {
    let connection = sessions[session].connection
    let interface = pseudowires[sessions[session].pseudowire].declaration.interfaceName
    switch sessions[session].dataPath {
    case .none, .waiting: break
    case .making, .made:
      // The name is not free before the data path is gone, and that may take its time.
      if busyInterfaces[interface] == nil { busyInterfaces[interface] = [] }
      if connections[connection].life == .established, !isGoing(connection) {
        change(
          .deleteSession(tunnelID: connections[connection].localID, sessionID: sessions[session].localID),
          for: .removal(interfaces: [interface]))
      } else {
        connections[connection].dataPath.ended(interface: interface)
      }
    }
  }

  /// Whether the whole connection is about to go.
  private func isGoing(_ connection: ConnectionReference) -> Bool {
    connections[connection].machine.state != .established
  }

  /// Whether a pseudowire has a session, and it runs over a connection.
  func runs(_ pseudowire: PseudowireReference, over connection: ConnectionReference) -> Bool {
    guard let session = pseudowires[pseudowire].session else { return false }
    return sessions[session].connection == connection
  }

  /// Ends every session of a connection that ends: the peer needs no CDN for them. The error is the tunnel's alone.
  mutating func endSessions(of connection: ConnectionReference) {
    for pseudowire in tunnels[connections[connection].tunnel].pseudowires
    where runs(pseudowire, over: connection) {
      if pseudowires[pseudowire].machine.state == .established {
        note(.info, .sessionEnded, of: pseudowire, "session down")
      }
      removeSession(of: pseudowire)
      pseudowires[pseudowire].failures = 0
      pseudowires[pseudowire].hasWonTie = false
      pseudowires[pseudowire].sublayer = pseudowires[pseudowire].declaration.sublayer
      pseudowires[pseudowire].lastError = nil
    }
    connections[connection].calls.removeAll()
    connections[connection].dataPath.stopWaiting()
    // The end of one beside the one that serves, a forged SCCRQ's for example, concerns nobody else's sessions.
    let tunnel = connections[connection].tunnel
    guard tunnels[tunnel].active.map({ $0 == connection }) ?? true else { return }
    if !congestionPauses.isEmpty { endCongestionPauses(of: tunnel) }
    for pseudowire in tunnels[tunnel].pseudowires where pseudowires[pseudowire].session == nil {
      pseudowires[pseudowire].retryAt = nil
      pseudowires[pseudowire].isOneEndIDRefused = false
      if pseudowires[pseudowire].isDemanded { removeSession(of: pseudowire) }
    }
  }
}
