/// Hidden AVPs (RFC 3931 section 5.3): ours go out hidden as declared, the peer's are read wherever there is a secret.
extension Engine {
  /// A message of ours with what the tunnel declares hidden, behind a Random Vector of its own.
  mutating func hidingAVPs(of message: consuming EncodedMessage, on connection: ConnectionReference) -> EncodedMessage {
    guard message.digest != nil, let authentication = connections[connection].authentication,
      authentication.hides != .none, let hiding = authentication.writer(using: authenticator)
    else { return message }
    return message.hidden(authentication.hides, by: hiding) { randomOctets($0) }
  }

  /// Decodes a message of a connection, whose digest was right.
  mutating func decode(_ octets: [UInt8], on connection: ConnectionReference) throws(MessageError) -> ReceivedMessage {
    let dialect = connections[connection].dialect.read
    let received: ReceivedMessage
    if let authentication = connections[connection].authentication, authentication.hasSecret,
      ControlCodec.hasHiddenAVPs(octets.span)
    {
      received = try decode(octets, authentication, dialect)
      if received.hadHiddenAVPs { connections[connection].authentication?.peerHides = true }
    } else {
      received = try ControlCodec.decode(octets.span, dialect: dialect)
    }
    connections[connection].dialect.heard(hasCiscoAVPs: received.hasCiscoAVPs)
    return received
  }

  /// Decodes what hides AVPs, with whichever secret reads them: of two, the peer need not hide with the one that the digest was
  /// right with first. The wrong one shows by a length that does not fit, all but once in thousands of times. Where none reads
  /// them all, the likeliest has the word.
  private func decode(
    _ octets: [UInt8], _ authentication: ConnectionAuthentication, _ dialect: AVPDialect
  ) throws(MessageError) -> ReceivedMessage {
    let readers = authentication.readers(using: authenticator)
    for reader in readers where readers.count > 1 {
      do throws(MessageError) {
        let received = try ControlCodec.decode(octets.span, hiding: reader, dialect: dialect)
        if !received.ignored.contains(where: \.isUnreadable) { return received }
      } catch {
        if !error.isUnreadable { throw error }
      }
    }
    return try ControlCodec.decode(octets.span, hiding: readers.first, dialect: dialect)
  }

  /// Decodes an SCCRQ, which belongs to no connection yet. Whose it is, and so which secret reads what it hides, is told by
  /// its Host Name and Router ID: they are never hidden. Nothing is read for a sender whose digest is wrong.
  mutating func decodeRequest(
    _ datagram: Datagram, _ digests: ControlCodec.Digests
  ) throws(MessageError) -> ReceivedMessage {
    // Of version 2, nothing is hidden as version 3 would hide it.
    if let request = ControlCodec.version3Request(of: datagram.octets.span) {
      return try ControlCodec.decode(request.span, dialect: readDialect(of: request, datagram))
    }
    let dialect = readDialect(of: datagram.octets, datagram)
    guard ControlCodec.hasHiddenAVPs(datagram.octets.span),
      let tunnel = tunnel(presentedIn: datagram.octets, datagram)
    else {
      return try ControlCodec.decode(datagram.octets.span, dialect: dialect)
    }
    guard let authentication = newAuthentication(for: tunnel), authentication.hasSecret else {
      setStrangersError(
        tunnel,
        "\(datagram.source.address) hides AVPs: declare `authentication` with the same secret here")
      return try ControlCodec.decode(datagram.octets.span, dialect: dialect)
    }
    var known = authentication
    known.provenKey = provenKey(of: datagram, digests, authentication)
    guard known.provenKey != nil else {
      setStrangersError(
        tunnel,
        """
        dropped an SCCRQ from \(datagram.source.address): its digest is missing or wrong (is the secret the same \
        at both ends?)
        """)
      return try ControlCodec.decode(datagram.octets.span, dialect: dialect)
    }
    return try decode(datagram.octets, known, dialect)
  }

  /// The tunnel that an SCCRQ of version 3 leads to by what of it is always in clear.
  func tunnel(presentedIn request: [UInt8], _ datagram: Datagram) -> TunnelReference? {
    guard let presented = ControlCodec.presentedIdentity(of: request.span) else { return nil }
    let sender = TunnelMatch.Sender(
      source: datagram.source, local: datagram.local, encapsulation: datagram.encapsulation,
      hostName: presented.hostName, routerID: presented.routerID)
    return mostSpecific(of: comparisons(with: sender))
  }
}
