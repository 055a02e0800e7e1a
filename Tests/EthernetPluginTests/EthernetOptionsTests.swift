import EthernetPlugin
import PWCore
import Testing

/// The options by themselves: their complaints have the place of the value. Messages are compared where files are read.
struct EthernetOptionsTests {
  private static func complaints(_ pairs: [(String, OptionNode.Content)]) -> [Diagnostic] {
    let options = pairs.enumerated().map { index, pair in
      let keyMark = Mark(line: index + 1, column: 1)
      return (key: pair.0, keyMark: keyMark, value: OptionNode(mark: Mark(line: index + 1, column: 9), content: pair.1))
    }
    let context = OptionContext(
      bridges: ["br-lan"], owner: LinkOwner(tunnel: "t", pseudowire: "p"), interfaceName: "pw0")
    let node = OptionNode(mark: Mark(line: 1, column: 1), content: .mapping(options))
    return EthernetPlugin().report(on: node, in: context).diagnostics
  }

  private static func text(_ text: String) -> OptionNode.Content {
    .scalar(text, isPlain: true)
  }

  @Test(
    "Right options",
    arguments: [
      [], [("bridge", "br-lan")], [("member", "eth1")], [("mtu", "fit")], [("mtu", "68")], [("mtu", "65535")],
      [("bridge", "br-lan"), ("split-horizon", "mesh"), ("mtu", "carry")], [("member", "eth1"), ("pass-fault", "on")],
      [("pass-fault", "false")], [("bridge", "br-lan"), ("vlans", "10,20-30"), ("untagged-vlan", "none")],
      [("bridge", "br-lan"), ("vlans", "none"), ("untagged-vlan", "7")],
    ] as [[(String, String)]])
  func right(options: [(String, String)]) {
    #expect(Self.complaints(options.map { ($0.0, Self.text($0.1)) }) == [])
  }

  @Test(
    "Wrong options, and the line of the one that is wrong",
    arguments: [
      ([("bridge", "br-wan")], [1]), ([("bridge", "br-lan"), ("member", "eth1")], [2]), ([("member", "a/b")], [1]),
      ([("member", "..")], [1]), ([("mtu", "67")], [1]), ([("mtu", "65536")], [1]), ([("mtu", "+99")], [1]),
      ([("mtu", "Fit")], [1]), ([("split-horizon", "mesh")], [1]),
      ([("bridge", "br-lan"), ("split-horizon", "a b")], [2]), ([("bridge", "br-lan"), ("pass-fault", "true")], [2]),
      ([("member", "eth1"), ("pass-fault", "1")], [2]), ([("mtu", "x"), ("bridge", "y")], [2, 1]),
      ([("vlans", "10")], [1]), ([("untagged-vlan", "1")], [1]), ([("bridge", "br-lan"), ("vlans", "0")], [2]),
      ([("bridge", "br-lan"), ("untagged-vlan", "1-2")], [2]),
      ([("bridge", "br-lan"), ("vlans", "1-9"), ("untagged-vlan", "5")], [3]),
    ] as [([(String, String)], [Int])])
  func wrong(options: [(String, String)], lines: [Int]) {
    let complaints = Self.complaints(options.map { ($0.0, Self.text($0.1)) })
    #expect(complaints.map(\.mark) == lines.map { Mark(line: $0, column: 9) })
    #expect(complaints.allSatisfy { $0.severity == .error })
  }

  @Test(
    "Addresses, which are a list, of an interface that joins nothing",
    arguments: [
      (["10.8.0.1/30", "2001:db8::1/64"], nil, []), (["10.8.0.1"], nil, [2]),
      (["10.8.0.1/8", "10.8.0.1/8"], nil, [3]),
      (["10.8.0.1/8"], "bridge", [9]), (["10.8.0.1/8"], "member", [9]), (nil, nil, [9]),
    ] as [([String]?, String?, [Int])])
  func addresses(texts: [String]?, joined: String?, columns: [Int]) {
    let nodes = texts?.enumerated().map { index, text in
      OptionNode(mark: Mark(line: 1, column: 2 + index), content: Self.text(text))
    }
    let content = nodes.map { OptionNode.Content.sequence($0) } ?? Self.text("10.8.0.1/30")
    var options = [("addresses", content)]
    if let joined { options.append((joined, Self.text(joined == "bridge" ? "br-lan" : "eth1"))) }
    #expect(Self.complaints(options).map(\.mark) == columns.map { Mark(line: 1, column: $0) })
  }

  @Test(
    "A list where one value is wanted",
    arguments: EthernetPlugin().optionKeys.map(\.name).filter { $0 != "addresses" })
  func list(key: String) {
    #expect(Self.complaints([(key, .sequence([]))]).map(\.mark.line) == [1])
  }
}
