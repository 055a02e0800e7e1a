/// What the session state machine decides, and how sessions end.
extension Engine {
  /// Does what the state machine decided.
  mutating func act(_ action: CallMachine.Action, on pseudowire: PseudowireReference) {
    switch action {
    case .nothing, .sendRequest: break
    case .makeDataPath: makeSession(pseudowire)
    case .sendReply:
      guard let connection = pseudowires[pseudowire].connection else { return }
      var reply = IncomingCallReply(identifiers: identifiers(pseudowire), dataPath: dataPathParameters(pseudowire))
      if pseudowires[pseudowire].declaration.offers != nil { reply.others = offeredAVPs(pseudowire) }
      send(.incomingCallReply(reply), on: connection)
    case .sendConnected:
      guard let connection = pseudowires[pseudowire].connection else { return }
      send(.incomingCallConnected(IncomingCallConnected(identifiers: identifiers(pseudowire))), on: connection)
      sessionEstablished(pseudowire)
    case .sendOutgoingReply: sendOutgoingReply(pseudowire)
    case .sendOutgoingConnected: sendOutgoingConnected(pseudowire)
    case .establish: sessionEstablished(pseudowire)
    case .disconnect(let result):
      if let connection = pseudowires[pseudowire].connection {
        send(.callDisconnect(CallDisconnect(result: result, identifiers: identifiers(pseudowire))), on: connection)
        sessionFailed(pseudowire, "we disconnected the session: \(result.words)")
      }
      forgetSession(pseudowire)
      retrySession(pseudowire)
    case .clear:
      forgetSession(pseudowire)
      retrySession(pseudowire)
    }
  }

  private mutating func sessionEstablished(_ pseudowire: PseudowireReference) {
    pseudowires[pseudowire].since = now
    pseudowires[pseudowire].establishedCount &+= 1
    pseudowires[pseudowire].hasWonTie = false
    if pseudowires[pseudowire].usesOtherEndID {
      remark(.spellsEndIDsOtherwise, of: pseudowires[pseudowire].tunnel)
    }
    let isOutgoing = pseudowires[pseudowire].machine.direction == .outgoing
    note(
      .info, tunnel: pseudowires[pseudowire].tunnel, pseudowire: pseudowire,
      isOutgoing ? "session established: an outgoing call of the peer's" : "session established")
    if pseudowires[pseudowire].peerMTUOctets != nil { noteInterfaceMTUWarning(pseudowire) }
    consult(pseudowire, .established)
    queueCircuitStatus(pseudowire)
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
  mutating func sessionFailed(_ pseudowire: PseudowireReference, _ message: String) {
    if pseudowires[pseudowire].lastError?.value != message {
      note(.warning, tunnel: pseudowires[pseudowire].tunnel, pseudowire: pseudowire, message)
    }
    pseudowires[pseudowire].lastError = Since(message, since: now)
  }

  /// Tries a session again after a back-off, if it has a connection to run over.
  mutating func retrySession(_ pseudowire: PseudowireReference) {
    let tunnel = pseudowires[pseudowire].tunnel
    guard let connection = tunnels[tunnel].active, shutdown == .none, isWanted(pseudowire) else { return }
    pseudowires[pseudowire].failures = min(pseudowires[pseudowire].failures + 1, 64)
    var delay = backOff(Int(pseudowires[pseudowire].failures), tunnels[tunnel].declaration.reconnection)
    // The end that opened the connection calls first here, too.
    if !connections[connection].isInitiator { delay += EngineLimits.responderCallDelay }
    let retryAt = now + delay
    pseudowires[pseudowire].retryAt = retryAt
    schedule(retryAt, .pseudowire(pseudowire))
  }

  /// Takes down whatever there is of a session, and tells the peer nothing. Its data path goes by itself while the
  /// connection stays, and with the connection's otherwise.
  mutating func forgetSession(_ pseudowire: PseudowireReference) {
    guard let connection = pseudowires[pseudowire].connection else {
      if pseudowires[pseudowire].isDemanded { takeDownLinks(pseudowire) }
      pseudowires[pseudowire].machine.forget()
      return
    }
    endCallInProgress(pseudowire)
    switch pseudowires[pseudowire].links {
    case .none, .connecting: break
    case .establishing, .established:
      if now - pseudowires[pseudowire].since >= EngineLimits.stableTime { pseudowires[pseudowire].failures = 0 }
    }
    takeDownLinks(pseudowire)
    takeDownDataPath(pseudowire, over: connection)
    sessionsByID.remove(pseudowires[pseudowire].localID)
    pseudowires[pseudowire].machine.forget()
    pseudowires[pseudowire].attempt &+= 1
    pseudowires[pseudowire].connection = nil
    pseudowires[pseudowire].localID = .unknown
    pseudowires[pseudowire].peerID = .unknown
    pseudowires[pseudowire].transmitCookie = Cookie()
    pseudowires[pseudowire].isCircuitStatusQueued = false
    pseudowires[pseudowire].peerCircuit = nil
    pseudowires[pseudowire].hasHadLinks = false
    if !congestion.isEmpty { congestion[pseudowire] = nil }
    if !discarding.isEmpty { discarding[pseudowire] = nil }
    pseudowires[pseudowire].peerMTUOctets = nil
    pseudowires[pseudowire].peerPHB = nil
    if !peerRemarks.isEmpty { peerRemarks[pseudowire] = nil }
    pseudowires[pseudowire].since = now
    updateForwarding(pseudowire)
  }

  mutating func endCallInProgress(_ pseudowire: PseudowireReference) {
    guard pseudowires[pseudowire].isCallInProgress, let connection = pseudowires[pseudowire].connection else { return }
    pseudowires[pseudowire].isCallInProgress = false
    connections[connection].callsInProgress -= 1
    touch(connection)
  }

  private mutating func takeDownLinks(_ pseudowire: PseudowireReference) {
    // A plugin that has been asked may have done its part already, whatever became of its answer.
    // An attachment circuit that has asked hears of it in the same way.
    if pseudowires[pseudowire].links != .none || pseudowires[pseudowire].consultation != nil
      || pseudowires[pseudowire].isDemanded
    {
      changeLinks(.setLinks(owner(pseudowire), []))
    }
    pseudowires[pseudowire].isDemanded = false
    pseudowires[pseudowire].links = .none
    pseudowires[pseudowire].consultation = nil
    pseudowires[pseudowire].report = nil
  }

  private mutating func takeDownDataPath(_ pseudowire: PseudowireReference, over connection: ConnectionReference) {
    let interface = pseudowires[pseudowire].declaration.interfaceName
    switch pseudowires[pseudowire].dataPath {
    case .none, .waiting: break
    case .making, .made:
      // The name is not free before the data path is gone, and that may take its time.
      if busyInterfaces[interface] == nil { busyInterfaces[interface] = [] }
      if connections[connection].phase == .running, !isGoing(connection) {
        change(
          .deleteSession(
            tunnelID: connections[connection].localID, sessionID: pseudowires[pseudowire].localID),
          for: .removal(interfaces: [interface]))
      } else {
        connections[connection].endedInterfaces.append(interface)
      }
    }
    pseudowires[pseudowire].dataPath = .none
  }

  /// Whether the whole connection is about to go.
  private func isGoing(_ connection: ConnectionReference) -> Bool {
    connections[connection].machine.state != .established
  }

  /// Ends every session of a connection that ends: the peer needs no CDN for them.
  mutating func endSessions(of connection: ConnectionReference, because reason: String) {
    for pseudowire in tunnels[connections[connection].tunnel].pseudowires
    where pseudowires[pseudowire].connection == connection {
      if pseudowires[pseudowire].machine.state == .established {
        note(.info, tunnel: pseudowires[pseudowire].tunnel, pseudowire: pseudowire, "session down")
      }
      forgetSession(pseudowire)
      pseudowires[pseudowire].failures = 0
      pseudowires[pseudowire].hasWonTie = false
      pseudowires[pseudowire].sublayer = pseudowires[pseudowire].declaration.sublayer
      pseudowires[pseudowire].lastError = Since(reason, since: now)
    }
    connections[connection].work.removeAll()
    connections[connection].setups.removeAll()
    connections[connection].unconfirmed.removeAll()
    connections[connection].awaitingDataPath.removeAll()
    // The end of one beside the one that serves, a forged SCCRQ's for example, concerns nobody else's sessions.
    let tunnel = connections[connection].tunnel
    guard tunnels[tunnel].active.map({ $0 == connection }) ?? true else { return }
    if !congestion.isEmpty { endCongestionPauses(of: tunnel) }
    for pseudowire in tunnels[tunnel].pseudowires where pseudowires[pseudowire].connection == nil {
      pseudowires[pseudowire].retryAt = nil
      if pseudowires[pseudowire].isDemanded { forgetSession(pseudowire) }
    }
  }
}

extension Pseudowire {
  /// What stands in free slots.
  static func vacant(at now: Instant) -> Pseudowire {
    Pseudowire(
      declaration: PseudowireDeclaration(
        name: "", type: .ethernet, remoteEndID: RemoteEndID(octets: []), interfaceName: ""),
      tunnel: TunnelReference(rawValue: 0), at: now)
  }

  /// A pseudowire without a session.
  init(declaration: PseudowireDeclaration, tunnel: TunnelReference, at now: Instant) {
    self.declaration = declaration
    self.tunnel = tunnel
    calling = declaration.calling
    sublayer = declaration.sublayer
    peerCircuitSince = now
    since = now
    forwardingSince = now
  }
}
