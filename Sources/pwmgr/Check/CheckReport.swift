import FoundationEssentials
import PWConfig
import PWCore

/// The output of `check`, as text or as JSON.
struct CheckReport: Encodable {
  let file: String
  let isAccepted: Bool
  let complaints: [Complaint]
  /// A summary of what the site declares, if the file is accepted.
  let summary: Summary?

  private enum CodingKeys: String, CodingKey {
    case file
    case isAccepted = "accepted"
    case complaints = "diagnostics"
    case summary = "site"
  }

  struct Complaint: Encodable {
    let severity: String
    /// The site file, or the drop-in.
    let file: String
    let line: Int
    let column: Int
    let message: String
    /// For the line of it.
    fileprivate let place: String

    private enum CodingKeys: CodingKey { case severity, file, line, column, message }
  }

  struct Summary: Encodable {
    let name: String
    let tunnels: Int
    let pseudowires: Int
    let bridges: Int
    let dropIns: Int

    private enum CodingKeys: String, CodingKey {
      case name, tunnels, pseudowires, bridges
      case dropIns = "drop_ins"
    }

    init(_ site: Site, _ parts: SiteParts) {
      dropIns = parts.dropIns.count
      name = site.name
      tunnels = site.tunnels.count
      pseudowires = site.tunnels.reduce(0) { $0 + $1.pseudowires.count }
      bridges = site.bridges.count
    }
  }

  /// A file, and what was found about the files that it names: secrets and programs.
  init(_ siteFile: SiteFile, files: [Diagnostic]) {
    file = siteFile.path
    let diagnostics = (siteFile.reading.diagnostics + files).sorted { $0.mark < $1.mark }
    isAccepted = !diagnostics.contains { $0.severity == .error }
    complaints = diagnostics.map { diagnostic in
      let place = siteFile.parts.place(of: diagnostic.mark)
      return Complaint(
        severity: diagnostic.severity.rawValue, file: place.file, line: place.mark.line, column: place.mark.column,
        message: diagnostic.message, place: place.text)
    }
    summary = siteFile.reading.site.map { Summary($0, siteFile.parts) }
  }

  /// One line per complaint, and a last one about the whole.
  var text: String {
    var lines = complaints.map { "\($0.place): \($0.severity): \($0.message)" }
    let counts = ["error", "warning", "note"].compactMap { severity -> String? in
      let count = complaints.count { $0.severity == severity }
      return count == 0 ? nil : Self.count(count, severity)
    }
    let verdict = counts.isEmpty ? "nothing to complain of" : counts.joined(separator: ", ")
    if isAccepted, let summary {
      var parts = [
        Self.count(summary.tunnels, "tunnel"), Self.count(summary.pseudowires, "pseudowire"),
        Self.count(summary.bridges, "bridge"),
      ]
      if summary.dropIns > 0 { parts.append(Self.count(summary.dropIns, "drop-in")) }
      lines.append("\(file): site '\(summary.name)' with \(parts.joined(separator: ", ")): \(verdict)")
    } else {
      lines.append("\(file): \(verdict); nothing of it can be applied")
    }
    return lines.joined(separator: "\n")
  }

  /// The same for programs.
  func json() throws -> String { try Self.json(of: self) }

  /// One report, or several, for programs.
  static func json(of reports: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(reports), as: UTF8.self)
  }

  private static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }
}
