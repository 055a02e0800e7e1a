import Foundation
import PWCore

@testable import pwmgr

/// The tables of `docs/events.md`, and the journal's catalogue: made of the program's own texts.
enum EventsPage {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  static let file = root.appending(path: "docs/events.md")
  static let catalogue = root.appending(path: "Packaging/pwmgr.catalog")

  /// The line behind which the tables stand, to the end of the page.
  static let divider =
    "<!-- From here on this page is made from the program: PWMGR_REWRITE=1 swift test "
    + "--filter EventsPageTests -->"

  /// The page as it should be.
  ///
  /// - Parameter page: the page as it is, whose first part people write.
  static func text(of page: String) -> String {
    let head = page.components(separatedBy: divider)[0]
    let chapters: [(String, EventExplanation.Group)] = [
      ("Kinds of events", .event), ("Reasons why frames do not pass", .obstacle),
      ("Reasons why a control connection has ended", .end),
    ]
    let tables = chapters.map { title, group in
      let rows = EventExplanation.all.filter { $0.group == group }.map { explanation in
        "| `\(explanation.word)` | \(explanation.meaning) | \(explanation.step ?? "") |"
      }
      return (["## \(title)", "", "| word | meaning | next steps |", "|---|---|---|"] + rows).joined(separator: "\n")
    }
    return head + divider + "\n\n" + tables.joined(separator: "\n\n") + "\n"
  }

  /// The catalogue as it should be: an entry for each kind, in the format of journalctl(1), `--catalog`.
  static var catalogueText: String {
    let entries = EventKind.allCases.map { kind in
      let explanation = EventExplanation(kind)
      var lines = ["-- \(kind.messageID)", "Subject: \(kind.rawValue)", "Defined-By: pwmgr", ""]
      lines += WrappedText.lines(explanation.meaning, columns: 80)
      if let step = explanation.step { lines += [""] + WrappedText.lines(step, columns: 80) }
      lines += [""] + WrappedText.lines("'pwmgr explain \(kind.rawValue)' says the same.", columns: 80)
      return lines.joined(separator: "\n")
    }
    return "# Made by PWMGR_REWRITE=1 swift test --filter EventsPageTests\n\n" + entries.joined(separator: "\n\n")
      + "\n"
  }
}
