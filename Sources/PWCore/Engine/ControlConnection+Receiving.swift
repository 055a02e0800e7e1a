/// The messages to a control connection: whether they are its peer's, and what they say.
///
/// Methods that are called for each message are `mutating`, even where they change nothing: then the table lends them
/// the connection, which it would copy otherwise.
extension ControlConnection {
  /// Whether a message is the peer's, as far as digests tell.
  mutating func verdict(
    on datagram: Datagram, _ digests: ControlCodec.Digests, using authenticator: any MessageAuthenticator
  ) -> ConnectionAuthentication.Verdict {
    guard digest != nil, let authentication else { return .unsigned }
    let verdict = authentication.verdict(on: datagram.octets.span, digests: digests, using: authenticator)
    return verdict == .unsigned && hasLostItsDigest(datagram, digests) ? .refused : verdict
  }

  /// Whether a message without a digest is a damaged one. Without a secret a peer may leave digests out, but not once
  /// it has shown one. A message that only acknowledges may come without for ever: where nothing is authenticated ZLB
  /// is allowed (RFC 3931 section 6.15), and has no room for one; and so may a StopCCN before the connection stands,
  /// of a peer that keeps no state for it.
  private mutating func hasLostItsDigest(_ datagram: Datagram, _ digests: ControlCodec.Digests) -> Bool {
    guard authentication?.provenKey != nil else { return false }
    switch digests.messageType {
    case .some(.acknowledgement): return false
    case .some(.stopNotification): return machine.state == .established
    case .some: return true
    case .none:
      if digests.isCiscoAcknowledgement { return false }
      return (try? ControlCodec.header(of: datagram.octets.span))?.lengthOctets != ControlHeader.lengthOctets
    }
  }

  /// Remembers the secret of a message that brought something new. A copy of an old one proves nothing: anybody can
  /// send it again, when the peer has given up the secret of then.
  mutating func keep(_ verdict: ConnectionAuthentication.Verdict) {
    guard case .sealed(let key) = verdict, authentication?.provenKey != key else { return }
    authentication?.provenKey = key
  }

  /// Decodes a message whose digest was right.
  mutating func decode(
    _ octets: [UInt8], using authenticator: any MessageAuthenticator
  ) throws(MessageError) -> ReceivedMessage {
    let received: ReceivedMessage
    if let authentication, authentication.hasSecret, ControlCodec.hasHiddenAVPs(octets.span) {
      received = try authentication.decode(octets, dialect.read, using: authenticator)
      if received.hadHiddenAVPs { self.authentication?.peerHides = true }
    } else {
      received = try ControlCodec.decode(octets.span, dialect: dialect.read)
    }
    dialect.heard(hasCiscoAVPs: received.hasCiscoAVPs)
    return received
  }

  /// Notes what a peer has acknowledged: it is there, and may be ready for calls.
  mutating func noteAcknowledgement() {
    presence.isDoubted = false
    isLongMessageOut = false
    // Asked while the numbers are small: they come round.
    if !calls.isPeerReady, channel.isAcknowledged(ns: 1) { calls.peerIsReady() }
  }

  /// Whether the message is an acknowledgement and nothing else.
  mutating func onlyAcknowledges(_ envelope: ControlCodec.Envelope, _ digests: ControlCodec.Digests) -> Bool {
    envelope.lengthOctets <= ControlHeader.lengthOctets || digests.messageType == .acknowledgement
      || digests.isCiscoAcknowledgement && dialect.read != .rfc
  }
}
