import PWCore

/// One value of the file as written.
struct Scalar {
  var text: String
  /// Not in quotation marks.
  var isPlain: Bool
  var mark: Mark

  /// A node that is a scalar.
  init?(_ node: OptionNode) {
    guard case .scalar(let text, let isPlain) = node.content else { return nil }
    self.text = text
    self.isPlain = isPlain
    mark = node.mark
  }

  /// A key, whose place the caller knows.
  init(_ text: String, isPlain: Bool = true) {
    self.text = text
    self.isPlain = isPlain
    mark = Mark(line: 1, column: 1)
  }

  /// A key with nothing behind it, or YAML's ways of writing nothing.
  var isEmpty: Bool {
    isPlain && ["", "~", "null", "Null", "NULL"].contains(text)
  }
}

/// Why a value is not what its key wants, and what to write instead: `'60' has no unit; write '60s'`.
struct ValueFault: Error, Equatable {
  var message: String

  init(_ message: String) {
    self.message = message
  }
}

/// Reads one kind of value.
typealias ValueReader<Value> = @Sendable (Scalar) throws(ValueFault) -> Value
