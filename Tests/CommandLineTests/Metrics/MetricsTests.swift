import Foundation
import PWCore
import Testing

@testable import PWLinux
@testable import pwmgr

/// The metrics as Prometheus reads them.
@Suite struct MetricsTests {
  private static func text(_ document: StatusDocument) -> String {
    let report = MetricsReport(
      document: document, clock: GoldenStatus.clock, use: ProcessUse(processorSeconds: 1.5, residentOctets: 4096))
    return String(decoding: report.octets, as: UTF8.self)
  }

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
  private static let rewrites = ProcessInfo.processInfo.environment["PWMGR_REWRITE"] == "1"

  /// `PWMGR_REWRITE=1 swift test --filter MetricsTests`, then read the diff.
  private func expect(_ text: String, isStoredAt path: String) throws {
    let place = Self.folder.appending(path: path)
    if Self.rewrites { try text.write(to: place, atomically: true, encoding: .utf8) }
    let stored = try String(contentsOf: place, encoding: .utf8)
    for (number, (line, other)) in zip(text.split(separator: "\n"), stored.split(separator: "\n")).enumerated() {
      #expect(line == other, "line \(number + 1) of \(path)")
    }
    #expect(text == stored)
  }

  @Test("of a site of which everything is known, to the octet: others have alerts that hang on it")
  func full() throws { try expect(Self.text(GoldenStatus.full()), isStoredAt: "Golden/full.prom") }

  @Test("of a site of which nothing is known yet") func bare() throws {
    try expect(Self.text(GoldenStatus.bare()), isStoredAt: "Golden/bare.prom")
  }

  @Test("every metric has a name with its unit, and one that only counts up ends in _total") func names() {
    var seen: Set<String> = []
    for line in MetricsPage.lines {
      #expect(line.name.hasPrefix("pwmgr_"))
      #expect(line.name.hasSuffix("_total") == (line.kind == .counter), "\(line.name)")
      #expect(seen.insert(line.name).inserted, "\(line.name) stands twice")
      #expect(line.help.last == ".")
    }
  }

  @Test("a label may hold anything") func labels() {
    var text = MetricsText()
    text.add("a", MetricLabels(("b", "x\"y\\z\nü")), .count(UInt64.max))
    #expect(String(decoding: text.octets, as: UTF8.self) == #"a{b="x\"y\\z\nü"} 18446744073709551615"# + "\n")
  }

  @Test("the page has every metric") func page() throws {
    let path = "../../../docs/metrics.md"
    let place = Self.folder.appending(path: path)
    var page = try String(contentsOf: place, encoding: .utf8)
    let parts = page.components(separatedBy: MetricsPage.mark)
    try #require(parts.count == 3, "the marks around the table")
    let whole = [parts[0], MetricsPage.table, parts[2]].joined(separator: MetricsPage.mark)
    if Self.rewrites { try whole.write(to: place, atomically: true, encoding: .utf8) }
    page = try String(contentsOf: place, encoding: .utf8)
    #expect(page == whole)
  }
}

/// The table of docs/metrics.md.
private enum MetricsPage {
  static let mark = "<!-- metrics -->"

  struct Line {
    var name: String
    var kind: MetricKind
    var labels: [String]
    var help: String

    init<Subject>(_ metric: Metric<Subject>, of labels: [String]) {
      (name, kind, help) = (metric.name, metric.kind, metric.help)
      self.labels = labels + metric.labels
    }
  }

  static let lines: [Line] =
    [Line(MetricsSource.up, of: [])] + DaemonMetrics.all.map { Line($0, of: []) }
    + BridgeMetrics.all.map { Line($0, of: ["bridge"]) } + PluginMetrics.all.map { Line($0, of: ["plugin"]) }
    + TunnelMetrics.all.map { Line($0, of: ["tunnel"]) }
    + TemplateMetrics.all.map { Line($0, of: ["tunnel", "template"]) }
    + PseudowireMetrics.all.map { Line($0, of: ["tunnel", "pseudowire"]) }

  static var table: String {
    let rows = lines.map { line in
      let labels = line.labels.map { "`\($0)`" }.joined(separator: ", ")
      return "| `\(line.name)` | \(line.kind.rawValue) | \(labels) | \(line.help) |"
    }
    return (["", "| metric | kind | labels | meaning |", "|---|---|---|---|"] + rows + [""]).joined(separator: "\n")
  }
}
