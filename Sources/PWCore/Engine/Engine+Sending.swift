/// Messages on connections, and answers to senders that have none.
extension Engine {
  /// Has the connection flushed when the input in hand is through.
  mutating func touch(_ connection: ConnectionReference) {
    connections[connection].touch(as: connection, in: &turn)
  }

  /// Queues a message for reliable delivery; of a tunnel without signalling there is nothing to say.
  mutating func send(_ message: ControlMessage, on connection: ConnectionReference, isRequest: Bool = false) {
    guard connections[connection].isSignalled else { return }
    connections[connection].queue(message, isRequest: isRequest, in: &turn)
    if !pathProbes.isEmpty { interruptPathProbe(connection) }
    touch(connection)
  }

  /// Lets every connection that was touched say what it has to say, acknowledgements last: most ride on a message.
  mutating func flushTouched() {
    while let connection = turn.nextTouched() {
      guard connections.contains(connection) else { continue }
      connections[connection].isTouched = false
      flush(connection)
    }
  }

  /// Flushes one connection before the input in hand is through: what comes next may take its socket away.
  mutating func flushNow(_ connection: ConnectionReference) {
    flush(connection)
    connections[connection].acknowledge(in: &turn)
  }

  private mutating func flush(_ connection: ConnectionReference) {
    takeUpWork(connection)
    connections[connection].sayWhatWaits(as: connection, in: &turn)
    connections[connection].reschedule(as: connection, in: &turn)
  }

  /// Acknowledges explicitly what no message has acknowledged by now. The engine's driver has done by then what
  /// could be done at once, so that an answer that was ready has gone out and carried Nr.
  mutating func sendAcknowledgements() {
    while let connection = turn.nextOwing() {
      guard connections.contains(connection) else { continue }
      connections[connection].isOwing = false
      connections[connection].acknowledge(in: &turn)
    }
  }

  /// Turns waiting calls and circuit changes into messages while there is room for them.
  private mutating func takeUpWork(_ connection: ConnectionReference) {
    while let work = connections[connection].calls.next,
      connections[connection].channel.pendingCount < EngineLimits.queuedMessages
    {
      switch work {
      case .call(let pseudowire):
        guard connections[connection].calls.mayCall(limit: EngineLimits.callsInProgress),
          connections[connection].isReadyForCalls
        else { return }
        connections[connection].calls.removeFirst()
        call(pseudowire, over: connection)
      case .circuitStatus(let session):
        connections[connection].calls.removeFirst()
        sendCircuitStatus(session)
      }
    }
  }

  /// Answers a sender that has no connection here: once, and not more often than the limit. A sender that checks
  /// integrity alone gets its digest, whether a tunnel of ours does so or not.
  ///
  /// - Parameters:
  ///   - datagram: what is answered.
  ///   - peerID: its sender's identifier.
  ///   - ns: the number that the sender expects next: 0, unless it has had a message of ours.
  ///   - nr: the number after the datagram's own.
  ///   - localID: our identifier, if the sender had one of us: then StopCCN must name it (RFC 3931 section 6.4).
  ///   - authentication: what the datagram was verified with: the answer gets a digest, too.
  ///   - result: why.
  mutating func refuse(
    _ datagram: Datagram, peerID: ControlConnectionID, ns: UInt16 = 0, nr: UInt16, localID: ControlConnectionID? = nil,
    authentication: ConnectionAuthentication? = nil, _ result: StopResult
  ) {
    guard peerID != .unknown, admission.refusals.allows(at: now) else { return }
    let integrity = authentication == nil ? integrityDigest(answering: datagram) : nil
    var message = ControlMessage.stopNotification(StopNotification(result: result, assignedConnectionID: localID))
      .encoded(reservingDigest: authentication?.digest ?? integrity?.type)
    message.setHeader(connectionID: peerID, ns: ns, nr: nr)
    authentication?.sealRefusal(&message, using: turn.authenticator)
    if let integrity {
      MessageDigest.seal(&message, keys: [integrity.key], senderNonce: [], receiverNonce: [], using: turn.authenticator)
    }
    sendUnconnected(
      Transmission(octets: message.octets, socket: datagram.socket, destination: datagram.source), answering: datagram)
  }
}
