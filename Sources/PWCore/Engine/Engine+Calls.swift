internal import DequeModule

/// Sessions (RFC 3931 section 7.3): who calls, what is answered, and how it ends.
extension Engine {
  // MARK: Calling

  /// A pseudowire wants a session as soon as there is a connection.
  mutating func waitForConnection(_ pseudowire: PseudowireReference) {
    guard pseudowires[pseudowire].machine.state == .idle, pseudowires[pseudowire].retryAt == nil else { return }
    act(pseudowires[pseudowire].machine.open(), on: pseudowire)
    pseudowires[pseudowire].since = now
  }

  /// Calls for every pseudowire that has no session.
  mutating func callAll(_ connection: ConnectionReference) {
    let tunnel = connections[connection].tunnel
    guard tunnels[tunnel].active == connection else { return }
    for pseudowire in tunnels[tunnel].pseudowires
    where pseudowires[pseudowire].machine.state == .waitControlConnection {
      connections[connection].work.append(.call(pseudowire))
    }
    touch(connection)
  }

  /// Calls for one pseudowire, if it is our turn.
  mutating func requestCall(_ pseudowire: PseudowireReference) {
    waitForConnection(pseudowire)
    guard let connection = tunnels[pseudowires[pseudowire].tunnel].active,
      connections[connection].dataPath == .ready, connections[connection].callDeadline == nil
    else { return }
    connections[connection].work.append(.call(pseudowire))
    touch(connection)
  }

  /// Sends ICRQ.
  mutating func call(_ pseudowire: PseudowireReference, over connection: ConnectionReference) {
    guard pseudowires.contains(pseudowire), connections[connection].phase == .running,
      tunnels[connections[connection].tunnel].active == connection,
      pseudowires[pseudowire].tunnel == connections[connection].tunnel,
      isWithinCapabilities(pseudowire, of: connection),
      pseudowires[pseudowire].machine.connectionOpened() == .sendRequest
    else { return }
    beginSession(pseudowire, over: connection)
    let tieBreaker = entropy.next()
    pseudowires[pseudowire].tieBreaker = tieBreaker
    pseudowires[pseudowire].isCallInProgress = true
    connections[connection].callsInProgress += 1
    callSerialNumber &+= 1
    var request = IncomingCallRequest(
      identifiers: identifiers(pseudowire), serialNumber: callSerialNumber,
      pseudowireType: pseudowires[pseudowire].declaration.type,
      remoteEndID: pseudowires[pseudowire].declaration.remoteEndID, dataPath: dataPathParameters(pseudowire))
    request.tieBreaker = pseudowires[pseudowire].tieBreaker
    send(.incomingCallRequest(request), on: connection)
  }

  /// Whether the peer said that it can do the pseudowire's type (RFC 3931 section 5.4.3): nothing else may be asked for.
  private mutating func isWithinCapabilities(
    _ pseudowire: PseudowireReference, of connection: ConnectionReference
  ) -> Bool {
    let type = pseudowires[pseudowire].declaration.type
    guard !connections[connection].peerCapabilities.contains(type) else { return true }
    guard pseudowires[pseudowire].machine.state == .waitControlConnection else { return false }
    sessionFailed(pseudowire, "the peer does not support pseudowire type \(type.rawValue)")
    forgetSession(pseudowire)
    retrySession(pseudowire)
    return false
  }

  /// Gives a session its identifier, its cookie and its time.
  private mutating func beginSession(_ pseudowire: PseudowireReference, over connection: ConnectionReference) {
    let localID = newSessionID(for: pseudowire)
    let length = pseudowires[pseudowire].declaration.cookieLengthOctets
    let cookie = length > 0 ? Cookie(number: entropy.next(), lengthOctets: length) : Cookie()
    let deadline = now.advanced(nanoseconds: connections[connection].setupNanoseconds)
    pseudowires[pseudowire].attempt &+= 1
    pseudowires[pseudowire].identifierAttempts = 0
    pseudowires[pseudowire].connection = connection
    pseudowires[pseudowire].localID = localID
    pseudowires[pseudowire].receiveCookie = cookie
    pseudowires[pseudowire].since = now
    pseudowires[pseudowire].retryAt = nil
    connections[connection].setups.append(
      ControlConnection.Setup(
        pseudowire: pseudowire, attempt: pseudowires[pseudowire].attempt, deadline: deadline))
  }

  func identifiers(_ pseudowire: PseudowireReference) -> SessionIdentifiers {
    SessionIdentifiers(local: pseudowires[pseudowire].localID, remote: pseudowires[pseudowire].peerID)
  }

  /// What we want to receive, and what is known of our circuit.
  mutating func dataPathParameters(_ pseudowire: PseudowireReference) -> DataPathParameters {
    let status = circuitStatus(pseudowire)
    pseudowires[pseudowire].sentCircuit = status
    var parameters = DataPathParameters()
    let sublayer = pseudowires[pseudowire].declaration.sublayer
    let cookie = pseudowires[pseudowire].receiveCookie
    if cookie.lengthOctets > 0 { parameters.cookie = cookie }
    if sublayer != .none { parameters.sublayer = sublayer.rawValue }
    if pseudowires[pseudowire].declaration.isSequenced { parameters.dataSequencing = 2 }
    parameters.circuitStatus = status
    return parameters
  }

  // MARK: Being called

  /// ICRQ: whose pseudowire it is, and whether one of ours crossed it.
  mutating func receivedCall(_ request: IncomingCallRequest, on connection: ConnectionReference) {
    let tunnel = connections[connection].tunnel
    guard payload(of: request.pseudowireType) != nil else {
      disconnectUnknown(request.identifiers.local, CallResult(.unsupportedPseudowireType), on: connection)
      return
    }
    let key = CallKey(type: request.pseudowireType, remoteEndID: request.remoteEndID)
    guard tunnels[tunnel].active == connection, let pseudowire = tunnels[tunnel].pseudowiresByCall[key] else {
      note(.debug, tunnel: tunnel, "refused a call: no pseudowire of that type and end-id is declared")
      disconnectUnknown(
        request.identifiers.local, CallResult(.noSuchForwarder, text: "no such pseudowire is declared here"),
        on: connection)
      return
    }
    switch pseudowires[pseudowire].machine.state {
    case .idle, .waitControlConnection: break
    case .waitReply:
      guard settleTie(request, pseudowire, on: connection) else { return }
    case .connecting, .preparing, .waitConnect, .established:
      // The peer has forgotten its session, or it would not ask for another: the old one ends first.
      endSession(pseudowire, CallResult(.stateMachineError, text: "another ICRQ for the same pseudowire"))
    }
    answer(request, pseudowire, on: connection)
  }

  /// Whether the peer's ICRQ goes on, when ours for the same pseudowire is out (RFC 3931 section 5.4.4).
  private mutating func settleTie(
    _ request: IncomingCallRequest, _ pseudowire: PseudowireReference, on connection: ConnectionReference
  ) -> Bool {
    switch TieOutcome(ours: pseudowires[pseudowire].tieBreaker, theirs: request.tieBreaker) {
    case .weWin:
      disconnectUnknown(request.identifiers.local, CallResult(.lostTie), on: connection)
      return false
    case .theyWin:
      forgetSession(pseudowire)
      return true
    case .drawn, .noTie:
      forgetSession(pseudowire)
      retrySession(pseudowire)
      return false
    }
  }

  private mutating func answer(
    _ request: IncomingCallRequest, _ pseudowire: PseudowireReference, on connection: ConnectionReference
  ) {
    let refusal = refusal(of: request.dataPath, pseudowire)
    let action = pseudowires[pseudowire].machine.receivedRequest(refusal: refusal)
    if let refusal {
      sessionFailed(pseudowire, "refused the peer's call: \(refusal.words)")
      disconnectUnknown(request.identifiers.local, refusal, on: connection)
      retrySession(pseudowire)
      return
    }
    beginSession(pseudowire, over: connection)
    take(request.dataPath, from: request.identifiers, pseudowire)
    act(action, on: pseudowire)
  }

  /// Why a session cannot be as the peer wants it. Both data planes use one sublayer, and sequence numbers or none, for
  /// both directions, so what the peer wants to receive must be what is declared here.
  func refusal(of wanted: DataPathParameters, _ pseudowire: PseudowireReference) -> CallResult? {
    let declared = pseudowires[pseudowire].declaration.sublayer.rawValue
    let sublayer = wanted.sublayer ?? 0
    let isSequenced = (wanted.dataSequencing ?? 0) != 0
    if isSequenced, sublayer == 0 { return CallResult(.sequencingWithoutSublayer) }
    if let level = wanted.dataSequencing, level > Self.highestSequencingLevel {
      return CallResult(.generalError, error: .valueOutOfRange, text: "Data Sequencing \(level) is not known here")
    }
    if sublayer != declared {
      return CallResult(
        .generalError, error: .valueOutOfRange,
        text: "L2-Specific Sublayer \(sublayer) is wanted, \(declared) is configured here")
    }
    if isSequenced != pseudowires[pseudowire].declaration.isSequenced {
      return CallResult(
        .generalError, error: .valueOutOfRange,
        text: isSequenced ? "data sequencing is not configured here" : "data sequencing is configured here")
    }
    return nil
  }

  /// Everything is numbered (RFC 3931 section 5.4.4); 1 is "all but IP", 0 is none.
  private static let highestSequencingLevel: UInt16 = 2

  /// What an ICCN wants that says some of it: the rest is as ICRQ said, which was as declared.
  private func completed(_ wanted: DataPathParameters, _ pseudowire: PseudowireReference) -> DataPathParameters {
    let declaration = pseudowires[pseudowire].declaration
    var wanted = wanted
    wanted.sublayer = wanted.sublayer ?? declaration.sublayer.rawValue
    wanted.dataSequencing = wanted.dataSequencing ?? (declaration.isSequenced ? Self.highestSequencingLevel : 0)
    return wanted
  }

  /// Keeps what the peer wants to receive and says of its circuit.
  private mutating func take(
    _ parameters: DataPathParameters, from identifiers: SessionIdentifiers, _ pseudowire: PseudowireReference
  ) {
    pseudowires[pseudowire].peerID = identifiers.local
    pseudowires[pseudowire].transmitCookie = parameters.cookie ?? Cookie()
    if let status = parameters.circuitStatus, pseudowires[pseudowire].peerCircuit != status {
      pseudowires[pseudowire].peerCircuit = status
      pseudowires[pseudowire].peerCircuitSince = now
    }
  }

  // MARK: Messages of a session

  mutating func takeSessionMessage(_ message: ControlMessage, on connection: ConnectionReference) {
    switch message {
    case .incomingCallRequest(let request): receivedCall(request, on: connection)
    case .outgoingCallRequest(let request):
      disconnectUnknown(
        request.identifiers.local, CallResult(.noFacilitiesPermanent, text: "outgoing calls are not answered here"),
        on: connection)
    case .incomingCallReply(let reply):
      guard let pseudowire = session(reply.identifiers, on: connection) else {
        disconnectUnknown(
          reply.identifiers.local, knownAs: reply.identifiers.remote,
          CallResult(.generalError, error: .invalidSessionID, text: "ICRP in idle"), on: connection)
        return
      }
      receivedReply(reply, pseudowire)
    case .incomingCallConnected(let connected):
      guard let pseudowire = session(connected.identifiers, on: connection) else { return }
      let refusal = refusal(of: completed(connected.dataPath, pseudowire), pseudowire)
      noteCircuit(connected.dataPath.circuitStatus, pseudowire)
      act(pseudowires[pseudowire].machine.receivedConnected(refusal: refusal), on: pseudowire)
    case .callDisconnect(let disconnect):
      guard let pseudowire = session(disconnect.identifiers, on: connection) else {
        note(.debug, tunnel: connections[connection].tunnel, "ignored CDN: the session is over already")
        return
      }
      receivedDisconnect(disconnect, pseudowire)
    case .setLinkInfo(let info):
      guard let pseudowire = session(info.identifiers, on: connection) else { return }
      noteCircuit(info.circuitStatus, pseudowire)
    case .wanError(let error):
      guard let pseudowire = session(error.identifiers, on: connection) else { return }
      note(
        .info, tunnel: connections[connection].tunnel, pseudowire: pseudowire,
        "the peer reports circuit errors: \(error.errors.words)")
    case .outgoingCallReply, .outgoingCallConnected:
      // We never send OCRQ, so these belong to no session of ours (RFC 3931 section 7.4.1: OCRP or OCCN in idle).
      note(
        .debug, tunnel: connections[connection].tunnel, "ignored \(message.messageType.words): no outgoing call is out")
    case .startRequest, .startReply, .startConnected, .stopNotification, .hello, .acknowledgement, .unknown:
      preconditionFailure("\(message.messageType.words) is no session message")
    }
  }

  /// The session that a message is about: by our identifier, or by the peer's while it may not know ours. Of a peer that
  /// says none of its own, which only CDN may, ours is enough.
  func session(_ identifiers: SessionIdentifiers, on connection: ConnectionReference) -> PseudowireReference? {
    guard identifiers.remote != .unknown else { return unansweredCall(identifiers.local, on: connection) }
    guard let found = sessionsByID[identifiers.remote], pseudowires[found].connection == connection else {
      return nil
    }
    let peerID = pseudowires[found].peerID
    return peerID == .unknown || identifiers.local == .unknown || peerID == identifiers.local ? found : nil
  }

  /// The session whose peer may not know our identifier yet, by the peer's (RFC 3931 section 5.4.4, Remote Session ID 0).
  /// Such messages are rare; looking through the set-ups under way costs the others nothing.
  private func unansweredCall(_ peerID: SessionID, on connection: ConnectionReference) -> PseudowireReference? {
    // Calls of ours that are not answered yet have no identifier of the peer's.
    guard peerID != .unknown else { return nil }
    return connections[connection].setups.first { setup in
      isSettingUp(setup) && pseudowires[setup.pseudowire].peerID == peerID
    }?.pseudowire
  }

  private mutating func receivedReply(_ reply: IncomingCallReply, _ pseudowire: PseudowireReference) {
    endCallInProgress(pseudowire)
    if pseudowires[pseudowire].machine.state == .waitReply {
      take(reply.dataPath, from: reply.identifiers, pseudowire)
    }
    let refusal = refusal(of: reply.dataPath, pseudowire)
    act(pseudowires[pseudowire].machine.receivedReply(refusal: refusal), on: pseudowire)
  }

  private mutating func receivedDisconnect(_ disconnect: CallDisconnect, _ pseudowire: PseudowireReference) {
    // A lost tie is no failure: the peer's own call is on its way, or was here already.
    let isTie = disconnect.result.code == .lostTie
    if !isTie { sessionFailed(pseudowire, "the peer disconnected the session: \(disconnect.result.words)") }
    act(pseudowires[pseudowire].machine.receivedDisconnect(), on: pseudowire)
  }

  /// Refuses a call, or ends a session that only the peer knows. CDN wants an identifier of ours that is not 0: the one
  /// that the peer knows the session by, or any if none was ever assigned.
  mutating func disconnectUnknown(
    _ peerID: SessionID, knownAs localID: SessionID = .unknown, _ result: CallResult, on connection: ConnectionReference
  ) {
    guard connections[connection].phase == .running else { return }
    guard connections[connection].channel.pendingCount < EngineLimits.queuedAnswers else {
      // A peer that asks and never acknowledges would fill the memory.
      let result = StopResult(
        .generalError, error: .insufficientResources, text: "too many answers wait for their acknowledgement")
      return close(connection, result)
    }
    let identifiers = SessionIdentifiers(local: localID == .unknown ? newSessionID() : localID, remote: peerID)
    send(.callDisconnect(CallDisconnect(result: result, identifiers: identifiers)), on: connection)
  }
}

extension CircuitErrors {
  /// The counters that are not zero, for people.
  var words: String {
    let counters = [
      ("CRC", crc), ("framing", framing), ("hardware overruns", hardwareOverruns), ("buffer overruns", bufferOverruns),
      ("timeouts", timeouts), ("alignment", alignment),
    ]
    let shown = counters.filter { $0.1 > 0 }.map { "\($0.0) \($0.1)" }
    return shown.isEmpty ? "none" : shown.joined(separator: ", ")
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
