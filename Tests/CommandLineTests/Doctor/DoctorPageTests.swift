import Foundation
import Testing

@testable import pwmgr

/// The page about all findings.
@Suite struct DoctorPageTests {
  /// `PWMGR_REWRITE=1 swift test --filter DoctorPageTests` writes it anew.
  @Test("docs/doctor.md is what the program can find")
  func current() throws {
    let text = DoctorPage.text
    if ProcessInfo.processInfo.environment["PWMGR_REWRITE"] == "1" {
      try text.write(to: DoctorPage.file, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: DoctorPage.file, encoding: .utf8) == text)
  }

  @Test("Every code is a word of small letters, and its text has a meaning and a cure", arguments: DoctorCode.allCases)
  func texts(_ code: DoctorCode) {
    #expect(code.rawValue.wholeMatch(of: #/[a-z]+(-[a-z]+)*/#) != nil)
    #expect(code.entry.meaning.hasSuffix("."))
    #expect(!code.entry.cure.isEmpty && !code.entry.cure.hasSuffix("."))
  }
}
