/// The cryptography that PWCore has not got: keyed hashes, and a comparison whose time tells nothing.
public protocol MessageAuthenticator: Sendable {
  /// HMAC (RFC 2104) with the hash of `digest` over `prefix` and then `message`.
  func authenticationCode(
    _ digest: Authentication.Digest, key: [UInt8], prefix: [UInt8], message: Span<UInt8>
  ) -> [UInt8]

  /// MD5 (RFC 1321), 16 octets: what hiding AVPs takes (RFC 3931 section 5.3), and a Challenge Response (RFC 2661
  /// section 4.4.3), with a key or a secret among the octets.
  func md5(_ octets: [UInt8]) -> [UInt8]

  /// Masks what goes into a hidden AVP, as many octets as there are (RFC 3931 section 5.3). A type that has `md5` need
  /// not have it.
  ///
  /// - Parameters:
  ///   - clear: a value, its length before it and padding after it.
  ///   - type: the Attribute Type.
  ///   - key: from `MessageDigest.hidingKey`.
  ///   - randomVector: the value of the Random Vector AVP.
  func hiding(_ clear: [UInt8], type: UInt16, key: [UInt8], randomVector: [UInt8]) -> [UInt8]

  /// The opposite of `hiding`.
  func revealing(_ hidden: [UInt8], type: UInt16, key: [UInt8], randomVector: [UInt8]) -> [UInt8]

  /// Whether two digests, or two responses, are equal, in a time that depends on their lengths alone.
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

  /// Computes the digests of a message that has room for them, one for each key, and writes them there: last of all, after
  /// `setHeader`, and again at each retransmission, because Nr is in it. A message without room is left as it is; where there
  /// is room for more digests than keys, the last key's fills it.
  public static func seal(
    _ message: inout EncodedMessage, keys: [[UInt8]], senderNonce: [UInt8], receiverNonce: [UInt8],
    using authenticator: any MessageAuthenticator
  ) {
    guard let digest = message.digest else { return }
    for number in 0..<message.digestCount { message.setDigest(nil, number: number) }
    let codes = (0..<message.digestCount).map { number in
      authenticator.authenticationCode(
        digest, key: keys[min(number, keys.count - 1)], prefix: senderNonce + receiverNonce,
        message: message.octets.span)
    }
    for (number, code) in codes.enumerated() { message.setDigest(code, number: number) }
  }

  /// Whether any digest of a received message is right with any of the keys.
  public static func verify(
    _ octets: Span<UInt8>, keys: [[UInt8]], senderNonce: [UInt8], receiverNonce: [UInt8],
    using authenticator: any MessageAuthenticator
  ) -> Bool {
    matchingKey(
      octets, keys: keys, senderNonce: senderNonce, receiverNonce: receiverNonce, using: authenticator) != nil
  }

  /// The first of the keys with which any digest of a received message is right (two each, at most: RFC 3931 section 5.4.1). A
  /// message without a digest that we know fails.
  static func matchingKey(
    _ octets: Span<UInt8>, keys: [[UInt8]], senderNonce: [UInt8], receiverNonce: [UInt8],
    using authenticator: any MessageAuthenticator
  ) -> Int? {
    guard let envelope = try? ControlCodec.header(of: octets, allowsVersion2: true) else { return nil }
    let digests = ControlCodec.digests(of: octets)
    guard let first = digests.first else { return nil }
    let prefix = senderNonce + receiverNonce
    var message = octets.octets(at: 0, count: envelope.lengthOctets)
    for place in [first, digests.second].compactMap({ $0 }) {
      for index in place.octets { message[index] = 0 }
    }
    for (number, key) in keys.enumerated() {
      for place in [first, digests.second].compactMap({ $0 }) {
        guard let type = place.type else { continue }
        let received = octets.octets(at: place.octets.lowerBound, count: place.octets.count)
        let computed = authenticator.authenticationCode(type, key: key, prefix: prefix, message: message.span)
        if authenticator.isEqual(computed, received) { return number }
      }
    }
    return nil
  }
}
