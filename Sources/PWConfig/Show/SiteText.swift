import PWCore

extension SiteReading {
  /// The site as one YAML document that reads as the same site: its parts joined, comments and layout left out.
  ///
  /// - Parameter origins: whether each value has the file and the line behind it that it is from.
  public func text(origins: Bool) -> String {
    Self.text(of: root, origin: origins ? { [parts] in parts.origin(of: $0) } : nil)
  }

  /// A mapping as a YAML document.
  ///
  /// - Parameter origin: the comment behind the value at a place; nil for none.
  static func text(of root: OptionNode, origin: ((Mark) -> String)?) -> String {
    var writer = SiteTextWriter(origin: origin)
    writer.write(below: root, indented: 0)
    return writer.text
  }
}

/// Writes the nodes of a site file as block YAML.
private struct SiteTextWriter {
  /// What stands behind a value; nil for nothing.
  let origin: ((Mark) -> String)?
  private(set) var text = ""

  init(origin: ((Mark) -> String)?) { self.origin = origin }

  mutating func write(below node: OptionNode, indented depth: Int) {
    switch node.content {
    case .scalar: preconditionFailure("a value stands behind a key or in a list")
    case .mapping(let pairs):
      for pair in pairs { write("\(Self.key(pair.key)):", pair.value, at: pair.keyMark, indented: depth) }
    case .sequence(let nodes):
      for node in nodes { write("-", node, at: node.mark, indented: depth) }
    }
  }

  /// Writes a key or a `-`, and what follows: a value in the same line, or a list or mapping in the lines below.
  private mutating func write(_ beginning: String, _ node: OptionNode, at mark: Mark, indented depth: Int) {
    var line = String(repeating: "  ", count: depth) + beginning
    var rest: OptionNode?
    switch node.content {
    case .scalar(let value, let isPlain): line += Self.scalar(value, isPlain: isPlain).map { " \($0)" } ?? ""
    case .mapping(let pairs) where pairs.isEmpty: line += " {}"
    case .sequence(let nodes) where nodes.isEmpty: line += " []"
    case .mapping, .sequence: rest = node
    }
    if let origin { line += "  # \(origin(mark))" }
    text += line + "\n"
    if let rest { write(below: rest, indented: depth + 1) }
  }

  private static func key(_ text: String) -> String {
    let isWord = text.utf8.allSatisfy { Names.isAlphanumeric($0) || "-_.".utf8.contains($0) }
    return isWord && text.utf8.first != UInt8(ascii: "-") && !text.isEmpty ? text : quoted(text)
  }

  /// A value as it was written; nil where nothing was. Text without quotation marks was free of all that would need
  /// them, but for the ends of its lines, and for the '-' that is text between brackets alone.
  private static func scalar(_ text: String, isPlain: Bool) -> String? {
    guard isPlain, text != "-", text.unicodeScalars.allSatisfy(\.isPrintableInALine) else { return quoted(text) }
    return text.isEmpty ? nil : text
  }

  private static func quoted(_ text: String) -> String {
    "\"" + text.unicodeScalars.map(escaped).joined() + "\""
  }

  /// As YAML 1.1 section 5.6 has it.
  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"", "\\": return "\\\(scalar)"
    case "\n": return "\\n"
    case "\t": return "\\t"
    case _ where scalar.isPrintableInALine: return String(scalar)
    default:
      let digits = String(scalar.value, radix: 16)
      let isLong = digits.count > 4
      return "\\\(isLong ? "U" : "u")" + String(repeating: "0", count: (isLong ? 8 : 4) - digits.count) + digits
    }
  }
}
