/// Data from another place than where a connection's peer was: a NAT between has made another mapping, perhaps, and the
/// next control message from there may be a minute away. So the peer is asked there, at once.
///
/// The question is a message of ours that is not acknowledged yet, a HELLO if there is none. It goes to both places,
/// and a peer acknowledges it from the one where it is now, whichever copy it has heard. An acknowledgement that was
/// recorded before says nothing of that message, and to one of another address a digest belongs. The peer's own
/// acknowledgement, sent from where it was, ends the question and moves nothing, if it comes first: somebody who hears
/// both ends and is faster can divert the connection, as with repeated messages (`Engine+Roaming`).
extension Engine {
  /// A question to a place that data came from.
  struct PlaceChallenge: Codable {
    /// The place.
    var place: Endpoint
    /// Ns of the message.
    var ns: UInt16
    /// When it went to the place last.
    var askedAt: Instant
    /// What came of it; nil while nothing is acknowledged.
    var outcome: Outcome?

    /// Where the acknowledgement came from.
    enum Outcome: Codable {
      /// From the place: the connection has moved.
      case moved
      /// From somewhere else.
      case refused
    }

    /// How long data from a place has to wait for the next question.
    func pause(for place: Endpoint) -> Duration {
      switch outcome {
      case nil: EngineLimits.placeChallengeInterval
      case .moved: EngineLimits.placeChallengeRest
      // A peer may send data from one port, and control messages from another.
      case .refused: place == self.place ? EngineLimits.placeChallengeRest : EngineLimits.placeChallengeInterval
      }
    }
  }

  /// Asks whether the peer is where a data packet of a session of its connection has come from, if it may be there.
  mutating func challengePlace(of packet: StrayPacket, _ session: SessionReference) {
    let connection = sessions[session].connection
    let tunnel = connections[connection].tunnel
    guard connections[connection].isSignalled, connections[connection].life == .established,
      connections[connection].encapsulation == .udp, packet.local.port == connections[connection].local?.port,
      packet.carries(sessions[session].receiveCookie), mayBePeer(at: packet.source.address, connection),
      // Whether messages to there would be protected is not known.
      tunnels[tunnel].declaration.protection != .required, mayBeAsked(connection),
      // A Session ID that is declared can be guessed: a stranger who has done so is not told our numbers.
      isNegotiated(session) || sessions[session].receiveCookie.lengthOctets > 0
        || connections[connection].authentication?.hasSecret == true
    else { return }
    if let last = connections[connection].placeChallenge, now - last.askedAt < last.pause(for: packet.source) { return }
    guard admission.placeChallenges.allows(at: now) else { return }
    if connections[connection].channel.isIdle { send(.hello(Hello()), on: connection) }
    flushNow(connection)
    guard let ns = connections[connection].repeatOldest(at: packet.source, in: &turn) else { return }
    connections[connection].placeChallenge = PlaceChallenge(place: packet.source, ns: ns, askedAt: now)
    note(.debug, .protocolStep, tunnel: tunnel, "data comes from \(packet.source): the peer is asked there")
  }

  /// Whether a message can be sent twice now, and this peer bears it.
  private func mayBeAsked(_ connection: ConnectionReference) -> Bool {
    let tunnel = tunnels[connections[connection].tunnel]
    guard connections[connection].socket.state == .open, connections[connection].canSend,
      tunnel.remarkedHabits.isDisjoint(with: [.stopsForRepetitions, .ignoresHello])
    else { return false }
    guard let octets = connections[connection].channel.oldestOctets else {
      return tunnel.declaration.helloInterval > .zero
    }
    return octets <= EngineLimits.placeChallengeOctets
  }

  /// An authentic message has come: if it acknowledges what was asked, the peer is where it comes from.
  mutating func settlePlaceChallenge(by datagram: Datagram, _ connection: ConnectionReference) {
    guard let challenge = connections[connection].placeChallenge, challenge.outcome == nil,
      connections[connection].channel.isAcknowledged(ns: challenge.ns)
    else { return }
    let isThere = datagram.source == challenge.place && connections[connection].life == .established
    connections[connection].placeChallenge?.outcome = isThere ? .moved : .refused
    if isThere { move(connection, to: challenge.place) }
  }
}

extension StrayPacket {
  /// Whether a session's cookie stands behind its header.
  func carries(_ cookie: Cookie) -> Bool {
    cookie.lengthOctets == 0 || following.map { Array($0.prefix(cookie.lengthOctets)) } == cookie.octets
  }
}
