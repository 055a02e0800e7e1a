/// Reports of the system that a peer cannot be reached.
///
/// Anybody can forge an ICMP message. So while a connection serves the tunnel the peer is asked first (HELLO), and only
/// where that has to be repeated is the message believed: it is told, and sessions do not forward. Where waiting is no
/// use, two repetitions are enough to give the connection up. A failure that this machine knows by itself is believed
/// at once.
extension Engine {
  mutating func peerUnreachable(_ socket: SocketID, _ failure: Unreachable) {
    if failure == .inPieces { return pathProbeUnsent(socket) }
    guard admission.unreachableNotes.allows(at: now), let connection = connection(of: socket),
      connections[connection].life.isRunning
    else { return }
    guard failure.passedOctets == nil else { return routerPassesLess(failure, connection) }
    let tunnel = connections[connection].tunnel
    guard tunnels[tunnel].active == connection else {
      guard tunnels[tunnel].active == nil else { return }
      if isOneOfSeveral(connection), connections[connection].machine.state == .waitReply {
        // A forger gains no more by it than an earlier call to another address.
        return abandon(
          connection, because: "it cannot be reached: \(failure.reason)", isFailure: true, .peerUnreachable)
      }
      return setStrangersError(
        tunnel, "\(connections[connection].remote.address) cannot be reached: \(failure.reason)", as: .peerUnreachable,
        then: unansweredWords(of: connection))
    }
    guard connections[connection].isSignalled else { return staticPeerUnreachable(failure, connection) }
    let known = connections[connection].presence.suspicion
    let isNews = failure.isCertain && known?.isConfirmed != true
    // It still holds, after repetitions in vain. A report of before says nothing: the address may be there again.
    if failure.isWithoutAddress, let known, known.failure.isWithoutAddress {
      if let other = replacement(of: known, failure, connection) {
        return abandon(
          connection, because: "\(failure.reason); packets to the peer would leave from \(other) now", isFailure: true,
          .peerUnreachable)
      }
      if isInVain(known, connection) {
        return abandon(connection, because: failure.reason, isFailure: true, .peerUnreachable)
      }
      if let other = failure.otherAddress {
        connections[connection].presence.suspicion?.failure.otherAddress = other
      }
    }
    if let known, known.failure.isFinal || !failure.isFinal, !isNews { return }
    connections[connection].presence.suspicion = PeerPresence.Suspicion(
      failure: failure, retransmissions: connections[connection].channel.retransmissions,
      isConfirmed: known?.isConfirmed ?? false, since: now)
    if isNews { believeSuspicion(connection) }
    if connections[connection].channel.isIdle { send(.hello(Hello()), on: connection) }
  }

  /// A router on the way says that it passes smaller packets only. People are told, and nothing else follows: the
  /// message may be forged, and what the path passes is probed (`Engine+PathProbes`).
  private mutating func routerPassesLess(_ failure: Unreachable, _ connection: ConnectionReference) {
    let tunnel = connections[connection].tunnel
    guard connections[connection].life == .established else {
      guard tunnels[tunnel].active == nil else { return }
      let address = connections[connection].remote.address
      return setStrangersError(
        tunnel, "on the path to \(address), \(failure.reason)", as: .narrowPath,
        then: unansweredWords(of: connection))
    }
    // A search for the path's MTU sends what is too large for it, and what it has found says more.
    guard pathProbes[connection] == nil else { return }
    let path = connections[connection].pathMTU
    if path.certainty == .probed, failure.passedOctets.map({ $0 >= path.octets }) ?? true { return }
    if let last = connections[connection].narrownessToldAt, now - last < EngineLimits.narrownessInterval { return }
    connections[connection].narrownessToldAt = now
    let consequence = connections[connection].isSignalled ? "; that is believed once a probe has shown it" : ""
    note(.notice, .narrowPath, tunnel: tunnel, failure.reason + consequence)
  }

  /// Something has to be sent again: the peer has not answered since it was said to be out of reach.
  ///
  /// - Returns: whether it has been given the time to, and the connection is to be given up.
  mutating func confirmSuspicion(_ connection: ConnectionReference) -> Bool {
    guard let suspicion = connections[connection].presence.suspicion else { return false }
    if !suspicion.isConfirmed { believeSuspicion(connection) }
    // A fact of this machine's is reported again as long as it holds. A peer that may go on from another place is
    // perhaps behind a NAT that has forgotten it: it is back with its next message.
    guard suspicion.failure.isFinal, !suspicion.failure.isCertain,
      connections[connection].authentication?.hasSecret != true
    else { return false }
    return isInVain(suspicion, connection)
  }

  /// The address that a new connection of ours would come from, where the old one has been gone for long enough not to
  /// wait for it, and two looks in a row have found the same.
  private func replacement(
    of known: PeerPresence.Suspicion, _ failure: Unreachable, _ connection: ConnectionReference
  ) -> IPAddress? {
    guard let since = known.since, now - since >= EngineLimits.addressReturnTime,
      tunnels[connections[connection].tunnel].declaration.local == nil, canInitiate(connections[connection].tunnel)
    else { return nil }
    return known.failure.otherAddress == failure.otherAddress ? failure.otherAddress : nil
  }

  /// Whether enough has been said again since a report for the peer to have answered.
  private func isInVain(_ suspicion: PeerPresence.Suspicion, _ connection: ConnectionReference) -> Bool {
    connections[connection].channel.retransmissions - suspicion.retransmissions > EngineLimits.doubtedRetransmissions
  }

  /// Nothing gets to the peer: people are told, and no session forwards.
  private mutating func believeSuspicion(_ connection: ConnectionReference) {
    connections[connection].presence.suspicion?.isConfirmed = true
    if let words = unreachableWords(of: connection) {
      note(.warning, .peerUnreachable, tunnel: connections[connection].tunnel, words)
    }
    updateForwardingOfAll(connection)
  }

  /// The peer has acknowledged something: it can be reached.
  mutating func peerReached(_ connection: ConnectionReference) {
    let wasConfirmed = connections[connection].presence.suspicion?.isConfirmed == true
    connections[connection].presence.trust()
    if wasConfirmed { updateForwardingOfAll(connection) }
  }

  /// Why the peer of a connection cannot be reached; nil when nothing says so.
  func unreachableWords(of connection: ConnectionReference) -> String? {
    guard let suspicion = connections[connection].presence.suspicion, suspicion.isConfirmed else { return nil }
    return "the peer cannot be reached: \(suspicion.failure.reason)"
  }

  /// `unreachableNotes` bounds how often they are looked through.
  private func connection(of socket: SocketID) -> ConnectionReference? {
    for tunnel in declaredTunnels {
      for connection in tunnels[tunnel].connections where connections[connection].socket.id == socket {
        return connection
      }
    }
    return nil
  }
}
