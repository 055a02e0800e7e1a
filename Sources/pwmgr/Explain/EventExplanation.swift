import PWCore

/// The text about a word that events and the status have for programs: a kind of event, a reason why frames do not
/// pass, or a reason why a control connection has ended.
struct EventExplanation: Encodable, Equatable {
  /// The word.
  let word: String
  /// The set that the word is of.
  let group: Group
  /// The meaning, in an operator's terms.
  let meaning: String
  /// The thing to look at, or to do; nil where nothing is wrong.
  let step: String?

  /// The sets of words.
  enum Group: String, CaseIterable, Encodable {
    case event
    case obstacle = "not_forwarding_code"
    case end = "connection_end"

    /// The name of the set, for people.
    var name: String {
      switch self {
      case .event: "a kind of event"
      case .obstacle: "a reason why frames do not pass"
      case .end: "a reason why a control connection has ended"
      }
    }
  }

  /// The explanation of a kind of event.
  init(_ kind: EventKind) {
    self.init(kind.rawValue, .event, kind.explanation)
  }

  /// The explanation of a reason why frames do not pass.
  init(_ code: ForwardingObstacle.Code) {
    self.init(code.rawValue, .obstacle, code.explanation)
  }

  /// The explanation of a reason why a control connection has ended.
  init(_ end: ConnectionEnd) {
    self.init(end.rawValue, .end, end.explanation)
  }

  private init(_ word: String, _ group: Group, _ text: EventWords) {
    (self.word, self.group, meaning, step) = (word, group, text.meaning, text.step)
  }

  /// All of them.
  static let all: [EventExplanation] =
    EventKind.allCases.map { EventExplanation($0) }
    + ForwardingObstacle.Code.allCases.map { EventExplanation($0) }
    + ConnectionEnd.allCases.map { EventExplanation($0) }

  /// Those of a word: one may be in several sets.
  static func named(by words: [String]) -> [EventExplanation] {
    let word = words.joined(separator: "-").lowercased()
    return all.filter { $0.word == word }
  }

  /// For people, in lines of at most so many columns.
  func words(columns: Int) -> String {
    var lines = ["\(word): \(group.name)", ""] + WrappedText.lines(meaning, indent: "  ", columns: columns)
    if let step { lines += ["", "Next steps:"] + WrappedText.lines(step, first: "  * ", columns: columns) }
    return lines.joined(separator: "\n")
  }

  private enum CodingKeys: CodingKey { case word, group, meaning, step }

  /// Every key is always there.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(word, forKey: .word)
    try container.encode(group, forKey: .group)
    try container.encode(meaning, forKey: .meaning)
    try container.encode(step, forKey: .step)
  }
}

/// A meaning, and the thing to look at or to do.
struct EventWords: Sendable {
  let meaning: String
  let step: String?

  init(_ meaning: String, _ step: String? = nil) { (self.meaning, self.step) = (meaning, step) }
}
