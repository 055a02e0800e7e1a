/// Sessions that both ends have declared: those of tunnels without signalling, and of tunnels whose control connection
/// shows only that the peer is there. No message is about one, so that it lasts as long as its tunnel, and the peer may
/// not have it.
extension Engine {
  /// Whether messages set a session up and end it: the peer is told nothing about another one.
  func isNegotiated(_ session: SessionReference) -> Bool {
    pseudowires[sessions[session].pseudowire].declaration.staticSession == nil
  }

  /// Begins a session that both ends have declared.
  mutating func beginStaticSession(
    _ pseudowire: PseudowireReference, _ declared: StaticSession, over connection: ConnectionReference
  ) {
    guard pseudowires[pseudowire].machine.state == .waitControlConnection else { return }
    guard sessionsByID[declared.localID] == nil else {
      sessionFailed(pseudowire, "Session ID \(declared.localID.rawValue) is in use by another pseudowire of this site")
      pseudowires[pseudowire].machine.forget()
      return retrySession(pseudowire)
    }
    let session = sessions.insert(Session(of: pseudowire, over: connection))
    sessionsByID.insert(declared.localID, for: session)
    sessions[session].localID = declared.localID
    sessions[session].peerID = declared.peerID
    sessions[session].receiveCookie = declared.receiveCookie
    sessions[session].transmitCookie = declared.transmitCookie
    pseudowires[pseudowire].session = session
    pseudowires[pseudowire].since = now
    pseudowires[pseudowire].retryAt = nil
    act(pseudowires[pseudowire].machine.openedWithoutSignalling(), on: pseudowire)
  }

  /// A message about a session, which has no meaning here: a call is refused, and another message dropped.
  mutating func receivedUnexpected(_ message: ControlMessage, on connection: ConnectionReference) {
    switch message {
    case .incomingCallRequest(let request): refuseUnexpectedCall(CallRequest(request), on: connection)
    case .outgoingCallRequest(let request): refuseUnexpectedCall(CallRequest(request), on: connection)
    default:
      admission.dropped.misnamed += 1
      let level: Event.Level = connections[connection].hasToldMisnamed ? .debug : .warning
      connections[connection].hasToldMisnamed = true
      note(
        level, .messageRefused, tunnel: connections[connection].tunnel,
        "dropped the peer's \(message.messageType.words): this tunnel has `signalling: keepalive`, where no message is "
          + "about a session")
    }
  }

  /// Data has come, which is the only sign that the peer has a declared session.
  mutating func noteFirstData(_ connection: ConnectionReference) {
    guard !connections[connection].hasBeenHeard else { return }
    connections[connection].hasBeenHeard = true
    if tunnels[connections[connection].tunnel].declaration.signalling != .full { updateForwardingOfAll(connection) }
  }

  /// Whether anything shows that the far end has a session: always if messages set it up. A control connection shows
  /// only that the peer is there, so that data must have come, too.
  func isVerified(_ session: Session) -> Bool {
    guard pseudowires[session.pseudowire].declaration.staticSession != nil else { return true }
    let connection = connections[session.connection]
    guard connection.hasBeenHeard else { return false }
    return connection.isSignalled || tunnels[connection.tunnel].declaration.liveness != nil
  }
}
