/// Messages of a session: which session they are about, and what becomes of it (RFC 3931 sections 7.3 and 7.4.2).
extension Engine {
  mutating func takeSessionMessage(_ message: ControlMessage, on connection: ConnectionReference) {
    guard tunnels[connections[connection].tunnel].declaration.signalling == .full else {
      return receivedUnexpected(message, on: connection)
    }
    switch message {
    case .incomingCallRequest(let request): receivedCall(CallRequest(request), on: connection)
    case .outgoingCallRequest(let request): receivedCall(CallRequest(request), on: connection)
    case .incomingCallReply(let reply):
      guard let session = session(reply.identifiers, on: connection) else {
        return replyInIdle(message, reply.identifiers, on: connection)
      }
      receivedReply(reply, session)
    case .outgoingCallReply(let reply):
      guard let pseudowire = pseudowire(reply.identifiers, on: connection) else {
        return replyInIdle(message, reply.identifiers, on: connection)
      }
      act(pseudowires[pseudowire].machine.receivedOutgoingReply(), on: pseudowire)
    case .incomingCallConnected(let connected):
      guard let session = session(connected.identifiers, on: connection) else {
        return noteMisnamed(message, connected.identifiers, on: connection)
      }
      let pseudowire = sessions[session].pseudowire
      let refusal = refusal(of: completed(connected.dataPath, pseudowire), pseudowire)
      noteCircuit(connected.dataPath.circuitStatus, session)
      noteSpeeds(connected.dataPath, session)
      act(pseudowires[pseudowire].machine.receivedConnected(refusal: refusal), on: pseudowire)
    case .callDisconnect(let disconnect):
      guard
        let pseudowire = pseudowire(disconnect.identifiers, on: connection)
          ?? pseudowire(misnamedBy: disconnect.identifiers, on: connection)
      else { return noteMisnamed(message, disconnect.identifiers, on: connection) }
      receivedDisconnect(disconnect, pseudowire)
    case .setLinkInfo(let info):
      guard let session = session(info.identifiers, on: connection) else {
        return noteMisnamed(message, info.identifiers, on: connection)
      }
      noteCircuit(info.circuitStatus, session)
    case .wanError(let error):
      guard let session = session(error.identifiers, on: connection) else {
        return noteMisnamed(message, error.identifiers, on: connection)
      }
      noteErrors(error.errors, session)
    case .outgoingCallConnected(let connected):
      guard let pseudowire = pseudowire(connected.identifiers, on: connection) else {
        return noteMisnamed(message, connected.identifiers, on: connection)
      }
      act(pseudowires[pseudowire].machine.receivedOutgoingConnected(), on: pseudowire)
    case .startRequest, .startReply, .startConnected, .stopNotification, .hello, .acknowledgement, .unknown:
      preconditionFailure("\(message.messageType.words) is not a session message")
    }
  }

  /// The session that a message is about: by our identifier, or by the peer's while it may not know ours. Of a peer
  /// that says none of its own, which only CDN may, ours is enough.
  func session(_ identifiers: SessionIdentifiers, on connection: ConnectionReference) -> SessionReference? {
    guard identifiers.remote != .unknown else { return unansweredCall(identifiers.local, on: connection) }
    guard let found = session(identifiers.remote, over: connection) else { return nil }
    let peerID = sessions[found].peerID
    return peerID == .unknown || identifiers.local == .unknown || peerID == identifiers.local ? found : nil
  }

  /// The session to which we gave an identifier, if it runs over a connection.
  func session(_ identifier: SessionID, over connection: ConnectionReference) -> SessionReference? {
    guard let found = sessionsByID[identifier], sessions[found].connection == connection else { return nil }
    return found
  }

  /// The pseudowire whose session a message is about.
  func pseudowire(_ identifiers: SessionIdentifiers, on connection: ConnectionReference) -> PseudowireReference? {
    guard let session = session(identifiers, on: connection) else { return nil }
    return sessions[session].pseudowire
  }

  /// The pseudowire of an established session that a peer's CDN names by its own identifier alone, with 0 for ours, or
  /// by both in the wrong places. CDN is rare; looking through all sessions costs the other messages nothing.
  private func pseudowire(
    misnamedBy identifiers: SessionIdentifiers, on connection: ConnectionReference
  ) -> PseudowireReference? {
    if identifiers.remote != .unknown, identifiers.local != .unknown {
      guard let swapped = session(identifiers.local, over: connection),
        sessions[swapped].peerID == identifiers.remote
      else { return nil }
      return sessions[swapped].pseudowire
    }
    guard identifiers.remote == .unknown, identifiers.local != .unknown else { return nil }
    return tunnels[connections[connection].tunnel].pseudowires.first { pseudowire in
      guard let session = pseudowires[pseudowire].session else { return false }
      return sessions[session].connection == connection && sessions[session].peerID == identifiers.local
    }
  }

  /// The session whose peer may not know our identifier yet, by the peer's (RFC 3931 section 5.4.4, Remote Session ID
  /// 0). Such messages are rare; looking through the set-ups under way costs the others nothing.
  private func unansweredCall(_ peerID: SessionID, on connection: ConnectionReference) -> SessionReference? {
    // Calls of ours that are not answered yet have no identifier of the peer's.
    guard peerID != .unknown else { return nil }
    let call = connections[connection].calls.setup { setup in
      isSettingUp(setup) && sessions[setup.session].peerID == peerID
    }
    if let call { return call }
    // The acknowledgement of an OCCN can overtake what its sender said before it had OCRP.
    return tunnels[connections[connection].tunnel].pseudowires.lazy.compactMap { pseudowires[$0].session }
      .first { session in
        sessions[session].peerID == peerID && sessions[session].connection == connection
          && pseudowires[sessions[session].pseudowire].machine.direction == .outgoing
      }
  }

  private mutating func receivedReply(_ reply: IncomingCallReply, _ session: SessionReference) {
    let pseudowire = sessions[session].pseudowire
    endCallInProgress(session)
    pseudowires[pseudowire].hasWonTie = false
    if pseudowires[pseudowire].machine.state == .waitReply {
      take(reply.dataPath, from: reply.identifiers, session)
      notePluginAVPs(reply.others, session)
    }
    let refusal =
      refusal(of: reply.dataPath, pseudowire) ?? refusal(ofSessionPHB: reply.dataPath.sessionPHB, pseudowire)
    // Our ICRQ has asked for the other one, so the next one will ask for this: one call more, once.
    if refusal != nil { adoptSublayer(of: reply.dataPath, pseudowire) }
    act(pseudowires[pseudowire].machine.receivedReply(refusal: refusal), on: pseudowire)
  }

  /// ICRP or OCRP for a session that is not there (RFC 3931 sections 7.3.2 and 7.4.2).
  private mutating func replyInIdle(
    _ message: ControlMessage, _ identifiers: SessionIdentifiers, on connection: ConnectionReference
  ) {
    noteMisnamed(message, identifiers, on: connection)
    disconnectUnknown(
      identifiers.local, knownAs: identifiers.remote,
      CallResult(.generalError, error: .invalidSessionID, text: "\(message.messageType.words) in idle"),
      on: connection)
  }

  private mutating func receivedDisconnect(_ disconnect: CallDisconnect, _ pseudowire: PseudowireReference) {
    // A lost tie is not a failure: the peer's own call is on its way, or was here already.
    let isTie = disconnect.result.code == .lostTie
    if !isTie {
      let call =
        disconnect.result.code == .noSuchForwarder ? "; we called for \(tryOtherEndID(pseudowire))" : ""
      let fields = EventField.result(disconnect.result.code.rawValue, disconnect.result.error)
      sessionFailed(
        pseudowire, fields: fields, "the peer disconnected the session: \(disconnect.result.words)\(call)")
      pseudowires[pseudowire].hasWonTie = false
    }
    if disconnect.result.code == .generalError { tryOtherSublayer(pseudowire) }
    act(pseudowires[pseudowire].machine.receivedDisconnect(), on: pseudowire)
  }

  /// Refuses a call, or ends a session that only the peer knows. CDN wants an identifier of ours that is not 0: the one
  /// that the peer knows the session by, or any if none was ever assigned.
  mutating func disconnectUnknown(
    _ peerID: SessionID, knownAs localID: SessionID = .unknown, _ result: CallResult, on connection: ConnectionReference
  ) {
    guard mayAnswer(connection) else { return }
    let identifiers = SessionIdentifiers(local: localID == .unknown ? newSessionID() : localID, remote: peerID)
    send(.callDisconnect(CallDisconnect(result: result, identifiers: identifiers)), on: connection)
  }

  /// Whether one more answer may wait for its acknowledgement: a peer that asks and never acknowledges would fill the
  /// memory, and its connection ends.
  mutating func mayAnswer(_ connection: ConnectionReference) -> Bool {
    guard connections[connection].life.isRunning else { return false }
    guard connections[connection].channel.pendingCount >= EngineLimits.queuedAnswers else { return true }
    let result = StopResult(
      .generalError, error: .insufficientResources, text: "too many answers wait for their acknowledgement")
    close(connection, result)
    return false
  }
}

extension MessageType {
  /// The RFC's name of the message, for people.
  var words: String {
    switch self {
    case .startRequest: "SCCRQ"
    case .startReply: "SCCRP"
    case .startConnected: "SCCCN"
    case .stopNotification: "StopCCN"
    case .hello: "HELLO"
    case .outgoingCallRequest: "OCRQ"
    case .outgoingCallReply: "OCRP"
    case .outgoingCallConnected: "OCCN"
    case .incomingCallRequest: "ICRQ"
    case .incomingCallReply: "ICRP"
    case .incomingCallConnected: "ICCN"
    case .callDisconnect: "CDN"
    case .wanError: "WEN"
    case .setLinkInfo: "SLI"
    case .acknowledgement: "ACK"
    default: "message \(rawValue)"
    }
  }
}
