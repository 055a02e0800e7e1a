import Foundation
import PWCore
import Testing

@testable import pwmgr

/// The answer as text and as JSON.
@Suite struct ExplainOutputTests {
  @Test("No line is wider than a terminal of 80 columns")
  func columns() {
    let all = ExplanationReport(explanations: ExplainedSubject.all.compactMap(Explanation.init)).words(columns: 80)
    for line in (all + "\n" + SubjectList().words(columns: 80)).split(separator: "\n") {
      #expect(line.count <= 80, "\(line)")
      #expect(line.last != " ", "\(line)")
    }
  }

  @Test("A result has its title, causes in order, next steps and source")
  func text() throws {
    let words = try #require(Explanation(.call(.noSuchForwarder))).words(columns: 80)
    let lines = words.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(lines[0] == "CDN 24: no such forwarder")
    #expect(lines[1].isEmpty)
    #expect(lines.contains("Likely causes, the likeliest first:"))
    #expect(lines.contains { $0.hasPrefix("  1. `end-id` differs") })
    #expect(lines.contains { $0.hasPrefix("  * `pwmgr check --pair here.yaml there.yaml` compares") })
    #expect(lines.last == "Source: RFC 4667 section 5.1")
  }

  @Test("An AVP has what the catalogue says of it")
  func details() {
    #expect(
      ExplainedSubject.avp(vendorID: 0, type: 61).details == [
        "Carried by: SCCRQ (required), SCCRP (required), StopCCN.", "Value: a number other than 0, 4 octets.",
        "M bit (mandatory): normally 1. May be hidden.", "pwmgr understands it, whatever its M bit.",
      ])
  }

  @Test("The JSON has every key, with null where there is nothing to say")
  func json() throws {
    let report = ExplanationReport(
      explanations: [.message(.hello), .avp(vendorID: 9, type: 1)].compactMap(Explanation.init))
    let object = try #require(
      JSONSerialization.jsonObject(with: JSONEncoder().encode(report)) as? [String: Any])
    #expect(object["format"] as? String == "1.0")
    let explanations = try #require(object["explanations"] as? [[String: Any]])
    for explanation in explanations {
      #expect(
        explanation.keys.sorted() == [
          "causes", "details", "kind", "meaning", "name", "number", "sources", "steps", "subject", "vendor_id",
          "vendors",
        ])
    }
    #expect(explanations[0]["vendor_id"] is NSNull)
    #expect(explanations[1]["vendor_id"] as? Int == 9)
    #expect(explanations[1]["kind"] as? String == "avp")
  }

  @Test("Numbers are listed in ranges")
  func ranges() {
    #expect(NumberRanges.words([1, 2, 3, 5, 7, 8]) == "1-3, 5, 7-8")
    #expect(NumberRanges.words([]) == "")
    #expect(NumberRanges.words([UInt16.max]) == "65535")
  }

  @Test("A span between backticks stays in one line where it fits")
  func wrapping() {
    #expect(WrappedText.lines("one `two three` four", columns: 12) == ["one", "`two three`", "four"])
    #expect(WrappedText.lines("`one two`: three", first: "* ", columns: 12) == ["* `one two`:", "  three"])
    #expect(WrappedText.lines("`one two three four`", columns: 10) == ["`one two", "three", "four`"])
  }
}
