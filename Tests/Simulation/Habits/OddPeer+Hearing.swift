import PWCore

/// The reactions of a scripted peer to the messages that it receives.
extension OddPeer {
  mutating func hear(_ datagram: WireDatagram, at now: Instant) {
    guard isRunning, let received = try? ControlCodec.decode(datagram.octets.span) else { return }
    self.now = now
    heardAt = now
    if datagram.octets.count > Self.roomOctets {
      if habits.contains(.losesLongMessages) { return }
      if habits.contains(.stopsAtLongMessages), let connection, connection.isUp {
        remarks.append("has no room for \(datagram.octets.count) octets, and stops")
        let result = StopResult(.generalError, error: .insufficientResources)
        say(.stopNotification(StopNotification(result: result, assignedConnectionID: connection.localID)))
        clear()
        nextTick = now + Self.retry
        return
      }
    }
    if received.message != nil, isLost() { return remarks.append("loses \(Trace.message(datagram.octets))") }
    if case .some(.startRequest(let request)) = received.message { return asked(request, from: datagram.source) }
    guard let connection, received.header.connectionID == connection.localID else {
      return heardForNobody(received, from: datagram.source)
    }
    take(acknowledgementOf: received.header.nr)
    self.connection?.helloDueAt = now + Self.helloInterval
    guard let message = received.message, !message.isAcknowledgement else { return }
    let lateness = connection.nr &- received.header.ns
    if lateness == 0 {
      self.connection?.nr &+= 1
      acknowledge()
      take(message, from: datagram.source)
    } else if lateness < 0x8000 {
      acknowledge()
    }
  }

  private mutating func isLost() -> Bool {
    guard habits.contains(.losesSecondMessage) else { return false }
    defer { lastMessageAt = now }
    return lastMessageAt.map { now - $0 < Self.backToBack } ?? false
  }

  private mutating func take(acknowledgementOf nr: UInt16) {
    guard let connection, connection.ns &- nr < 0x8000 else { return }
    self.connection?.queue.removeAll { nr &- $0.ns > 0 && nr &- $0.ns < 0x8000 }
  }

  private mutating func heardForNobody(_ received: ReceivedMessage, from source: Endpoint) {
    guard habits.contains(.stopsUnknownConnections), let message = received.message, !message.isAcknowledgement else {
      return
    }
    // Peers name what they do not know by 0, or by what they take for theirs.
    let namesItself = random.chance(0.5)
    let result = namesItself ? StopResult(.generalRequest) : StopResult(.generalError, error: .noControlConnection)
    var encoded = ControlMessage.stopNotification(
      StopNotification(result: result, assignedConnectionID: received.header.connectionID)
    ).encoded()
    encoded.setHeader(
      connectionID: namesItself ? received.header.connectionID : .unknown, ns: received.header.nr,
      nr: received.header.ns &+ 1)
    send(encoded.octets, to: source)
  }

  private mutating func asked(_ request: StartRequest, from source: Endpoint) {
    guard role == .waits else { return }
    let identifier = request.parameters.assignedConnectionID
    if let connection, connection.peerID == identifier {
      if let reply = connection.queue.first { transmit(reply) } else { acknowledge() }
      return
    }
    guard !keepsWhatItHears else { return remarks.append("drops an SCCRQ: it has a connection") }
    guard answered.insert(identifier).inserted else { return }
    clear()
    connection = newConnection()
    connection?.peerID = identifier
    connection?.remote = source
    connection?.nr = 1
    say(.startReply(StartReply(parameters: parameters)))
  }

  private mutating func take(_ message: ControlMessage, from source: Endpoint) {
    switch message {
    case .startReply(let reply):
      connection?.peerID = reply.parameters.assignedConnectionID
      connection?.remote = source
      connection?.isUp = true
      say(.startConnected(StartConnected()))
      if !habits.contains(.ignoresTies) { call() }
    case .startConnected: connection?.isUp = true
    case .stopNotification(let stop): stopped(stop.result)
    case .incomingCallRequest(let request): called(request)
    case .incomingCallReply(let reply):
      guard reply.identifiers.remote == session?.localID, session?.isCalling == true,
        session?.isCarrying != true
      else { return }
      session?.peerID = reply.identifiers.local
      say(.incomingCallConnected(IncomingCallConnected(identifiers: identifiers, dataPath: DataPathParameters())))
      session?.isCarrying = true
    case .incomingCallConnected(let connected):
      if connected.identifiers.remote == session?.localID { session?.isCarrying = true }
    case .callDisconnect(let disconnect): disconnected(disconnect)
    case .startRequest, .hello, .outgoingCallRequest, .outgoingCallReply, .outgoingCallConnected, .wanError,
      .setLinkInfo, .acknowledgement, .unknown:
      break
    }
  }

  private mutating func stopped(_ result: StopResult) {
    stops.append(result)
    clear()
    nextTick = now + Self.retry
    guard habits.contains(.takesRefusalForLastWord), role == .calls, result.code == .alreadyExists else { return }
    isRefusedForGood = true
    remarks.append("is refused and never calls again")
  }

  private mutating func called(_ request: IncomingCallRequest) {
    guard !habits.contains(.ignoresTies) else {
      if session?.isCalling != true { wakesAt = now + Self.waking }
      return
    }
    if let session, session.isCalling, !session.isCarrying, let ours = session.tieBreaker,
      ours < request.tieBreaker ?? .max
    {
      return disconnect(request.identifiers.local, CallResult(.lostTie))
    }
    guard request.remoteEndID == endID else {
      return disconnect(request.identifiers.local, CallResult(.noSuchForwarder))
    }
    guard (request.dataPath.sublayer ?? 0) == (habits.contains(.insistsOnSublayer) ? 1 : 0) else {
      return disconnect(request.identifiers.local, CallResult(.generalError, error: .valueOutOfRange))
    }
    // A peer that calls again has forgotten the session that there is; perhaps the call is only a late one.
    if let session, session.isCarrying {
      let result = CallResult(.stateMachineError)
      say(.callDisconnect(CallDisconnect(result: result, identifiers: identifiers)))
    }
    session = newSession()
    session?.peerID = request.identifiers.local
    say(.incomingCallReply(IncomingCallReply(identifiers: identifiers, dataPath: dataPath)))
  }

  /// Refuses a call; the session that it has stays.
  private mutating func disconnect(_ peerID: SessionID, _ result: CallResult) {
    lastSession += 1
    let identifiers = SessionIdentifiers(local: SessionID(rawValue: lastSession), remote: peerID)
    say(.callDisconnect(CallDisconnect(result: result, identifiers: identifiers)))
  }

  private mutating func disconnected(_ disconnect: CallDisconnect) {
    guard let session else { return }
    let (local, remote) = (disconnect.identifiers.local, disconnect.identifiers.remote)
    guard remote == session.localID || (remote == .unknown && local == session.peerID) else { return }
    guard !habits.contains(.ignoresTies) || disconnect.result.code != .lostTie else { return }
    self.session = nil
    nextTick = now + Self.retry
  }
}
