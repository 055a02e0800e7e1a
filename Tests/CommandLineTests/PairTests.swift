import ArgumentParser
import Foundation
import PWConfig
import PWCore
import Testing

@testable import pwmgr

/// `pwmgr check --pair`: the two ends of a pseudowire, held against each other before either is started.
struct PairTests {
  private static let examples = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "examples")
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "pwmgr-pair-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private static let amsterdam = """
    site: amsterdam
    router-id: 192.0.2.1
    tunnels:
      berlin:
        local: 192.0.2.1
        peer: 192.0.2.2
        pseudowires:
          lan:
            type: ethernet
            end-id: 100
            bridge: br0
    bridges:
      br0:
        members: [eth1]

    """
  private static let berlin = amsterdam.replacing("192.0.2.1", with: "@").replacing("192.0.2.2", with: "192.0.2.1")
    .replacing("@", with: "192.0.2.2").replacing("amsterdam", with: "@").replacing("berlin", with: "amsterdam")
    .replacing("@", with: "berlin")

  private func file(_ text: String, _ name: String) throws -> SiteFile {
    let path = folder.appending(path: name).path
    try Data(text.utf8).write(to: URL(filePath: path))
    let file = try SiteFile.read(path)
    #expect(file.reading.site != nil, "\(file.reading.diagnostics)")
    return file
  }

  /// The report on the two sites above, after changes to either.
  private func report(
    _ ours: [(String, String)] = [], _ theirs: [(String, String)] = []
  ) throws -> PairReport {
    var texts = [Self.amsterdam, Self.berlin]
    for (side, changes) in [ours, theirs].enumerated() {
      for (old, new) in changes {
        #expect(texts[side].contains(old), "\(old)")
        texts[side] = texts[side].replacing(old, with: new)
      }
    }
    return try #require(PairReport(try file(texts[0], "a.yaml"), try file(texts[1], "b.yaml")))
  }

  @Test("One that a file disables is not counted, and no fault")
  func disabled() throws {
    let off = [("end-id: 100", "end-id: 100\n        enabled: false")]
    for (ours, theirs, words) in [
      (off, [], "the first end disables it"), ([], off, "the second end disables it"),
      (off, off, "both ends disable it"),
    ] {
      let report = try report(ours, theirs)
      #expect(report.isAccepted && report.pseudowires == 0 && report.text.contains(words), "\(report.text)")
    }
    let tunnel = try report([], [("local: 192.0.2.2", "local: 192.0.2.2\n    enabled: false")])
    #expect(tunnel.isAccepted && tunnel.pseudowires == 0)
    #expect(tunnel.text.contains("tunnel 'amsterdam' of site 'berlin': it is disabled"), "\(tunnel.text)")
  }

  /// That there is one obstacle, which says this, at these lines and columns.
  private func expect(
    _ report: PairReport, _ words: String, at one: String, and other: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let errors = report.findings.filter { $0.severity == "error" }
    #expect(errors.count == 1, "\(report.text)", sourceLocation: sourceLocation)
    #expect(errors.first?.message.contains(words) == true, "\(report.text)", sourceLocation: sourceLocation)
    let places = errors.first?.places.map { "\($0.line):\($0.column)" }
    #expect(places == [one, other], "\(report.text)", sourceLocation: sourceLocation)
    #expect(!report.isAccepted && report.pseudowires == 0, sourceLocation: sourceLocation)
  }

  @Test("two that fit are told so, by status 0; the command takes two files")
  func fits() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let right = try report()
    #expect(right.isAccepted && right.pseudowires == 1 && right.findings.isEmpty, "\(right.text)")
    let paths = [folder.appending(path: "a.yaml").path, folder.appending(path: "b.yaml").path]
    #expect(exitCode(["check", "--pair"] + paths) == 0)
    #expect(exitCode(["check", "--pair", "--json"] + paths) == 0)
    #expect(exitCode(["check", "--pair", paths[0]]) == 64)
    #expect(exitCode(["check", "--pair", paths[0], "-"]) == 64)
    #expect(exitCode(["check", "--pair", paths[0], "/nonexistent.yaml"]) == 66)
    try Data(Self.berlin.replacing("end-id: 100", with: "end-id: 101").utf8).write(to: URL(filePath: paths[1]))
    #expect(exitCode(["check", "--pair"] + paths) == 1)
    #expect(exitCode(["check", "--pair", "--json"] + paths) == 1)
    #expect(exitCode(["check"] + paths) == 0, "each by itself is right")
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

  @Test("the examples' pairs come up, and tunnels to third sites are left alone")
  func examples() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let topics = ["udp", "ip", "ipv6", "ppp", "pppoe", "qinq", "static", "trunk", "vlan"]
    var pairs = topics.map { ["\($0)-amsterdam", "\($0)-berlin"] }
    pairs += [["mesh-amsterdam", "mesh-berlin"], ["mesh-berlin", "mesh-copenhagen"]]
    pairs += (1...3).map { ["hub-hub", "hub-spoke-\($0)"] }
    for pair in pairs + pairs.map({ [$0[1], $0[0]] }) {
      let files = try pair.map { try SiteFile.read(Self.examples.appending(path: "\($0).yaml").path) }
      let report = try #require(PairReport(files[0], files[1]), "\(pair)")
      #expect(report.isAccepted && report.pseudowires > 0, "\(report.text)")
      #expect(report.findings.allSatisfy { $0.message.contains("cannot both be read here") }, "\(report.text)")
    }
  }

  @Test("the port that is called is the one that is listened on")
  func ports() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let (ours, theirs) = ("peer: 192.0.2.2", "peer: 192.0.2.1")
    let (caller, listener) = ("\n    role: initiate\n    peer-port: 1702", "\n    listen-port: 1702")
    #expect(try report([(ours, ours + caller)], [(theirs, theirs + listener)]).isAccepted)
    expect(
      try report([(ours, ours + "\n    role: initiate")], [(theirs, theirs + listener)]),
      "`peer-port: 1701` is called, but the other end listens on 1702", at: "4:3", and: "7:18")
  }

  @Test("tunnels without signalling: each value of one end is the other's of the other end")
  func withoutSignalling() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    func tunnel(_ peer: String, _ local: Int, _ remote: Int, _ more: String = "") -> (String, String) {
      (peer, "\(peer)\n    signalling: none\n    connection-ids: {local: \(local), peer: \(remote)}\(more)")
    }
    func session(_ local: Int, _ remote: Int, _ more: String = "") -> (String, String) {
      ("end-id: 100", "session-ids: {local: \(local), peer: \(remote)}\n        sublayer: none\(more)")
    }
    let (ours, theirs) = ("peer: 192.0.2.2", "peer: 192.0.2.1")
    let cookies = "\n        cookies: {local: 00112233}"
    #expect(try report([tunnel(ours, 1, 2), session(3, 4)], [tunnel(theirs, 2, 1), session(4, 3)]).pseudowires == 1)
    expect(
      try report([tunnel(ours, 1, 2), session(3, 4)], [tunnel(theirs, 2, 7), session(4, 3)]),
      "{local: 1, peer: 2} and {local: 2, peer: 7}: the 'peer' of each must be the 'local' of the other", at: "8:21",
      and: "8:21")
    expect(
      try report([tunnel(ours, 1, 2), session(3, 4)], [tunnel(theirs, 2, 1), session(4, 9)]),
      "{local: 3, peer: 4} and {local: 4, peer: 9}: the 'peer' of each must be the 'local' of the other", at: "12:22",
      and: "12:22")
    expect(
      try report([tunnel(ours, 1, 2), session(3, 4, cookies)], [tunnel(theirs, 2, 1), session(4, 3)]),
      "the cookies differ", at: "14:18", and: "10:7")
    expect(
      try report([tunnel(ours, 1, 2, "\n    peer-port: 5000"), session(3, 4)], [tunnel(theirs, 2, 1), session(4, 3)]),
      "from port 5000 to port 5000, and back from port 1701 to port 1701", at: "9:16", and: "4:3")
    expect(
      try report([tunnel(ours, 1, 2), session(3, 4)]),
      "`signalling: none` and `signalling: full`; write the same at both ends",
      at: "7:17", and: "4:3")
    let vlan = [("type: ethernet", "type: vlan\n        port: eth7\n        vlan: 5"), ("        bridge: br0\n", "")]
    let types = try report([tunnel(ours, 1, 2), session(3, 4)] + vlan, [tunnel(theirs, 2, 1), session(4, 3)])
    #expect(!types.isAccepted && types.text.contains("`type: vlan` and `type: ethernet`"), "\(types.text)")
  }

  @Test("tunnels that do not fit: encapsulation, port, addresses, roles, the Host Name of the other end")
  func tunnels() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let peer = "peer: 192.0.2.2"
    expect(
      try report([(peer, peer + "\n    encapsulation: ip")]), "`encapsulation: ip` and `encapsulation: udp`",
      at: "7:20", and: "4:3")
    expect(
      try report([(peer, peer + "\n    role: initiate\n    peer-port: 1702")]), "`peer-port: 1702` is called",
      at: "8:16", and: "4:3")
    expect(
      try report([("peer: 192.0.2.2", "peer: 192.0.2.9")], [("peer: 192.0.2.1", "peer: 192.0.2.1\n    role: accept")]),
      "`peer: 192.0.2.9` is called, but the other end is at `local: 192.0.2.2`", at: "6:11", and: "5:12")
    expect(
      try report(
        [("peer: 192.0.2.2", "peer: 192.0.2.2\n    role: initiate")], [("peer: 192.0.2.1", "peer: 192.0.2.8")]),
      "calls from `local: 192.0.2.1`, but the other end accepts calls from `peer: 192.0.2.8`", at: "5:12", and: "6:11")
    expect(
      try report([(peer, peer + "\n    role: accept")], [("peer: 192.0.2.1", "peer: 192.0.2.1\n    role: accept")]),
      "no call can succeed, because no end calls one that accepts: `role: accept` and `role: accept`", at: "7:11",
      and: "7:11")
    let several = try report(
      [(peer, peer + "\n    role: accept\n    encapsulation: ip")],
      [("peer: 192.0.2.1", "peer: 192.0.2.1\n    role: accept")])
    for words in ["no call can succeed", "`encapsulation: ip` and `encapsulation: udp`"] {
      #expect(several.text.contains(words), "\(several.text)")
    }
    expect(
      try report([(peer, peer + "\n    peer-host-name: bonn")]),
      "`peer-host-name: bonn` is declared, but the other end presents 'berlin'", at: "7:21", and: "4:3")
    expect(
      try report([(peer, peer + "\n    dscp: 46")], [("peer: 192.0.2.1", "peer: 192.0.2.1\n    dscp: 10")]),
      "`dscp: 46` and `dscp: 10`", at: "7:11", and: "7:11")
  }

  @Test("several addresses of one peer: one of them is the other end's")
  func lists() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let list = ("peer: 192.0.2.2", "peer: [198.51.100.2, 192.0.2.2]")
    #expect(try report([list]).isAccepted)
    #expect(try report([list], [("peer: 192.0.2.1", "peer: [198.51.100.1, 192.0.2.1]")]).isAccepted)
    #expect(try report([], [("peer: 192.0.2.1", "peer: [198.51.100.1, 192.0.2.1]\n    role: accept")]).isAccepted)
    expect(
      try report(
        [("peer: 192.0.2.2", "peer: [198.51.100.2, 198.51.100.3]\n    role: initiate")],
        [("peer: 192.0.2.1", "peer: 192.0.2.1\n    role: accept")]),
      "`peer: 198.51.100.2, 198.51.100.3` is called, but the other end is at `local: 192.0.2.2`", at: "6:11",
      and: "5:12")
    expect(
      try report(
        [("peer: 192.0.2.2", "peer: 192.0.2.2\n    role: initiate")],
        [("peer: 192.0.2.1", "peer: [198.51.100.1, 198.51.100.2]\n    role: accept")]),
      "it calls from `local: 192.0.2.1`, but the other end accepts calls from `peer: 198.51.100.1, 198.51.100.2`",
      at: "5:12", and: "6:11")
  }

  @Test("secrets: at one end only, different, the same, and not to be read")
  func secrets() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    func secret(_ text: String, _ name: String) throws -> (String, String) {
      let path = folder.appending(path: name).path
      _ = FileManager.default.createFile(
        atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
      return ("    pseudowires:", "    authentication:\n      secret-file: \(path)\n    pseudowires:")
    }
    let (one, same, different) = (try secret("x", "one"), try secret("x\n", "same"), try secret("y", "different"))
    expect(try report([one]), "there is a secret at the first site only", at: "8:7", and: "4:3")
    expect(try report([one], [different]), "the secrets are not the same", at: "8:7", and: "8:7")
    #expect(try report([one], [same]).findings.isEmpty)
    try FileManager.default.removeItem(at: folder.appending(path: "same"))
    let unread = try report([one], [same])
    #expect(unread.isAccepted && unread.findings.map(\.severity) == ["note"], "\(unread.text)")
    #expect(!unread.text.contains("'x'"))
  }

  @Test("methods of authentication that differ")
  func methods() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    func lines(_ method: String) -> String { "\n    authentication: {method: \(method), secret-file: /nonexistent}" }
    expect(
      try report(
        [("peer: 192.0.2.2", "peer: 192.0.2.2" + lines("digest"))],
        [("peer: 192.0.2.1", "peer: 192.0.2.1" + lines("challenge"))]),
      "`method: digest` and `method: challenge`; declare the same method at both ends", at: "7:21", and: "7:21")
  }

  @Test("pseudowires that do not agree: names, type, sublayer, sequencing, MTU")
  func pseudowires() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let end = "end-id: 100"
    expect(
      try report([], [(end, "end-id: 101")]), "`end-id: 100 (number)` and `end-id: 101 (number)`", at: "10:17",
      and: "10:17")
    // A number and its decimal text are the same end, and so are ends that are called by different names at both.
    #expect(try report([], [(end, "end-id: \"100\"")]).isAccepted)
    let seven = (end, "end-id: 7\n        local-end-id: 8")
    #expect(try report([seven], [(end, "end-id: 8\n        local-end-id: 7")]).isAccepted)
    expect(
      try report([seven], [(end, "end-id: 8\n        local-end-id: 9")]),
      "`local-end-id: 8 (number)` and `end-id: 8 (number)`, `local-end-id: 9 (number)`", at: "10:17", and: "10:17")
    expect(
      try report(
        [], [("type: ethernet", "type: vlan\n        port: eth2\n        vlan: 7"), ("        bridge: br0\n", "")]),
      "`type: ethernet` and `type: vlan`", at: "9:15", and: "9:15")
    expect(
      try report([(end, end + "\n        attachment-group: 5")]),
      "`attachment-group: 5 (number)` and `attachment-group: the default one`", at: "11:27", and: "8:7")
    expect(
      try report([(end, end + "\n        sublayer: none")], [(end, end + "\n        sublayer: default")]),
      "`sublayer: none` and `sublayer: default`", at: "11:19", and: "11:19")
    #expect(try report([], [(end, end + "\n        sublayer: default")]).isAccepted, "the other end adopts it")
    expect(
      try report([(end, end + "\n        sublayer: default")], [(end, end + "\n        sequencing: true")]),
      "`sequencing: false` and `sequencing: true`", at: "8:7", and: "11:21")
    let mtu = end + "\n        interface-mtu: 1500\n        mtu-mismatch: refuse"
    expect(
      try report([(end, mtu)], [(end, end + "\n        interface-mtu: 1400")]),
      "`interface-mtu: 1500` and `interface-mtu: 1400`", at: "11:24", and: "11:24")
    let different = ["1500", "1400"].map { [(end, end + "\n        interface-mtu: \($0)")] }
    #expect(try report(different[0], different[1]).isAccepted)
  }

  @Test("a pseudowire that the other end has not, and one that is right beside it")
  func alone() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let second = "  lan:\n        type: ethernet\n        end-id: 100\n        bridge: br0\n"
    let more = second + "      more:\n        type: ethernet\n        end-id: 200\n        member: eth7\n"
    let report = try report([(second, more)])
    #expect(!report.isAccepted && report.pseudowires == 1, "\(report.text)")
    #expect(report.findings.count == 1)
    #expect(report.findings.first?.message.contains("pseudowire 'more' is at one end only") == true, "\(report.text)")
    #expect(report.text.contains("a.yaml:12:7: error: "))
    #expect(report.text.contains("b.yaml:4:3)"))
  }

  @Test("VLANs of two trunks: none in common is an obstacle, some at one end only are told")
  func vlans() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    func trunk(_ vlans: String) -> [(String, String)] {
      [
        ("type: ethernet", "type: vlan"), ("bridge: br0", "port: eth2\n        vlans: \(vlans)"),
        ("bridges:\n  br0:\n    members: [eth1]\n", ""),
      ]
    }
    #expect(try report(trunk("1-5"), trunk("1-5")).findings.isEmpty)
    let some = try report(trunk("1-5"), trunk("3-7"))
    #expect(some.isAccepted && some.findings.first?.severity == "note", "\(some.text)")
    #expect(some.findings.first?.message.contains("`vlans: 1-5` and `vlans: 3-7`") == true)
    expect(try report(trunk("1-5"), trunk("6-7")), "no VLAN is declared at both ends", at: "12:16", and: "12:16")
  }
}
