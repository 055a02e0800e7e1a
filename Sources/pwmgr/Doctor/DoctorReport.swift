import PWCore

/// The outcome of a look, as text or as JSON.
struct DoctorReport: Encodable {
  /// Of the JSON: another number when a reader of the old one would go wrong.
  let format = 1
  /// The name of the site that was looked at; nil where none is known.
  let site: String?
  /// Whether a daemon answered.
  let daemonAnswers: Bool
  /// The tunnel or pseudowire that was asked for.
  let name: String?
  /// The findings, problems first.
  let findings: [DoctorFinding]
  /// Everything that could not be looked at, and why: one line each.
  let notLookedAt: [String]

  private enum CodingKeys: String, CodingKey {
    case format, site
    case daemonAnswers = "daemon_answers"
    case name, findings
    case notLookedAt = "not_looked_at"
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(format, forKey: .format)
    try container.encode(site, forKey: .site)
    try container.encode(daemonAnswers, forKey: .daemonAnswers)
    try container.encode(name, forKey: .name)
    try container.encode(findings, forKey: .findings)
    try container.encode(notLookedAt, forKey: .notLookedAt)
  }

  /// How many findings have a severity.
  func count(_ severity: DoctorSeverity) -> Int { findings.count { $0.severity == severity } }

  /// For people, in lines of at most so many columns.
  func words(columns: Int) -> String {
    var lines: [String] = []
    for finding in findings {
      lines.append("\(finding.severity.rawValue): \(finding.code.rawValue) (\(finding.object.words))")
      lines += WrappedText.lines(finding.saw, first: "  seen:  ", columns: columns)
      lines += WrappedText.lines(finding.code.entry.meaning, first: "  means: ", columns: columns)
      lines += WrappedText.lines(finding.cure, first: "  cure:  ", columns: columns)
      lines.append("")
    }
    if !notLookedAt.isEmpty {
      lines.append("Not looked at:")
      for line in notLookedAt { lines += WrappedText.lines(line, first: "  * ", columns: columns) }
      lines.append("")
    }
    return (lines + [summary]).joined(separator: "\n")
  }

  private var summary: String {
    let subject = name ?? site.map { "site \($0)" } ?? "this machine"
    let counts = DoctorSeverity.allCases.compactMap { severity -> String? in
      let count = count(severity)
      return count == 0 ? nil : "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
    }
    guard !counts.isEmpty else { return "\(subject): nothing was found" }
    return "\(subject): " + counts.joined(separator: ", ")
  }
}
