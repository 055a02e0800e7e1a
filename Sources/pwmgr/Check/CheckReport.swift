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
    let line: Int
    let column: Int
    let message: String
  }

  struct Summary: Encodable {
    let name: String
    let tunnels: Int
    let pseudowires: Int
    let bridges: Int

    init(_ site: Site) {
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
    complaints = diagnostics.map {
      Complaint(severity: $0.severity.rawValue, line: $0.mark.line, column: $0.mark.column, message: $0.message)
    }
    summary = siteFile.reading.site.map(Summary.init)
  }

  /// One line per complaint, and a last one about the whole.
  var text: String {
    var lines = complaints.map { "\(file):\($0.line):\($0.column): \($0.severity): \($0.message)" }
    let counts = ["error", "warning", "note"].compactMap { severity -> String? in
      let count = complaints.count { $0.severity == severity }
      return count == 0 ? nil : Self.count(count, severity)
    }
    let verdict = counts.isEmpty ? "nothing to complain of" : counts.joined(separator: ", ")
    if isAccepted, let summary {
      let parts = [
        Self.count(summary.tunnels, "tunnel"), Self.count(summary.pseudowires, "pseudowire"),
        Self.count(summary.bridges, "bridge"),
      ]
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
