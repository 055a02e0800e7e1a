import Foundation

/// `docs/conformance.md`, read by its tables.
struct ConformancePage {
  /// The state of a demand, in the order of the summary's columns.
  enum Outcome: String, CaseIterable {
    case done = "done"
    case notApplicable = "not applicable because "
    case leftOut = "left out because "
    case notYet = "not yet: "
  }

  /// A section of an RFC.
  struct Place: Hashable, CustomStringConvertible {
    var rfc: String
    var section: String
    var identifier: String { "\(rfc)-\(section)" }
    var description: String { "\(rfc) section \(section)" }
  }

  /// One demand.
  struct Row {
    var identifier: String
    var section: String
    var level: String
    var demand: String
    var verdict: String
    var tests: [String]

    /// Its identifier without the number at the end.
    var place: Place {
      let parts = identifier.split(separator: "-").map(String.init)
      return parts.count == 3 ? Place(rfc: parts[0], section: parts[1]) : Place(rfc: "", section: identifier)
    }
    var outcome: Outcome? {
      Outcome.allCases.first { $0 == .done ? verdict == $0.rawValue : verdict.hasPrefix($0.rawValue) }
    }
    /// The text after the words of the outcome.
    var reason: Substring { verdict.dropFirst(outcome?.rawValue.count ?? 0) }
    var isMust: Bool { level.hasPrefix("MUST") || level.hasPrefix("SHALL") || level == "REQUIRED" }
  }

  /// The record of how often a section demands something.
  struct Count {
    var place: Place
    /// How often its text has one of the words.
    var words: Int
    /// How many rows it has here.
    var rows: Int
  }

  private(set) var rows: [Row] = []
  private(set) var counts: [Count] = []
  /// Lines of the summary by their first cell: all, and then each outcome.
  private(set) var summary: [String: [Int]] = [:]
  /// The identifiers that the list of omissions names.
  private(set) var omissions: [String] = []

  init() throws {
    let text = try String(contentsOf: Checkout.root.appending(path: "docs/conformance.md"), encoding: .utf8)
    for line in text.split(separator: "\n") {
      if line.hasPrefix("* "), let end = line.firstIndex(of: ":") {
        omissions += line[..<end].matches(of: /\d{4}-[0-9A-Z.]+-\d+/).map { String($0.output) }
      }
      guard line.hasPrefix("| ") else { continue }
      take(line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) })
    }
  }

  /// Tells the tables apart by their width and what begins a line.
  private mutating func take(_ cells: [String]) {
    if cells.count >= 5, cells[0].firstMatch(of: /^\d{4}-/) != nil {
      let tests = cells.count > 5 ? cells[5].matches(of: /`([^`]+)`/).map { String($0.1) } : []
      rows.append(
        Row(
          identifier: cells[0], section: cells[1], level: cells[2], demand: cells[3], verdict: cells[4], tests: tests))
    } else if cells.count == 4, let words = Int(cells[2]), let rows = Int(cells[3]) {
      counts.append(Count(place: Place(rfc: cells[0], section: cells[1]), words: words, rows: rows))
    } else if cells.count == 6, Int(cells[1]) != nil {
      summary[cells[0]] = cells.dropFirst().compactMap { Int($0) }
    }
  }
}

/// The tests that there are, by name: `Suite/function` in Swift, `file.Class.test_name` among the scenarios.
struct KnownTests {
  private var functions: Set<String> = []
  /// Scenarios whose name is put together when they are read: the pieces that stand still.
  private var templates: [(scenarios: String, name: Regex<AnyRegexOutput>)] = []

  init() throws {
    for file in try Checkout.swiftFiles(below: "Tests") {
      readSwift(try String(contentsOf: file, encoding: .utf8))
    }
    let folder = Checkout.root.appending(path: "Tests/Integration")
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where name.hasSuffix(".py") {
      try readPython(
        try String(contentsOf: folder.appending(path: name), encoding: .utf8), file: String(name.dropLast(3)))
    }
  }

  func contains(_ name: String) -> Bool {
    if functions.contains(name) { return true }
    return templates.contains { template in
      name.hasPrefix(template.scenarios + ".")
        && (try? template.name.wholeMatch(in: name.dropFirst(template.scenarios.count + 1))) != nil
    }
  }

  /// Functions that follow `@Test`, below the type that stands at the left margin.
  private mutating func readSwift(_ text: String) {
    var suite = ""
    var isTest = false
    for line in text.split(separator: "\n") {
      if let match = line.firstMatch(of: /^(?:@Suite.* )?(?:private |final )*(?:struct|class|enum|extension) (\w+)/) {
        suite = String(match.1)
      }
      if line.firstMatch(of: /^\s+@Test\b/) != nil { isTest = true }
      guard isTest, let match = line.firstMatch(of: /\bfunc (\w+)\(/) else { continue }
      functions.insert("\(suite)/\(match.1)")
      isTest = false
    }
  }

  /// Methods whose name begins with `test_`, and f-strings that make such names.
  private mutating func readPython(_ text: String, file: String) throws {
    var scenarios = ""
    for line in text.split(separator: "\n") {
      if let match = line.firstMatch(of: /^class (\w+)\(/) { scenarios = "\(file).\(match.1)" }
      if let match = line.firstMatch(of: /^\s+def (test_\w+)\(/) { functions.insert("\(scenarios).\(match.1)") }
      if let match = line.firstMatch(of: /f"(test_[\w{}.]+)"/) {
        templates.append((scenarios, try Regex(String(match.1).replacing(/\{[^}]*\}/, with: "\\w+"))))
      }
    }
  }
}
