import Testing

@testable import pwmgr

@Suite struct LogWriterTests {
  @Test func underTheJournalALineBeginsWithItsPriority() {
    #expect(LogWriter.line(level: .error, message: "gone", isUnderJournal: true, milliseconds: 0) == "<3>gone")
    #expect(LogWriter.line(level: .notice, message: "up", isUnderJournal: true, milliseconds: 0) == "<5>up")
  }

  @Test func aMessageNeverBreaksItsLine() {
    let line = LogWriter.line(level: .info, message: "one\ntwo\n", isUnderJournal: false, milliseconds: 0)
    #expect(!line.contains("\n"))
    #expect(line.contains("one two"))
  }

  @Test func atATerminalALineBeginsWithTheTime() {
    let line = LogWriter.line(
      level: .warning, message: "late", isUnderJournal: false, milliseconds: 250)
    #expect(line == "1970-01-01T00:00:00.250Z warning late")
    let later = LogWriter.line(
      level: .info, message: "later", isUnderJournal: false, milliseconds: 1_795_388_752_007)
    #expect(later == "2026-11-22T23:05:52.007Z info    later")
  }
}
