/// SCCRQ: whose it is, whether it is taken, and what becomes of one of ours that crossed it.
extension Engine {
  mutating func receiveStartRequest(
    _ datagram: Datagram, _ envelope: ControlCodec.Envelope, _ digests: ControlCodec.Digests
  ) {
    // SCCRQ is its sender's first message, whoever forged it.
    guard envelope.header.ns == 0 else { return }
    guard isWithinRate(datagram.source.address) else {
      admission.dropped.rateLimited += 1
      noteStranger("dropped an SCCRQ from \(datagram.source.address): there were too many in this second")
      return
    }
    let received: ReceivedMessage
    do { received = try decodeRequest(datagram, digests) } catch {
      refuseUndecodable(error, datagram, digests)
      return
    }
    guard case .some(.startRequest(let request)) = received.message else { return }
    let key = RequestKey(
      source: datagram.source, encapsulation: datagram.encapsulation,
      assignedID: request.parameters.assignedConnectionID)
    if let connection = admission.connection(answering: key), connections[connection].isCopy(request, at: now) {
      receiveRepeatedRequest(datagram, envelope, digests, on: connection)
      return
    }
    // Its Nr says nothing: there is nothing that it could acknowledge, and there are peers that begin with another.
    guard shutdown == .none else { return }
    guard let tunnel = tunnel(for: request, datagram) else { return }
    var authentication = newAuthentication(for: tunnel)
    guard isAuthentic(request, datagram, digests, &authentication, tunnel) else { return }
    guard isEnabled(tunnel, request, datagram, authentication) else { return }
    guard takesChallenge(request, datagram, tunnel) else { return }
    guard mayBegin(tunnel, datagram.source) else { return }
    if envelope.header.nr != 0 { remark(.numbersRequests, of: tunnel) }
    guard isFirst(request, datagram, tunnel) else { return }
    authentication?.remoteNonce = request.parameters.nonce ?? []
    authentication?.peerHides = received.hadHiddenAVPs
    guard mayAskProtection(for: datagram.source, tunnel) else { return }
    let room = room(for: datagram.source, tunnel)
    guard room != .none else { return refusePlace(datagram.source, tunnel) }
    guard settleTie(request, datagram, key, authentication, tunnel) else { return }
    if case .inPlaceOf(let oldest) = room, connections.contains(oldest) { giveWay(oldest) }
    let dialect = SpokenDialect(
      answering: tunnels[tunnel].declaration.compatibility, hasCiscoAVPs: received.hasCiscoAVPs)
    accept(request, datagram, key, authentication, dialect, tunnel)
  }

  /// Whether the tunnel is carried out; else a peer that has proved who it is hears that it is not.
  private mutating func isEnabled(
    _ tunnel: TunnelReference, _ request: StartRequest, _ datagram: Datagram, _ known: ConnectionAuthentication?
  ) -> Bool {
    guard tunnels[tunnel].declaration.disabled != nil else { return true }
    admission.dropped.notAllowed += 1
    note(
      .debug, .protocolStep, tunnel: tunnel, "refused an SCCRQ from \(datagram.source.address): \(Disablement.toldPeer)"
    )
    var authentication = known
    authentication?.remoteNonce = request.parameters.nonce ?? []
    refuse(
      datagram, peerID: request.parameters.assignedConnectionID, nr: 1, authentication: authentication,
      StopResult(.notAuthorised, text: Disablement.toldPeer))
    return false
  }

  /// The same SCCRQ again (RFC 3931 section 4.2): its header cannot say so, its sender, identifier, tie breaker and nonce do.
  private mutating func receiveRepeatedRequest(
    _ datagram: Datagram, _ envelope: ControlCodec.Envelope, _ digests: ControlCodec.Digests,
    on connection: ConnectionReference
  ) {
    guard connections[connection].machine.state == .established else {
      // Its sender has no SCCRP yet, or is a new start that is not to be told from the one before: an acknowledgement alone
      // would leave it waiting.
      connections[connection].channel.repeatFirst(at: now)
      receive(datagram, envelope, digests, on: connection)
      return
    }
    // A copy that comes late, a forgery, or a peer that has started again under the same identifier: it is acknowledged as
    // any copy, but it neither shows that the connection lives nor ends it. Whether its peer is there is asked.
    let authentication = connections[connection].authentication
    guard authentication?.verdict(on: datagram.octets.span, digests: digests, using: turn.authenticator) != .refused
    else {
      return
    }
    connections[connection].channel.acknowledgeCopy()
    touch(connection)
    if connections[connection].channel.isIdle { send(.hello(Hello()), on: connection) }
  }

  /// An SCCRQ that cannot be taken as it is: a declared peer is told (RFC 3931 sections 5.2 and 7.1), strangers are not.
  /// Of version 2 there is no identifier that an answer could name.
  private mutating func refuseUndecodable(
    _ error: MessageError, _ datagram: Datagram, _ digests: ControlCodec.Digests
  ) {
    let isVersion2 = datagram.octets[1] & 0x0F == 2
    if isVersion2 { admission.dropped.version2 += 1 } else { admission.dropped.malformed += 1 }
    let message =
      "an SCCRQ from \(datagram.source.address) cannot be accepted: \(error)" + error.cure(isVersion2: isVersion2)
    guard admission.undecodableRequests.allows(at: now) else { return noteStranger(message) }
    guard let acceptor = acceptor(of: datagram, digests) else {
      noteStranger(message)
      return noteUndeclared(datagram, caller: "\(datagram.source.address)")
    }
    if !adviseCompatibility(error, datagram) { noteAnswer(acceptor.tunnel, message) }
    guard let peerID = ControlCodec.assignedConnectionID(of: datagram.octets.span) else { return }
    refuse(datagram, peerID: peerID, nr: 1, authentication: acceptor.authentication, error.stopResult)
  }

  /// A tunnel that might accept an SCCRQ which cannot be read.
  private struct Acceptor {
    var tunnel: TunnelReference
    /// The keys that the SCCRQ was verified with, if the tunnel has a secret.
    var authentication: ConnectionAuthentication?
  }

  /// The tunnel that may accept an SCCRQ from there, as far as can be told without reading it; nil where there is none.
  private mutating func acceptor(of datagram: Datagram, _ digests: ControlCodec.Digests) -> Acceptor? {
    for tunnel in admission.acceptors(from: datagram.source.address) {
      let sender = TunnelMatch.Sender(
        source: datagram.source, local: datagram.local, encapsulation: datagram.encapsulation, hostName: "", routerID: 0
      )
      let declaration = tunnels[tunnel].declaration
      switch TunnelMatch.compare(declaration, resolved: tunnels[tunnel].addresses.resolved, with: sender) {
      case .otherPeer: continue
      case .takes, .presents: break
      }
      guard var authentication = newAuthentication(for: tunnel), authentication.hasSecret else {
        return Acceptor(tunnel: tunnel)
      }
      if let key = provenKey(of: datagram, digests, authentication) {
        authentication.provenKey = key
        authentication.remoteNonce = digests.nonce.map { range in range.map { datagram.octets[$0] } } ?? []
        return Acceptor(tunnel: tunnel, authentication: authentication)
      }
    }
    return nil
  }

  /// A tunnel that may accept, and what comes of comparing it with the sender of an SCCRQ.
  typealias Compared = (tunnel: TunnelReference, comparison: TunnelMatch.Comparison)

  /// Every tunnel that may accept from there, compared with the sender.
  func comparisons(with sender: TunnelMatch.Sender) -> [Compared] {
    admission.acceptors(from: sender.source.address).map { tunnel in
      let declaration = tunnels[tunnel].declaration
      return (tunnel, TunnelMatch.compare(declaration, resolved: tunnels[tunnel].addresses.resolved, with: sender))
    }
  }

  /// The tunnel that takes it; of several the most specific, and of those the first.
  func mostSpecific(of compared: [Compared]) -> TunnelReference? {
    var best: (tunnel: TunnelReference, match: TunnelMatch)?
    for case (let tunnel, .takes(let match)) in compared where best.map({ $0.match < match }) ?? true {
      best = (tunnel, match)
    }
    return best?.tunnel
  }

  /// Finds the tunnel that an SCCRQ belongs to (``TunnelMatch``); refuses it when there is none.
  private mutating func tunnel(for request: StartRequest, _ datagram: Datagram) -> TunnelReference? {
    let sender = TunnelMatch.Sender(
      source: datagram.source, local: datagram.local, encapsulation: datagram.encapsulation,
      hostName: request.parameters.hostName, routerID: request.parameters.routerID)
    let compared = comparisons(with: sender)
    if let best = mostSpecific(of: compared) { return best }
    var (isUnresolved, isTold) = (false, false)
    for (tunnel, comparison) in compared {
      switch comparison {
      case .takes: continue
      case .presents(let what):
        guard tunnels[tunnel].declaration.peer.isOneHost else { continue }
        isTold = true
        setStrangersError(tunnel, "refused an SCCRQ from \(datagram.source.address): it presents \(what)")
      case .otherPeer:
        guard !tunnels[tunnel].declaration.peer.names.isEmpty, tunnels[tunnel].declaration.role != .initiate else {
          continue
        }
        // The peer may have moved: ask for its name again, and take the SCCRQ when it is sent again.
        isUnresolved = true
        resolveForMatching(tunnel)
      }
    }
    admission.dropped.notAllowed += 1
    let hostName = request.parameters.hostName.printable
    let caller = "'\(hostName)' (Router ID \(IPAddress.v4(request.parameters.routerID))) at \(datagram.source.address)"
    if isUnresolved || isTold {
      noteStranger("no tunnel of the site accepts the SCCRQ of \(caller)")
    } else {
      noteUndeclared(datagram, caller: caller)
    }
    if !isUnresolved {
      refuse(datagram, peerID: request.parameters.assignedConnectionID, nr: 1, StopResult(.notAuthorised))
    }
    return nil
  }

  /// Whether the SCCRQ's digest is right. A failure is dropped without an answer (RFC 3931 section 4.3).
  private mutating func isAuthentic(
    _ request: StartRequest, _ datagram: Datagram, _ digests: ControlCodec.Digests,
    _ authentication: inout ConnectionAuthentication?, _ tunnel: TunnelReference
  ) -> Bool {
    guard let known = authentication, known.hasSecret || request.parameters.nonce == nil else {
      guard request.parameters.nonce != nil else { return true }
      admission.dropped.notAllowed += 1
      setStrangersError(
        tunnel,
        """
        \(datagram.source.address) asks for control message authentication: declare `authentication` with the \
        same secret \(tunnels[tunnel].declaration.authentication == nil ? "" : "and without `method: challenge` ")here
        """)
      refuse(datagram, peerID: request.parameters.assignedConnectionID, nr: 1, StopResult(.notAuthorised))
      return false
    }
    switch known.verdict(on: datagram.octets.span, digests: digests, using: turn.authenticator) {
    case .unsigned: return true
    case .sealed(let key):
      authentication?.provenKey = key
      return true
    case .refused:
      admission.dropped.unauthentic += 1
      let isChallenge = digests.first == nil && request.parameters.challenge != nil
      let cure =
        isChallenge
        ? "it has a Challenge and no digest: turn digests on there, or declare \(Self.challengeKey) here"
        : "its digest is missing or wrong (is the secret the same at both ends?)"
      setStrangersError(tunnel, "dropped an SCCRQ from \(datagram.source.address): \(cure)")
      return false
    }
  }

  /// Whether the peer's SCCRQ goes on, when one of ours is out (RFC 3931 section 5.4.3, Control Connection Tie Breaker).
  ///
  /// We always send a tie breaker. The peer is the tunnel's: that is what RFC 3931 identifies by Router ID. Of our own
  /// attempt nothing is told to the peer when it loses; the peer forgets it by the same comparison.
  private mutating func settleTie(
    _ request: StartRequest, _ datagram: Datagram, _ key: RequestKey, _ authentication: ConnectionAuthentication?,
    _ tunnel: TunnelReference
  ) -> Bool {
    let lost = Tunnel.LostRequest(key: key, tieBreaker: request.tieBreaker, lostAt: now)
    if tunnels[tunnel].active != nil,
      tunnels[tunnel].lostRequest?.isCopied(by: key, tieBreaker: request.tieBreaker, at: now) == true
    {
      // A late copy of the one that lost to the connection that is there now.
      refuse(
        datagram, peerID: key.assignedID, nr: 1, authentication: authentication,
        StopResult(.alreadyExists, text: "lost the tie"))
      return false
    }
    // One of ours that has waited for the peer's in vain does not give way again: both go on, and the peer settles it.
    guard case .connecting(let own) = tunnels[tunnel].attempt, connections.contains(own), !tunnels[tunnel].hasYielded
    else { return true }
    // SCCRQ not out yet: no tie, theirs goes on.
    guard connections[own].machine.state == .waitReply else {
      abandon(own, because: "the peer's SCCRQ came first", isFailure: false, .crossed)
      return true
    }
    switch TieOutcome(ours: connections[own].tieBreaker, theirs: request.tieBreaker) {
    case .weWin where isUnanswered(own):
      // The peer is there and does not take our SCCRQ (it only initiates, perhaps): winning leads nowhere.
      abandon(own, because: "the peer calls and does not answer", isFailure: false, .crossed)
      return true
    case .weWin where request.tieBreaker == nil:
      // It does not take part in ties. Perhaps it can only call, and never does so again once it has been refused: it
      // says its SCCRQ again by itself, and is answered when ours has had no answer by then.
      tunnels[tunnel].lostRequest = lost
      note(
        .debug, .protocolStep, tunnel: tunnel,
        "SCCRQs crossed: the peer's has no tie breaker; it is left unanswered while ours may be answered")
      return false
    case .weWin:
      tunnels[tunnel].lostRequest = lost
      note(.debug, .protocolStep, tunnel: tunnel, "SCCRQs crossed: ours continues")
      refuse(
        datagram, peerID: request.parameters.assignedConnectionID, nr: 1, authentication: authentication,
        StopResult(.alreadyExists, text: "lost the tie"))
      return false
    case .theyWin:
      note(.debug, .protocolStep, tunnel: tunnel, "SCCRQs crossed: the peer's continues")
      abandon(own, because: "lost the tie", isFailure: false, .crossed)
      return true
    case .drawn:
      note(.debug, .protocolStep, tunnel: tunnel, "SCCRQs crossed with equal tie breakers: both are tried again")
      tunnels[tunnel].addresses.stay()
      abandon(own, because: "drew the tie", isFailure: true, .crossed)
      return false
    case .noTie: return true
    }
  }

  /// Whether our SCCRQ has been out for so long that a peer which takes calls would have answered; an
  /// acknowledgement is not an answer.
  private func isUnanswered(_ attempt: ConnectionReference) -> Bool {
    connections[attempt].channel.retransmissions >= EngineLimits.unansweredRequests
      || now - connections[attempt].since >= EngineLimits.unansweredRequestTime
  }

  /// Makes a connection of an SCCRQ; SCCRP goes out when its socket is there.
  private mutating func accept(
    _ request: StartRequest, _ datagram: Datagram, _ key: RequestKey, _ authentication: ConnectionAuthentication?,
    _ dialect: SpokenDialect, _ tunnel: TunnelReference
  ) {
    let declaration = tunnels[tunnel].declaration
    let localID = newConnectionID()
    var connection = ControlConnection(
      of: tunnel, isInitiator: false, localID: localID, socket: nextSocket(), remote: datagram.source,
      encapsulation: datagram.encapsulation, reliability: declaration.reliability, at: now)
    connection.local = datagram.local
    connection.authentication = authentication
    connection.challenge = newChallenge(for: tunnel, answering: request.parameters.challenge)
    connection.dialect = dialect
    connection.requestKey = key
    connection.tieBreaker = request.tieBreaker
    connection.channel.peerID = request.parameters.assignedConnectionID
    connection.channel.setPeerWindow(request.parameters.receiveWindowSize)
    connection.peer = PeerFacts(request.parameters)
    // Its SCCRQ is message 0.
    _ = connection.channel.receive(ns: 0, octets: [])
    let reference = connections.insert(connection)
    connectionsByID.insert(localID, for: reference)
    admission.enter(reference, answering: key)
    // It may have lost a tie before; now it has not.
    if tunnels[tunnel].lostRequest?.key == key { tunnels[tunnel].lostRequest = nil }
    tunnels[tunnel].connections.append(reference)
    enterHalfOpen(reference, from: datagram.source)
    yield(tunnel)
    openSocket(
      SocketRequest(
        for: declaration, datagram.encapsulation, datagram.local.address.family, local: datagram.local.address,
        localPort: datagram.encapsulation == .udp ? declaration.answerPort ?? datagram.local.port : 0,
        connectionID: localID, remote: datagram.source),
      for: reference)
  }
}
