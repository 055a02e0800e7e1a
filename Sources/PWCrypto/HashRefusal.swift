import CCrypto

/// libcrypto does not give a hash function that RFC 3931 prescribes: that is decided by the machine's openssl.cnf, and a machine in
/// FIPS mode has no MD5.
struct HashRefusal: Error, CustomStringConvertible {
  /// libcrypto's name of the function.
  let name: String
  /// Whether libcrypto gives only what FIPS 140 allows.
  var isFIPS: Bool
  /// The reason in libcrypto's own words.
  let reason: String

  /// Made right after the refusal, while libcrypto knows why.
  init(name: String) {
    self.name = name
    reason = LibraryError.taken()
    isFIPS = EVP_default_properties_is_fips_enabled(nil) == 1
  }

  /// One line: the refusal, why it matters, and where it is decided.
  var description: String {
    let cause = isFIPS ? "its FIPS mode is on" : "openssl.cnf decides that"
    return """
      this machine's OpenSSL refuses \(name), and L2TPv3 cannot do without (RFC 3931 section 4.3): \(cause) \
      ('openssl dgst -\(name.lowercased()) /dev/null' fails alike: \(reason))
      """
  }
}

/// The text that libcrypto has for the last failure in this thread.
enum LibraryError {
  /// The last one, which it then forgets.
  static func taken() -> String {
    let code = ERR_peek_last_error()
    ERR_clear_error()
    guard code != 0 else { return "it gives no reason" }
    var text = [CChar](repeating: 0, count: 256)
    ERR_error_string_n(code, &text, text.count)
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
