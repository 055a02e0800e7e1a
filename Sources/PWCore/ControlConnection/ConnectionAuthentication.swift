/// Control message authentication of one connection (RFC 3931 section 4.3): which digest, which key, which nonces.
struct ConnectionAuthentication {
  /// The digest that we send.
  var digest: Authentication.Digest
  /// Made of the secret; of the empty one for the integrity check.
  var key: [UInt8]
  /// Whether there is a secret: then nonces are exchanged, and a message without a digest is nobody's.
  var hasSecret: Bool
  /// Our nonce; empty without a secret.
  var localNonce: [UInt8]
  /// The peer's; empty until it is known, and without a secret.
  var remoteNonce: [UInt8] = []

  /// Hides AVPs, and reads those that the peer hides (RFC 3931 section 5.3); nil without a secret, and until the SCCRQ is
  /// known to be from somebody who has it.
  var hiding: AVPHiding?
  /// Which AVPs we hide.
  var hides = Authentication.Hiding.none
  /// Whether the peer has hidden any.
  var peerHides = false

  /// Octets of a nonce that we make.
  static let nonceOctets = 16

  /// Fills in the digest of a message that goes out.
  func seal(_ message: inout EncodedMessage, isRequest: Bool, using authenticator: any MessageAuthenticator) {
    MessageDigest.seal(
      &message, key: key, senderNonce: isRequest ? [] : localNonce, receiverNonce: isRequest ? [] : remoteNonce,
      using: authenticator)
  }

  /// Whether a message that arrived is the peer's.
  ///
  /// SCCRP brings the nonce that its own digest covers.
  func accepts(_ octets: Span<UInt8>, digests: ControlCodec.Digests, using authenticator: any MessageAuthenticator)
    -> Bool
  {
    guard digests.first != nil else { return !hasSecret }
    guard hasSecret else { return verify(octets, sender: [], receiver: [], using: authenticator) }
    switch digests.messageType {
    case .some(.startRequest):
      return digests.nonce != nil && verify(octets, sender: [], receiver: [], using: authenticator)
    case .some(.startReply):
      guard let nonce = digests.nonce else { return false }
      let remote = nonce.map { octets[$0] }
      return verify(octets, sender: remote, receiver: localNonce, using: authenticator)
    default:
      return verify(octets, sender: remoteNonce, receiver: localNonce, using: authenticator)
    }
  }

  private func verify(
    _ octets: Span<UInt8>, sender: [UInt8], receiver: [UInt8], using authenticator: any MessageAuthenticator
  ) -> Bool {
    MessageDigest.verify(octets, keys: [key], senderNonce: sender, receiverNonce: receiver, using: authenticator)
  }
}
