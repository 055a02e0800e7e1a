import Foundation
import PWCore
import Testing

@testable import pwmgr

@Suite("The folder of hooks") final class HookFolderTests {
  private let root: URL
  private var folder: HookFolder { HookFolder(path: root.path) }

  init() throws {
    root = FileManager.default.temporaryDirectory.appending(path: "pwmgr-hooks-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: root, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
  }

  deinit { try? FileManager.default.removeItem(at: root) }

  private func program(_ name: String, mode: Int = 0o755) throws {
    let file = root.appending(path: name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    try Data("#!/bin/sh\n".utf8).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
  }

  @Test("the programs of a kind and those for all run in the order of their names")
  func order() throws {
    for name in ["forwarding/20-mail", "any/10-log", "any/30-count", "not-forwarding/05-page"] { try program(name) }
    let selection = folder.programs(for: "forwarding")
    #expect(selection.programs == ["any/10-log", "forwarding/20-mail", "any/30-count"].map { "\(root.path)/\($0)" })
    #expect(selection.complaints == [])
    #expect(folder.programs(for: "started").programs.count == 2)
  }

  @Test("a kind that is not a word leads nowhere", arguments: ["../any", "any", "", "a/b", "a.b", "A"])
  func wrongKind(_ kind: String) throws {
    try program("any/10-log")
    #expect(folder.programs(for: kind) == .init())
  }

  @Test("files that editors and package managers leave are passed over")
  func leftovers() throws {
    for name in ["a~", "a.bak", ".a.swp", "a.dpkg-old", "a.rpmsave", "a.sh"] { try program("any/\(name)") }
    #expect(folder.programs(for: "started").programs == ["\(root.path)/any/a.sh"])
    #expect(folder.survey().programs == ["\(root.path)/any/a.sh"])
  }

  @Test("a survey finds folders of no kind, and programs that cannot be run, with the cures")
  func survey() throws {
    try program("not-forwardin/a")
    try program("forwarding/plain", mode: 0o644)
    try program("forwarding/open", mode: 0o777)
    try program("forwarding/well")
    let survey = folder.survey()
    #expect(survey.programs == ["\(root.path)/forwarding/well"])
    #expect(
      survey.complaints == [
        "others may write to \(root.path)/forwarding/open; chmod go-w \(root.path)/forwarding/open",
        "\(root.path)/forwarding/plain is not executable; chmod 755 \(root.path)/forwarding/plain",
        "\(root.path)/not-forwardin: 'not-forwardin' is not a kind of event; did you mean 'not-forwarding'?",
      ])
  }

  @Test("a link to the folder is followed")
  func link() throws {
    try program("real/any/a")
    let link = root.appending(path: "link")
    try FileManager.default.createSymbolicLink(at: link, withDestinationURL: root.appending(path: "real"))
    let folder = HookFolder(path: link.path)
    #expect(folder.programs(for: "started").programs == folder.survey().programs)
    #expect(folder.survey().programs.map { $0.hasSuffix("/real/any/a") } == [true])
  }

  @Test("a folder that is not there has no programs, which only the survey says")
  func absent() throws {
    let absent = HookFolder(path: root.path + "/absent")
    #expect(absent.programs(for: "started") == .init())
    #expect(absent.survey().complaints == ["\(root.path)/absent: No such file or directory"])
  }

  @Test("a program gets the event's fields by the names that the journal has")
  func environment() {
    let event = Event(
      .notice, .notForwarding, tunnel: "berlin", pseudowire: "lan",
      fields: [EventField(.reasons, .texts(["no-session", "circuit-down"])), .number(.octets, 1500)],
      "not forwarding: no\0thing")
    let record = EventRecord(.init(number: 7, milliseconds: 0, event: event), run: "r")
    #expect(
      record.environment == [
        "PWMGR_KIND=not-forwarding", "PWMGR_LEVEL=notice", "PWMGR_MESSAGE=not forwarding: no?thing",
        "PWMGR_TUNNEL=berlin", "PWMGR_PSEUDOWIRE=lan", "PWMGR_OCTETS=1500",
        "PWMGR_REASONS=no-session circuit-down",
      ])
  }
}
