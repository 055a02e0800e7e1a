/// The parts of a site as one text, for where only one has room: a YAML stream with a document for each part. A comment
/// behind the `---` names the drop-in that begins there.
///
/// A part has no such lines itself: it is one document, and is refused otherwise.
extension SiteParts {
  private static let separator = Array("---\n# part: ".utf8)
  private static let newline = UInt8(ascii: "\n")

  /// Takes a text apart; one without separators is a site file alone.
  public init(stream octets: [UInt8], title: String = "the site file") {
    var names: [String] = []
    var texts: [[UInt8]] = []
    var (begin, line) = (octets.startIndex, octets.startIndex)
    while line < octets.endIndex {
      let end = octets[line...].firstIndex(of: Self.newline).map { $0 + 1 } ?? octets.endIndex
      guard octets[line...].starts(with: Self.separator) else {
        line = end
        continue
      }
      texts.append(Array(octets[begin..<line]))
      let comment = octets[end...].prefix { $0 != Self.newline }
      names.append(String(decoding: comment.dropFirst(Self.separator.count - 4), as: UTF8.self))
      begin = min(comment.endIndex + 1, octets.endIndex)
      line = begin
    }
    texts.append(Array(octets[begin...]))
    let dropIns = zip(names, texts.dropFirst()).map { DropIn(name: $0, octets: $1) }
    self.init(title: title, main: texts[0], dropIns: dropIns)
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
}
