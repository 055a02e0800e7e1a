import Foundation
import PWCore

@testable import pwmgr

/// `docs/codes.md`: everything that `pwmgr explain --all` says, as a page.
enum CodesPage {
  static let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs/codes.md")

  private static let columns = 120

  /// The page as it should be.
  static var text: String {
    var blocks = [
      "# Codes, messages and AVPs",
      paragraph(
        """
        This page has everything that `pwmgr explain` knows: result codes, error codes, control messages, and AVPs \
        (the \
        fields of messages). `pwmgr explain CDN 24` prints one entry; keys such as `end-id` are those of the [site \
        file](site-file.md), and the [glossary](glossary.md) explains the terms. The page is made from the program: \
        `PWMGR_REWRITE=1 swift test --filter ExplainPageTests` writes it anew.
        """),
    ]
    for (title, kind) in chapters {
      blocks.append("## \(title)")
      for explanation in ExplainedSubject.all.filter({ $0.kind == kind }).compactMap(Explanation.init) {
        blocks += self.blocks(of: explanation)
      }
    }
    return blocks.joined(separator: "\n\n") + "\n"
  }

  private static let chapters: [(String, ExplainedSubject.Kind)] = [
    ("Results that end a control connection", .stop), ("Results that end a session", .call),
    ("General errors", .error), ("Errors of TDM pseudowires", .tdmError), ("Messages", .message), ("AVPs", .avp),
    ("PPP disconnect causes", .pppCause),
  ]

  private static func blocks(of explanation: Explanation) -> [String] {
    var blocks = ["### \(explanation.title)", paragraph(explanation.text.meaning)]
    for list in explanation.lists {
      blocks.append("\(list.heading):")
      blocks.append(
        list.items.enumerated().flatMap { place, item in
          WrappedText.lines(item, first: list.isOrdered ? "\(place + 1). " : "* ", columns: columns)
        }.joined(separator: "\n"))
    }
    return blocks + [paragraph("Source: \(explanation.text.sources.joined(separator: "; ")).")]
  }

  private static func paragraph(_ text: String) -> String {
    WrappedText.lines(text, columns: columns).joined(separator: "\n")
  }
}
