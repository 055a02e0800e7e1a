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
      let keys = new.all.map { SecretKeys(secret: $0, using: turn.authenticator) }
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
    secretKeys = secrets.mapValues { tunnel in tunnel.all.map { SecretKeys(secret: $0, using: turn.authenticator) } }
    return cutOff
  }

  /// Digest, keys and nonce for a new connection of a tunnel; nil when it declares no digests.
  mutating func newAuthentication(for tunnel: TunnelReference) -> ConnectionAuthentication? {
    guard let declared = tunnels[tunnel].declaration.authentication, declared.method == .digest else { return nil }
    let hasSecret = declared.secretFile != nil
    let keys = hasSecret ? secretKeys[tunnels[tunnel].declaration.name] : nil
    var authentication = ConnectionAuthentication(
      digest: declared.digest, keys: keys ?? [SecretKeys(secret: [], using: turn.authenticator)], hasSecret: hasSecret,
      localNonce: hasSecret ? turn.randomOctets(ConnectionAuthentication.nonceOctets) : [])
    authentication.hides = declared.hiding
    return authentication
  }

  /// With which of a tunnel's secrets an SCCRQ was sealed; nil when with none of them.
  func provenKey(
    of datagram: Datagram, _ digests: ControlCodec.Digests, _ authentication: ConnectionAuthentication
  ) -> Int? {
    let verdict = authentication.verdict(on: datagram.octets.span, digests: digests, using: turn.authenticator)
    guard case .sealed(let key) = verdict else { return nil }
    return key
  }

  /// The digest for an answer to somebody with whom there is no connection, who checks integrity: of the same type as what he sent.
  func integrityDigest(answering datagram: Datagram) -> (type: Authentication.Digest, key: [UInt8])? {
    guard let type = ControlCodec.digests(of: datagram.octets.span).first?.type else { return nil }
    let key = MessageDigest.key(secret: [], using: turn.authenticator)
    let isRight = MessageDigest.verify(
      datagram.octets.span, keys: [key], senderNonce: [], receiverNonce: [], using: turn.authenticator)
    return isRight ? (type, key) : nil
  }
}
