import PWCore
import Testing
import VLANPlugin

/// The options by themselves: their complaints have the place of the value. Messages are compared where files are read.
struct VLANOptionsTests {
  private static func complaints(_ pairs: [(String, OptionNode.Content)]) -> [Diagnostic] {
    let options = pairs.enumerated().map { index, pair in
      let keyMark = Mark(line: index + 2, column: 1)
      return (key: pair.0, keyMark: keyMark, value: OptionNode(mark: Mark(line: index + 2, column: 9), content: pair.1))
    }
    let context = OptionContext(
      bridges: ["br-lan"], owner: LinkOwner(tunnel: "t", pseudowire: "p"), interfaceName: "pw0")
    return VLANPlugin().report(on: OptionNode(mark: Mark(line: 1, column: 1), content: .mapping(options)), in: context)
      .diagnostics
  }

  private static func text(_ text: String) -> OptionNode.Content {
    .scalar(text, isPlain: true)
  }

  private static let required = [("port", text("eth1")), ("vlan", text("111"))]

  @Test(
    "Right options",
    arguments: [
      [], [("tag", "802.1q")], [("tag", "802.1ad")], [("tag", "802.1AD")], [("priority", "keep")], [("priority", "0")],
      [("priority", "7")], [("mtu", "fit")], [("mtu", "1496")],
    ] as [[(String, String)]])
  func right(options: [(String, String)]) {
    #expect(Self.complaints(Self.required + options.map { ($0.0, Self.text($0.1)) }) == [])
  }

  @Test("VLAN identifiers", arguments: [("1", true), ("4094", true), ("0", false), ("4095", false), ("65647", false)])
  func identifiers(text: String, isRight: Bool) {
    let complaints = Self.complaints([("port", Self.text("eth1")), ("vlan", Self.text(text))])
    #expect(complaints.map(\.mark) == (isRight ? [] : [Mark(line: 3, column: 9)]))
  }

  @Test(
    "Wrong options, and the line of the one that is wrong",
    arguments: [
      [("vlan", "+1")], [("vlan", "1-50")], [("vlan", "")], [("port", "a/b")], [("port", "br-lan")], [("tag", "dot1q")],
      [("priority", "8")], [("priority", "high")], [("mtu", "67")],
    ] as [[(String, String)]])
  func wrong(options: [(String, String)]) {
    let others = Self.required.filter { pair in !options.contains { $0.0 == pair.0 } }
    let complaints = Self.complaints(options.map { ($0.0, Self.text($0.1)) } + others)
    #expect(complaints.map(\.mark) == [Mark(line: 2, column: 9)])
    #expect(complaints.allSatisfy { $0.severity == .error })
  }

  @Test(
    "Several VLANs",
    arguments: [
      ("1-50,100", 0), ("7", 0), ("1-4094", 0), ("100, 1-50", 0), ("7-7", 0), ("50-1", 1), ("0-5", 1), ("5-4095", 1),
      ("1-2-3", 1), ("a", 1), ("1,,2", 1), ("1-", 1), ("-5", 1), ("1-50,50", 1), ("1-50,2-3,x", 2), ("1 2", 1),
    ])
  func several(text: String, faults: Int) {
    let complaints = Self.complaints([("vlans", Self.text(text)), ("port", Self.text("eth1"))])
    #expect(complaints.map(\.mark) == Array(repeating: Mark(line: 2, column: 9), count: faults))
  }

  @Test("Of a list longer than there are VLANs no more is looked at than shows that it is wrong")
  func long() {
    let text = Array(repeating: "7", count: 100_000).joined(separator: ",")
    #expect(Self.complaints([("vlans", Self.text(text)), ("port", Self.text("eth1"))]).count == 4094)
    let each = VLANTag.identifiers.map { "\($0)" }.joined(separator: ",")
    #expect(Self.complaints([("vlans", Self.text(each)), ("port", Self.text("eth1"))]) == [])
    #expect(Self.complaints([("vlans", Self.text(each + ",1")), ("port", Self.text("eth1"))]).count == 1)
  }

  @Test("One VLAN and several do not go together")
  func both() {
    #expect(Self.complaints(Self.required + [("vlans", Self.text("8"))]).map(\.mark) == [Mark(line: 4, column: 9)])
  }

  @Test("A missing option is named, at the pseudowire", arguments: ["port", "vlan"])
  func missing(key: String) {
    let complaints = Self.complaints(Self.required.filter { $0.0 != key })
    #expect(complaints.map(\.mark) == [Mark(line: 1, column: 1)])
    #expect(complaints.allSatisfy { $0.message.contains("has no '\(key)'") })
  }

  @Test("A mapping of priorities, each of its parts looked at")
  func priorities() {
    func mapping(_ key: String, _ value: OptionNode.Content) -> OptionNode.Content {
      .mapping([
        (key: key, keyMark: Mark(line: 8, column: 3), value: OptionNode(mark: Mark(line: 8, column: 6), content: value))
      ])
    }
    #expect(Self.complaints(Self.required + [("priority", mapping("5", Self.text("3")))]) == [])
    for (content, column) in [
      (mapping("8", Self.text("3")), 3), (mapping("5", Self.text("x")), 6), (mapping("5", .sequence([])), 6),
    ] {
      let complaints = Self.complaints(Self.required + [("priority", content)])
      #expect(complaints.map(\.mark) == [Mark(line: 8, column: column)])
    }
  }

  @Test("A list where one value is wanted", arguments: VLANPlugin().optionKeys.map(\.name))
  func list(key: String) {
    let others = Self.required.filter { $0.0 != key }
    #expect(Self.complaints([(key, .sequence([]))] + others).map(\.mark.line) == [2])
  }
}
