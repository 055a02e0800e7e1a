/// The tunnel authentication of RFC 2661, for routers that do not know RFC 3931's.
extension Engine {
  /// The declaration in a site file that asks for it.
  static let challengeKey = "`authentication: {method: challenge, secret-file: FILE}`"

  /// Our challenge for a new connection of a tunnel; nil where it declares none.
  ///
  /// - Parameter theirs: the challenge of the SCCRQ that begins it.
  mutating func newChallenge(for tunnel: TunnelReference, answering theirs: [UInt8]? = nil) -> ConnectionChallenge? {
    guard tunnels[tunnel].declaration.authentication?.method == .challenge else { return nil }
    return ConnectionChallenge(ours: turn.randomOctets(ConnectionChallenge.octets), theirs: theirs)
  }

  /// Our response to the peer's challenge; nil where it has given none.
  func challengeResponse(in message: MessageType, on connection: ConnectionReference) -> [UInt8]? {
    guard let secret = secret(of: connections[connection].tunnel) else { return nil }
    return connections[connection].challenge?.response(in: message, secret: secret, using: turn.authenticator)
  }

  /// Why the challenge of a peer is not answered; nil where it is, or where there is none.
  func refusal(ofChallenge theirs: [UInt8]?, _ tunnel: TunnelReference) -> StopResult? {
    guard let theirs else { return nil }
    guard tunnels[tunnel].declaration.authentication?.method == .challenge else {
      return StopResult(
        .notAuthorised, text: "the Challenge of RFC 2661 is not configured at this end: \(Self.challengeKey)")
    }
    // A peer that gives us our own would have us answer it, and then give us the answer.
    let isOurs = tunnels[tunnel].connections.contains { connections[$0].challenge?.ours == theirs }
    return isOurs ? StopResult(.notAuthorised, text: "the Challenge is one of ours") : nil
  }

  /// Whether the challenge of an SCCRQ is answered; its sender and people are told if not.
  mutating func takesChallenge(_ request: StartRequest, _ datagram: Datagram, _ tunnel: TunnelReference) -> Bool {
    guard let refusal = refusal(ofChallenge: request.parameters.challenge, tunnel) else { return true }
    admission.dropped.notAllowed += 1
    let cure =
      tunnels[tunnel].declaration.authentication?.method == .challenge
      ? "its Challenge is one of ours"
      : "it asks for the tunnel authentication of RFC 2661 (Challenge); declare \(Self.challengeKey) with the same "
        + "secret here, or turn it off there"
    setStrangersError(tunnel, "refused an SCCRQ from \(datagram.source.address): \(cure)")
    refuse(datagram, peerID: request.parameters.assignedConnectionID, nr: 1, refusal)
    return false
  }

  /// Takes the peer's response to our challenge.
  ///
  /// - Parameter message: what it came in, or should have.
  /// - Returns: why the connection ends; nil where the response is right, or none was asked for.
  mutating func refusal(
    ofResponse response: [UInt8]?, in message: MessageType, on connection: ConnectionReference
  ) -> StopResult? {
    guard var challenge = connections[connection].challenge else { return nil }
    let fault =
      secret(of: connections[connection].tunnel).map { secret in
        challenge.take(response, in: message, secret: secret, using: turn.authenticator)
      } ?? .wrong
    connections[connection].challenge = challenge
    guard let fault else { return nil }
    admission.dropped.unauthentic += 1
    let words =
      switch fault {
      case .missing:
        "the \(message.name) has no Challenge Response: are a secret and RFC 2661's authentication at both ends?"
      case .wrong: "the Challenge Response in the \(message.name) is wrong: is the secret the same at both ends?"
      }
    return StopResult(.notAuthorised, text: words)
  }

  /// A hint to why our SCCRQ may be refused, or nothing: RFC 3931 does not know the Challenge AVP.
  func challengeHint(for stop: StopResult, _ connection: ConnectionReference) -> String {
    guard connections[connection].challenge != nil, connections[connection].machine.state == .waitReply,
      stop.error == .unknownMandatoryAVP
    else { return "" }
    return "; `method: challenge` asks for the authentication of RFC 2661, which the peer may not know"
  }

  /// The secret of a tunnel; nil for one that has just gone from the site.
  private func secret(of tunnel: TunnelReference) -> [UInt8]? {
    secrets[tunnels[tunnel].declaration.name]?.secret
  }
}
