/// What may stand behind a key: its words for the reference page, and how it is read, which says in one line what is
/// wrong with a value.
///
/// The types themselves are in `Values`, as static members: `.duration(range)`, `.port`.
struct KeyType<Value: Sendable>: Sendable {
  /// For the reference page and for complaints: `number, 1 to 1024`.
  let words: String
  /// Whether the word `null` is a value like others here, and not YAML's way of writing none.
  let takesNull: Bool
  /// Reads a value, or says what is wrong with it and what to write.
  let read: ValueReader<Value>
  /// A value as the reference page shows it, with the marks of the page.
  let written: @Sendable (Value) -> String

  init(
    _ words: String, takesNull: Bool = false,
    written: @escaping @Sendable (Value) -> String = { "`\($0)`" }, read: @escaping ValueReader<Value>
  ) {
    self.words = words
    self.takesNull = takesNull
    self.written = written
    self.read = read
  }
}

extension KeyType where Value == Scalar {
  /// A value whose meaning follows from others, and which is read when these are known (``Section/resolved``).
  static func asWritten(_ words: String) -> KeyType { KeyType(words, read: { $0 }) }
}
