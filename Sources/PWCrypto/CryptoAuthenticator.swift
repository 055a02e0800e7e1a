import CCrypto
public import PWCore

/// PWCore's message authentication with the hashes of the system's libcrypto.
///
/// MD5 and SHA-1 are what RFC 3931 section 4.3 prescribes; as HMAC neither is broken. Hiding AVPs takes MD5 alone
/// (section 5.3): it keeps values from those who only listen, and the digest keeps them from being changed.
///
/// Where libcrypto refuses one of them, using it ends the process with `refusal` as the last words: a program asks for
/// `refusal` first.
public struct CryptoAuthenticator: MessageAuthenticator {
  /// Makes an authenticator; it has no state.
  public init() {}

  /// Why this machine cannot do what an authenticator is for, in one line; nil where it can. The answer stays the same for the
  /// life of the process. MD5 is needed with either digest, because the keys of both are made with it.
  public static var refusal: String? {
    for function in [HashFunction.md5, HashFunction.sha1] {
      if case .failure(let refusal) = function { return "\(refusal)" }
    }
    return nil
  }

  /// HMAC-MD5 or HMAC-SHA-1 over `prefix` and `message`.
  public func authenticationCode(
    _ digest: Authentication.Digest, key: [UInt8], prefix: [UInt8], message: Span<UInt8>
  ) -> [UInt8] {
    let function =
      switch digest {
      case .md5: HashFunction.md5
      case .sha1: HashFunction.sha1
      }
    return Self.usable(function).authenticationCode(key: key, prefix: prefix, message: message)
  }

  /// MD5 over the octets.
  public func md5(_ octets: [UInt8]) -> [UInt8] {
    Self.usable(HashFunction.md5).hash(octets)
  }

  /// Compares in a time that does not depend on where the two differ. By libcrypto, because a compiler that understands a loop
  /// may end it early, and does not look into a library.
  public func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return CRYPTO_memcmp(left, right, left.count) == 0
  }

  private static func usable(_ function: Result<HashFunction, HashRefusal>) -> HashFunction {
    switch function {
    case .success(let function): function
    case .failure(let refusal): fatalError("\(refusal)")
    }
  }
}
