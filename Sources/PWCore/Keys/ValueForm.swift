/// The form of a value, so that another process can be told of it: what is checked of a value without asking whoever
/// reads it.
public indirect enum ValueForm: Hashable, Sendable {
  /// One value, whatever it is.
  case text
  /// A decimal number within a range.
  case number(ClosedRange<Int>)
  /// A duration within a range (``DurationText``); `orZero`: or `0s`.
  case duration(ClosedRange<Duration>, orZero: Bool)
  /// One word of several.
  case choice([String])
  /// A switch (``Switch``).
  case boolean
  /// The full path of a file (``FilePath``).
  case path
  /// A list of values of one form, none of which is a list.
  case list(ValueForm)

  /// In words, for the reference page: those of the type that reads such values.
  public var words: String {
    switch self {
    case .list(let element): "list, each \(element.words)"
    case .text, .number, .duration, .choice, .boolean, .path: scalarType.words
    }
  }

  /// The faults of a value, and where they are: one line each, none if it is right.
  public func faults(of node: OptionNode) -> [(mark: Mark, message: String)] {
    switch (self, node.content) {
    case (.list(let element), .sequence(let nodes)): return nodes.flatMap { element.faults(of: $0) }
    case (.list, _): return [(node.mark, "expected a list; write its values in '[' and ']', or each after a '-'")]
    case (_, .sequence), (_, .mapping): return [(node.mark, "expected one value, not a list or a mapping")]
    case (_, .scalar):
      guard let scalar = Scalar(node) else { return [] }
      do throws(ValueFault) {
        try scalarType.check(scalar)
        return []
      } catch {
        return [(node.mark, error.message)]
      }
    }
  }

  private var scalarType: (words: String, check: (Scalar) throws(ValueFault) -> Void) {
    func erased<Value>(_ type: KeyType<Value>) -> (String, (Scalar) throws(ValueFault) -> Void) {
      (type.words, { (scalar) throws(ValueFault) in _ = try type.read(scalar) })
    }
    switch self {
    case .text, .list: return erased(KeyType<String>.text("text"))
    case .number(let range): return erased(KeyType<Int>.number(range))
    case .duration(let range, let orZero): return erased(KeyType<Duration>.duration(range, orZero: orZero))
    case .choice(let words): return erased(KeyType<String>.choice(words.map { (word: $0, value: $0) }))
    case .boolean: return erased(KeyType<Bool>.boolean)
    case .path: return erased(KeyType<String>.filePath)
    }
  }
}
