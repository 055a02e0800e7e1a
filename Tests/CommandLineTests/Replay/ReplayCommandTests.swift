import ArgumentParser
import Foundation
import PWCore
import Testing

@testable import pwmgr

/// `pwmgr replay`: its output, the differences that it notices, and the files that it refuses.
@Suite struct ReplayCommandTests {
  private let fixture: RecordingFixture

  init() throws { fixture = try RecordingFixture() }

  private func exitCode(_ arguments: [String]) -> Int32 {
    do {
      var command = try PwmgrCommand.parseAsRoot(arguments)
      try command.run()
      return 0
    } catch {
      return PwmgrCommand.exitCode(for: error).rawValue
    }
  }

  private func replay(
    _ path: String, detail: ReplayRun.Detail = .course, until limit: String? = nil
  ) throws -> (ending: ReplayRun.Ending, lines: [String], status: StatusDocument?) {
    var lines: [String] = []
    let run = try ReplayRun(path, limit: limit.flatMap { ReplayLimit(argument: $0) }, detail: detail) {
      lines.append($0)
    }
    let ending = try run.run()
    return (ending, lines, run.status())
  }

  private func write(_ text: String) throws -> String {
    let path = fixture.path(UUID().uuidString)
    try Data(text.utf8).write(to: URL(filePath: path))
    return path
  }

  private func refusal(_ text: String) throws -> String {
    let path = try write(text)
    #expect(exitCode(["replay", path]) == 66)
    do throws(ReplayFailure) {
      let run = try ReplayRun(path, limit: nil, detail: .result) { _ in }
      return "\(try run.run())"
    } catch {
      #expect(!error.description.contains("\n"))
      return error.description
    }
  }

  @Test func theCourseIsShownAndTheStatusAtItsEnd() throws {
    let path = try fixture.record(to: "a.recording")
    let (ending, lines, status) = try replay(path)
    guard case .same(let inputs, let outputs) = ending else {
      Issue.record("\(ending)")
      return
    }
    #expect(inputs > 5 && outputs > 5)
    #expect(lines[0].hasPrefix("recording of site amsterdam by pwmgr 0.0.0, process 42"))
    #expect(lines.contains { $0.hasPrefix("2026-11-23T12:03:04.000Z in      0: start: site amsterdam, 1 tunnel") })
    #expect(
      lines.contains {
        $0.contains(" out     ") && $0.contains("sends SCCRQ to connection 0, Ns 0, Nr 0, to 192.0.2.2:1701")
      })
    #expect(lines.contains { $0.contains("link eth1 is up, MTU 1500") })
    #expect(lines.contains { $0.contains("asked to stop") })
    #expect(!lines.contains { $0.contains("deadline") })
    #expect(status?.site.tunnels.map(\.name) == ["berlin"])
    #expect(status?.daemon.processID == 42)
    let everything = try replay(path, detail: .everything).lines
    #expect(everything.contains { $0.contains(": deadline") })
    #expect(everything.contains { $0.contains("open socket") })
    #expect(try replay(path, detail: .result).lines.isEmpty)
    #expect(exitCode(["replay", "--quiet", path]) == 0)
    #expect(exitCode(["replay", "--quiet", "--all", path]) == 64)
  }

  @Test func itStopsWhereItIsTold() throws {
    let path = try fixture.record(to: "a.recording")
    #expect(try replay(path, until: "3").ending.inputs == 3)
    #expect(try replay(path, until: "0").ending.inputs == 0)
    #expect(try replay(path, until: "12:03:06.5").ending.inputs == 2)
    #expect(try replay(path, until: "12:03").ending.inputs == replay(path).ending.inputs, "tomorrow")
  }

  @Test(arguments: ["", "x", "-1", "1:2:3:4", "24:00", "12:60", "12:00:60", "12:00:00.", "12:00:00.1234", "12:00:0x"])
  func whatIsNoLimitIsRefused(text: String) {
    #expect(ReplayLimit(argument: text) == nil)
  }

  @Test func aRecordingThatBreaksOffIsReplayedUpToThere() throws {
    let text = try RecordingFixture.text(try fixture.record(to: "a.recording"))
    let lines = text.split(separator: "\n")
    for cut in [1, 40, 4_000] {
      let path = try write(String(text.dropLast(min(cut, lines.last?.count ?? 0))))
      #expect(
        try replay(path).ending.isCut(line: lines.count) == true, "the last line has lost its end")
      #expect(exitCode(["replay", "--quiet", path]) == 0)
    }
    let whole = try write(lines.dropLast().joined(separator: "\n") + "\n")
    #expect(try replay(whole).ending.isCut(line: 0) == false)
  }

  @Test func anotherOutputIsTold() throws {
    let text = try RecordingFixture.text(try fixture.record(to: "a.recording"))
    #expect(text.contains("\"port\":1701}"))
    let path = try write(
      text.replacing("\"destination\":{\"address\":\"192.0.2.2\"", with: "\"destination\":{\"address\":\"192.0.2.9\""))
    guard case .different(let words) = try replay(path).ending else {
      Issue.record("it is not noticed")
      return
    }
    #expect(words.contains("the engine now sends SCCRQ to connection 0, Ns 0, Nr 0, to 192.0.2.2:1701"))
    #expect(words.contains("then it did this: it sends SCCRQ to connection 0, Ns 0, Nr 0, to 192.0.2.9:1701"))
    #expect(words.hasPrefix("at input "))
    #expect(exitCode(["replay", "--quiet", path]) == 1)
  }

  @Test func whatIsNoRecordingIsRefused() throws {
    #expect(try refusal("").contains("is not a recording"))
    #expect(try refusal("site: amsterdam\n").contains("is not a recording"))
    #expect(try refusal("{\"pwmgr-recording\":2,").contains("is not a recording"), "not even the first line is whole")
    #expect(try refusal("{\"pwmgr-recording\":2,\"of\":{}}\n").contains("of format 2, and"), "an older one")
    #expect(try refusal("{\"pwmgr-recording\":4,\"of\":{}}\n").contains("of format 4, and"))
    #expect(try refusal("{\"pwmgr-recording\":99999999999999999999999999,\"of\":{}}\n").contains("reads format 3"))
    #expect(try refusal("{\"pwmgr-recording\":3,\"of\":{}}\n").contains("line 1 cannot be read"))
    let lines = try RecordingFixture.text(try fixture.record(to: "a.recording")).split(separator: "\n")
    #expect(try refusal(lines[0] + "\n{}\n").contains("line 2 cannot be read"))
    #expect(exitCode(["replay", fixture.path("none")]) == 66)
    #expect(exitCode(["replay", fixture.folder.path]) == 66)
  }

  /// A site with a secret that hides all AVPs, recorded when the format was new. A change that makes it
  /// unreadable changes the format, and must count up `RecordingHeader.format`. That the engine may do otherwise by now
  /// is another matter.
  @Test func anOldRecordingIsStillRead() throws {
    var reader = try RecordingReader(CaptureTests.folder.appending(path: "format-3.recording").path)
    var (messages, hidden) = (0, 0)
    while let step = try reader.next() {
      if case .input(.datagram) = step.cause { messages += 1 }
      for case .revealed in step.answers { hidden += 1 }
    }
    #expect(!reader.isTruncated)
    #expect(reader.header.site == "amsterdam")
    #expect(messages == 6 && hidden > 5)
  }

  @Test func aRecordingWithoutItsStartIsNoCourse() throws {
    let lines = try RecordingFixture.text(try fixture.record(to: "a.recording")).split(separator: "\n")
    let path = try write(([lines[0]] + lines[2...]).joined(separator: "\n") + "\n")
    guard case .different(let words) = try replay(path).ending else {
      Issue.record("it is not noticed")
      return
    }
    #expect(words.contains("does not begin with a start"))
  }
}

extension ReplayRun.Ending {
  fileprivate var inputs: Int? {
    switch self {
    case .same(let inputs, _), .sameUntilFull(let inputs, _), .sameUntilCut(let inputs, _, _): inputs
    case .different: nil
    }
  }

  fileprivate func isCut(line: Int) -> Bool {
    if case .sameUntilCut(_, _, line) = self { return true }
    return false
  }
}
