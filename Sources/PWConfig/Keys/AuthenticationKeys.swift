import PWCore

/// The keys of `authentication`: the method, the digest and the secret file.
struct AuthenticationKeys: KeySet {
  static let title = "authentication"
  static let declared = AuthenticationKeys()
  static let schema = SchemaSection(of: declared)

  private static let usual = Authentication()

  let method = Key<Authentication.Method>(
    "method", .choice, default: Self.usual.method, change: .tunnel,
    "How the ends prove to each other that they have the secret: by a digest in every message, or by responses to "
      + "challenges during the set-up, for routers that support only RFC 2661's authentication. See [old "
      + "routers](#old-routers).")
  let digest = Key<Authentication.Digest>(
    "digest", .choice([("md5", .md5), ("sha1", .sha1)]), default: Self.usual.digest, change: .tunnel,
    "HMAC-MD5 or HMAC-SHA-1; the same at both ends.")
  let secretFile = Key<String?>(
    "secret-file", .path, absent: "an empty secret", change: .tunnel,
    "The file that holds the secret, readable by nobody else. With an empty secret the digest detects damage, not "
      + "strangers.")
  let previousSecretFile = Key<String?>(
    "previous-secret-file", .path, absent: "none", change: .inPlace,
    "The file with the secret that `secret-file` replaces, for as long as the peer may not have the new one. Messages "
      + "carry a digest of each, either is accepted, and no session is lost in the change.")
  let hide = Key<Authentication.Hiding>(
    "hide", .choice, default: Self.usual.hiding, change: .tunnel,
    "The parts of our control messages that cannot be read without the secret (RFC 3931 section 5.3). `sensitive` "
      + "hides cookies, Remote End IDs and similar values, `all` everything that may be hidden. AVPs that the peer "
      + "hides are read anyway.")
}
