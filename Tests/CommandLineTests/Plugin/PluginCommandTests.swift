import ArgumentParser
import Foundation
import PWCore
import PWPluginHost
import Testing

@testable import pwmgr

/// `pwmgr plugin`: the skeleton that it writes works as it is, and the plugins that it lists are there.
@Suite(.serialized) struct PluginCommandTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "pwmgr-plugin-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func exitCode(_ arguments: String...) -> Int32 {
    do {
      var command = try PwmgrCommand.parseAsRoot(arguments)
      try command.run()
      return 0
    } catch {
      return PwmgrCommand.exitCode(for: error).rawValue
    }
  }

  @Test("the skeleton is not written through a link, and a link that leads nowhere is left as it is")
  func links() throws {
    let target = folder.appending(path: "target").path
    try FileManager.default.createSymbolicLink(
      atPath: folder.appending(path: "colours").path, withDestinationPath: target)
    #expect(exitCode("plugin", "new", "colours", "--directory", folder.path) == 1)
    #expect(!FileManager.default.fileExists(atPath: target))
  }

  private func findings(_ path: String, _ options: [(key: String, value: String)]) -> [PluginTrial.Finding] {
    var findings: [PluginTrial.Finding] = []
    renew(path)
    PluginTrial(path: path, options: options, bridges: ["br-lan"], version: "0").run { findings.append($0) }
    return findings
  }

  /// Replaces a file by a copy that another process has written: one that this process had open for writing may be open in a child
  /// that another test makes, until its exec, and cannot be run as long.
  private func renew(_ path: String) {
    let shell = Process()
    shell.executableURL = URL(filePath: "/bin/sh")
    shell.arguments = ["-c", #"cp -p "$0" "$0.new" && mv "$0.new" "$0""#, path]
    do {
      try shell.run()
      shell.waitUntilExit()
    } catch {
      Issue.record(error)
    }
    #expect(shell.terminationStatus == 0)
  }

  private func expectKept(_ path: String, _ options: [(key: String, value: String)] = []) {
    let findings = findings(path, options)
    #expect(findings.count > 10)
    for finding in findings {
      guard case .broken(let how) = finding.verdict else { continue }
      Issue.record("\(finding.rule): \(how)")
    }
    let untried = findings.filter { if case .untried = $0.verdict { true } else { false } }
    #expect(untried.count <= 2, "\(untried)")
  }

  @Test("A new plugin in Python keeps all rules, with options and without")
  func python() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(exitCode("plugin", "new", "paint", "--directory", folder.path) == 0)
    let path = folder.appending(path: "paint").path
    expectKept(path)
    expectKept(path, [(key: "bridge", value: "br-lan")])
    #expect(exitCode("plugin", "test", path) == 0)
    #expect(exitCode("plugin", "test", path, "--option", "bridge=br-other") == 1)
    // It is not written over.
    #expect(exitCode("plugin", "new", "paint", "--directory", folder.path) == 1)
  }

  @Test("A new plugin in Swift is a package that names pwmgr's own")
  func swift() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(
      exitCode(
        "plugin", "new", "wet-paint", "--language", "swift", "--package", Self.root.path + "/Sources/..", "--directory",
        folder.path)
        == 0)
    func text(_ path: String) throws -> String {
      try String(contentsOf: folder.appending(path: "wet-paint/\(path)"), encoding: .utf8)
    }
    #expect(
      try text("Package.swift").contains(".package(name: \"pwmgr\", path: \"\(Self.root.standardizedFileURL.path)\")"))
    #expect(try text("Sources/wet-paint/main.swift").contains("PluginExecutable.serve(WetPaintPlugin())"))
    #expect(try text("Sources/wet-paint/WetPaintPlugin.swift").contains("struct WetPaintPlugin: ServedPlugin"))
    #expect(exitCode("plugin", "new", "paint", "--language", "swift") == 64)
    #expect(exitCode("plugin", "new", "paint", "--language", "swift", "--package", folder.path) == 66)
    #expect(exitCode("plugin", "test", folder.path) == 66)
  }

  @Test("The skeleton in Swift is the one that is compiled and tested beside the kit")
  func compiledSkeleton() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let compiled = try String(
      contentsOf: Self.root.appending(path: "Tests/PWPluginKitTests/SkeletonPlugin.swift"), encoding: .utf8)
    let written = try #require(SwiftSkeleton.files(name: "skeleton", in: "", package: "/src/pwmgr").last)
    #expect(written.path == "skeleton/Sources/skeleton/SkeletonPlugin.swift")
    #expect(written.text == compiled)
  }

  @Test("Names that no plugin can have")
  func names() {
    defer { try? FileManager.default.removeItem(at: folder) }
    for name in ["ethernet", "Paint", "9lives", "a/b", ""] {
      #expect(exitCode("plugin", "new", name, "--directory", folder.path) == 64, "\(name)")
    }
    #expect(exitCode("plugin", "test", folder.path + "/none") == 66)
    #expect(exitCode("plugin", "test", folder.path, "--option", "bridge") == 64)
  }

  @Test("The list has pwmgr's own and those of the directory, with what is wrong")
  func list() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(exitCode("plugin", "new", "paint", "--directory", folder.path) == 0)
    renew(folder.appending(path: "paint").path)
    #expect(exitCode("plugin", "list", "--plugin-directory", folder.path) == 0)
    let broken = folder.appending(path: "broken")
    try Data("#!/bin/sh\nexit 3\n".utf8).write(to: broken)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: broken.path)
    renew(broken.path)
    let entries = PluginEntry.all(in: folder.path)
    #expect(entries.map(\.name) == ["ethernet", "ppp", "vlan", "broken", "paint"])
    #expect(entries[3].problem?.contains("it ended with status 3") == true)
    #expect(entries[4].type == 5)
    #expect(entries[4].options == ["bridge"])
    let lines = PluginEntry.table(of: entries).split(separator: "\n").map(String.init)
    #expect(lines[0].hasPrefix("NAME      TYPE    PAYLOAD   VERSION"))
    #expect(entries.map(\.required) == [[], [], ["port"], [], []])
    #expect(lines[3].hasSuffix("  port* vlan vlans tag priority mtu"))
    #expect(lines.last == "* required")
    #expect(!PluginEntry.table(of: [entries[0]]).contains("*"))
    #expect(lines.contains { $0.hasPrefix("  cannot be used: it ended with status 3") })
    #expect(exitCode("plugin", "list", "--json", "--plugin-directory", folder.path) == 1)
  }

  @Test("The example in Python keeps all rules, and is short")
  func hooks() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let hooks = Self.root.appending(path: "examples/plugins/hooks/hooks")
    // As the checkout has it, it may belong to somebody else, or be open to a group.
    let copy = folder.appending(path: "hooks")
    try Data(contentsOf: hooks).write(to: copy)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: copy.path)
    renew(copy.path)
    let finder = PluginDirectory(folder.path, version: "0")
    for site in ["amsterdam", "berlin"] {
      let file = try SiteFile.read(
        Self.root.appending(path: "examples/plugins/hooks/\(site).yaml").path, finder: finder)
      #expect(file.reading.diagnostics == [], "\(site)")
      #expect(file.reading.site?.tunnels[0].pseudowires[0].type == .ethernet)
    }
    expectKept(copy.path)
    expectKept(
      copy.path, [(key: "bridge", value: "br-lan"), (key: "up", value: "/bin/true"), (key: "timeout", value: "5")])
    #expect(
      try String(contentsOf: hooks, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false).count
        < 150)
  }
}
