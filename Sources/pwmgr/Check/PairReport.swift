import FoundationEssentials
import PWConfig
import PWCore

/// The report of `check --pair` on two files that are accepted each by itself.
struct PairReport: Encodable {
  let files: [String]
  let isAccepted: Bool
  /// Pseudowires between the two that come up.
  let pseudowires: Int
  let findings: [Finding]

  private enum CodingKeys: String, CodingKey {
    case files, pseudowires, findings
    case isAccepted = "accepted"
  }

  struct Finding: Encodable {
    let severity: String
    /// In the order of the files.
    let places: [Place]
    let message: String
  }

  struct Place: Encodable {
    let file: String
    let line: Int
    let column: Int
    /// For the line of it.
    fileprivate let text: String

    private enum CodingKeys: CodingKey { case file, line, column }
  }

  /// Holds two files against each other; nil where one of them is refused by itself.
  init?(_ one: SiteFile, _ other: SiteFile) {
    guard let first = Self.side(one), let second = Self.side(other) else { return nil }
    let pair = SitePair(first, second)
    files = [one.path, other.path]
    isAccepted = pair.isAccepted
    pseudowires = pair.pseudowireCount
    findings = pair.findings.map { finding in
      Finding(
        severity: (finding.isObstacle ? Diagnostic.Severity.error : .note).rawValue,
        places: [Self.place(finding.one, one), Self.place(finding.other, other)], message: finding.message)
    }
  }

  private static func side(_ file: SiteFile) -> SitePair.Side? {
    guard let site = file.reading.site else { return nil }
    var secrets: [String: TunnelSecrets] = [:]
    for tunnel in site.tunnels {
      var alone = site
      alone.tunnels = [tunnel]
      // One that cannot be read here is not compared.
      guard let own = try? Secrets.read(for: alone) else { continue }
      secrets.merge(own) { first, _ in first }
    }
    return SitePair.Side(site, secrets: secrets)
  }

  private static func place(_ place: SitePair.Place, _ file: SiteFile) -> Place {
    let mark = file.reading.places.mark(of: place.key, tunnel: place.tunnel, pseudowire: place.pseudowire)
    let place = file.parts.place(of: mark)
    return Place(file: place.file, line: place.mark.line, column: place.mark.column, text: place.text)
  }

  /// One line for each finding with both places, and a last one about the whole.
  var text: String {
    let lines = findings.map { "\($0.places[0].text): \($0.severity): \($0.message) (\($0.places[1].text))" }
    let count = findings.count { $0.severity == Diagnostic.Severity.error.rawValue }
    let would = "\(pseudowires) \(pseudowires == 1 ? "pseudowire" : "pseudowires") between \(files[0]) and \(files[1])"
    let verdict =
      isAccepted
      ? "\(would) would come up"
      : "\(would) would come up, and \(count) \(count == 1 ? "obstacle keeps" : "obstacles keep") others from it"
    return (lines + [verdict]).joined(separator: "\n")
  }
}
