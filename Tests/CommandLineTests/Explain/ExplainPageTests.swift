import Foundation
import Testing

@testable import pwmgr

/// The page about all of them.
@Suite struct ExplainPageTests {
  /// `PWMGR_REWRITE=1 swift test --filter ExplainPageTests` writes it anew.
  @Test("docs/codes.md is what the program explains")
  func current() throws {
    let text = CodesPage.text
    if ProcessInfo.processInfo.environment["PWMGR_REWRITE"] == "1" {
      try text.write(to: CodesPage.file, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: CodesPage.file, encoding: .utf8) == text)
  }
}
