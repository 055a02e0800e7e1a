import FoundationEssentials
import PWConfig
import PWCore

/// The history of a site, with the cost of each change, as text or as JSON.
struct HistoryReport: Encodable {
  /// Of the JSON: the part before the point changes when a reader of the old one would go wrong.
  let format = "1.0"
  /// The latest first.
  let entries: [Entry]

  struct Entry: Encodable {
    let number: Int
    /// When it was carried out.
    let at: Date
    let occasion: String
    /// Whether it is the site that runs.
    private(set) var runs = false
    /// The cost of the most expensive change against the one before; nil where there is none, or where nothing is known
    /// of that.
    let impact: ChangeImpact?
    let changes: Int?
    /// The pseudowires whose frames stopped, as `berlin/lan`.
    let stops: [String]

    private enum CodingKeys: CodingKey { case number, at, occasion, runs, impact, changes, stops }

    /// Every key is always there, with null where there is nothing to say.
    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(number, forKey: .number)
      try container.encode(at, forKey: .at)
      try container.encode(occasion, forKey: .occasion)
      try container.encode(runs, forKey: .runs)
      try container.encode(impact, forKey: .impact)
      try container.encode(changes, forKey: .changes)
      try container.encode(stops, forKey: .stops)
    }
  }

  private enum CodingKeys: CodingKey { case format, entries }

  /// Compares each site with the one before.
  ///
  /// - Parameters:
  ///   - running: the text of the site that runs.
  ///   - reader: reads the texts.
  init(_ answer: HistoryAnswer, running: String, reader: SiteReader, isInKernel: Bool) {
    var entries: [Entry] = []
    var former: SiteReading?
    for entry in answer.entries {
      let reading = entry.text.map { reader.read($0) }
      var plan: SitePlan?
      if let former, let reading, !former.hasErrors, !reading.hasErrors {
        plan = SitePlan(from: former, to: reading, plugins: CompiledInPlugins.all, isInKernel: isInKernel)
      }
      former = reading
      entries.append(
        Entry(
          number: entry.number, at: Date(timeIntervalSince1970: TimeInterval(entry.seconds)), occasion: entry.occasion,
          impact: plan?.impact, changes: plan?.changes.count,
          stops: (plan?.changes ?? []).flatMap(\.stops).map { "\($0.tunnel)/\($0.pseudowire)" }))
    }
    let last = answer.entries.last { $0.text == running }?.number
    self.entries = entries.reversed().map { $0.marked(runs: $0.number == last) }
  }

  /// For programs.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .iso8601
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  /// A line for each, with a title.
  var text: String {
    let rows = entries.map { entry in
      ["\(entry.number)", Self.words(entry.at), entry.occasion, entry.cost + (entry.runs ? " (runs now)" : "")]
    }
    let all = [["NUMBER", "CARRIED OUT", "BY", "CHANGES"]] + rows
    let widths = all[0].indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      row.indices.map { column in
        column == row.count - 1
          ? row[column] : row[column].padded(to: widths[column])
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }

  private static func words(_ date: Date) -> String {
    date.formatted(.iso8601.dateTimeSeparator(.space))
  }
}

extension HistoryReport.Entry {
  fileprivate func marked(runs: Bool) -> Self {
    var marked = self
    marked.runs = runs
    return marked
  }

  fileprivate var cost: String {
    guard let changes else { return "nothing to compare with" }
    guard let impact else { return "none that matters" }
    let count = changes == 1 ? "1 change" : "\(changes) changes"
    let halted = Set(stops).count
    switch impact {
    case .none: return "\(count), without effect"
    case .inPlace: return "\(count), in place"
    case .session, .tunnel: return "\(count), \(halted == 1 ? "1 pseudowire" : "\(halted) pseudowires") stopped"
    case .restart: return "\(count), with a restart"
    }
  }
}
