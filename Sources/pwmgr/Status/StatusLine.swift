/// A line of the status, and what kind of news it is.
struct StatusLine {
  /// Without a newline, indented with spaces; two spaces stand between fields.
  var text: String
  var tone: Tone

  init(_ text: String, _ tone: Tone = .plain) { (self.text, self.tone) = (text, tone) }

  /// A kind of news, which a terminal shows by a colour.
  enum Tone: String {
    case plain = ""
    case heading = "1"
    case faint = "2"
    case good = "32"
    case warning = "33"
    case bad = "31"
  }
}

/// How the status is laid out for people.
struct StatusLayout {
  /// Lines are broken before this column; nil breaks none.
  var width: Int?
  /// Whether tones are colours, by ECMA-48's codes.
  var isColoured = false

  /// Every column, and no line is broken.
  static let wide = StatusLayout(width: nil)
  /// For terminals as they are everywhere.
  static let narrow = StatusLayout(width: 80)

  /// Whether tables have all columns.
  var isWide: Bool { width == nil }

  /// A line as it is printed: more than one where it is too long. Nothing is left out.
  func lines(of line: StatusLine) -> [String] {
    let lines = width.map { Self.broken(line.text, before: $0) } ?? [line.text]
    guard isColoured, line.tone != .plain else { return lines }
    return lines.map { "\u{1B}[\(line.tone.rawValue)m\($0)\u{1B}[0m" }
  }

  /// Breaks between fields, or between words where a field is long; a word is never broken. What follows is indented by
  /// four columns more.
  private static func broken(_ text: String, before width: Int) -> [String] {
    let indent = text.prefix { $0 == " " }.count
    var lines: [String] = []
    var rest = text[...]
    while rest.count > width {
      guard let place = place(in: rest, before: width) else { break }
      lines.append(String(rest[..<place].trimmingSuffix()))
      rest = String(repeating: " ", count: indent + 4) + rest[place...].drop { $0 == " " }
    }
    return lines + [String(rest)]
  }

  private static func place(in line: Substring, before width: Int) -> Substring.Index? {
    let start = line.firstIndex { $0 != " " } ?? line.startIndex
    let end = line.index(line.startIndex, offsetBy: width)
    let half = line.index(line.startIndex, offsetBy: width / 2)
    var (field, word): (Substring.Index?, Substring.Index?) = (nil, nil)
    // A command in quotation marks is there to be copied.
    var isQuoted = false
    for index in line[start...].indices {
      if line[index] == "'" {
        isQuoted = isQuoted ? line.isBetweenLetters(index) : line.beginsQuotation(index, shorterThan: width)
      }
      guard line[index] == " ", !isQuoted else { continue }
      // The first place that is too far counts as well, where there is none before it.
      if index > end, word != nil { break }
      word = index
      if index >= half, index <= end, line[line.index(after: index)...].first == " " { field = index }
    }
    return field ?? word
  }
}

extension Substring {
  /// Whether a word may begin there.
  fileprivate func isAfterSpace(_ index: Index) -> Bool {
    index == startIndex || [" ", "("].contains(self[self.index(before: index)])
  }

  /// Whether a quotation begins there that has an end, and is not too long for a line. Others are broken as all is.
  fileprivate func beginsQuotation(_ index: Index, shorterThan width: Int) -> Bool {
    guard isAfterSpace(index) else { return false }
    let rest = self[self.index(after: index)...].prefix(width)
    return rest.indices.contains { rest[$0] == "'" && !isBetweenLetters($0) }
  }

  /// An apostrophe is.
  fileprivate func isBetweenLetters(_ index: Index) -> Bool {
    let next = self.index(after: index)
    return next < endIndex && self[next].isLetter && !isAfterSpace(index)
  }

  fileprivate func trimmingSuffix() -> Substring {
    var trimmed = self
    while trimmed.last == " " { trimmed.removeLast() }
    return trimmed
  }
}
