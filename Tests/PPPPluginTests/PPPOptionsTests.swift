import PPPPlugin
import PWCore
import Testing

/// The options by themselves: their complaints have the place of the value. Messages are compared where files are read.
struct PPPOptionsTests {
  private static func complaints(_ pairs: [(String, OptionNode.Content)]) -> [Diagnostic] {
    let options = pairs.enumerated().map { index, pair in
      let keyMark = Mark(line: index + 1, column: 1)
      return (key: pair.0, keyMark: keyMark, value: OptionNode(mark: Mark(line: index + 1, column: 9), content: pair.1))
    }
    let context = OptionContext(bridges: [], owner: LinkOwner(tunnel: "t", pseudowire: "p"), interfaceName: "ppp9")
    return PPPPlugin().report(on: OptionNode(mark: Mark(line: 1, column: 1), content: .mapping(options)), in: context)
      .diagnostics
  }

  private static func text(_ text: String) -> OptionNode.Content {
    .scalar(text, isPlain: true)
  }

  @Test(
    "Right options",
    arguments: [
      [], [("local-address", "10.9.0.1"), ("peer-address", "10.9.0.2")], [("ipv4", "false"), ("ipv6", "true")],
      [("mtu", "fit")], [("mtu", "128")], [("mtu", "16384")], [("echo-interval", "0s")], [("echo-interval", "1h")],
      [("echo-interval", "2000ms")],
      [("echo-interval", "3600s"), ("echo-failures", "100")], [("name", "a"), ("secret-file", "/s")],
      [("peer-authentication", "chap"), ("peer-secret-file", "/s")], [("peer-authentication", "none")],
      [("peer-authentication", "mschap-v2"), ("peer-secret-file", "/s"), ("peer-name", "b")],
      [("default-route", "true")], [("ipv4", "off"), ("ipv6", "on"), ("default-route", "off")],
    ] as [[(String, String)]])
  func right(options: [(String, String)]) {
    #expect(Self.complaints(options.map { ($0.0, Self.text($0.1)) }) == [])
  }

  @Test(
    "Wrong options, and the line of the one that is wrong",
    arguments: [
      ([("local-address", "10.9.0")], [1]), ([("local-address", "fe80::1")], [1]),
      ([("peer-address", "224.0.0.1")], [1]),
      ([("peer-address", "127.0.0.1")], [1]), ([("local-address", "0.0.0.0")], [1]),
      ([("local-address", "10.9.0.1"), ("peer-address", "10.9.0.1")], [2]), ([("ipv4", "maybe")], [1]),
      ([("ipv4", "false")], [1]), ([("ipv4", "false"), ("ipv6", "true"), ("peer-address", "10.9.0.2")], [3]),
      ([("ipv4", "false"), ("ipv6", "true"), ("default-route", "true")], [3]), ([("mtu", "127")], [1]),
      ([("mtu", "16385")], [1]), ([("mtu", "carry")], [1]), ([("echo-interval", "10")], [1]),
      ([("echo-interval", "500ms")], [1]), ([("echo-interval", "1500ms")], [1]),
      ([("echo-interval", "2h")], [1]), ([("echo-failures", "0")], [1]),
      ([("name", "two words")], [1]), ([("name", "*")], [1]), ([("name", "a"), ("secret-file", "s")], [2]),
      ([("peer-authentication", "pap"), ("peer-secret-file", "/s")], [1]), ([("peer-authentication", "chap")], [1]),
      ([("up", "routes.sh"), ("down", "/h/")], [1, 2]), ([("peer-name", "b")], [1]),
      ([("peer-secret-file", "/s")], [1]),
      ([("name", "a"), ("peer-authentication", "chap"), ("peer-secret-file", "/s"), ("peer-name", "a")], [4]),
    ] as [([(String, String)], [Int])])
  func wrong(options: [(String, String)], lines: [Int]) {
    let complaints = Self.complaints(options.map { ($0.0, Self.text($0.1)) })
    #expect(complaints.map(\.mark) == lines.map { Mark(line: $0, column: 9) })
    #expect(complaints.allSatisfy { $0.severity == .error })
  }

  @Test(
    "Options that are probably not meant are warned of",
    arguments: [[("secret-file", "/s")], [("echo-failures", "3"), ("echo-interval", "0s")]] as [[(String, String)]])
  func doubtful(options: [(String, String)]) {
    let complaints = Self.complaints(options.map { ($0.0, Self.text($0.1)) })
    #expect(complaints.map(\.severity) == [.warning])
    #expect(complaints.map(\.mark.line) == [1])
  }

  @Test("A list where one value is wanted", arguments: PPPPlugin().optionKeys.map(\.name))
  func list(key: String) {
    #expect(Self.complaints([(key, .sequence([]))]).contains { $0.severity == .error && $0.mark.line == 1 })
  }
}
