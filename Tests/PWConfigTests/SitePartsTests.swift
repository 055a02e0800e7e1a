import EthernetPlugin
import PPPPlugin
import PWCore
import Testing
import VLANPlugin

@testable import PWConfig

/// A site file and its drop-ins: joined to one site, with the place of everything in its own file.
struct SitePartsTests {
  private let reader = SiteReader(plugins: [EthernetPlugin(), PPPPlugin(), VLANPlugin()])
  private static let main = "site: a\nrouter-id: 1\ntunnels:\n  one:\n    peer: 192.0.2.1\n"
  private static let berlin = "# Berlin\ntunnels:\n  berlin:\n    peer: 192.0.2.2\n    pseudowires:\n      lan:\n"

  private static func tunnel(_ name: String, _ address: Int, _ more: String = "") -> String {
    "tunnels:\n  \(name):\n    peer: 192.0.2.\(address)\n\(more)"
  }

  private static func parts(_ main: String, _ dropIns: String..., title: String = "/etc/pwmgr/site.yaml") -> SiteParts {
    SiteParts(
      title: title, main: Array(main.utf8),
      dropIns: dropIns.enumerated().map { .init(name: "site.d/\($0 + 1).yaml", octets: Array($1.utf8)) })
  }

  private func lines(_ parts: SiteParts) -> [String] {
    reader.read(parts).diagnostics.map { parts.line(of: $0) }
  }

  @Test("Tunnels, bridges and plugins are joined in the order of the parts")
  func join() throws {
    let parts = Self.parts(
      Self.main, Self.tunnel("two", 2) + "bridges:\n  br0: {members: [eth0]}\n", "# nothing yet\n", "---\n# nothing\n",
      Self.tunnel("three", 3, "    local: 192.0.2.9\n") + "bridges:\n  br1: {}\n", "host-name: here\n")
    let reading = reader.read(parts)
    #expect(reading.diagnostics == [])
    let site = try #require(reading.site)
    #expect(site.tunnels.map(\.name) == ["one", "two", "three"])
    #expect(site.bridges.map(\.name) == ["br0", "br1"])
    #expect(site.hostName == "here")
  }

  @Test("A drop-in refers to what another part has")
  func references() throws {
    let pseudowire = "    pseudowires:\n      lan: {type: ethernet, end-id: 1, bridge: br0}\n"
    let parts = Self.parts(Self.main, Self.tunnel("two", 2, pseudowire), "bridges:\n  br0: {members: [eth0]}\n")
    #expect(reader.read(parts).diagnostics == [])
  }

  @Test("An object of two parts is named with both places")
  func twoOwners() {
    let parts = Self.parts(
      Self.main + "bridges: {br0: {}}\n", "\n\n" + Self.tunnel("one", 9), "router-id: 1\nbridges:\n  br0: {}\n",
      Self.tunnel("two", 2), Self.tunnel("two", 3))
    #expect(
      lines(parts) == [
        "/etc/pwmgr/site.d/1.yaml:4:3: error: tunnel 'one' is in line 4 of /etc/pwmgr/site.yaml already; keep one of "
          + "the two, or rename one",
        "/etc/pwmgr/site.d/2.yaml:1:1: error: 'router-id' of the site is in line 2 of /etc/pwmgr/site.yaml already; "
          + "keep one of the two",
        "/etc/pwmgr/site.d/2.yaml:3:3: error: bridge 'br0' is in line 6 of /etc/pwmgr/site.yaml already; keep one of "
          + "the two, or rename one",
        "/etc/pwmgr/site.d/4.yaml:2:3: error: tunnel 'two' is in line 2 of /etc/pwmgr/site.d/3.yaml already; keep one "
          + "of the two, or rename one",
      ])
  }

  @Test("A complaint is about a line of its own file, whatever the parts before it are")
  func places() {
    let wrong = "tunnels:\n  two:\n    peer: 192.0.2.2\n    helo: 3s\n"
    #expect(
      lines(Self.parts(Self.main, "#", "# \u{2028}\u{85}\r\n", wrong, title: "site.yaml"))
        == [
          "site.d/3.yaml:4:5: error: unknown key 'helo' in tunnel 'two'; did you mean 'hello'?"
        ])
    let unnamed = lines(Self.parts("router-id: 1\n", Self.tunnel("two", 2)))
    #expect(unnamed.map { $0.prefix(55) } == ["/etc/pwmgr/site.yaml:1:1: error: the site has no 'site'"])
  }

  @Test("A complaint about two places names the file of the other one, where that is another")
  func crossReferences() {
    let member = "bridges:\n  br1: {members: [eth0]}\n"
    #expect(
      lines(Self.parts(Self.main, member, member.replacing("br1", with: "br2"), title: "s.yaml"))
        == [
          "site.d/2.yaml:2:19: error: 'eth0' cannot be a member of bridge 'br2': it is a member of bridge 'br1' (line "
            + "2 of site.d/1.yaml) already; remove it from one of the two"
        ])
  }

  @Test("Faults of YAML are those of each part, and nothing else is said then")
  func syntax() {
    let parts = Self.parts(
      "site: a\n", "tunnels: [\n", "site: a\nsite: b\n", "---\na: 1\n---\nb: 1\n", "\u{7}", "- a\n", title: "s.yaml")
    let lines = lines(parts)
    #expect(
      lines.map { $0.split(separator: " ")[0] } == [
        "site.d/1.yaml:2:1:", "site.d/2.yaml:2:1:", "site.d/3.yaml:3:1:", "site.d/4.yaml:1:1:",
      ])
    #expect(lines[1].contains("appears twice, first in line 1; "))
    #expect(lines[2].contains("a second document begins here"))
    #expect(self.lines(Self.parts(Self.main, "- a\n")).first?.contains("the drop-in is a list; write") == true)
    #expect(
      self.lines(Self.parts(Self.main, "tunnels: []\n")).first?.contains("'tunnels' in the site is a list;") == true)
    #expect(self.lines(Self.parts("", Self.main)).first?.contains("site.yaml:1:1: error: the file is empty;") == true)
  }

  @Test("There is a bound for the number of drop-ins, and for the octets of all parts")
  func bounds() {
    let many = SiteParts(
      title: "s.yaml", main: Array(Self.main.utf8),
      dropIns: (0...SiteParts.maximumDropIns).map { .init(name: "s.d/\($0).yaml", octets: []) })
    #expect(lines(many) == ["s.yaml:1:1: error: the site has more than 1000 drop-ins; join some of them"])
    let half = [UInt8](repeating: UInt8(ascii: "#"), count: SiteParts.maximumOctets / 2)
    let large = SiteParts(title: "s.yaml", main: half, dropIns: [.init(name: "s.d/1.yaml", octets: half)])
    #expect(
      lines(large) == [
        "s.yaml:1:1: error: the site file and its drop-ins have 16777217 octets; together they may have 16777216"
      ])
  }

  @Test("The parts as one stream are the same parts")
  func stream() {
    let parts = Self.parts("site: a\nrouter-id: 1", Self.berlin, "# 2", "bridges: {}", title: "s.yaml")
    let text = String(decoding: parts.octets, as: UTF8.self)
    #expect(
      text == "site: a\nrouter-id: 1\n---\n# part: site.d/1.yaml\n\(Self.berlin)---\n# part: site.d/2.yaml\n"
        + "# 2\n---\n# part: site.d/3.yaml\nbridges: {}\n")
    let again = SiteParts(stream: parts.octets, title: "s.yaml")
    #expect(again.dropIns == parts.dropIns)
    #expect(again.octets == parts.octets)
    #expect(parts.isMain(again.main) && again.isMain(parts.main) && !again.isMain(Array("site: b\n".utf8)))
    #expect(lines(again) == lines(parts))
    #expect(lines(again).first?.hasPrefix("site.d/1.yaml:6:") == true)
  }

  @Test(
    "A text without separators is a site file alone, whatever else is in it",
    arguments: [
      "", "---\n", "---\nsite: a\n", "# part: b\n", "a: |\n  ---\n  # part: b\n", "---\n# part:b\n",
      "a: 1\r\n---\r\n# part: b\r\n", "---\n# part: Amsterdam\nsite: a\n",
      "\u{FEFF}# é\n\n  # b\n%YAML 1.1\n---\n# part: ---\n# part: c\nsite: a\n",
    ])
  func alone(text: String) {
    let parts = SiteParts(stream: Array(text.utf8))
    #expect(parts.dropIns.isEmpty)
    #expect(parts.octets == Array(text.utf8))
  }

  @Test("A site file that begins with `---` and a comment is read as ever, with drop-ins and in a stream")
  func ownBeginning() {
    let parts = Self.parts("%YAML 1.1\n---\n# part: Amsterdam\n\(Self.main)", "tunnels: {}\n", title: "s.yaml")
    #expect(lines(parts) == [])
    let again = SiteParts(stream: parts.octets, title: "s.yaml")
    #expect(again.main == parts.main && again.dropIns == parts.dropIns)
    #expect(SiteParts(stream: Array("# c\rsite: a\n---\n# part: b\n".utf8)).dropIns.map(\.name) == ["b"])
  }

  @Test(
    "A part with the line that separates parts is refused there",
    arguments: [
      ("---\n# part: x\n", 1), ("# c\n\n---\n# part: x\ntunnels: {}\n", 3), ("%YAML 1.1\n---\n# part: x\na: 1\n", 2),
      ("tunnels: {}\n---\n# part: \n---\n# part: y\n", 2),
    ])
  func separatorInPart(text: String, line: Int) {
    let fault = "error: pwmgr itself writes '---' and '# part:' between the parts of a site; remove this '---'"
    #expect(lines(Self.parts(Self.main, "# 1", text, title: "s.yaml")) == ["site.d/2.yaml:\(line):1: \(fault)"])
    #expect(
      lines(Self.parts("\(Self.main)\(text)", "# 1", title: "s.yaml")) == ["s.yaml:\(5 + line):1: \(fault)"])
  }

  @Test("A drop-in without an octet is refused, since it may be a copy that was cut short")
  func empty() {
    let message = "error: the drop-in is empty; write a comment into it, or remove it"
    #expect(lines(Self.parts(Self.main, "# 1", "", title: "s.yaml")) == ["site.d/2.yaml:1:1: \(message)"])
    #expect(lines(Self.parts(Self.main, "\n", "---\n", "# c\n---\n# d\n")) == [])
  }

  @Test("An error at the end of a part is in that part, with a final newline and without")
  func atEnd() {
    for text in ["site: a\ntunnels: [", "site: a\ntunnels: [\n", "site: a\ntunnels: \"x"] {
      let lines = lines(Self.parts(text, "# 1", title: "s.yaml"))
      #expect(lines.count == 1 && lines[0].hasPrefix("s.yaml:"))
    }
  }

  @Test("A part of a text is not named as if it were a file")
  func container() {
    let text = "\(Self.main)---\n# part: site.d/1.yaml\n\n\(Self.tunnel("one", 2))"
    let parts = SiteParts(stream: Array(text.utf8), title: "/tmp/all.yaml", container: "/tmp/all.yaml")
    #expect(
      lines(parts) == [
        "site.d/1.yaml:3:3 in /tmp/all.yaml: error: tunnel 'one' is in line 4 of /tmp/all.yaml already; keep one of "
          + "the two, or rename one"
      ])
  }

  @Test("A `---` without the name of a part behind it is refused as ever")
  func documents() {
    let reading = reader.read("site: a\nrouter-id: 1\n---\ntunnels: {}\n")
    #expect(reading.diagnostics.map(\.mark) == [Mark(line: 3, column: 1)])
  }

  @Test("The same drop-ins in another folder are the same; others are not")
  func sameDropIns() {
    func parts(_ folder: String, _ names: String..., text: String = "a") -> SiteParts {
      SiteParts(title: "", main: [], dropIns: names.map { .init(name: "\(folder)/\($0)", octets: Array(text.utf8)) })
    }
    #expect(parts("new.d", "1.yaml", "2.yaml").hasDropIns(of: parts("site.d", "1.yaml", "2.yaml")))
    #expect(!parts("new.d", "1.yaml").hasDropIns(of: parts("site.d", "2.yaml")))
    #expect(!parts("new.d", "1.yaml").hasDropIns(of: parts("site.d", "1.yaml", "2.yaml")))
    #expect(!parts("new.d", "1.yaml").hasDropIns(of: parts("site.d", "1.yaml", text: "b")))
    #expect(parts("new.d").hasDropIns(of: parts("site.d")))
    #expect(parts("a", "1", "2").changedDropIns(since: parts("a", "1", "2")) == [])
    #expect(parts("a", "1", "2").changedDropIns(since: parts("a", "1", "3")) == ["a/2", "a/3"])
    #expect(parts("a", "1").changedDropIns(since: parts("a", "1", text: "b")) == ["a/1"])
  }

  @Test("A name is shown in one line, whatever it has in it")
  func names() {
    let dropIn = SiteParts.DropIn(name: "site.d/a\nb.yaml", octets: [])
    #expect(dropIn.name == "site.d/a\\nb.yaml")
  }

  @Test("The site as one document, with the place of every value")
  func show() {
    let parts = Self.parts(
      "site: 'a'\nrouter-id: 192.0.2.1\ntunnels: {one: {peer: [192.0.2.1, \"192.0.2.7\"]}}\n",
      "# x\ntunnels:\n  two:\n    peer: 192.0.2.3\n    hello:\n      30s\n", "bridges: {br0: {members: []}, br1: {}}\n")
    let reading = reader.read(parts)
    #expect(reading.diagnostics == [])
    #expect(
      reading.text(origins: true) == """
        site: "a"  # site.yaml:1
        router-id: 192.0.2.1  # site.yaml:2
        tunnels:  # site.yaml:3
          one:  # site.yaml:3
            peer:  # site.yaml:3
              - 192.0.2.1  # site.yaml:3
              - "192.0.2.7"  # site.yaml:3
          two:  # site.d/1.yaml:3
            peer: 192.0.2.3  # site.d/1.yaml:4
            hello: 30s  # site.d/1.yaml:5
        bridges:  # site.d/2.yaml:1
          br0:  # site.d/2.yaml:1
            members: []  # site.d/2.yaml:1
          br1: {}  # site.d/2.yaml:1

        """)
    #expect(!reading.text(origins: false).contains("#"))
    for origins in [true, false] { #expect(reader.read(reading.text(origins: origins)).content == reading.content) }
  }

  @Test("What is shown reads as what was written", arguments: try FaultCollection.all.filter { $0.reading.site != nil })
  func showAgain(fault: FaultCollection.Fault) {
    let reading = fault.reading
    #expect(reader.read(reading.text(origins: true)).content == reading.content)
  }

  @Test(
    "Values that need quotation marks get them",
    arguments: [
      "'a: b'", "\"a\\nb\\t\\\"\\\\ \\u2028\"", "'# x'", "|\n      a\n       b\n",
      "a\n\n      b", "'~'", "a, b]", "'null'",
      "\u{1F600}", "[-]", "[-, a, [-, --]]", "{a: -}",
    ])
  func quoting(value: String) {
    let text = "site: a\nrouter-id: 1\ntunnels:\n  t:\n    peer: any\n    description: \(value)\n"
    var parser = YAMLParser(of: SiteParts(title: "", main: []))
    let root = parser.parse(Array(text.utf8), linesBefore: 0)
    let shown = SiteReading.text(of: root ?? OptionNode(.mapping([])), origin: nil)
    #expect(parser.parse(Array(shown.utf8), linesBefore: 0)?.value == root?.value)
    #expect(root != nil)
  }
}
