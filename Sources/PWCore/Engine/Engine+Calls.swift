/// Sessions (RFC 3931 sections 7.3 and 7.4.2): who calls, what is answered, and how it ends.
extension Engine {
  // MARK: Calling

  /// A pseudowire wants a session as soon as there is a connection.
  mutating func waitForConnection(_ pseudowire: PseudowireReference) {
    guard pseudowires[pseudowire].machine.state == .idle, pseudowires[pseudowire].retryAt == nil, isWanted(pseudowire)
    else { return }
    act(pseudowires[pseudowire].machine.open(), on: pseudowire)
    pseudowires[pseudowire].since = now
  }

  /// Calls for every pseudowire that has no session.
  mutating func callAll(_ connection: ConnectionReference) {
    let tunnel = connections[connection].tunnel
    guard tunnels[tunnel].active == connection else { return }
    for pseudowire in tunnels[tunnel].pseudowires
    where pseudowires[pseudowire].machine.state == .waitControlConnection {
      connections[connection].calls.append(pseudowire)
    }
    touch(connection)
  }

  /// Calls for one pseudowire, if it is our turn.
  mutating func requestCall(_ pseudowire: PseudowireReference) {
    waitForConnection(pseudowire)
    guard let connection = tunnels[pseudowires[pseudowire].tunnel].active,
      connections[connection].dataPath.isReady, connections[connection].calls.startDeadline == nil
    else { return }
    connections[connection].calls.append(pseudowire)
    touch(connection)
  }

  /// Sends ICRQ, or begins a session that needs none.
  mutating func call(_ pseudowire: PseudowireReference, over connection: ConnectionReference) {
    guard pseudowires.contains(pseudowire), connections[connection].life.isRunning,
      tunnels[connections[connection].tunnel].active == connection,
      pseudowires[pseudowire].tunnel == connections[connection].tunnel
    else { return }
    if let declared = pseudowires[pseudowire].declaration.staticSession {
      return beginStaticSession(pseudowire, declared, over: connection)
    }
    guard connections[connection].isSignalled, isWithinCapabilities(pseudowire, of: connection),
      pseudowires[pseudowire].machine.connectionOpened() == .sendRequest
    else { return }
    let session = beginSession(pseudowire, over: connection)
    pseudowires[pseudowire].calledBy =
      pseudowires[pseudowire].usesOtherEndID ? pseudowires[pseudowire].declaration.ownEndID.otherForms.first : nil
    let tieBreaker = turn.entropy.next()
    sessions[session].tieBreaker = tieBreaker
    sessions[session].isCallInProgress = true
    connections[connection].calls.called()
    callSerialNumber &+= 1
    var request = IncomingCallRequest(
      identifiers: identifiers(session), serialNumber: callSerialNumber,
      pseudowireType: pseudowires[pseudowire].declaration.type,
      remoteEndID: calledEndID(pseudowire), dataPath: dataPathParameters(session))
    request.tieBreaker = tieBreaker
    // By steps: an optional chain through the record would copy all of it.
    let (group, end) = (
      pseudowires[pseudowire].declaration.attachmentGroup, pseudowires[pseudowire].declaration.localEndID
    )
    request.attachmentGroup = group?.octets
    request.localEndID = end?.octets
    if pseudowires[pseudowire].declaration.offers != nil { request.others = offeredAVPs(pseudowire) }
    send(.incomingCallRequest(request), on: connection)
  }

  /// The peer's end as it is called: as declared, or as the peer spells it.
  private func calledEndID(_ pseudowire: PseudowireReference) -> RemoteEndID {
    let declared = pseudowires[pseudowire].declaration.remoteEndID
    return pseudowires[pseudowire].usesOtherEndID ? declared.otherForms.first ?? declared : declared
  }

  /// The pseudowire type and the end-id of our call, in the site file's words.
  func callWords(_ pseudowire: PseudowireReference) -> String {
    pseudowires[pseudowire].declaration.type.words(
      calledBy: calledEndID(pseudowire), in: pseudowires[pseudowire].declaration.attachmentGroup)
  }

  /// The peer knows no end of that name (CDN 24): the other form of the same is tried next. Where it knows neither,
  /// this is said in the same words whichever was tried, so that people are told once.
  ///
  /// - Returns: the peer's end as it was called in vain, for people.
  mutating func tryOtherEndID(_ pseudowire: PseudowireReference) -> String {
    let words = callWords(pseudowire)
    let declaration = pseudowires[pseudowire].declaration
    // Where the other form is another pseudowire's, a call for it would take that one's session.
    guard let other = declaration.remoteEndID.otherForms.first, !isCalled(other, like: declaration, pseudowire) else {
      return words
    }
    defer {
      pseudowires[pseudowire].isOneEndIDRefused = true
      pseudowires[pseudowire].usesOtherEndID.toggle()
    }
    guard pseudowires[pseudowire].isOneEndIDRefused else { return words }
    let declared = declaration.type.words(calledBy: declaration.remoteEndID, in: declaration.attachmentGroup)
    return declared + ", and for `end-id: \(other.words)`, which means the same"
  }

  /// Whether another pseudowire of the tunnel calls a peer's end by a name, among those of one type and group.
  private func isCalled(
    _ end: RemoteEndID, like declaration: PseudowireDeclaration, _ pseudowire: PseudowireReference
  ) -> Bool {
    tunnels[pseudowires[pseudowire].tunnel].pseudowires.contains { other in
      other != pseudowire && pseudowires[other].declaration.remoteEndID == end
        && pseudowires[other].declaration.type == declaration.type
        && pseudowires[other].declaration.attachmentGroup == declaration.attachmentGroup
    }
  }

  /// Notes a call's habits. A peer that spells our end otherwise calls its own by that form, too.
  private mutating func noteHabits(
    _ request: CallRequest, _ pseudowire: PseudowireReference, isSpelledAsDeclared: Bool
  ) {
    let tunnel = pseudowires[pseudowire].tunnel
    pseudowires[pseudowire].isOneEndIDRefused = false
    if !request.hasSerialNumber { remark(.omitsSerialNumbers, of: tunnel) }
    if isSpelledAsDeclared, !pseudowires[pseudowire].usesOtherEndID, pseudowires[pseudowire].calledBy == nil { return }
    pseudowires[pseudowire].usesOtherEndID = !isSpelledAsDeclared
    pseudowires[pseudowire].calledBy = isSpelledAsDeclared ? nil : request.remoteEndID
    if !isSpelledAsDeclared { remark(.spellsEndIDsOtherwise, of: tunnel) }
  }

  /// Whether the peer said that it can do the pseudowire's type (RFC 3931 section 5.4.3): nothing else may be asked for.
  private mutating func isWithinCapabilities(
    _ pseudowire: PseudowireReference, of connection: ConnectionReference
  ) -> Bool {
    let type = pseudowires[pseudowire].declaration.type
    guard !connections[connection].peer.capabilities.contains(type) else { return true }
    guard pseudowires[pseudowire].machine.state == .waitControlConnection else { return false }
    sessionFailed(pseudowire, "the peer does not support pseudowire type \(type.rawValue)")
    removeSession(of: pseudowire)
    retrySession(pseudowire)
    return false
  }

  /// Gives a session its identifier, its cookie and its time.
  private mutating func beginSession(
    _ pseudowire: PseudowireReference, over connection: ConnectionReference
  ) -> SessionReference {
    let session = sessions.insert(Session(of: pseudowire, over: connection))
    sessions[session].localID = newSessionID(for: session)
    let declared = pseudowires[pseudowire].declaration.cookieLengthOctets
    let length = pseudowires[pseudowire].assignsNoCookie ? 0 : declared
    if length > 0 { sessions[session].receiveCookie = Cookie(number: turn.entropy.next(), lengthOctets: length) }
    let deadline = now.advanced(nanoseconds: connections[connection].setupNanoseconds)
    pseudowires[pseudowire].session = session
    pseudowires[pseudowire].since = now
    pseudowires[pseudowire].retryAt = nil
    connections[connection].calls.begin(session, until: deadline)
    return session
  }

  func identifiers(_ session: SessionReference) -> SessionIdentifiers {
    SessionIdentifiers(local: sessions[session].localID, remote: sessions[session].peerID)
  }

  /// The parameters of a call or an answer: our wishes for what we receive, and the state of our circuit.
  mutating func dataPathParameters(_ session: SessionReference) -> DataPathParameters {
    let pseudowire = sessions[session].pseudowire
    let status = announcedCircuit(session)
    sessions[session].sentCircuit = status
    var parameters = DataPathParameters()
    let sublayer = pseudowires[pseudowire].sublayer
    let cookie = sessions[session].receiveCookie
    if cookie.lengthOctets > 0 { parameters.cookie = cookie }
    if sublayer != .none { parameters.sublayer = sublayer.rawValue }
    if pseudowires[pseudowire].declaration.isSequenced { parameters.dataSequencing = 2 }
    parameters.circuitStatus = isNewToPeer(session) ? status.union(.new) : status
    parameters.interfaceMTUOctets = interfaceMTU(of: pseudowire)
    parameters.sessionPHB = sessionPHB(of: session)
    return parameters
  }

  /// Whether the peer is of those that know the N bit from before RFC 5641: what is called for is new to them (RFC 4719
  /// section 2.2), and what SLI says later is not.
  private func isNewToPeer(_ session: SessionReference) -> Bool {
    connections[sessions[session].connection].dialect.written == .cisco
  }

  // MARK: Being called

  /// ICRQ or OCRQ: whose pseudowire it is, and whether an ICRQ of ours crossed it.
  mutating func receivedCall(_ request: CallRequest, on connection: ConnectionReference) {
    let tunnel = connections[connection].tunnel
    guard mayAnswer(connection) else { return }
    guard payload(of: request.pseudowireType) != nil else {
      disconnectUnknown(request.identifiers.local, CallResult(.unsupportedPseudowireType), on: connection)
      return
    }
    let match = tunnels[tunnel].active == connection ? tunnels[tunnel].calls.match(request) : .unknown
    guard case .pseudowire(let pseudowire) = match else {
      refuseCall(request, match, on: connection)
      return
    }
    let isSpelledAsDeclared = request.remoteEndID == pseudowires[pseudowire].declaration.ownEndID
    guard isSpelledAsDeclared || !isAnotherSpelling(request, pseudowire) else {
      return refuseCall(request, .unknown, on: connection)
    }
    guard pseudowires[pseudowire].declaration.disabled == nil else {
      return disconnectUnknown(
        request.identifiers.local, CallResult(.administrative, text: Disablement.toldPeer), on: connection)
    }
    if pseudowires[pseudowire].calling == .onDemand {
      return disconnectUnknown(
        request.identifiers.local, CallResult(.noFacilitiesTemporary, text: "no client here asks for it"),
        on: connection)
    }
    if !congestionPauses.isEmpty, let refusal = refusalForCongestion(pseudowire) {
      return disconnectUnknown(request.identifiers.local, refusal, on: connection)
    }
    switch pseudowires[pseudowire].machine.state {
    case .idle, .waitControlConnection: break
    case .waitReply:
      guard settleTie(request, pseudowire, on: connection) else { return }
    case .connecting, .preparing, .waitConnect, .waitAnswer, .confirming, .established:
      guard makesWay(for: request, pseudowire) else { return }
    }
    noteHabits(request, pseudowire, isSpelledAsDeclared: isSpelledAsDeclared)
    answer(request, pseudowire, on: connection)
  }

  /// Ends the session of a pseudowire for which the peer calls again: it has forgotten it, or it would not ask for
  /// another. Where both have one identifier of the peer's (RFC 3931 section 5.4.4), a CDN for the old one would end
  /// the call that has just come, so the old one ends without a word.
  ///
  /// - Returns: whether the call is answered. It is not while our answer to the same call is still on its way.
  private mutating func makesWay(for request: CallRequest, _ pseudowire: PseudowireReference) -> Bool {
    guard let session = pseudowires[pseudowire].session, sessions[session].peerID == request.identifiers.local else {
      endSession(pseudowire, CallResult(.stateMachineError, text: "another call for the same pseudowire"))
      return true
    }
    guard !isAnswerUnderWay(session) else { return false }
    sessionFailed(pseudowire, "the peer has called again for the session that it had")
    removeSession(of: pseudowire)
    return true
  }

  /// Whether the peer has not acknowledged our ICRP or OCRP, which may not have been sent yet.
  private func isAnswerUnderWay(_ session: SessionReference) -> Bool {
    switch pseudowires[sessions[session].pseudowire].machine.state {
    case .preparing: return true
    case .waitConnect, .waitAnswer, .confirming:
      guard let ns = sessions[session].answerNs else { return false }
      return !connections[sessions[session].connection].channel.isAcknowledged(ns: ns)
    case .idle, .waitControlConnection, .waitReply, .connecting, .established: return false
    }
  }

  /// Whether a call that spells our end otherwise than declared meets a session that was called for by another form:
  /// the peer has both, and only one of them is ours.
  private func isAnotherSpelling(_ request: CallRequest, _ pseudowire: PseudowireReference) -> Bool {
    switch pseudowires[pseudowire].machine.state {
    case .idle, .waitControlConnection, .waitReply: return false
    case .connecting, .preparing, .waitConnect, .waitAnswer, .confirming, .established:
      return pseudowires[pseudowire].calledBy != request.remoteEndID
    }
  }

  /// Whether the peer's call goes on, when ours for the same pseudowire is out (RFC 3931 section 5.4.4: of ICRQ and OCRQ any
  /// two can tie).
  private mutating func settleTie(
    _ request: CallRequest, _ pseudowire: PseudowireReference, on connection: ConnectionReference
  ) -> Bool {
    guard let session = pseudowires[pseudowire].session else { return true }
    switch TieOutcome(ours: sessions[session].tieBreaker, theirs: request.tieBreaker) {
    case .weWin where pseudowires[pseudowire].hasWonTie:
      // The peer has lost before, and no session came of our call: winning leads nowhere.
      remark(.ignoresSessionTies, of: pseudowires[pseudowire].tunnel)
      pseudowires[pseudowire].hasWonTie = false
      removeSession(of: pseudowire)
      return true
    case .weWin:
      pseudowires[pseudowire].hasWonTie = true
      disconnectUnknown(request.identifiers.local, CallResult(.lostTie), on: connection)
      return false
    case .theyWin:
      removeSession(of: pseudowire)
      return true
    case .drawn, .noTie:
      removeSession(of: pseudowire)
      retrySession(pseudowire)
      return false
    }
  }

  private mutating func answer(
    _ request: CallRequest, _ pseudowire: PseudowireReference, on connection: ConnectionReference
  ) {
    adoptSublayer(of: request.dataPath, pseudowire)
    let refusal = refusal(of: request.dataPath, pseudowire)
    let action = pseudowires[pseudowire].machine.receivedRequest(request.direction, refusal: refusal)
    if let refusal {
      sessionFailed(pseudowire, "refused the peer's call: \(refusal.words)")
      disconnectUnknown(request.identifiers.local, refusal, on: connection)
      retrySession(pseudowire)
      return
    }
    let session = beginSession(pseudowire, over: connection)
    take(request.dataPath, from: request.identifiers, session)
    notePluginAVPs(request.others, session)
    act(action, on: pseudowire)
  }

  /// Keeps what the peer wants to receive and says of its circuit.
  mutating func take(
    _ parameters: DataPathParameters, from identifiers: SessionIdentifiers, _ session: SessionReference
  ) {
    sessions[session].peerID = identifiers.local
    sessions[session].transmitCookie = parameters.cookie ?? Cookie()
    // A peer that assigns one knows what ours is for.
    if parameters.cookie != nil { pseudowires[sessions[session].pseudowire].assignsNoCookie = false }
    noteSpeeds(parameters, session)
    noteInterfaceMTU(parameters.interfaceMTUOctets, session)
    sessions[session].peerPHB = parameters.sessionPHB
    if let status = parameters.circuitStatus { sessions[session].peerCircuit = status }
  }
}
