/// Messages that name no connection of ours: of a peer that never learnt our identifier, of one that has lost its
/// state, or of one that has not noticed that we have lost ours.
extension Engine {
  /// StopCCN whose header names no connection: its Assigned Control Connection ID tells which SCCRQ it takes back, or
  /// which connection its sender knows nothing of. A peer whose SCCCN is here knows our identifier, and whoever does
  /// not name it is somebody else, unless it says that it has lost the connection.
  mutating func receiveUnaddressedStop(
    _ datagram: Datagram, _ envelope: ControlCodec.Envelope, _ digests: ControlCodec.Digests
  ) {
    guard let received = try? ControlCodec.decode(datagram.octets.span, dialect: .cisco),
      case .some(.stopNotification(let stop)) = received.message, let assigned = stop.assignedConnectionID
    else { return }
    let key = RequestKey(source: datagram.source, encapsulation: datagram.encapsulation, assignedID: assigned)
    if !stop.saysLoss, let connection = admission.connection(answering: key),
      connections[connection].machine.state != .established
    {
      return receive(datagram, envelope, digests, on: connection)
    }
    receiveLoss(of: assigned, stop, datagram, digests)
  }

  /// A message for an identifier that is not ours, or not any more.
  ///
  /// An SCCRP is answered with StopCCN (RFC 3931 section 7.2: SCCRP in idle), so that its sender does not wait. So is
  /// what a peer of ours says on a connection that we have lost, perhaps because we were started again: it learns at
  /// once what it would find out when its HELLO has been unanswered for a whole cycle. StopCCN is never answered, nor
  /// is an acknowledgement, so that two ends that have both lost it say nothing twice.
  mutating func receiveForNobody(
    _ datagram: Datagram, _ envelope: ControlCodec.Envelope, _ digests: ControlCodec.Digests
  ) {
    admission.dropped.misaddressed += 1
    noteStranger(
      "dropped a message for connection \(envelope.header.connectionID.rawValue), which is not ours, from \(datagram.source.address)"
    )
    switch digests.messageType {
    case nil, .some(.acknowledgement): return
    case .some(.startReply):
      guard let received = try? ControlCodec.decode(datagram.octets.span, dialect: .cisco),
        case .some(.startReply(let reply)) = received.message
      else { return }
      // It answers an SCCRQ that we have given up, so it takes our number 0 for a copy of that one.
      refuse(
        datagram, peerID: reply.parameters.assignedConnectionID, ns: envelope.header.nr, nr: envelope.header.ns &+ 1,
        localID: envelope.header.connectionID, StopResult(.stateMachineError, text: "SCCRP in idle"))
    case .some(.stopNotification):
      // There are peers that name the connection which they have lost by their own identifier.
      guard let received = try? ControlCodec.decode(datagram.octets.span, dialect: .cisco),
        case .some(.stopNotification(let stop)) = received.message
      else { return }
      receiveLoss(of: envelope.header.connectionID, stop, datagram, digests)
    case .some: tellLoss(datagram, envelope)
    }
  }

  /// Tells a declared peer that we do not know the connection that it speaks on. Its own identifier is unknown here:
  /// the header has 0 in its place, and AVP 61 (RFC 3931 section 5.4.3) is what the peer takes for ours.
  ///
  /// Its nonce is lost as well, so that the digest of what it says cannot tell which tunnel it belongs to, where
  /// several have peers at its address: it is told once for each secret, and takes the one that it can verify.
  private mutating func tellLoss(_ datagram: Datagram, _ envelope: ControlCodec.Envelope) {
    guard shutdown == .none, admission.lossNotices.allows(at: now) else { return }
    for tunnel in tunnelsWithoutConnection(datagram) where mayTellLoss(datagram, envelope, tunnel) {
      sayLoss(datagram, envelope, for: tunnel)
    }
  }

  private mutating func sayLoss(
    _ datagram: Datagram, _ envelope: ControlCodec.Envelope, for tunnel: TunnelReference
  ) {
    let authentication = newAuthentication(for: tunnel)
    var message = ControlMessage.stopNotification(
      StopNotification(
        result: StopResult(.generalError, error: .noControlConnection, text: Self.lossWords),
        assignedConnectionID: envelope.header.connectionID)
    ).encoded(reservingDigest: authentication?.digest, count: authentication?.keys.count ?? 1)
    message.setHeader(connectionID: .unknown, ns: envelope.header.nr, nr: envelope.header.ns &+ 1)
    authentication?.sealLoss(&message, using: turn.authenticator)
    note(
      .debug, .protocolStep, tunnel: tunnel,
      "\(datagram.source.address) uses a control connection that is no longer known here: it was notified")
    sendUnconnected(
      Transmission(octets: message.octets, socket: datagram.socket, destination: datagram.source), answering: datagram)
  }

  /// Whether the peer is told once more of a connection: not when it takes no notice, because then silence alone may
  /// make it give up.
  private mutating func mayTellLoss(
    _ datagram: Datagram, _ envelope: ControlCodec.Envelope, _ tunnel: TunnelReference
  ) -> Bool {
    let identifier = envelope.header.connectionID
    var notice = tunnels[tunnel].lossNotice ?? Tunnel.LossNotice(identifier: identifier)
    if notice.identifier != identifier { notice = Tunnel.LossNotice(identifier: identifier) }
    defer { tunnels[tunnel].lossNotice = notice }
    guard notice.count < EngineLimits.lossNoticesPerConnection else {
      setStrangersError(
        tunnel,
        // Several tunnels may have peers there, and which of them it is, nobody knows.
        "\(datagram.source.address) continues to use a control connection that is not known here, and ignores StopCCN: "
          + "it gets no answer until it stops doing so")
      return false
    }
    notice.count += 1
    return true
  }

  private static let lossWords = "this control connection is not known here"

  /// The tunnels whose peer may have sent a datagram, and that have no connection: where there is one, the other is a
  /// late message of one before it, or somebody else's. Of those that would answer the same, the first. `lossNotices`
  /// bounds how often they are looked through.
  private func tunnelsWithoutConnection(_ datagram: Datagram) -> [TunnelReference] {
    var found: [TunnelReference] = []
    for tunnel in declaredTunnels where isWithoutConnection(tunnel, datagram) {
      guard !found.contains(where: { sealsAlike($0, tunnel) }) else { continue }
      found.append(tunnel)
      if found.count == EngineLimits.lossNoticeTunnels { break }
    }
    return found
  }

  private func isWithoutConnection(_ tunnel: TunnelReference, _ datagram: Datagram) -> Bool {
    let declaration = tunnels[tunnel].declaration
    guard tunnels[tunnel].active == nil, declaration.encapsulation == datagram.encapsulation,
      declaration.local.map({ $0.isSameHost(as: datagram.local.address) }) ?? true
    else { return false }
    return declaration.peer.isOneHost && tunnels[tunnel].isPeer(datagram.source.address)
  }

  /// Whether a message that is sealed for one tunnel's peer says the same as one that is sealed for another's.
  private func sealsAlike(_ one: TunnelReference, _ other: TunnelReference) -> Bool {
    let (mine, theirs) = (tunnels[one].declaration, tunnels[other].declaration)
    return mine.authentication?.digest == theirs.authentication?.digest && secrets[mine.name] == secrets[theirs.name]
  }

  /// The connection that serves a tunnel, or did and is being closed, by its peer's identifier and place.
  private func connection(namedByPeer peerID: ControlConnectionID, _ datagram: Datagram) -> ConnectionReference? {
    for tunnel in declaredTunnels {
      for connection in tunnels[tunnel].connections {
        guard tunnels[tunnel].active == connection || connections[connection].life.isClosing,
          connections[connection].channel.peerID == peerID,
          connections[connection].encapsulation == datagram.encapsulation,
          connections[connection].remote.address.isSameHost(as: datagram.source.address)
        else { continue }
        return connection
      }
    }
    return nil
  }

  /// The peer says that it knows nothing of a connection, which it calls by what we take for its identifier.
  ///
  /// Peers say so with various result codes. With a secret the digest proves it. Without one the identifier is all that
  /// a forger needs, and there are peers whose identifiers anybody can guess: so it is asked, and a peer that leaves
  /// two retransmissions of the question unanswered is not there (`EngineLimits.doubtedRetransmissions`).
  private mutating func receiveLoss(
    of peerID: ControlConnectionID, _ stop: StopNotification, _ datagram: Datagram, _ digests: ControlCodec.Digests
  ) {
    guard admission.lossNotices.allows(at: now) else { return }
    guard let connection = connection(namedByPeer: peerID, datagram) else { return }
    if let authentication = connections[connection].authentication {
      switch authentication.verdict(onStateless: datagram.octets.span, digests: digests, using: turn.authenticator) {
      case .refused:
        admission.dropped.unauthentic += 1
        return
      case .sealed where authentication.hasSecret && connections[connection].life.isRunning:
        return peerLost(connection, stop.result.words)
      case .sealed, .unsigned: break
      }
    }
    // Our StopCCN need not be acknowledged by a peer that has nothing to stop.
    guard connections[connection].life.isRunning else { return lost(connection) }
    connections[connection].presence.isDoubted = true
    if connections[connection].channel.isIdle { send(.hello(Hello()), on: connection) }
  }
}

extension StopNotification {
  /// Whether it says that there is no such connection (RFC 3931 section 5.4.2, error 1).
  fileprivate var saysLoss: Bool { result.code == .generalError && result.error == .noControlConnection }
}
