import ArgumentParser
import Foundation
import Glibc
import PWConfig
import PWCore
import Testing

@testable import pwmgr

/// The folder beside a site file: what is read of it, what is passed over, and what refuses the whole site.
struct DropInFolderTests {
  private let directory: String
  private var site: String { directory + "/site.yaml" }

  init() throws {
    directory = NSTemporaryDirectory() + "pwmgr-drop-ins-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: directory + "/site.d", withIntermediateDirectories: true)
    try write("site: a\nrouter-id: 1\n", to: "site.yaml")
  }

  private func write(_ text: String, to name: String) throws {
    try #require(
      FileManager.default.createFile(
        atPath: "\(directory)/\(name)", contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]))
  }

  private func tunnel(_ name: String, _ address: Int) -> String {
    "tunnels:\n  \(name):\n    peer: 192.0.2.\(address)\n"
  }

  private func remove() { try? FileManager.default.removeItem(atPath: directory) }

  private func exitCode(_ arguments: String...) -> Int32 {
    do {
      var command = try PwmgrCommand.parseAsRoot(arguments)
      try command.run()
      return 0
    } catch {
      return PwmgrCommand.exitCode(for: error).rawValue
    }
  }

  private func refusal() -> String? {
    do throws(SiteFile.UnreadableFile) {
      _ = try SiteFile.read(site)
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test("The folder has the name of the file", arguments: [("/a/site.yaml", "/a/site.d"), ("b.yaml", "b.d")])
  func name(file: String, folder: String) {
    #expect(DropInFolder.path(beside: file) == folder)
  }

  @Test("Other files have none", arguments: ["/a/site", "-", "/a/site.yml", "/a/site.yaml.tried", "/a/b.yaml/c"])
  func noName(file: String) {
    #expect(DropInFolder.path(beside: file) == nil)
  }

  @Test("Parts are read in the byte order of their names, and their complaints name them")
  func order() throws {
    defer { remove() }
    try write(tunnel("c", 3), to: "site.d/é.yaml")
    try write(tunnel("b", 2), to: "site.d/b.yaml")
    try write(tunnel("a", 1) + "    helo: 1s\n", to: "site.d/B.yaml")
    try write(tunnel("z", 9), to: "site.d/10.yaml")
    let file = try SiteFile.read(site)
    #expect(file.parts.dropIns.map(\.name) == ["site.d/10.yaml", "site.d/B.yaml", "site.d/b.yaml", "site.d/é.yaml"])
    let report = CheckReport(file, files: [])
    #expect(report.text.hasPrefix("\(directory)/site.d/B.yaml:4:5: error: unknown key 'helo'"))
    #expect(report.complaints.map(\.file) == ["\(directory)/site.d/B.yaml"])
    #expect(exitCode("check", site) == 1)
    try write(tunnel("a", 1), to: "site.d/B.yaml")
    let right = try SiteFile.read(site)
    #expect(right.reading.site?.tunnels.map(\.name) == ["z", "a", "b", "c"])
    #expect(
      CheckReport(right, files: []).text
        == "\(site): site 'a' with 4 tunnels, 0 pseudowires, 0 bridges, 4 drop-ins: nothing to complain of")
    #expect(exitCode("check", site) == 0)
    #expect(exitCode("show", site, "--origin") == 0)
  }

  @Test("Of a drop-in that is checked alone, the site file is named")
  func checkedAlone() throws {
    defer { remove() }
    try write(tunnel("a", 1), to: "site.d/a.yaml")
    let found = Check.hazards(of: try SiteFile.read(directory + "/site.d/a.yaml"))
    #expect(found.map(\.severity) == [.note])
    #expect(found.first?.message.hasPrefix("this is a drop-in of \(site); 'pwmgr check \(site)' checks it") == true)
    unlink(site)
    #expect(Check.hazards(of: try SiteFile.read(directory + "/site.d/a.yaml")).isEmpty)
  }

  @Test("A folder that is not there, or is empty, changes nothing")
  func none() throws {
    defer { remove() }
    #expect(try SiteFile.read(site).folder?.dropIns == [])
    try FileManager.default.removeItem(atPath: directory + "/site.d")
    let file = try SiteFile.read(site)
    #expect(file.folder == nil)
    #expect(file.parts.octets == Array("site: a\nrouter-id: 1\n".utf8))
  }

  @Test("The copies that editors and packages leave are passed over, and said once")
  func passedOver() throws {
    defer { remove() }
    let others = ["a.yaml~", "a.yaml.bak", "a.yaml.dpkg-old", ".a.yaml.swp", ".hidden.yaml", "a.yml", "README"]
    for name in others { try write("rubbish: [", to: "site.d/\(name)") }
    try write(tunnel("a", 1), to: "site.d/a.yaml")
    let file = try SiteFile.read(site)
    #expect(file.parts.dropIns.map(\.name) == ["site.d/a.yaml"])
    let warnings = Check.hazards(of: file)
    #expect(warnings.count == others.count)
    for name in others {
      #expect(warnings.count { $0.message.hasPrefix("site.d/\(name) is passed over, since ") } == 1)
    }
    #expect(warnings.allSatisfy { $0.severity == .warning })
    for number in 0..<20 { try write("", to: "site.d/more\(number)") }
    let remarks = try #require(try SiteFile.read(site).folder).remarks
    #expect(remarks.count == 21)
    #expect(remarks.last == "7 more files of \(directory)/site.d are passed over; remove them")
  }

  @Test("A part that cannot be read refuses the whole site")
  func unreadable() throws {
    defer { remove() }
    try write(tunnel("a", 1), to: "site.d/a.yaml")
    #expect(symlink("nowhere", directory + "/site.d/b.yaml") == 0)
    #expect(refusal() == "cannot read \(directory)/site.d/b.yaml: No such file or directory")
    #expect(exitCode("check", site) == 66)
    unlink(directory + "/site.d/b.yaml")
    #expect(mkfifo(directory + "/site.d/b.yaml", 0o600) == 0)
    #expect(refusal()?.contains("site.d/b.yaml: it is not a regular file") == true)
    unlink(directory + "/site.d/b.yaml")
    #expect(mkdir(directory + "/site.d/b.yaml", 0o700) == 0)
    #expect(refusal() == "cannot read \(directory)/site.d/b.yaml: Is a directory")
    try FileManager.default.removeItem(atPath: directory + "/site.d")
    try write("", to: "site.d")
    #expect(refusal() == "cannot read \(directory)/site.d: Not a directory")
  }

  @Test("More parts than a site may have, and more octets, are refused by the reader, and not all read")
  func bounds() throws {
    defer { remove() }
    for number in 0..<(SiteParts.maximumDropIns + 5) { try write("#", to: "site.d/\(number).yaml") }
    let file = try SiteFile.read(site)
    #expect(file.parts.dropIns.count == SiteParts.maximumDropIns + 1)
    #expect(file.reading.diagnostics.map(\.message) == ["the site has more than 1000 drop-ins; join some of them"])
  }

  @Test("Parts that others may write are warned of, and a folder that they may write is refused, each with the cure")
  func hazards() throws {
    defer { remove() }
    try write(tunnel("a", 1), to: "site.d/a.yaml")
    let folder = directory + "/site.d"
    func warnings() throws -> [String] {
      let file = try SiteFile.read(site)
      return Check.hazards(of: file).map { file.parts.line(of: $0) }
    }
    #expect(try warnings() == [])
    chmod(folder + "/a.yaml", 0o660)
    #expect(
      try warnings() == [
        "\(folder)/a.yaml:1:1: warning: the drop-in is not safe from others: others may write to \(folder)/a.yaml; "
          + "chmod go-w \(folder)/a.yaml"
      ])
    // Even in a folder like /tmp anybody could add a part.
    for mode: mode_t in [0o777, 0o1777, 0o775] {
      chmod(folder, mode)
      #expect(
        refusal() == "cannot read \(folder): it is open to others, who could add files to it; chmod go-w \(folder)")
    }
    chmod(folder, 0o700)
    guard geteuid() == 0 else { return }
    #expect(chown(folder, 4711, 4711) == 0)
    #expect(
      refusal() == "cannot read \(folder): it belongs to user 4711, who could add files to it; chown root \(folder)")
  }

  @Test("The folder behind a link is read and looked at; a link that leads nowhere refuses the site")
  func link() throws {
    defer { remove() }
    try write(tunnel("a", 1), to: "site.d/a.yaml")
    #expect(rename(directory + "/site.d", directory + "/real") == 0)
    #expect(symlink("real", directory + "/site.d") == 0)
    let file = try SiteFile.read(site)
    #expect(file.parts.dropIns.map(\.name) == ["site.d/a.yaml"])
    #expect(Check.hazards(of: file).isEmpty)
    chmod(directory + "/real", 0o770)
    #expect(refusal()?.hasPrefix("cannot read \(directory)/site.d: it is open to others") == true)
    #expect(Check.hazards(of: file).first?.message.contains("\(directory)/real is open to others") == true)
    #expect(unlink(directory + "/site.d") == 0)
    #expect(symlink("nowhere", directory + "/site.d") == 0)
    #expect(
      refusal() == "cannot read \(directory)/site.d: it is a symbolic link that leads nowhere; mend it, or remove it")
  }

  @Test("Where the folder is missing beside a site file in a folder of everybody's, anybody could make it")
  func missing() throws {
    defer { remove() }
    try FileManager.default.removeItem(atPath: directory + "/site.d")
    #expect(Check.hazards(of: try SiteFile.read(site)).isEmpty)
    chmod(directory, 0o1777)
    #expect(
      Check.hazards(of: try SiteFile.read(site)).map(\.message) == [
        "the folder of the drop-ins is not safe from others: \(directory)/site.d is not there, and others, who may "
          + "write in \(directory), could make it; make it, or move the site file"
      ])
  }

  @Test("Any octets in a name are shown in a line; those that are not UTF-8 are refused by that reason")
  func octetsOfNames() throws {
    defer { remove() }
    try write(tunnel("a", 1), to: "site.d/a\nb.yaml")
    chmod(directory + "/site.d/a\nb.yaml", 0o660)
    let hazards = Check.hazards(of: try SiteFile.read(site))
    #expect(hazards.map { $0.message.hasSuffix("chmod go-w \(directory)/site.d/a\\nb.yaml") } == [true])
    #expect(rename(directory + "/site.d/a\nb.yaml", directory + "/site.d/a\nc.yaml") == 0)
    #expect(symlink("nowhere", directory + "/site.d/a\nb.yaml") == 0)
    #expect(refusal() == "cannot read \(directory)/site.d/a\\nb.yaml: No such file or directory")
    unlink(directory + "/site.d/a\nb.yaml")
    let name = Array((directory + "/site.d/").utf8CString.dropLast()) + [CChar(bitPattern: 0xFF)]
    #expect(rename(directory + "/site.d/a\nc.yaml", name + Array(".yaml".utf8CString)) == 0)
    #expect(refusal() == "cannot read \(directory)/site.d/\u{FFFD}.yaml: its name is not UTF-8; rename it")
  }

  @Test("A folder that is not read for the name of the site file is warned of", arguments: ["site", "site.yml"])
  func otherName(name: String) throws {
    defer { remove() }
    try write("site: a\nrouter-id: 1\n", to: name)
    let path = "\(directory)/\(name)"
    let words =
      "the files in \(directory)/site.d are not read: a site file has drop-ins only if its name ends in '.yaml'; "
      + "rename it, or the folder"
    #expect(Check.hazards(of: try SiteFile.read(path)).map(\.message) == [words])
    let loaded = try SiteLoader(path: path, pluginDirectory: "/nowhere").load()
    #expect(loaded.remarks == ["\(path):1:1: warning: \(words)"])
    #expect(DropInFolder.unread(beside: site).isEmpty)
    #expect(DropInFolder.unread(beside: directory + "/other.yml").isEmpty)
  }

  @Test("All parts in one file are the same site for a command, and are refused to a daemon")
  func stream() throws {
    defer { remove() }
    try write(tunnel("a", 1), to: "site.d/a.yaml")
    let text = try SiteFile.read(site).parts.text
    try write(text, to: "all.yaml")
    #expect(try SiteFile.read(directory + "/all.yaml").reading.site?.tunnels.map(\.name) == ["a"])
    #expect(exitCode("check", directory + "/all.yaml") == 0)
    for hasFolder in [false, true] {
      if hasFolder { try #require(mkdir(directory + "/all.d", 0o700) == 0) }
      do throws(StartFailure) {
        _ = try SiteLoader(path: directory + "/all.yaml", pluginDirectory: "/nowhere").load()
        Issue.record("it was loaded")
      } catch {
        #expect(error.summary.contains("all.yaml has several parts in one file; put each into \(directory)/all.d, "))
      }
    }
    let loaded = try SiteLoader(path: site, pluginDirectory: "/nowhere").load()
    #expect(loaded.hasDropIns)
    #expect(String(decoding: loaded.octets, as: UTF8.self) == text)
    // With drop-ins beside it, nobody could say what belongs where.
    try write(text, to: "site.yaml")
    let both = try SiteFile.read(site)
    #expect(both.reading.diagnostics.map(\.mark) == [Mark(line: 3, column: 1)])
  }

  @Test("A site takes the daemon's place only with the drop-ins that are there")
  func planned() throws {
    defer { remove() }
    try write(tunnel("a", 1), to: "site.d/a.yaml")
    let planned = PlannedDropIns(sitePath: site)
    #expect(try planned.objection(to: SiteFile.read(site)) == nil)
    try write("site: a\nrouter-id: 2\n", to: "new.yaml")
    let alone = try SiteFile.read(directory + "/new.yaml")
    #expect(
      try planned.objection(to: alone) == "it has no drop-ins, and \(directory)/site.d has 1; only the site file "
        + "itself can be replaced: change the files where they are, and run 'pwmgr apply'")
    try FileManager.default.copyItem(atPath: directory + "/site.d", toPath: directory + "/new.d")
    #expect(try planned.objection(to: SiteFile.read(directory + "/new.yaml")) == nil)
    try write(tunnel("a", 2), to: "new.d/a.yaml")
    let objection = try planned.objection(to: SiteFile.read(directory + "/new.yaml"))
    #expect(objection?.hasPrefix("its drop-ins are not those in \(directory)/site.d; only ") == true)
  }

  @Test("A site with drop-ins is not tried")
  func trial() throws {
    defer { remove() }
    let alone = try SiteFile.read(site).parts
    #expect(TrialParts.objection(to: alone) == nil)
    try TrialParts(sitePath: site).requireNone(besides: [alone])
    try write(tunnel("a", 1), to: "site.d/a.yaml")
    let parts = try SiteFile.read(site).parts
    #expect(TrialParts.objection(to: parts)?.hasSuffix("makes it for good (site.d/a.yaml is one)") == true)
    // One that was never applied is enough.
    #expect(throws: ExitCode.failure) { try TrialParts(sitePath: site).requireNone(besides: [alone]) }
    #expect(throws: ExitCode.failure) { try TrialParts(sitePath: site).requireNoneSinceTrial() }
    #expect(!ConfirmedFile.has(alone.octets, at: site))
    unlink(directory + "/site.d/a.yaml")
    try TrialParts(sitePath: site).requireNoneSinceTrial()
    #expect(ConfirmedFile.has(alone.octets, at: site))
  }

  @Test("The old site file has the drop-ins that are beside the one in its place")
  func previous() throws {
    defer { remove() }
    try write(tunnel("a", 1), to: "site.d/a.yaml")
    try write("site: a\nrouter-id: 2\n", to: "site.yaml.previous")
    #expect(symlink(site, directory + "/link.yaml") == 0)
    let old = site + ".previous"
    #expect(PlanSources.isOld(old, of: site) && PlanSources.isOld(old, of: directory + "/link.yaml"))
    #expect(!PlanSources.isOld(site, of: site) && !PlanSources.isOld(old, of: directory + "/other.yaml"))
    #expect(try SiteFile.read(old).parts.dropIns.isEmpty)
    let file = try SiteFile.read(old, besides: site)
    #expect(file.reading.site?.tunnels.map(\.name) == ["a"])
    #expect(try PlannedDropIns(sitePath: site).objection(to: file) == nil)
  }

  @Test("A site file that begins with the line that separates parts is a site as ever; a drop-in is refused")
  func separators() throws {
    defer { remove() }
    let text = "---\n# part: Amsterdam\nsite: a\nrouter-id: 1\n"
    try write(text, to: "site.yaml")
    let loader = SiteLoader(path: site, pluginDirectory: "/nowhere")
    let alone = try loader.load()
    #expect(!alone.hasDropIns && alone.octets == Array(text.utf8))
    try write(tunnel("a", 1), to: "site.d/a.yaml")
    let loaded = try loader.load()
    #expect(loaded.hasDropIns)
    #expect(try loader.load(loaded.octets).site == loaded.site)
    try write("---\n# part: Berlin\n\(tunnel("a", 1))", to: "site.d/a.yaml")
    #expect(CheckReport(try SiteFile.read(site), files: []).text.hasPrefix("\(directory)/site.d/a.yaml:1:1: error: "))
  }

  @Test("A part of a text in a file is not named as if it were a file")
  func container() throws {
    defer { remove() }
    try write("site: a\nrouter-id: 1\n---\n# part: site.d/10.yaml\nrubbish: 1\n", to: "all.yaml")
    let report = CheckReport(try SiteFile.read(directory + "/all.yaml"), files: [])
    #expect(report.text.hasPrefix("site.d/10.yaml:1:1 in \(directory)/all.yaml: error: unknown key 'rubbish'"))
  }
}
