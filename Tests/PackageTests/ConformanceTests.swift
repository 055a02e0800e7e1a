import Foundation
import Testing

/// `docs/conformance.md` says of every demand of three RFCs what has become of it, and which test shows it. Here it is kept
/// honest; whether a test shows what the row says is for people to judge.
@Suite struct ConformanceTests {
  private static let page = Result { try ConformancePage() }

  private func page() throws -> ConformancePage { try Self.page.get() }

  @Test func everySectionHasTheRowsThatWereCounted() throws {
    let page = try page()
    #expect(page.counts.count > 50)
    let rows = Dictionary(grouping: page.rows, by: \.place).mapValues(\.count)
    for count in page.counts {
      #expect(rows[count.place, default: 0] == count.rows, "rows of RFC \(count.place)")
      // A demand that is made twice may have one row; the section that explains the words has none.
      #expect(count.rows <= count.words, "rows of RFC \(count.place)")
    }
    #expect(Set(rows.keys).isSubset(of: page.counts.map(\.place)))
    #expect(Set(page.counts.map(\.place)).count == page.counts.count)
  }

  @Test func identifiersAreInOrderAndUsedOnce() throws {
    let page = try page()
    let sections = page.counts.filter { $0.rows > 0 }
    let expected = sections.flatMap { count in (1...count.rows).map { "\(count.place.identifier)-\($0)" } }
    #expect(page.rows.map(\.identifier) == expected)
    for row in page.rows { #expect(row.section == row.place.section, "\(row.identifier)") }
  }

  @Test func everyRowIsWhole() throws {
    let levels: Set = ["MUST", "MUST NOT", "SHALL", "SHALL NOT", "SHOULD", "SHOULD NOT", "REQUIRED", "RECOMMENDED"]
    for row in try page().rows {
      #expect(levels.contains(row.level), "\(row.identifier): \(row.level)")
      #expect(row.demand.count > 10, "\(row.identifier) says nothing")
      #expect(row.outcome != nil, "\(row.identifier): '\(row.verdict)' is no verdict")
      #expect(row.outcome == .done || row.reason.count > 10, "\(row.identifier): '\(row.verdict)' gives no reason")
      #expect(row.outcome != .done || !row.tests.isEmpty, "\(row.identifier) is done, and no test shows it")
    }
  }

  @Test func everyTestThatIsNamedExists() throws {
    let tests = try KnownTests()
    for row in try page().rows {
      for test in row.tests { #expect(tests.contains(test), "\(row.identifier) names \(test), which is not there") }
    }
  }

  @Test func rowsThatAreReferredToExist() throws {
    let page = try page()
    let identifiers = Set(page.rows.map(\.identifier))
    for row in page.rows {
      for reference in row.verdict.matches(of: /\b\d{4}-[0-9A-Z.]+-\d+\b/) {
        #expect(identifiers.contains(String(reference.output)), "\(row.identifier) refers to \(reference.output)")
      }
    }
  }

  @Test func theSummaryCounts() throws {
    let page = try page()
    var counted: [String: [Int]] = [:]
    for rfc in ["3931", "4719", "5641"] {
      for level in ["MUST", "SHOULD"] {
        let rows = page.rows.filter { $0.place.rfc == rfc && $0.isMust == (level == "MUST") }
        counted["RFC \(rfc), \(level)"] =
          [rows.count] + ConformancePage.Outcome.allCases.map { outcome in rows.count { $0.outcome == outcome } }
      }
    }
    counted["all"] = counted.values.reduce([0, 0, 0, 0, 0]) { zip($0, $1).map { $0 + $1 } }
    #expect(page.summary == counted, "correct the table at the top of the page: a number may change only knowingly")
  }

  @Test func everyOmissionIsNamedAtTheTop() throws {
    let page = try page()
    let omitted = page.rows.filter { $0.outcome == .leftOut || $0.outcome == .notYet }.map(\.identifier)
    #expect(page.omissions.sorted() == omitted.sorted())
  }
}
