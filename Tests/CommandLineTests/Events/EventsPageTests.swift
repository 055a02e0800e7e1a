import Foundation
import PWCore
import Testing

@testable import pwmgr

/// The page about events, and the journal's catalogue.
@Suite struct EventsPageTests {
  private static let rewrites = ProcessInfo.processInfo.environment["PWMGR_REWRITE"] == "1"

  @Test("docs/events.md has every word with its text")
  func page() throws {
    let page = try String(contentsOf: EventsPage.file, encoding: .utf8)
    let text = EventsPage.text(of: page)
    if Self.rewrites { try text.write(to: EventsPage.file, atomically: true, encoding: .utf8) }
    #expect(Self.rewrites || page == text)
    for name in EventField.Name.allCases { #expect(page.contains("`\(name.rawValue)`"), "\(name)") }
  }

  @Test("Packaging/pwmgr.catalog has every kind with its text")
  func catalogue() throws {
    let text = EventsPage.catalogueText
    if Self.rewrites { try text.write(to: EventsPage.catalogue, atomically: true, encoding: .utf8) }
    #expect(try String(contentsOf: EventsPage.catalogue, encoding: .utf8) == text)
  }

  @Test("Each text is whole sentences, and names commands that exist", arguments: EventExplanation.all)
  func complete(_ explanation: EventExplanation) {
    for text in [explanation.meaning, explanation.step].compactMap({ $0 }) {
      #expect(text.hasSuffix(".") || text.hasSuffix("?"), "\(text)")
      for span in text.split(separator: "`", omittingEmptySubsequences: false).enumerated() where span.offset % 2 == 1 {
        let words = span.element.split(separator: " ").map(String.init)
        guard words.count > 1, words[0] == "pwmgr" else { continue }
        #expect(PwmgrCommand.complaint(of: words.dropFirst()) == nil, "\(span.element)")
        let command = PwmgrCommand.configuration.subcommands.first { $0.configuration.commandName == words[1] }
        let below = command?.configuration.subcommands.compactMap { $0.configuration.commandName } ?? []
        #expect(below.isEmpty || below.contains(words.dropFirst(2).first ?? ""), "\(span.element)")
      }
    }
  }

  @Test("A word that is in several sets is explained for each")
  func named() {
    #expect(EventExplanation.named(by: ["Peer-Silent"]).map(\.group) == [.obstacle, .end])
    #expect(EventExplanation.named(by: ["not", "forwarding"]).map(\.word) == ["not-forwarding"])
    #expect(EventExplanation.named(by: ["nonsense"]).isEmpty)
  }

  @Test("The journal's identifiers are as they always were, and each is another one")
  func identifiers() {
    #expect(Set(EventKind.allCases.map(\.messageID)).count == EventKind.allCases.count)
    #expect(EventKind.allCases.allSatisfy { $0.messageID.utf8.count == 32 })
    #expect(EventKind.forwarding.messageID == "c9e96ea59109309d21ce4415548923c9")
    #expect(EventKind.notForwarding.messageID == "109bb28cd9fddfeaf7339a10d63d850d")
  }
}
