import Crypto
public import PWCore

/// PWCore's message authentication with swift-crypto's HMAC.
///
/// MD5 and SHA-1 are what RFC 3931 section 4.3 prescribes; as HMAC neither is broken. Hiding AVPs takes MD5 alone
/// (section 5.3): it keeps values from those who only listen, and the digest keeps them from being changed.
public struct CryptoAuthenticator: MessageAuthenticator {
  /// It keeps nothing.
  public init() {}

  /// HMAC-MD5 or HMAC-SHA-1 over `prefix` and `message`.
  public func authenticationCode(
    _ digest: Authentication.Digest, key: [UInt8], prefix: [UInt8], message: Span<UInt8>
  ) -> [UInt8] {
    switch digest {
    case .md5: Self.code(HMAC<Insecure.MD5>.self, key, prefix, message)
    case .sha1: Self.code(HMAC<Insecure.SHA1>.self, key, prefix, message)
    }
  }

  private static func code<Function: HashFunction>(
    _: HMAC<Function>.Type, _ key: [UInt8], _ prefix: [UInt8], _ message: Span<UInt8>
  ) -> [UInt8] {
    var hmac = HMAC<Function>(key: SymmetricKey(data: key))
    if !prefix.isEmpty { hmac.update(data: prefix) }
    message.withUnsafeBytes { hmac.update(data: $0) }
    return Array(hmac.finalize())
  }

  /// MD5 over the octets.
  public func md5(_ octets: [UInt8]) -> [UInt8] {
    Array(Insecure.MD5.hash(data: octets))
  }

  /// Compares in a time that does not depend on where the two differ.
  public func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for index in left.indices { difference |= left[index] ^ right[index] }
    return difference == 0
  }
}
