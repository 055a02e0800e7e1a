/// Result codes in words, for the journal and `status` (RFC 3931 section 5.4.2).
extension ResultFields where Code == StopCode {
  /// Number, name, error and text: `result 6 (shutting down)`.
  var words: String {
    words(named: code.name) { error in Names.errorWords(error, ofStop: code) }
  }
}

extension ResultFields where Code == CallCode {
  /// Number, name, error and text: `result 24 (no such forwarder): declared here is ...`.
  var words: String {
    words(named: code.name) { error in Names.errorWords(error, ofCall: code) }
  }
}

extension ResultFields {
  fileprivate func words(named name: String, errorWords: (GeneralError) -> String?) -> String {
    let number = "result \(code.rawValue)"
    // A number that nobody has registered has no other name.
    var words = name == number ? number : "\(number) (\(name))"
    if let error, error != .none {
      words += ", error \(error.rawValue)" + (errorWords(error).map { " (\($0))" } ?? "")
    }
    if let text, !text.isEmpty { words += ": \(text.printable)" }
    return words
  }
}

extension String {
  /// The most characters of a peer's text that people are shown.
  private static let shownCharacters = 200

  /// A peer's text, for the journal and a terminal: on one line, without control characters, and not too long.
  var printable: String {
    var shown = ""
    for character in prefix(Self.shownCharacters) {
      for scalar in character.unicodeScalars.prefix(Self.shownCharacters) {
        switch scalar.properties.generalCategory {
        case .surrogate, .privateUse, .unassigned: shown += scalar.escaped(asASCII: true)
        case _ where !scalar.isPrintableInALine: shown += scalar.escaped(asASCII: true)
        default: shown.unicodeScalars.append(scalar)
        }
      }
    }
    return endIndex > index(startIndex, offsetBy: Self.shownCharacters, limitedBy: endIndex) ?? endIndex
      ? shown + "..." : shown
  }
}
