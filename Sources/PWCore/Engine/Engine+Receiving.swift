extension Engine {
  /// A datagram: which connection it belongs to, whether it is the peer's, and in which order (RFC 3931 sections 4.2,
  /// 4.3).
  mutating func receive(_ datagram: Datagram) {
    let envelope: ControlCodec.Envelope
    do { envelope = try ControlCodec.header(of: datagram.octets.span) } catch {
      if error == .l2tpv2, receiveVersion2(datagram) { return }
      if error == .l2tpv2, datagram.octets[0] & 0x80 != 0 {
        admission.dropped.version2 += 1
        noteVersion2Answer(datagram)
      } else {
        admission.dropped.malformed += 1
      }
      noteStranger("a datagram from \(datagram.source.address) is not a control message: \(error)")
      return
    }
    let digests = ControlCodec.digests(of: datagram.octets.span)
    let identifier = envelope.header.connectionID
    guard identifier != .unknown else {
      receiveUnaddressed(datagram, envelope, digests)
      return
    }
    guard let connection = connectionsByID[identifier] else {
      receiveForNobody(datagram, envelope, digests)
      return
    }
    guard connections[connection].isSignalled else {
      return receivedControlMessage(of: datagram, forStatic: connection)
    }
    // Never by the socket: the kernel may deliver to any that is bound to the port.
    guard mayComeFromPeer(datagram, connection) else {
      noteOtherAddress(datagram, digests, connection)
      connections[connection].presence.heardElsewhere(datagram.source.address)
      admission.dropped.misaddressed += 1
      noteStranger(
        about: connections[connection].tunnel,
        "dropped a message for connection \(identifier.rawValue) from \(datagram.source.address), which is not its peer"
      )
      return
    }
    receive(datagram, envelope, digests, on: connection)
  }

  /// Our SCCRQ is answered from an address that is not the peer's: of a host with several, perhaps.
  private mutating func noteOtherAddress(
    _ datagram: Datagram, _ digests: ControlCodec.Digests, _ connection: ConnectionReference
  ) {
    guard digests.messageType == .startReply, connections[connection].machine.state == .waitReply else { return }
    let (called, answering) = (connections[connection].remote.address, datagram.source.address)
    noteAnswer(
      connections[connection].tunnel,
      "\(answering) answers the SCCRQ that was sent to \(called), and is not believed: if it is the same peer, write "
        + "`peer: \(answering)`")
  }

  /// An SCCRQ of version 2, of a peer that would speak either (RFC 3931 section 4.7.3): it is answered in version 3 if
  /// it has what that wants. Nothing else of version 2 is for us.
  private mutating func receiveVersion2(_ datagram: Datagram) -> Bool {
    guard datagram.encapsulation == .udp,
      let envelope = try? ControlCodec.header(of: datagram.octets.span, allowsVersion2: true),
      envelope.header.connectionID == .unknown
    else { return false }
    let digests = ControlCodec.digests(of: datagram.octets.span)
    guard digests.messageType == .startRequest else { return false }
    receiveStartRequest(datagram, envelope, digests)
    return true
  }

  /// A message whose header names no connection: SCCRQ, or StopCCN of a peer that never learnt our identifier.
  private mutating func receiveUnaddressed(
    _ datagram: Datagram, _ envelope: ControlCodec.Envelope, _ digests: ControlCodec.Digests
  ) {
    switch digests.messageType {
    case .some(.startRequest): receiveStartRequest(datagram, envelope, digests)
    case .some(.stopNotification):
      noteCiscoAnswer(datagram)
      receiveUnaddressedStop(datagram, envelope, digests)
    default:
      noteCiscoAnswer(datagram)
      admission.dropped.misaddressed += 1
      noteStranger("dropped a message for connection 0 from \(datagram.source.address) that is not an SCCRQ")
    }
  }

  /// A message of a connection: digest, Nr, Ns, and then what it says.
  mutating func receive(
    _ datagram: Datagram, _ envelope: ControlCodec.Envelope, _ digests: ControlCodec.Digests,
    on connection: ConnectionReference
  ) {
    let verdict = connections[connection].verdict(on: datagram, digests, using: turn.authenticator)
    guard verdict != .refused else {
      admission.dropped.unauthentic += 1
      noteStranger(
        about: connections[connection].tunnel,
        "dropped a message from \(datagram.source.address): its digest is missing or wrong (is the secret the same at both ends?)"
      )
      if connections[connection].machine.state == .established, digests.first == nil,
        connections[connection].onlyAcknowledges(envelope, digests), mayComeFromPeer(datagram, connection)
      {
        remark(.acknowledgesUnsealed, of: connections[connection].tunnel)
      }
      // Before SCCRP has brought the peer's nonce no other digest can be verified: an ACK of our SCCRQ is not meant.
      if digests.messageType == .startReply || connections[connection].channel.peerID != .unknown {
        noteDigestFailure(connection)
      }
      return
    }
    // A sender that does not name the connection may have forged it, and has seen nothing of ours that it could
    // acknowledge.
    let isAddressed = envelope.header.connectionID != .unknown
    guard
      let acknowledgedCount = isAddressed ? connections[connection].channel.acknowledge(envelope.header.nr, at: now) : 0
    else {
      note(
        .debug, .protocolStep, tunnel: connections[connection].tunnel,
        "dropped a message that acknowledges Ns \(envelope.header.nr &- 1), which was never sent")
      return
    }
    if acknowledgedCount > 0 {
      connections[connection].noteAcknowledgement()
      if connections[connection].presence.suspicion != nil { peerReached(connection) }
      connections[connection].keep(verdict)
      if connections[connection].isHalfOpen { halfOpenAnswered(connection) }
      confirmOutgoingCalls(connection)
    }
    heard(connection)
    // A peer that a long message hurts may still say that it stops.
    if digests.messageType != .stopNotification { connections[connection].isLongMessageOut = false }
    if !pathProbes.isEmpty {
      noteProbeAnswer(envelope, digests, acknowledgedCount: acknowledgedCount, on: connection)
    }
    // Whether messages by another socket, from its address and port, would be protected is not known.
    if tunnels[connections[connection].tunnel].declaration.protection != .required {
      connections[connection].socket.lend(datagram.socket)
    }
    touch(connection)
    acknowledged(connection)
    guard connections.contains(connection) else { return }
    if acknowledgedCount > 0, connections[connection].placeChallenge != nil {
      settlePlaceChallenge(by: datagram, connection)
    }
    guard !connections[connection].onlyAcknowledges(envelope, digests) else { return }
    // An initiator's peer answers from any port (RFC 3931 section 4.1.2.2); only a valid SCCRP settles which.
    switch connections[connection].channel.receive(ns: envelope.header.ns, octets: datagram.octets) {
    case .duplicate: return noteRepetition(datagram, ns: envelope.header.ns, connection)
    case .kept, .discarded: return
    case .deliver:
      connections[connection].keep(verdict)
      noteSource(datagram, ns: envelope.header.ns, connection)
      deliver(datagram.octets, from: datagram, on: connection)
    }
    while connections.contains(connection), let octets = connections[connection].channel.nextInOrder() {
      deliver(octets, from: datagram, on: connection)
    }
  }

  /// An acknowledgement of the HELLO that probes repeat, or of one of them.
  private mutating func noteProbeAnswer(
    _ envelope: ControlCodec.Envelope, _ digests: ControlCodec.Digests, acknowledgedCount: Int,
    on connection: ConnectionReference
  ) {
    guard acknowledgedCount == 0 else { return pathProbeGreeted(connection) }
    guard envelope.lengthOctets <= ControlHeader.lengthOctets || digests.messageType == .acknowledgement else { return }
    pathProbeAnswered(connection, nr: envelope.header.nr)
  }

  /// Something authentic came from the peer: no HELLO is due for another interval.
  mutating func heard(_ connection: ConnectionReference) {
    connections[connection].presence.heard(at: now)
    if connections[connection].presence.isSilent { setSilent(false, connection) }
    if !connections[connection].isSignalled { heardStatic(connection) }
  }

  /// Sets the moment at which the silence since the last sign of life will have been long enough; jitter keeps several
  /// connections from probing together.
  mutating func scheduleHello(_ connection: ConnectionReference) {
    let interval = turn.jittered(tunnels[connections[connection].tunnel].declaration.helloInterval)
    connections[connection].presence.expectSign(within: interval)
  }

  mutating func dataReceived(_ identifier: ControlConnectionID) {
    guard let connection = connectionsByID[identifier] else { return }
    connections[connection].presence.dataCame(at: now)
    endStrays(of: connection)
    if connections[connection].isSignalled { noteFirstData(connection) }
    // Identifiers that people have written down may be known to others, and outlive the peer's control connection.
    if !tunnels[connections[connection].tunnel].declaration.declaresSessions { heard(connection) }
  }

  /// HELLO after silence (RFC 3931 section 4.4): not while something of ours is unacknowledged, which probes as well.
  mutating func sayHello(_ connection: ConnectionReference) {
    guard connections[connection].presence.isHelloDue(at: now) else { return }
    scheduleHello(connection)
    guard connections[connection].presence.isHelloDue(at: now) else { return }
    connections[connection].presence.asked(at: now)
    scheduleHello(connection)
    if connections[connection].channel.isIdle { send(.hello(Hello()), on: connection) }
  }

  /// A message whose turn has come.
  private mutating func deliver(_ octets: [UInt8], from datagram: Datagram, on connection: ConnectionReference) {
    switch connections[connection].life {
    case .closing, .stopped: deliverLate(octets, on: connection)
    case .opening, .handshaking, .established:
      let received: ReceivedMessage
      do { received = try connections[connection].decode(octets, using: turn.authenticator) } catch {
        noteReplier(octets, from: datagram, on: connection)
        undecodable(error, octets, on: connection)
        return
      }
      for fault in received.ignored {
        note(.debug, .protocolStep, tunnel: connections[connection].tunnel, "ignored: \(fault)")
      }
      guard let message = received.message else { return }
      take(message, from: datagram, on: connection)
    }
  }

  /// After the end only StopCCN means anything: the peer will not ask for anything more.
  private mutating func deliverLate(_ octets: [UInt8], on connection: ConnectionReference) {
    guard connections[connection].life.isClosing,
      let received = try? connections[connection].decode(octets, using: turn.authenticator),
      case .some(.stopNotification) = received.message
    else { return }
    stopCrossed(connection)
  }

  /// Notes where to send the StopCCN that refuses an SCCRP which cannot be decoded. Without it the peer would keep a
  /// half-open connection for each of our attempts.
  private mutating func noteReplier(_ octets: [UInt8], from datagram: Datagram, on connection: ConnectionReference) {
    let digests = ControlCodec.digests(of: octets.span)
    guard digests.messageType == .startReply, connections[connection].machine.state == .waitReply,
      let peerID = ControlCodec.assignedConnectionID(of: octets.span)
    else { return }
    connections[connection].channel.peerID = peerID
    connections[connection].authentication?.remoteNonce = digests.nonce.map { range in range.map { octets[$0] } } ?? []
    connections[connection].remote = datagram.source
    whenProtected(connection, nil)
  }

  /// A message that cannot be taken: the session or the connection ends, as RFC 3931 sections 5.2 and 7.1 say.
  private mutating func undecodable(
    _ error: MessageError, _ octets: [UInt8], on connection: ConnectionReference
  ) {
    let tunnel = connections[connection].tunnel
    let cure = compatibilityCure(for: error, octets, on: connection)
    let message = "a message from the peer cannot be accepted: \(error)" + (cure ?? "")
    noteRefusedMessage(tunnel, message)
    defer { if cure != nil { tunnels[tunnel].lastError = Since(message, since: now) } }
    switch error.consequence {
    case .ignoreAVP, .dropSilently: return
    case .stopConnection: close(connection, error.stopResult)
    case .disconnectCall:
      guard tunnels[tunnel].declaration.signalling == .full else { return }
      guard let identifiers = error.sessionIdentifiers else { return close(connection, error.stopResult) }
      if let pseudowire = pseudowire(identifiers, on: connection) {
        endSession(pseudowire, error.callResult)
      } else {
        disconnectUnknown(identifiers.local, knownAs: identifiers.remote, error.callResult, on: connection)
      }
    }
  }

  private mutating func take(_ message: ControlMessage, from datagram: Datagram, on connection: ConnectionReference) {
    switch message {
    case .startRequest: act(connections[connection].machine.receivedRequest(refusal: nil), on: connection)
    case .startReply(let reply): receivedReply(reply, from: datagram, on: connection)
    case .startConnected(let connected): receivedConnected(connected, connection)
    case .stopNotification(let stop): receivedStop(stop, on: connection)
    case .hello, .acknowledgement: break
    case .unknown(let message):
      guard message.isMandatory else { return }
      close(
        connection,
        StopResult(.generalError, error: .unknownMandatoryAVP, text: "unknown mandatory message type \(message.type)"))
    case .outgoingCallRequest, .outgoingCallReply, .outgoingCallConnected, .incomingCallRequest, .incomingCallReply,
      .incomingCallConnected, .callDisconnect, .wanError, .setLinkInfo:
      guard connections[connection].machine.state == .established else {
        close(
          connection,
          StopResult(
            .stateMachineError, text: "\(message.messageType.words) before the control connection is established"))
        return
      }
      takeSessionMessage(message, on: connection)
    }
  }
}
