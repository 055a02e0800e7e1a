import PWLinux

/// The sites that a daemon has carried out for good.
struct HistoryAnswer: ControlAnswer {
  /// One of them.
  struct Entry: Codable, Equatable {
    /// Its number: the greatest is the latest.
    var number: Int
    /// When it was carried out, in seconds since 1970.
    var seconds: Int
    /// The occasion: a ``SiteHistory/Occasion``.
    var occasion: String
    /// The content of the site file.
    var text: String
  }

  /// The latest comes last.
  var entries: [Entry]
  /// The reason why there is none, or why the latest is missing; nil if all is well.
  var problem: String?

  /// Reads what is kept.
  init(_ texts: NumberedTexts?, problem: String?) {
    self.problem = problem
    entries = []
    guard let texts else { return }
    do throws(SystemError) {
      for entry in try texts.entries() {
        // It may have gone meanwhile: there is a later one then.
        guard let octets = try? texts.content(of: entry) else { continue }
        entries.append(
          Entry(
            number: entry.number, seconds: entry.seconds, occasion: entry.label,
            text: String(decoding: octets, as: UTF8.self)))
      }
    } catch {
      self.problem = "the history of the site file cannot be read: cannot \(error)"
    }
  }
}
