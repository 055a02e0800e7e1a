import PWCore

/// Numbers, switches and choices.
enum Numbers {
  /// `true` or `false`, and the words that YAML 1.1 takes for them.
  static func boolean(_ scalar: Scalar) throws(ValueFault) -> Bool {
    guard let value = Switch.value(of: scalar.text) else {
      throw ValueFault("'\(scalar.text)' is neither; write 'true' or 'false'")
    }
    return value
  }

  /// One word of several.
  static func choice<Value: Sendable>(_ choices: [(word: String, value: Value)]) -> ValueReader<Value> {
    { (scalar) throws(ValueFault) in
      if let choice = choices.first(where: { $0.word == scalar.text }) { return choice.value }
      let words = choices.map(\.word)
      let list = Words.alternatives(words.map { "'\($0)'" })
      let hint = Spelling.hint(for: scalar.text, among: words, otherwise: "; write one of them")
      throw ValueFault("'\(scalar.text)' is not \(list)\(hint)")
    }
  }
}

/// Lists in sentences.
enum Words {
  /// `a`, `a or b`, `a, b or c`.
  static func alternatives(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " or " + last
  }
}

extension KeyType where Value == UInt16 {
  /// A UDP port.
  static var port: KeyType { KeyType("port", written: { "\($0)" }, read: number(1...65_535).read) }
}

extension KeyType where Value == Bool {
  /// A switch.
  static var boolean: KeyType { KeyType("`true` or `false`", read: Numbers.boolean) }
}

extension KeyType where Value: Equatable {
  /// One word of several, in the order of the reference page.
  static func choice(_ choices: [(word: String, value: Value)]) -> KeyType {
    let words = choices.map(\.word)
    return KeyType(
      Words.alternatives(words.map { "`\($0)`" }), takesNull: words.contains("null"),
      written: { value in choices.first { $0.value == value }.map { "`\($0.word)`" } ?? "" },
      read: Numbers.choice(choices))
  }
}

extension KeyType where Value: Equatable & CaseIterable & RawRepresentable<String> {
  /// One word of several: those that the cases have.
  static var choice: KeyType { choice(Value.allCases.map { (word: $0.rawValue, value: $0) }) }
}

extension KeyType where Value: FixedWidthInteger {
  /// A decimal number within a range.
  static func number(_ range: ClosedRange<Value>) -> KeyType {
    let (least, most) = (range.lowerBound, range.upperBound)
    return KeyType("number, \(least) to \(most)") { (scalar) throws(ValueFault) in
      guard !scalar.text.isEmpty, scalar.text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
        throw ValueFault("'\(scalar.text)' is not a decimal number; write one from \(least) to \(most)")
      }
      guard let number = Value(scalar.text), range.contains(number) else {
        throw ValueFault("\(scalar.text) is out of range; write a number from \(least) to \(most)")
      }
      return number
    }
  }
}
