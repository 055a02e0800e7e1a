/// Breaks sentences into lines for a terminal.
enum WrappedText {
  /// Lines of at most so many columns; what stands between backticks stays in one line where that is long enough.
  ///
  /// - Parameters:
  ///   - first: stands before the first line; the others are indented as far.
  static func lines(_ text: String, first: String, columns: Int) -> [String] {
    let indent = String(repeating: " ", count: first.count)
    return lines(text, indent: indent, columns: columns).enumerated().map { place, line in
      place == 0 ? first + line.dropFirst(indent.count) : line
    }
  }

  /// Lines of at most so many columns, each with an indent.
  static func lines(_ text: String, indent: String = "", columns: Int) -> [String] {
    var lines: [String] = []
    var line = indent
    for word in words(text, longest: columns - indent.count) {
      if line.count > indent.count, line.count + 1 + word.count > columns {
        lines.append(line)
        line = indent
      }
      line += (line.count > indent.count ? " " : "") + word
    }
    return lines + [line]
  }

  /// The words of a text; a span between backticks that fits a line is one word, with the marks that follow it.
  private static func words(_ text: String, longest: Int) -> [String] {
    var words: [String] = []
    var isInside = false
    for word in text.split(separator: " ") {
      if isInside, let last = words.last, last.count + 1 + word.count <= longest {
        words[words.count - 1] += " " + word
      } else {
        words.append(String(word))
      }
      if !word.filter({ $0 == "`" }).count.isMultiple(of: 2) { isInside.toggle() }
    }
    return words
  }
}
