import ArgumentParser
import Foundation
import PWCore
import Testing

@testable import PWConfig
@testable import pwmgr

/// `pwmgr check`: exit codes, its output, and its complaints about secret files.
struct CheckTests {
  /// A directory of one test's own.
  private let directory: String

  init() throws {
    directory = NSTemporaryDirectory() + "pwmgr-check-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
  }

  private func write(_ text: String, to name: String, mode: Int = 0o600) throws -> String {
    let path = directory + "/" + name
    let isWritten = FileManager.default.createFile(
      atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: mode])
    try #require(isWritten)
    return path
  }

  private func exitCode(_ arguments: [String]) -> Int32 {
    do {
      var command = try PwmgrCommand.parseAsRoot(arguments)
      try command.run()
      return 0
    } catch {
      return PwmgrCommand.exitCode(for: error).rawValue
    }
  }

  @Test("0 for a right file, 1 for a wrong one, 64 for wrong use, 66 for none")
  func exitCodes() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    #expect(exitCode(["check", try write("site: a\nrouter-id: 1\n", to: "right.yaml")]) == 0)
    #expect(exitCode(["check", "--json", try write("site: a\nrouter-id: 0\n", to: "wrong.yaml")]) == 1)
    #expect(exitCode(["check"]) == 64)
    #expect(exitCode(["check", directory + "/nowhere.yaml"]) == 66)
    #expect(exitCode(["check", directory]) == 66)
  }

  @Test("Of several files each is checked, and the worst decides")
  func severalFiles() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let right = try write("site: a\nrouter-id: 1\n", to: "right.yaml")
    let wrong = try write("site: a\nrouter-id: 0\n", to: "wrong.yaml")
    let nowhere = directory + "/nowhere.yaml"
    #expect(exitCode(["check", right, right]) == 0)
    #expect(exitCode(["check", wrong, right]) == 1)
    #expect(exitCode(["check", "--json", right, wrong]) == 1)
    #expect(exitCode(["check", nowhere, right]) == 66)
  }

  @Test("The report as text")
  func text() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = try write("site: a\nrouter-id: 1\nbridges:\n  b: {}\n", to: "right.yaml")
    let right = CheckReport(try SiteFile.read(path), files: [])
    #expect(right.text == "\(path): site 'a' with 0 tunnels, 0 pseudowires, 1 bridge: nothing to complain of")
    let wrong = CheckReport(try SiteFile.read(try write("site: a\nhosts: 1\n", to: "wrong.yaml")), files: [])
    let lines = wrong.text.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[0].hasPrefix("\(directory)/wrong.yaml:1:1: error: the site has no 'router-id'"))
    #expect(lines[2].hasSuffix("wrong.yaml: 2 errors; nothing of it can be applied"))
  }

  @Test("The report as JSON")
  func json() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = try write("site: a\nrouter-id: 1\nhelo: 1\n", to: "wrong.yaml")
    let json = try CheckReport(try SiteFile.read(path), files: []).json()
    let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    #expect(object["accepted"] as? Bool == false)
    #expect(object["file"] as? String == path)
    let diagnostic = try #require((object["diagnostics"] as? [[String: Any]])?.first)
    #expect(diagnostic["line"] as? Int == 3)
    #expect(diagnostic["column"] as? Int == 1)
    #expect(diagnostic["severity"] as? String == "error")
  }

  @Test("A secret file that others may read: run refuses, check warns; one that is right is not spoken of")
  func secrets() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    func severity(_ path: String, _ purpose: SecretFiles.Purpose) -> Diagnostic.Severity? {
      let reference = SecretFileReference(path: path, mark: Mark(line: 3, column: 7), tunnel: "t")
      let diagnostics = SecretFiles.diagnostics(for: [reference], purpose: purpose)
      #expect(diagnostics.allSatisfy { $0.mark == Mark(line: 3, column: 7) && !$0.message.contains("hunter2") })
      return diagnostics.first?.severity
    }
    let right = try write("hunter2", to: "right")
    #expect(severity(right, .check) == nil)
    #expect(severity(right, .run) == nil)
    for (name, text, mode) in [("group", "hunter2", 0o640), ("others", "hunter2", 0o604), ("empty", "", 0o600)] {
      let path = try write(text, to: name, mode: mode)
      #expect(severity(path, .check) == .warning, "\(name)")
      #expect(severity(path, .run) == .error, "\(name)")
    }
    for path in [directory + "/nowhere", directory] {
      #expect(severity(path, .check) == .warning)
      #expect(severity(path, .run) == .error)
    }
  }

  @Test(
    "A program of a PPP link that would not be run is told of, once for all that share it",
    .enabled(if: geteuid() == 0, "giving files away needs root"))
  func programs() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let program = try write("#!/bin/sh\n", to: "hook", mode: 0o755)
    let path = try write(
      """
      site: a
      router-id: 1
      tunnels:
        b:
          peer: 192.0.2.2
          pseudowires:
            link:
              type: ppp
              end-id: 1
              sessions: 3
              up: \(program)
              down: \(directory)/none

      """, to: "ppp.yaml")
    func messages() throws -> [String] {
      let found = Programs.diagnostics(for: try SiteFile.read(path).reading)
      #expect(found.allSatisfy { $0.severity == .warning })
      return found.map { "\($0.mark.line): \($0.message)" }
    }
    let missing = "12: the 'down' program of pseudowire 'link' of tunnel 'b' would not be run: there is no "
    #expect(try messages().count == 1)
    #expect(try messages().first?.hasPrefix(missing) == true)
    #expect(chown(directory, 65_534, 65_534) == 0)
    #expect(try messages().count == 2)
    #expect(try messages().first?.hasPrefix("11: the 'up' program of pseudowire 'link'") == true)
    #expect(try messages().first?.contains("the folder \(directory) on the way belongs to user 65534") == true)
  }

  @Test("Files that others may write, or replace, are warned of with the place and the cure")
  func writableFiles() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let site = try write("site: a\nrouter-id: 1\n", to: "site.yaml", mode: 0o644)
    let secret = try write("hunter2", to: "secret")
    let reference = SecretFileReference(path: secret, mark: Mark(line: 3, column: 7), tunnel: "t")
    func warnings() throws -> [String] {
      let found =
        Check.hazards(of: try SiteFile.read(site)) + SecretFiles.diagnostics(for: [reference], purpose: .run)
      #expect(found.allSatisfy { $0.severity == .warning })
      return found.map(\.message)
    }
    #expect(try warnings() == [])
    chmod(site, 0o664)
    #expect(
      try warnings() == ["the site file is not safe from others: others may write to \(site); chmod go-w \(site)"])
    chmod(site, 0o644)
    chmod(directory, 0o777)
    let place = "the folder \(directory) on the way is open to others, who may write in it; chmod go-w \(directory)"
    #expect(
      try warnings() == [
        "the site file is not safe from others: \(place)",
        "secret file \(reference.path) of \(reference.owner) is not safe from others: \(place)",
      ])
    // In a folder like /tmp nobody can replace what is ours, but anybody can add what is not there.
    chmod(directory, 0o1777)
    let folder = site.dropLast("yaml".count) + "d"
    #expect(try warnings().map { $0.contains("\(folder) is not there, and others, who may write in ") } == [true])
    try FileManager.default.createDirectory(atPath: String(folder), withIntermediateDirectories: false)
    #expect(try warnings() == [])
  }

  @Test(
    "A secret is not read where somebody else lets its path point",
    .enabled(if: geteuid() == 0, "giving files away needs root"))
  func foreignLink() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let target = try write("hunter2", to: "target")
    let theirs = directory + "/theirs"
    try FileManager.default.createDirectory(atPath: theirs, withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(atPath: theirs + "/secret", withDestinationPath: target)
    let reference = SecretFileReference(path: theirs + "/secret", mark: Mark(line: 3, column: 7), tunnel: "t")
    #expect(SecretFiles.diagnostics(for: [reference], purpose: .run) == [])
    #expect(try Secrets.read(theirs + "/secret") == Array("hunter2".utf8))
    #expect(chown(theirs, 65_534, 65_534) == 0)
    for (purpose, severity) in [(SecretFiles.Purpose.check, Diagnostic.Severity.warning), (.run, .error)] {
      let diagnostics = SecretFiles.diagnostics(for: [reference], purpose: purpose)
      #expect(diagnostics.map(\.severity) == [severity])
      #expect(diagnostics.first?.message.contains("is a symbolic link that somebody else may have made") == true)
    }
    #expect(throws: SecretFailure.self) { try Secrets.read(theirs + "/secret") }
  }

  @Test(
    "A file that may not be read is a note for check: root may, so ask for it only as somebody else",
    .enabled(if: getuid() != 0))
  func forbiddenSecret() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = try write("hunter2", to: "forbidden", mode: 0)
    let reference = SecretFileReference(path: path, mark: Mark(line: 3, column: 7), tunnel: "t")
    #expect(SecretFiles.diagnostics(for: [reference], purpose: .check).map(\.severity) == [.note])
    #expect(SecretFiles.diagnostics(for: [reference], purpose: .run).map(\.severity) == [.error])
  }
}
