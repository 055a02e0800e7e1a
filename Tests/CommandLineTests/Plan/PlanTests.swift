import ArgumentParser
import Foundation
import PWConfig
import PWCore
import Testing

@testable import pwmgr

/// `pwmgr plan`: exit codes, and its output as text and as JSON.
struct PlanTests {
  private static let text = """
    site: a
    router-id: 1
    tunnels:
      berlin:
        peer: 192.0.2.2
        pseudowires:
          lan: {type: ethernet, end-id: 100}

    """

  private static func report(_ new: String) throws -> PlanReport {
    let reader = SiteReader(plugins: CompiledInPlugins.all)
    let readings = [text, new].map(reader.read)
    for reading in readings { try #require(!reading.hasErrors, "\(reading.diagnostics)") }
    return PlanReport(
      SitePlan(from: readings[0], to: readings[1], plugins: CompiledInPlugins.all), file: "a.yaml")
  }

  private func exitCode(_ arguments: [String]) -> Int32 {
    do {
      var command = try PwmgrCommand.parseAsRoot(["plan"] + arguments)
      try command.run()
      return 0
    } catch {
      return PwmgrCommand.exitCode(for: error).rawValue
    }
  }

  @Test("0 for no change, 2 for one, 1 for a wrong file, 64 for wrong use, 66 for none, 69 without a daemon")
  func exitCodes() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "pwmgr-plan-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func file(_ name: String, _ text: String) throws -> String {
      let path = folder.appending(path: name).path
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      return path
    }
    let old = try file("old.yaml", Self.text)
    #expect(exitCode([old, "--against", old]) == 0)
    #expect(exitCode([try file("new.yaml", Self.text.replacing("100", with: "101")), "--against", old]) == 2)
    #expect(exitCode([try file("wrong.yaml", "site: a\n"), "--against", old]) == 1)
    #expect(exitCode([old, "--against", try file("wrong.yaml", "site: a\n")]) == 1)
    #expect(exitCode(["--against", old]) == 64)
    #expect(exitCode([old, "--against", old + ".not"]) == 66)
    #expect(exitCode([old, "--control-socket", folder.appending(path: "none.sock").path]) == 69)
  }

  @Test("A line for each change, its keys below it, and the whole at the end")
  func asText() throws {
    #expect(try Self.report(Self.text).text == "a.yaml: nothing would change")
    #expect(
      try Self.report(Self.text.replacing("peer: 192.0.2.2", with: "peer: 192.0.2.2\n    hello: 30s")).text == """
        ~ tunnel berlin: in place
            hello: 60s -> 30s
        a.yaml: 1 change; no session ends
        """)
    #expect(
      try Self.report(Self.text.replacing("end-id: 100", with: "end-id: 100, cookie: 4")).text == """
        ! pseudowire berlin/lan: a new session; frames stop until it is set up: berlin/lan
            cookie: auto -> 4
        a.yaml: 1 change; 1 pseudowire stops, and no other
        """)
    #expect(
      try Self.report(Self.text.replacing("site: a", with: "site: b")).text == """
        ! site: refused: 'site' cannot change while pwmgr runs: restart it to apply this file
            site: a -> b
        a.yaml: 1 change; pwmgr refuses the file while it runs
        """)
    #expect(
      try Self.report(Self.text.replacing("lan:", with: "new:")).text == """
        + pseudowire berlin/new: added
        - pseudowire berlin/lan: removed, and frames stop: berlin/lan
        a.yaml: 2 changes; 1 pseudowire stops, and no other
        """)
  }

  @Test("A value keeps to its line, whatever is in it")
  func odd() {
    #expect(PlanReport.Key(key: "a", before: "b\u{1B}[2J\nc", after: "d").text == #"    a: b\u{1B}[2J\nc -> d"#)
    let long = String(repeating: "x", count: 500)
    #expect(PlanReport.Key(key: "a", before: "", after: long).text.count < 250)
  }

  @Test("For programs: the way to each object, codes, and null where there is nothing to say")
  func asJSON() throws {
    let none = try Self.report(Self.text).json()
    #expect(none.contains("\"impact\" : null") && none.contains("\"format\" : \"1.0\""))
    let json = try Self.report(Self.text.replacing("end-id: 100", with: "end-id: 100, cookie: 4")).json()
    for part in [
      "\"path\" : \"tunnels/berlin/pseudowires/lan\"", "\"impact\" : \"session\"", "\"action\" : \"update\"",
      "\"reason\" : null", "\"berlin/lan\"", "\"after\" : \"4\"", "\"before\" : \"auto\"",
    ] {
      #expect(json.contains(part), "\(part) in \(json)")
    }
  }

  @Test("A daemon's answer is read as it was sent, and another one is told to be of another version")
  func answer() throws {
    let text = #"{"version": "0", "path": "/etc/a.yaml", "dataPlane": "kernel", "text": "site: a\n"}"#
    let running = try RunningSite(answer: Data(text.utf8))
    #expect(running.path == "/etc/a.yaml" && running.text == "site: a\n")
    #expect(throws: ControlFailure.self) { try RunningSite(answer: Data("{}".utf8)) }
  }
}
