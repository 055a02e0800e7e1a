import PWCore

/// The parts of a site as one text, for where only one has room: a YAML stream with a document for each part. A comment
/// behind the `---` names the drop-in that begins there.
///
/// A part has no such lines itself, and is refused otherwise: the text would come apart where the files do not. But a
/// site file may begin so, since nothing but comments and directives is before its own document.
extension SiteParts {
  private static let separator = Array("---\n# part: ".utf8)
  private static let newline = UInt8(ascii: "\n")

  /// Takes a text apart; one without separators is a site file alone.
  ///
  /// - Parameters:
  ///   - octets: the text.
  ///   - title: the path of the site file, or another name for it.
  ///   - container: the name of the text, where its parts are not files; nil where they are.
  public init(stream octets: [UInt8], title: String = "the site file", container: String? = nil) {
    var names: [String] = []
    var texts: [[UInt8]] = []
    var begin = octets.startIndex
    var separator = Self.firstSeparator(behindSiteFile: octets)
    while let place = separator {
      texts.append(Array(octets[begin..<place]))
      let comment = octets[(place + 4)...].prefix { $0 != Self.newline }
      names.append(String(decoding: comment.dropFirst(Self.separator.count - 4), as: UTF8.self))
      begin = min(comment.endIndex + 1, octets.endIndex)
      separator = Self.firstSeparator(in: octets[begin...])
    }
    texts.append(Array(octets[begin...]))
    let dropIns = zip(names, texts.dropFirst()).map { DropIn(name: $0, octets: $1) }
    self.init(title: title, main: texts[0], dropIns: dropIns, container: container)
  }

  /// All parts as one text; that of the site file alone is its own.
  public var octets: [UInt8] {
    guard !dropIns.isEmpty else { return main }
    return dropIns.reduce(into: Self.ended(main)) { text, dropIn in
      text += Self.separator + Array(dropIn.name.utf8) + [Self.newline] + dropIn.octets
    }
  }

  /// The same as a string.
  public var text: String { String(decoding: octets, as: UTF8.self) }

  /// The first line of each part that would be taken for the beginning of another part.
  var foreignSeparators: [Mark] {
    sources.enumerated().compactMap { index, source in
      let place =
        index == 0 ? Self.firstSeparator(behindSiteFile: source.octets) : Self.firstSeparator(in: source.octets[...])
      return place.map { place in
        Mark(line: source.linesBefore + 1 + source.octets[..<place].count { $0 == Self.newline }, column: 1)
      }
    }
  }

  /// The first separator that is not the beginning of the site file's own document.
  private static func firstSeparator(behindSiteFile octets: [UInt8]) -> Int? {
    guard let first = firstSeparator(in: octets[...]) else { return nil }
    return hasDocument(octets[..<first]) ? first : firstSeparator(in: octets[(first + 4)...])
  }

  /// The place of the first separator in whole lines.
  private static func firstSeparator(in octets: ArraySlice<UInt8>) -> Int? {
    var line = octets.startIndex
    while line < octets.endIndex {
      if octets[line...].starts(with: separator) { return line }
      line = octets[line...].firstIndex(of: newline).map { $0 + 1 } ?? octets.endIndex
    }
    return nil
  }

  /// Whether a text has more than comments and directives, the lines counted as YAML does.
  private static func hasDocument(_ octets: ArraySlice<UInt8>) -> Bool {
    let text = String(decoding: octets.starts(with: byteOrderMark) ? octets.dropFirst(3) : octets, as: UTF8.self)
    return !text.unicodeScalars.split { "\n\r\u{85}\u{2028}\u{2029}".unicodeScalars.contains($0) }.allSatisfy { line in
      let first = line.first { $0 != " " && $0 != "\t" }
      return first == nil || first == "#" || line.first == "%"
    }
  }

  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
}
