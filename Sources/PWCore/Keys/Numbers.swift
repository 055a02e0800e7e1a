extension KeyType where Value == UInt16 {
  /// A UDP port.
  public static var port: KeyType {
    KeyType("port", form: .number(1...65_535), written: { "\($0)" }, read: number(1...65_535).read)
  }
}

extension KeyType where Value == Bool {
  /// A switch (``Switch``).
  public static var boolean: KeyType {
    KeyType("`true` or `false`", form: .boolean) { (scalar) throws(ValueFault) in
      guard let value = Switch.value(of: scalar.text) else {
        throw ValueFault("'\(scalar.text)' is neither; write 'true' or 'false'")
      }
      return value
    }
  }
}

extension KeyType where Value: Equatable {
  /// One word of several, in the order of the reference page.
  public static func choice(_ choices: [(word: String, value: Value)]) -> KeyType {
    let words = choices.map(\.word)
    return KeyType(
      Words.alternatives(words.map { "`\($0)`" }), form: .choice(words), takesNull: words.contains("null"),
      written: { value in
        guard let choice = choices.first(where: { $0.value == value }) else {
          preconditionFailure("\(value) is a default and not one of \(words)")
        }
        return "`\(choice.word)`"
      },
      read: { (scalar) throws(ValueFault) in
        if let choice = choices.first(where: { $0.word == scalar.text }) { return choice.value }
        let list = Words.alternatives(words.map { "'\($0)'" })
        let hint = Spelling.hint(for: scalar.text, among: words, otherwise: "; write one of them")
        throw ValueFault("'\(scalar.text)' is not \(list)\(hint)")
      })
  }
}

extension KeyType where Value: Equatable & CaseIterable & RawRepresentable<String> {
  /// One word of several: those that the cases have.
  public static var choice: KeyType { choice(Value.allCases.map { (word: $0.rawValue, value: $0) }) }
}

extension KeyType where Value: FixedWidthInteger {
  /// A decimal number within a range.
  public static func number(_ range: ClosedRange<Value>) -> KeyType {
    let (least, most) = (range.lowerBound, range.upperBound)
    return KeyType("number, \(least) to \(most)", form: .number(Int(clamping: least)...Int(clamping: most))) {
      (scalar) throws(ValueFault) in
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
