/// Sessions that are established and pass nothing on, because what arrives is not what was agreed on.
extension Engine {
  mutating func dataDiscarded(
    _ identifier: ControlConnectionID, _ session: SessionID, _ packets: DiscardedPackets
  ) {
    guard let connection = connectionsByID[identifier], let session = self.session(session, over: connection) else {
      return
    }
    let pseudowire = sessions[session].pseudowire
    guard pseudowires[pseudowire].machine.state == .established else { return }
    sessions[session].discarded = packets.passedOn > 0 ? nil : packets
    updateForwarding(pseudowire)
    if ignoresCookie(session, packets) { giveCookieUp(pseudowire) }
  }

  /// Why what arrives is discarded, and the cure; nil where it is not.
  func discardReason(_ session: Session) -> String? {
    guard let packets = session.discarded else { return nil }
    let words = "every data packet that arrives is discarded: "
    switch packets.cause {
    case .cookie:
      let length = session.receiveCookie.lengthOctets
      guard pseudowires[session.pseudowire].declaration.staticSession == nil else {
        return words
          + "none has the cookie of \(length) octets that is declared here: the `local` of `cookies` here must "
          + "be the `peer` of the other end's"
      }
      return words
        + "none has the cookie of \(length) octets that this end assigned; if the peer knows no cookies, write "
        + "`cookie: 0` here"
    case .sequence:
      return words + "none has the expected sequence number; give both ends the same `sequencing`"
    case .length:
      // The kernel's driver counts a number outside of its window as a receive error, and nothing more.
      guard pseudowires[session.pseudowire].declaration.isSequenced else {
        return words + "they are too short; give both ends the same `sublayer`"
      }
      return words + "they are too short, or their sequence numbers are not those expected; give both ends the same "
        + "`sublayer` and `sequencing`"
    }
  }

  /// Whether the peer has no idea of cookies (RFC 3931 section 5.4.4 has it put ours into each packet): it assigned none
  /// to us, and of a session that never passed anything on every packet lacks ours.
  ///
  /// A cookie keeps out who cannot see the packets. Such a sender does not know the Session ID either, 32 random bits,
  /// without which nothing that it sends counts here; and nothing is given up where one packet was right, or where the
  /// site file says how long the cookie is.
  private func ignoresCookie(_ session: SessionReference, _ packets: DiscardedPackets) -> Bool {
    let pseudowire = sessions[session].pseudowire
    return pseudowires[pseudowire].declaration.isCookieGivenUp && !pseudowires[pseudowire].assignsNoCookie
      && sessions[session].transmitCookie.lengthOctets == 0 && packets.cause == .cookie && packets.passedOn == 0
      && !packets.hasPassedOn && packets.withWrongCookie >= EngineLimits.cookielessPackets
  }

  /// Sets the session up again without a cookie of ours.
  private mutating func giveCookieUp(_ pseudowire: PseudowireReference) {
    pseudowires[pseudowire].assignsNoCookie = true
    remark(.ignoresCookies, of: pseudowires[pseudowire].tunnel)
    endSession(pseudowire, CallResult(.administrative, text: "set up again without a cookie"))
    // Nothing has failed that the next attempt should wait for.
    guard pseudowires[pseudowire].retryAt != nil, let connection = tunnels[pseudowires[pseudowire].tunnel].active else {
      return
    }
    pseudowires[pseudowire].failures = 0
    var retryAt = now + EngineLimits.cookielessCallDelay
    if !connections[connection].isInitiator { retryAt = retryAt + EngineLimits.responderCallDelay }
    pseudowires[pseudowire].retryAt = retryAt
    turn.schedule(retryAt, .pseudowire(pseudowire))
  }
}
