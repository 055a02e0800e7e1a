import ArgumentParser

/// The name of a trial: eight hexadecimal digits.
enum TrialToken {
  /// How many digits it has.
  static let length = 8

  /// A token that no earlier trial had, in all likelihood.
  static func make() -> String {
    let digits = String(UInt32.random(in: .min ... .max), radix: 16)
    return String(repeating: "0", count: length - digits.count) + digits
  }

  /// Reads one from the command line; another text is a usage error.
  static func read(_ text: String) throws -> String {
    let digits = text.lowercased()
    guard digits.utf8.count == length, digits.utf8.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }) else {
      throw ValidationError("'\(text)' is not the token of a trial: 'pwmgr status' shows the eight digits")
    }
    return digits
  }
}
