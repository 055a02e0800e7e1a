public import PWCore

/// The parts of a site in their order: the site file, and the drop-ins beside it. Together they are read as one site.
///
/// The lines of all parts have one numbering, so that the marks of a reading are in the order of the parts:
/// ``place(of:)`` says which line of which file a mark is.
public struct SiteParts: Sendable {
  /// A file beside the site file that declares a part of the site.
  public struct DropIn: Equatable, Sendable {
    /// Its name behind that of its folder, as it can be shown in a line: `site.d/10-berlin.yaml`.
    public let name: String
    /// The octets in it, with a newline at the end.
    public let octets: [UInt8]

    /// A file of that name, and its content.
    public init(name: String, octets: [UInt8]) {
      self.name = name.unicodeScalars.map { $0.isPrintableInALine ? String($0) : $0.escaped(asASCII: true) }.joined()
      self.octets = SiteParts.ended(octets)
    }

    /// Its name without that of its folder.
    public var fileName: String { String(SiteParts.lastName(of: name)) }

    /// The same file in the folder of another site file.
    fileprivate func moved(besides other: DropIn) -> DropIn {
      let folder = other.name.lastIndex(of: "/").map { other.name[...$0] } ?? ""
      return DropIn(name: "\(folder)\(fileName)", octets: octets)
    }
  }

  /// A line of a file.
  public struct Place: Equatable, Sendable {
    /// The path of the file, or what it is called otherwise.
    public let file: String
    /// The place in it.
    public let mark: Mark
    /// The name of the text that holds the file's; nil where it is a file of its own.
    public let container: String?

    /// For a line: `site.yaml:14:9`, or `site.d/10-berlin.yaml:4:3 in standard input`.
    public var text: String {
      "\(file):\(mark.line):\(mark.column)" + (container.map { " in \($0)" } ?? "")
    }
  }

  /// The most drop-ins that a site may have.
  public static let maximumDropIns = 1_000
  /// The most octets that all parts may have together.
  public static let maximumOctets = 16 << 20

  /// The path of the site file as it was given, or what complaints call it otherwise.
  public let title: String
  /// The octets of the site file.
  public let main: [UInt8]
  /// In the byte order of their names.
  public let dropIns: [DropIn]
  /// The name of the one text that has all parts; nil where they are files.
  private let container: String?
  /// The number of each part's first line.
  private let firstLines: [Int]

  /// The parts as they are in files.
  ///
  /// - Parameters:
  ///   - title: the path of the site file, or another name for it.
  ///   - main: its octets.
  ///   - dropIns: in the byte order of their names.
  ///   - container: the name of the one text that has all parts; nil where they are files.
  public init(title: String, main: [UInt8], dropIns: [DropIn] = [], container: String? = nil) {
    (self.title, self.main, self.dropIns, self.container) = (title, main, dropIns, container)
    var (lines, next) = ([1], 1)
    // An error at the end of a text may be in the line behind it.
    var last = Self.ended(main)
    for dropIn in dropIns {
      next += Self.lineCount(of: last)
      lines.append(next)
      last = dropIn.octets
    }
    firstLines = lines
  }

  /// Whether a text is that of the site file; a newline at its end does not count where drop-ins follow.
  public func isMain(_ octets: [UInt8]) -> Bool {
    octets == main || !dropIns.isEmpty && Self.ended(octets) == Self.ended(main)
  }

  /// Whether the drop-ins are the same, though the folder may have another name.
  public func hasDropIns(of other: SiteParts) -> Bool {
    dropIns.count == other.dropIns.count && zip(dropIns, other.dropIns).allSatisfy { $0.moved(besides: $1) == $1 }
  }

  /// The names of the drop-ins that are not the same in another reading of the same files.
  public func changedDropIns(since other: SiteParts) -> [String] {
    let before = Dictionary(other.dropIns.map { ($0.name, $0.octets) }) { first, _ in first }
    let now = Set(dropIns.map(\.name))
    let gone = other.dropIns.filter { !now.contains($0.name) }
    return (dropIns.filter { before[$0.name] != $0.octets } + gone).map(\.name)
  }

  /// Where a drop-in begins, by its place in the order.
  public func beginning(ofDropIn index: Int) -> Mark { Mark(line: firstLines[index + 1], column: 1) }

  /// The file and the line of a mark of the parts' reading.
  public func place(of mark: Mark) -> Place {
    let part = self.part(of: mark)
    return Place(
      file: file(ofPart: part), mark: Mark(line: mark.line - firstLines[part] + 1, column: mark.column),
      container: part > 0 ? container : nil)
  }

  /// The line that people read and editors jump to: `site.yaml:14:9: error: unknown key 'cokie' …`.
  public func line(of diagnostic: Diagnostic) -> String {
    "\(place(of: diagnostic.mark).text): \(diagnostic.severity.rawValue): \(diagnostic.message)"
  }

  /// The file and the line of a mark, the folder of the site file left out: `site.d/10-berlin.yaml:4`.
  public func origin(of mark: Mark) -> String {
    let part = self.part(of: mark)
    let file = part == 0 ? String(Self.lastName(of: title)) : dropIns[part - 1].name
    return "\(file):\(mark.line - firstLines[part] + 1)"
  }

  /// How a complaint at one mark names the line of another: `line 14`, or `line 14 of site.d/10-berlin.yaml`.
  func line(of mark: Mark, from other: Mark) -> String {
    let place = place(of: mark)
    return "line \(place.mark.line)" + (part(of: mark) == part(of: other) ? "" : " of \(place.file)")
  }

  /// Why this is more than a site may have; nil if it is not.
  var excess: String? {
    if dropIns.count > Self.maximumDropIns {
      return "the site has more than \(Self.maximumDropIns) drop-ins; join some of them"
    }
    let count = dropIns.reduce(main.count) { $0 + $1.octets.count }
    guard count > Self.maximumOctets else { return nil }
    let (subject, bound) =
      dropIns.isEmpty
      ? ("the file has", "a site file may have") : ("the site file and its drop-ins have", "together they may have")
    return "\(subject) \(count) octets; \(bound) \(Self.maximumOctets)"
  }

  /// The octets of each part, with the number of the lines before it.
  var sources: [(octets: [UInt8], linesBefore: Int)] {
    zip([main] + dropIns.map(\.octets), firstLines).map { ($0, $1 - 1) }
  }

  private func part(of mark: Mark) -> Int {
    var (low, high) = (0, firstLines.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if firstLines[middle] <= mark.line { low = middle } else { high = middle }
    }
    return low
  }

  /// The path of a part: a drop-in is in a folder beside the site file, unless one text has both.
  private func file(ofPart index: Int) -> String {
    guard index > 0 else { return title }
    guard container == nil else { return dropIns[index - 1].name }
    let folder = title.lastIndex(of: "/").map { title[...$0] } ?? ""
    return folder + dropIns[index - 1].name
  }

  private static func lastName(of path: String) -> Substring { path.split(separator: "/").last ?? "" }

  /// A text with a newline at its end, so that another one can follow.
  static func ended(_ octets: [UInt8]) -> [UInt8] {
    octets.isEmpty || octets.last == UInt8(ascii: "\n") ? octets : octets + [UInt8(ascii: "\n")]
  }

  /// At least as many lines as libyaml counts, for which U+0085, U+2028 and U+2029, by their last octets, end one, too.
  private static func lineCount(of octets: [UInt8]) -> Int {
    octets.reduce(into: 1) { count, octet in
      switch octet {
      case 0x0A, 0x0D, 0x85, 0xA8, 0xA9: count += 1
      default: break
      }
    }
  }
}
