/// One value of the file as written.
public struct Scalar: Sendable {
  /// The text as written, without quotation marks.
  public var text: String
  /// Not in quotation marks.
  public var isPlain: Bool
  /// Where it stands.
  public var mark: Mark

  /// A node that is a scalar.
  public init?(_ node: OptionNode) {
    guard case .scalar(let text, let isPlain) = node.content else { return nil }
    self.text = text
    self.isPlain = isPlain
    mark = node.mark
  }

  /// A key, whose place the caller knows.
  package init(_ text: String, isPlain: Bool = true) {
    self.text = text
    self.isPlain = isPlain
    mark = Mark(line: 1, column: 1)
  }

  /// A key with nothing behind it, or YAML's ways of writing nothing.
  package var isEmpty: Bool {
    isPlain && ["", "~", "null", "Null", "NULL"].contains(text)
  }
}

/// Why a value is not what its key wants, and what to write instead: `'60' has no unit; write '60s'`.
public struct ValueFault: Error, Equatable {
  /// The line.
  public var message: String

  /// A fault in words.
  public init(_ message: String) {
    self.message = message
  }
}

/// Reads one kind of value.
public typealias ValueReader<Value> = @Sendable (Scalar) throws(ValueFault) -> Value
