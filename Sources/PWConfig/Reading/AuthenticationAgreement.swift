import PWCore

/// Checks that the keys of one `authentication` agree.
enum AuthenticationAgreement {
  static func check(
    _ authentication: Authentication, _ section: Section<AuthenticationKeys>, _ complaints: inout Complaints
  ) {
    if authentication.method == .challenge { checkChallenge(section, &complaints) }
    if let previous = authentication.previousSecretFile {
      checkPrevious(previous, beside: authentication.secretFile, section, &complaints)
    }
    if authentication.hiding != .none, !section.isMeant(\.secretFile) {
      complaints.error(
        at: section.place(of: \.hide),
        "'hide' in \(section.name) needs a secret to hide with; add 'secret-file', or remove 'hide'")
    }
  }

  /// RFC 2661 section 5.1.1: one secret, and nothing but the set-up.
  private static func checkChallenge(_ section: Section<AuthenticationKeys>, _ complaints: inout Complaints) {
    let keys = AuthenticationKeys.declared
    for key in [keys.digest.name, keys.previousSecretFile.name, keys.hide.name] where section.hasKey(named: key) {
      complaints.error(
        at: section.place(ofKeyNamed: key),
        "'\(key)' in \(section.name) has no meaning with 'method: challenge'; remove it, or write 'method: digest'")
    }
    if !section.isMeant(\.secretFile) {
      complaints.error(
        at: section.place(of: \.method),
        "'method: challenge' in \(section.name) needs a secret; add 'secret-file', the same secret at both ends")
    }
    complaints.warning(
      at: section.place(of: \.method),
      "'method: challenge' in \(section.name) is weak: it uses MD5, protects only the set-up, and lets eavesdroppers "
        + "test guesses of the secret; write 'method: digest' unless the peer supports only RFC 2661's authentication")
  }

  private static func checkPrevious(
    _ previous: String, beside path: String?, _ section: Section<AuthenticationKeys>, _ complaints: inout Complaints
  ) {
    if !section.isMeant(\.secretFile) {
      complaints.error(
        at: section.place(of: \.previousSecretFile),
        "'previous-secret-file' in \(section.name) needs a 'secret-file' that replaces it; add one, or rename this key "
          + "to 'secret-file'")
    } else if previous == path {
      complaints.error(
        at: section.place(of: \.previousSecretFile),
        "'previous-secret-file' and 'secret-file' in \(section.name) are the same file; write the new secret into "
          + "another one, or remove 'previous-secret-file'")
    }
  }
}
