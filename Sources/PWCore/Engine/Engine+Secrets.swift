/// Shared secrets: what connections authenticate their messages with, and how one is replaced while they run.
extension Engine {
  /// Replaces the shared secrets.
  ///
  /// Connections of a tunnel that had one of its secrets before go on, with the keys that it has now, and a HELLO shows
  /// them to the peer: one that has the same secret notices nothing else.
  ///
  /// - Returns: the tunnels that have nothing left of what they had, and must be started again.
  mutating func replaceSecrets(by secrets: [String: TunnelSecrets]) -> Set<TunnelReference> {
    var cutOff: Set<TunnelReference> = []
    for tunnel in declaredTunnels {
      let name = tunnels[tunnel].declaration.name
      let (old, new) = (self.secrets[name], secrets[name])
      guard old != new else { continue }
      guard let old, let new, old.shares(with: new) else {
        cutOff.insert(tunnel)
        continue
      }
      let keys = new.all.map { SecretKeys(secret: $0, using: authenticator) }
      for connection in tunnels[tunnel].connections where connections.contains(connection) {
        connections[connection].authentication?.replaceKeys(keys)
        // Where data arrives no HELLO goes out by itself, and neither end would ever show the other which secret it has.
        if connections[connection].life == .established {
          send(.hello(Hello()), on: connection)
        }
      }
    }
    self.secrets = secrets
    // Making keys takes longer than checking a digest with them.
    secretKeys = secrets.mapValues { tunnel in tunnel.all.map { SecretKeys(secret: $0, using: authenticator) } }
    return cutOff
  }

  /// Digest, keys and nonce for a new connection of a tunnel; nil when it declares no digests.
  mutating func newAuthentication(for tunnel: TunnelReference) -> ConnectionAuthentication? {
    guard let declared = tunnels[tunnel].declaration.authentication, declared.method == .digest else { return nil }
    let hasSecret = declared.secretFile != nil
    let keys = hasSecret ? secretKeys[tunnels[tunnel].declaration.name] : nil
    var authentication = ConnectionAuthentication(
      digest: declared.digest, keys: keys ?? [SecretKeys(secret: [], using: authenticator)], hasSecret: hasSecret,
      localNonce: hasSecret ? randomOctets(ConnectionAuthentication.nonceOctets) : [])
    authentication.hides = declared.hiding
    return authentication
  }

  /// With which of a tunnel's secrets an SCCRQ was sealed; nil when with none of them.
  func provenKey(
    of datagram: Datagram, _ digests: ControlCodec.Digests, _ authentication: ConnectionAuthentication
  ) -> Int? {
    let verdict = authentication.verdict(on: datagram.octets.span, digests: digests, using: authenticator)
    guard case .sealed(let key) = verdict else { return nil }
    return key
  }

  /// Whether a message of a connection is its peer's.
  func verdict(
    on datagram: Datagram, _ digests: ControlCodec.Digests, of connection: ConnectionReference
  ) -> ConnectionAuthentication.Verdict {
    guard connections[connection].digest != nil, let authentication = connections[connection].authentication else {
      return .unsigned
    }
    let verdict = authentication.verdict(on: datagram.octets.span, digests: digests, using: authenticator)
    return verdict == .unsigned && hasLostItsDigest(datagram, digests, on: connection) ? .refused : verdict
  }

  /// Whether a message without a digest is a damaged one. Without a secret a peer may leave digests out, but not once it has shown
  /// one. What only acknowledges may come without for ever: where nothing is authenticated ZLB is allowed (RFC 3931 section
  /// 6.15), and has no room for one; and so may a StopCCN before the connection stands, of a peer that keeps no state for it.
  private func hasLostItsDigest(
    _ datagram: Datagram, _ digests: ControlCodec.Digests, on connection: ConnectionReference
  ) -> Bool {
    guard connections[connection].authentication?.provenKey != nil else { return false }
    switch digests.messageType {
    case .some(.acknowledgement): return false
    case .some(.stopNotification): return connections[connection].machine.state == .established
    case .some: return true
    case .none:
      if digests.isCiscoAcknowledgement { return false }
      return (try? ControlCodec.header(of: datagram.octets.span))?.lengthOctets != ControlHeader.lengthOctets
    }
  }

  /// The digest for an answer to somebody with whom there is no connection, who checks integrity: of the same type as what he sent.
  func integrityDigest(answering datagram: Datagram) -> (type: Authentication.Digest, key: [UInt8])? {
    guard let type = ControlCodec.digests(of: datagram.octets.span).first?.type else { return nil }
    let key = MessageDigest.key(secret: [], using: authenticator)
    let isRight = MessageDigest.verify(
      datagram.octets.span, keys: [key], senderNonce: [], receiverNonce: [], using: authenticator)
    return isRight ? (type, key) : nil
  }

  /// Remembers the secret of a message that brought something new. A copy of an old one proves nothing: anybody can send it
  /// again, when the peer has given up the secret of then.
  mutating func keep(_ verdict: ConnectionAuthentication.Verdict, on connection: ConnectionReference) {
    guard case .sealed(let key) = verdict, connections[connection].authentication?.provenKey != key else { return }
    connections[connection].authentication?.provenKey = key
  }
}
