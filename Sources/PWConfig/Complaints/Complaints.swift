import PWCore

/// Collects everything that is wrong with a file: readers go on after a fault, so that all of them are said at once.
struct Complaints {
  /// The number of complaints that are kept; a user who has more mends these first.
  static let maximumCount = 1_000

  /// The files that marks are in.
  private let parts: SiteParts
  private(set) var list: [Diagnostic] = []
  private(set) var isTruncated = false

  /// Whether the file is refused.
  private(set) var hasErrors = false

  /// None yet.
  ///
  /// - Parameter parts: the files that are read.
  init(about parts: SiteParts = SiteParts(title: "", main: [])) { self.parts = parts }

  /// How a complaint at one place names the line of another one: with the file, where that is another.
  func line(of mark: Mark, from other: Mark) -> String { parts.line(of: mark, from: other) }

  /// The file is refused.
  mutating func error(at mark: Mark, _ message: String) {
    add(Diagnostic(.error, at: mark, message))
  }

  /// A value that is probably not what is meant; the file is accepted.
  mutating func warning(at mark: Mark, _ message: String) {
    add(Diagnostic(.warning, at: mark, message))
  }

  /// A remark that is worth knowing; the file is accepted.
  mutating func note(at mark: Mark, _ message: String) {
    add(Diagnostic(.note, at: mark, message))
  }

  /// Keeps a complaint, or counts an error that there is no room for.
  mutating func add(_ diagnostic: Diagnostic) {
    if diagnostic.severity == .error { hasErrors = true }
    guard list.count < Self.maximumCount else {
      isTruncated = true
      return
    }
    list.append(Diagnostic(diagnostic.severity, at: diagnostic.mark, Self.printable(diagnostic.message)))
  }

  /// Longer messages lose their middle: the fault stands at the beginning, the cure at the end.
  static let maximumMessageLength = 600

  /// One line of bounded length for any terminal: what a file holds is repeated in messages.
  private static func printable(_ message: String) -> String {
    let line = escaped(message)
    guard line.count > maximumMessageLength else { return line }
    return "\(line.prefix(maximumMessageLength / 2)) … \(line.suffix(maximumMessageLength / 2))"
  }

  private static func escaped(_ message: String) -> String {
    // Nearly always; and a site of thousands may have a complaint of each.
    if message.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return message }
    var line = ""
    for scalar in message.unicodeScalars {
      if scalar.isPrintableInALine {
        line.unicodeScalars.append(scalar)
      } else {
        line += "\\u{\(String(scalar.value, radix: 16))}"
      }
    }
    return line
  }

  /// By place, each once; a last note says if there were more.
  var sorted: [Diagnostic] {
    var seen: Set<Diagnostic> = []
    var result = list.filter { seen.insert($0).inserted }.sorted {
      ($0.mark, $0.severity.rank, $0.message) < ($1.mark, $1.severity.rank, $1.message)
    }
    if isTruncated, let last = result.last {
      result.append(
        Diagnostic(.note, at: last.mark, "there are more; only \(Self.maximumCount) complaints are shown"))
    }
    return result
  }
}

extension Diagnostic.Severity {
  /// The place of a severity in the order of complaints: errors come first.
  fileprivate var rank: Int {
    switch self {
    case .error: 0
    case .warning: 1
    case .note: 2
    }
  }
}
