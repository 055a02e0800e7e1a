/// Control message authentication of one connection (RFC 3931 section 4.3): which digest, which keys, which nonces.
struct ConnectionAuthentication: Codable {
  /// The digest that we send.
  var digest: Authentication.Digest
  /// The keys of the tunnel's secrets; those of the empty secret for the integrity check alone.
  private(set) var keys: [SecretKeys]
  /// Whether there is a secret: then nonces are exchanged, and a message without a digest is nobody's.
  var hasSecret: Bool
  /// Our nonce; empty without a secret.
  var localNonce: [UInt8]
  /// The peer's; empty until it is known, and without a secret.
  var remoteNonce: [UInt8] = []
  /// Which of the keys the peer's last message was sealed with; nil until one was. Where the peer seals with both, the first.
  var provenKey: Int?

  /// Which AVPs we hide (RFC 3931 section 5.3).
  var hides = Authentication.Hiding.none
  /// Whether the peer has hidden any.
  var peerHides = false

  /// Octets of a nonce that we make.
  static let nonceOctets = 16

  init(digest: Authentication.Digest, keys: [SecretKeys], hasSecret: Bool, localNonce: [UInt8]) {
    precondition(!keys.isEmpty, "without a secret there is the empty one's key")
    self.digest = digest
    self.keys = keys
    self.hasSecret = hasSecret
    self.localNonce = localNonce
  }

  /// Goes on with other keys, of which the peer has one at least. Which of them it uses is the same secret as before, if that
  /// is still among them.
  mutating func replaceKeys(_ new: [SecretKeys]) {
    let proven = provenKey.map { keys[$0] }
    keys = new
    provenKey = proven.flatMap { key in new.firstIndex { $0.digest == key.digest } }
  }

  // MARK: Digests

  /// Fills in the digests of a message that goes out.
  ///
  /// One that was made when there was one secret, and goes out again when there are two, has room for one digest: it gets that
  /// which the peer can verify for sure, or else that of the older secret.
  func seal(_ message: inout EncodedMessage, isRequest: Bool, using authenticator: any MessageAuthenticator) {
    let keys = message.digestCount < keys.count ? [self.keys[provenKey ?? keys.count - 1]] : self.keys
    MessageDigest.seal(
      &message, keys: keys.map(\.digest), senderNonce: isRequest ? [] : localNonce,
      receiverNonce: isRequest ? [] : remoteNonce, using: authenticator)
  }

  /// Fills in the digest of a StopCCN that refuses the peer's SCCRQ: the peer has no nonce of ours, so its own stands alone.
  /// RFC 3931 section 5.4.1 wants a digest in every message, and does not say how in this one.
  func sealRefusal(_ message: inout EncodedMessage, using authenticator: any MessageAuthenticator) {
    MessageDigest.seal(
      &message, keys: [keys[provenKey ?? keys.count - 1].digest], senderNonce: [], receiverNonce: remoteNonce,
      using: authenticator)
  }

  /// Fills in the digests of a StopCCN about a connection that is not known here any more: both nonces are lost with
  /// it, and so is which of two secrets the peer has.
  func sealLoss(_ message: inout EncodedMessage, using authenticator: any MessageAuthenticator) {
    MessageDigest.seal(
      &message, keys: keys.map(\.digest), senderNonce: [], receiverNonce: [], using: authenticator)
  }

  /// The verdict on a message that arrived: whether it is the peer's.
  enum Verdict: Equatable {
    /// It is nobody's: dropped without a word.
    case refused
    /// It has no digest and needs none.
    case unsigned
    /// It is the peer's, sealed with this key.
    case sealed(Int)
  }

  /// Whether a message that arrived is the peer's.
  ///
  /// SCCRP brings the nonce that its own digest covers; a refusal of our SCCRQ, which comes before, covers ours alone.
  func verdict(
    on octets: Span<UInt8>, digests: ControlCodec.Digests, using authenticator: any MessageAuthenticator
  ) -> Verdict {
    guard digests.first != nil else { return hasSecret ? .refused : .unsigned }
    guard hasSecret else { return verify(octets, sender: [], receiver: [], using: authenticator) }
    switch digests.messageType {
    case .some(.startRequest):
      guard digests.nonce != nil else { return .refused }
      return verify(octets, sender: [], receiver: [], using: authenticator)
    case .some(.startReply):
      guard let nonce = digests.nonce else { return .refused }
      let remote = nonce.map { octets[$0] }
      return verify(octets, sender: remote, receiver: localNonce, using: authenticator)
    default:
      return verify(octets, sender: remoteNonce, receiver: localNonce, using: authenticator)
    }
  }

  /// Whether a message of a peer that has lost the connection, and the nonces with it, is the peer's.
  func verdict(
    onStateless octets: Span<UInt8>, digests: ControlCodec.Digests, using authenticator: any MessageAuthenticator
  ) -> Verdict {
    guard digests.first != nil else { return hasSecret ? .refused : .unsigned }
    return verify(octets, sender: [], receiver: [], using: authenticator)
  }

  private func verify(
    _ octets: Span<UInt8>, sender: [UInt8], receiver: [UInt8], using authenticator: any MessageAuthenticator
  ) -> Verdict {
    let key = MessageDigest.matchingKey(
      octets, keys: keys.map(\.digest), senderNonce: sender, receiverNonce: receiver, using: authenticator)
    return key.map { .sealed($0) } ?? .refused
  }

  // MARK: Hiding

  /// The key that we hide AVPs with: of the secret that the peer has for sure, or else of the older one, which it has
  /// rather. Nil without a secret; and with two of them in an SCCRQ, before the peer has said anything: that is in
  /// clear.
  func writer(using authenticator: any MessageAuthenticator) -> AVPHiding? {
    guard hasSecret, keys.count == 1 || !remoteNonce.isEmpty else { return nil }
    return AVPHiding(key: keys[provenKey ?? keys.count - 1].hiding, using: authenticator)
  }

  /// The keys that may read hidden AVPs of the peer's, the likeliest first; none without a secret.
  func readers(using authenticator: any MessageAuthenticator) -> [AVPHiding] {
    guard hasSecret else { return [] }
    let proven = provenKey ?? 0
    return ([proven] + keys.indices.filter { $0 != proven }).map {
      AVPHiding(key: keys[$0].hiding, using: authenticator)
    }
  }
}

/// The keys that are derived from a shared secret (RFC 3931 sections 4.3 and 5.3).
struct SecretKeys: Equatable, Codable {
  /// The key of digests.
  var digest: [UInt8]
  /// The key that AVPs are hidden with.
  var hiding: [UInt8]

  /// The keys of a secret, or of the empty one.
  init(secret: [UInt8], using authenticator: any MessageAuthenticator) {
    digest = MessageDigest.key(secret: secret, using: authenticator)
    hiding = MessageDigest.hidingKey(secret: secret, using: authenticator)
  }
}
