/// The cryptography that PWCore has not got: keyed hashes, and a comparison whose time tells nothing.
public protocol MessageAuthenticator: Sendable {
  /// HMAC (RFC 2104) with the hash of `digest` over `prefix` and then `message`.
  func authenticationCode(
    _ digest: Authentication.Digest, key: [UInt8], prefix: [UInt8], message: Span<UInt8>
  ) -> [UInt8]

  /// MD5 (RFC 1321), 16 octets: what hiding AVPs takes (RFC 3931 section 5.3), with a key among the octets.
  func md5(_ octets: [UInt8]) -> [UInt8]

  /// Whether two digests are equal, in a time that depends on their lengths alone.
  func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool
}

/// Control message authentication and integrity (RFC 3931 sections 4.3 and 5.4.1).
///
/// The digest covers the message from the flags word on, with the octets of every digest zero, preceded by the sender's
/// nonce and then the receiver's. SCCRQ has no such prefix, nor has anything where no nonces were exchanged.
public enum MessageDigest {
  /// The key for digests of either type, from a shared secret; the empty secret is the integrity check's.
  public static func key(secret: [UInt8], using authenticator: any MessageAuthenticator) -> [UInt8] {
    derivedKey(secret: secret, purpose: 2, using: authenticator)
  }

  /// The key for hiding AVPs, from a shared secret (RFC 3931 section 5.3).
  public static func hidingKey(secret: [UInt8], using authenticator: any MessageAuthenticator) -> [UInt8] {
    derivedKey(secret: secret, purpose: 1, using: authenticator)
  }

  private static func derivedKey(
    secret: [UInt8], purpose: UInt8, using authenticator: any MessageAuthenticator
  ) -> [UInt8] {
    authenticator.authenticationCode(.md5, key: secret, prefix: [], message: [purpose].span)
  }

  /// Computes the digest of a message that has room for one and writes it there: last of all, after `setHeader`, and again
  /// at each retransmission, because Nr is in it. A message without room is left as it is.
  public static func seal(
    _ message: inout EncodedMessage, key: [UInt8], senderNonce: [UInt8], receiverNonce: [UInt8],
    using authenticator: any MessageAuthenticator
  ) {
    guard let digest = message.digest else { return }
    message.setDigest(nil)
    let code = authenticator.authenticationCode(
      digest, key: key, prefix: senderNonce + receiverNonce, message: message.octets.span)
    message.setDigest(code)
  }

  /// Whether any digest of a received message is right with any of the keys (two each, at most: RFC 3931 section 4.3). A
  /// message without a digest that we know fails.
  public static func verify(
    _ octets: Span<UInt8>, keys: [[UInt8]], senderNonce: [UInt8], receiverNonce: [UInt8],
    using authenticator: any MessageAuthenticator
  ) -> Bool {
    guard let envelope = try? ControlCodec.header(of: octets, allowsVersion2: true) else { return false }
    let digests = ControlCodec.digests(of: octets)
    guard let first = digests.first else { return false }
    let prefix = senderNonce + receiverNonce
    var message = octets.octets(at: 0, count: envelope.lengthOctets)
    for place in [first, digests.second].compactMap({ $0 }) {
      for index in place.octets { message[index] = 0 }
    }
    for place in [first, digests.second].compactMap({ $0 }) {
      guard let type = place.type else { continue }
      let received = octets.octets(at: place.octets.lowerBound, count: place.octets.count)
      for key in keys {
        let computed = authenticator.authenticationCode(type, key: key, prefix: prefix, message: message.span)
        if authenticator.isEqual(computed, received) { return true }
      }
    }
    return false
  }
}
