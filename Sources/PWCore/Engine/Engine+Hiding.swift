/// Hidden AVPs (RFC 3931 section 5.3) of an SCCRQ, which belongs to no connection yet.
extension Engine {
  /// Decodes an SCCRQ. Its Host Name and Router ID, which are never hidden, tell whose it is, and so which secret reads
  /// the AVPs that it hides. Nothing is read for a sender whose digest is wrong.
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
    return try known.decode(datagram.octets, dialect, using: turn.authenticator)
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
