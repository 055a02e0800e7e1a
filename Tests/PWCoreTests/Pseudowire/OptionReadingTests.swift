import Testing

@testable import PWCore

/// Options, each read by the key that it is declared as.
struct OptionReadingTests {
  private struct Keys: Sendable {
    let limit = Key<Int>("limit", .number(1...9), default: 3, change: .session, "How many.")
    let file = Key<String?>("file", .secretFile, absent: "none", change: .session, "What it takes its secret from.")
    let colour = Key<String?>("colour", .text("text"), change: .session, "What it looks like.")
    let more = NodeKey("more", "list of anything", absent: "none", change: .session, "What else.")
  }

  private let keys = Keys()

  private func reading(
    _ pairs: [(key: String, content: OptionNode.Content)], misspelt: Set<String> = []
  ) -> OptionReading {
    let entries = pairs.enumerated().map { index, pair in
      (
        key: pair.key, keyMark: Mark(line: index + 2, column: 3),
        value: OptionNode(mark: Mark(line: index + 2, column: 9), content: pair.content)
      )
    }
    var context = OptionContext(
      bridges: [], owner: LinkOwner(tunnel: "berlin", pseudowire: "lan"), interfaceName: "berlin-lan")
    context.misspelt = misspelt
    return OptionReading(OptionNode(mark: Mark(line: 1, column: 1), content: .mapping(entries)), context)
  }

  @Test("Keys are described in their order, whatever stands behind them")
  func descriptions() {
    #expect(KeyDescription.all(of: keys).map(\.name) == ["limit", "file", "colour", "more"])
    #expect(KeyDescription.all(of: keys).map(\.absent) == ["`3`", "none", nil, "none"])
  }

  @Test("A value is read; a key without one and without a default is nil")
  func values() {
    var reading = reading([("limit", .scalar("9", isPlain: true)), ("colour", .scalar("red", isPlain: true))])
    #expect(reading.value(of: keys.limit) == 9)
    #expect(reading.value(of: keys.colour) == "red")
    #expect(reading.value(of: keys.file) == nil)
    #expect(reading.diagnostics == [])
    #expect(!reading.isFaulty(keys.limit))
  }

  @Test("A wrong value is complained of where it stands, and the default holds")
  func wrong() {
    var reading = reading([("limit", .scalar("10", isPlain: true)), ("file", .sequence([]))])
    #expect(reading.value(of: keys.limit) == 3)
    #expect(reading.value(of: keys.file) == nil)
    #expect(reading.isFaulty(keys.limit) && reading.isFaulty(keys.file))
    #expect(
      reading.diagnostics == [
        Diagnostic(
          .error, at: Mark(line: 2, column: 9),
          "'limit' in pseudowire 'lan': 10 is out of range; write a number from 1 to 9"),
        Diagnostic(
          .error, at: Mark(line: 3, column: 9),
          "'file' in pseudowire 'lan': expected one value, not a list or a mapping; write it after 'file:'"),
      ])
  }

  @Test("A key that must be there is missed, unless another one is taken for it")
  func required() {
    var without = reading([])
    #expect(without.value(of: keys.colour) == nil)
    #expect(
      without.diagnostics == [
        Diagnostic(
          .error, at: Mark(line: 1, column: 1), "pseudowire 'lan' has no 'colour'; add 'colour:' (text)")
      ])
    var misspelt = reading([], misspelt: ["colour"])
    #expect(misspelt.value(of: keys.colour) == nil)
    #expect(misspelt.diagnostics == [])
  }

  @Test("Files with secrets are known by the type of their keys, and only those that are named rightly")
  func secrets() {
    var right = reading([("file", .scalar("/etc/s", isPlain: true))])
    #expect(right.value(of: keys.file) == "/etc/s")
    #expect(right.secretFiles == [SecretFilePlace(path: "/etc/s", mark: Mark(line: 2, column: 9))])
    var wrong = reading([("file", .scalar("s", isPlain: true))])
    #expect(wrong.value(of: keys.file) == nil)
    #expect(wrong.secretFiles == [])
    #expect(wrong.diagnostics.count == 1)
  }
}
