/// What may stand behind a key: its words for the reference page, and how it is read, which says in one line what is
/// wrong with a value.
///
/// The types themselves are static members: `.duration(range)`, `.port`; a plugin may have its own.
public struct KeyType<Value: Sendable>: Sendable {
  /// For the reference page and for complaints: `number, 1 to 1024`.
  public let words: String
  /// The form of its values, where another process can be told of it.
  public let form: ValueForm?
  /// Whether the word `null` is a value like others here, and not YAML's way of writing none.
  package let takesNull: Bool
  /// Whether it names a file with a secret, which has to be there, and for nobody else to read.
  package let isSecretFile: Bool
  /// Reads a value, or says what is wrong with it and what to write.
  public let read: ValueReader<Value>
  /// A value as the reference page shows it, with the marks of the page.
  package let written: @Sendable (Value) -> String

  /// A type of value.
  ///
  /// - Parameters:
  ///   - words: for the reference page.
  ///   - form: what is checked of a value before it is read in another process; nil where no form says it.
  ///   - takesNull: whether the word `null` is a value like others.
  ///   - isSecretFile: whether it names a file with a secret.
  ///   - written: a value as the reference page shows it.
  ///   - read: reads a value, or throws what is wrong with it and what to write: one line.
  public init(
    _ words: String, form: ValueForm? = nil, takesNull: Bool = false, isSecretFile: Bool = false,
    written: @escaping @Sendable (Value) -> String = { "`\($0)`" }, read: @escaping ValueReader<Value>
  ) {
    self.words = words
    self.form = form
    self.takesNull = takesNull
    self.isSecretFile = isSecretFile
    self.written = written
    self.read = read
  }
}

extension KeyType where Value == Scalar {
  /// A value whose meaning follows from others, and which is read when these are known.
  package static func asWritten(_ words: String) -> KeyType { KeyType(words, read: { $0 }) }
}

extension KeyType where Value == String {
  /// Any text.
  ///
  /// - Parameter words: what it is, for the reference page.
  public static func text(_ words: String) -> KeyType {
    KeyType(words, form: .text) { (scalar) throws(ValueFault) in scalar.text }
  }

  /// The name of an interface (``InterfaceName``).
  public static var interfaceName: KeyType {
    KeyType("interface name", form: .text) { (scalar) throws(ValueFault) in
      if let fault = InterfaceName.fault(of: scalar.text) { throw ValueFault(fault) }
      return scalar.text
    }
  }

  /// A file by its full path (``FilePath``).
  public static var filePath: KeyType { filePath(isSecretFile: false) }

  /// A file with a secret, by its full path: it has to be there, and for nobody else to read.
  public static var secretFile: KeyType { filePath(isSecretFile: true) }

  private static func filePath(isSecretFile: Bool) -> KeyType {
    KeyType("full path of a file", form: .path, isSecretFile: isSecretFile) { (scalar) throws(ValueFault) in
      guard FilePath.isFull(scalar.text) else {
        throw ValueFault("'\(scalar.text)' is not the full path of a file; begin with '/'")
      }
      return scalar.text
    }
  }
}
