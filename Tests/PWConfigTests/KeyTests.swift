import PWCore
import Testing

@testable import PWConfig

/// Keys that are declared once: reading, documentation and complaints follow the same declaration.
struct KeyTests {
  private struct Colours: KeySet {
    static let title = "colour"
    static let declared = Colours()
    static let schema = SchemaSection(of: declared)

    let shade = Key<Int>("shade", .number(1...9), default: 3, change: .none, "How dark.")
    let name = Key<UInt8?>("name", .number(10...20), change: .tunnel, "What it is called.")
    let wait = Key<Duration?>(
      "wait", .duration(.seconds(1) ... .seconds(60)), absent: "for ever", change: .inPlace, "How long.")
  }

  private static func read<Value>(
    _ key: KeyPath<Colours, Key<Value>>, of pairs: [(key: String, value: String)]
  ) throws -> (value: Value, complaints: [String]) {
    var complaints = Complaints()
    let entries = pairs.map { pair in
      let node = OptionNode(mark: Mark(line: 2, column: 9), content: .scalar(pair.value, isPlain: true))
      return (key: pair.key, keyMark: Mark(line: 2, column: 3), value: node)
    }
    let node = OptionNode(mark: Mark(line: 1, column: 1), content: .mapping(entries))
    let section = try #require(
      Section<Colours>(node, named: "the colour", at: Mark(line: 1, column: 1), &complaints))
    let value = section.value(of: key, &complaints)
    return (value, complaints.sorted.map(\.message))
  }

  @Test("A set's keys are its properties, in their order, and none is forgotten")
  func order() {
    #expect(
      Colours.schema.keys == [
        KeyDescription(
          "shade", "number, 1 to 9", absent: "`3`", change: ChangeImpact.none, "How dark.", form: .number(1...9)),
        KeyDescription(
          "name", "number, 10 to 20", absent: nil, change: .tunnel, "What it is called.", form: .number(10...20)),
        KeyDescription(
          "wait", "duration, 1s to 1m", absent: "for ever", change: .inPlace, "How long.",
          form: .duration(.seconds(1) ... .seconds(60), orZero: false)),
      ])
  }

  @Test("A value in the range is read; without one, or with a wrong one, the default holds")
  func defaults() throws {
    #expect(try Self.read(\.shade, of: [("shade", "9")]).value == 9)
    #expect(try Self.read(\.shade, of: []) == (3, []))
    let wrong = try Self.read(\.shade, of: [("shade", "10")])
    #expect(wrong == (3, ["'shade' in the colour: 10 is out of range; write a number from 1 to 9"]))
  }

  @Test("A key without a default must be there, unless its declaration says in words what holds without it")
  func required() throws {
    let missing = try Self.read(\.name, of: [])
    #expect(missing == (nil, ["the colour has no 'name'; add 'name:' (number, 10 to 20)"]))
    #expect(try Self.read(\.wait, of: []) == (nil, []))
    let empty = try Self.read(\.name, of: [("name", "")])
    #expect(empty.complaints == ["'name' in the colour has no value; write one (number, 10 to 20)"])
    let removable = try Self.read(\.wait, of: [("wait", "")])
    #expect(
      removable.complaints == [
        "'wait' in the colour has no value; write one (duration, 1s to 1m), or remove the key"
      ])
  }
}
