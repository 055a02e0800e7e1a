internal import DequeModule

extension Engine {
  /// Has the connection flushed when the input in hand is through.
  mutating func touch(_ connection: ConnectionReference) {
    guard !connections[connection].isTouched else { return }
    connections[connection].isTouched = true
    touched.append(connection)
  }

  /// Queues a message for reliable delivery.
  mutating func send(_ message: ControlMessage, on connection: ConnectionReference, isRequest: Bool = false) {
    let digest = connections[connection].digest
    let count = connections[connection].digestCount
    let encoded = hidingAVPs(
      of: message.encoded(reservingDigest: digest, count: count, dialect: writtenDialect(of: connection)),
      on: connection)
    connections[connection].channel.enqueue(encoded, isRequest: isRequest)
    if !pathProbes.isEmpty { interruptPathProbe(connection) }
    touch(connection)
  }

  /// Lets every connection that was touched say what it has to say, acknowledgements last: most ride on a message.
  mutating func flushTouched() {
    while let connection = touched.popLast() {
      guard connections.contains(connection) else { continue }
      connections[connection].isTouched = false
      flush(connection)
    }
  }

  /// Flushes one connection before the input in hand is through: what comes next may take its socket away.
  mutating func flushNow(_ connection: ConnectionReference) {
    flush(connection)
    sendAcknowledgement(connection)
  }

  private mutating func flush(_ connection: ConnectionReference) {
    takeUpWork(connection)
    if connections[connection].socket.canSend {
      while let message = connections[connection].channel.nextTransmission(at: now) {
        transmit(message, on: connection, to: connections[connection].remote)
      }
      if connections[connection].socket.isLent {
        // This socket is lent for this datagram alone.
        sendAcknowledgement(connection)
        connections[connection].socket.giveBack()
      } else if connections[connection].channel.owesAcknowledgement, !connections[connection].isOwing {
        connections[connection].isOwing = true
        owing.append(connection)
      }
    }
    reschedule(connection)
  }

  /// Acknowledges explicitly what no message has acknowledged by now. The engine's driver has done by then what
  /// could be done at once, so that an answer that was ready has gone out and carried Nr.
  mutating func sendAcknowledgements() {
    while let connection = owing.popLast() {
      guard connections.contains(connection) else { continue }
      connections[connection].isOwing = false
      sendAcknowledgement(connection)
    }
  }

  private mutating func sendAcknowledgement(_ connection: ConnectionReference) {
    guard connections[connection].socket.canSend,
      let numbers = connections[connection].channel.takeAcknowledgement()
    else { return }
    acknowledge(ns: numbers.ns, nr: numbers.nr, on: connection)
  }

  /// Turns waiting calls and circuit changes into messages while there is room for them.
  private mutating func takeUpWork(_ connection: ConnectionReference) {
    while let work = connections[connection].calls.next,
      connections[connection].channel.pendingCount < EngineLimits.queuedMessages
    {
      switch work {
      case .call(let pseudowire):
        guard connections[connection].calls.mayCall(limit: EngineLimits.callsInProgress), isReadyForCalls(connection)
        else { return }
        connections[connection].calls.removeFirst()
        call(pseudowire, over: connection)
      case .circuitStatus(let session):
        connections[connection].calls.removeFirst()
        sendCircuitStatus(session)
      }
    }
  }

  /// Whether the first ICRQ may go out: not behind an SCCCN that is still on its way, because there are peers that lose
  /// the second of two messages that arrive back to back, whatever window they offer. A responder's SCCRP has been
  /// answered.
  private func isReadyForCalls(_ connection: ConnectionReference) -> Bool {
    connections[connection].calls.isPeerReady || !connections[connection].isInitiator
  }

  /// An explicit acknowledgement: without a body where there are no digests, with one where there are (RFC 3931
  /// section 6.15).
  ///
  /// - Parameter place: where to; the peer's place if nil.
  mutating func acknowledge(ns: UInt16, nr: UInt16, on connection: ConnectionReference, at place: Endpoint? = nil) {
    let digest = connections[connection].digest
    var message =
      digest == nil
      ? EncodedMessage.zeroLengthBody()
      : ControlMessage.acknowledgement(Acknowledgement()).encoded(
        reservingDigest: digest, count: connections[connection].digestCount)
    message.setHeader(connectionID: connections[connection].channel.peerID, ns: ns, nr: nr)
    transmit(message, on: connection, to: place ?? connections[connection].remote)
  }

  /// Seals a message whose header is filled in, and sends it.
  private mutating func transmit(
    _ message: consuming EncodedMessage, on connection: ConnectionReference, to destination: Endpoint,
    isFragmentable: Bool = true
  ) {
    if message.digest != nil, let authentication = connections[connection].authentication {
      let isRequest = connections[connection].isInitiator && connections[connection].channel.peerID == .unknown
      authentication.seal(&message, isRequest: isRequest, using: authenticator)
    }
    emit(
      .send(
        Transmission(
          octets: message.takeOctets(), socket: connections[connection].socket.carrier,
          destination: destination, isFragmentable: isFragmentable)))
  }

  /// Says an acknowledged HELLO again, in an IP packet of so many octets (`Engine+PathProbes`).
  mutating func sendProbe(_ question: PathProbe.Question, ns: UInt16, on connection: ConnectionReference) {
    guard connections[connection].socket.state == .open else { return }
    let digest = connections[connection].digest
    let count = connections[connection].digestCount
    let bare = ControlMessage.hello(Hello()).encoded(reservingDigest: digest, count: count)
    let room = question.octets - outerOctets(connection) - bare.octets.count
    var message = bare
    if room > 0 {
      message = ControlMessage.hello(Hello(paddingOctets: room)).encoded(reservingDigest: digest, count: count)
    }
    message.setHeader(
      connectionID: connections[connection].channel.peerID, ns: ns, nr: connections[connection].channel.nr)
    transmit(
      message, on: connection, to: connections[connection].remote, isFragmentable: question.isFragmentable)
  }

  /// Octets before a control message in its IP packet (RFC 3931 sections 4.1.1.2 and 4.1.2.2).
  private func outerOctets(_ connection: ConnectionReference) -> Int {
    let addressing = connections[connection].remote.address.family == .v4 ? 20 : 40
    switch connections[connection].encapsulation {
    case .udp: return addressing + 8
    case .ip: return addressing + 4
    }
  }

  /// Answers somebody with whom there is no connection: once, and not more often than the limit. Who checks integrity alone gets
  /// his digest, whether a tunnel of ours does or not.
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
    authentication?.sealRefusal(&message, using: authenticator)
    if let integrity {
      MessageDigest.seal(&message, keys: [integrity.key], senderNonce: [], receiverNonce: [], using: authenticator)
    }
    emit(.send(Transmission(octets: message.octets, socket: datagram.socket, destination: datagram.source)))
  }
}
