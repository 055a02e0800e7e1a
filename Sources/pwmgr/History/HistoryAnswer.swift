import PWLinux

/// The sites that a daemon has carried out for good.
struct HistoryAnswer: ControlAnswer {
  /// One of them.
  struct Entry: Codable, Equatable {
    /// Its number: the greatest is the latest.
    var number: Int
    /// When it was carried out, in seconds since 1970.
    var seconds: Int
    /// The occasion: a ``SiteOccasion``.
    var occasion: String
    /// The content of the site file, of the one that was asked for.
    var text: String?
  }

  /// The latest comes last.
  var entries: [Entry]
  /// The reason why there is none, or why the latest is missing; nil if all is well.
  var problem: String?

  /// The answer to a client that may look, but not at texts that ran when it perhaps might not.
  static let denied = HistoryAnswer(
    entries: [], problem: "only root, or the user who runs pwmgr, may read the sites that ran before")

  private init(entries: [Entry], problem: String?) { (self.entries, self.problem) = (entries, problem) }

  /// Reads what is kept.
  ///
  /// - Parameter wanted: the number of the one whose text is wanted, which then is the only one; nil for a list.
  init(_ texts: NumberedTexts?, textOf wanted: Int? = nil, problem: String?) {
    self.init(entries: [], problem: problem)
    guard let texts else { return }
    do throws(SystemError) {
      for entry in try texts.entries() where wanted == nil || wanted == entry.number {
        let text = wanted == nil ? nil : String(decoding: try texts.content(of: entry), as: UTF8.self)
        entries.append(Entry(number: entry.number, seconds: entry.seconds, occasion: entry.label, text: text))
      }
    } catch {
      self.problem = "the history of the site file cannot be read: cannot \(error)"
    }
  }
}
