/// The type of the values that may stand behind a key: its words for the reference page, and how a value is read, which
/// says in one line what is wrong with it.
///
/// The types themselves are static members: `.duration(range)`, `.port`; a plugin may have its own.
public struct KeyType<Value: Sendable>: Sendable {
  /// For the reference page and for complaints: `number, 1 to 1024`.
  public let words: String
  /// The form of its values, where another process can be told of it.
  public let form: ValueForm?
  /// Whether the word `null` is a value like others here, and not YAML's way of writing none.
  package let takesNull: Bool
  /// The use of the file that it names; nil where it names none that anybody looks at before.
  package let fileUse: FileUse?
  /// Whether its values are secret (``KeyDescription/isSecret``).
  package var isSecret = false
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
  ///   - fileUse: the use of the file that it names.
  ///   - written: a value as the reference page shows it.
  ///   - read: reads a value, or throws what is wrong with it and what to write: one line.
  public init(
    _ words: String, form: ValueForm? = nil, takesNull: Bool = false, fileUse: FileUse? = nil,
    written: @escaping @Sendable (Value) -> String = { "`\($0)`" }, read: @escaping ValueReader<Value>
  ) {
    self.words = words
    self.form = form
    self.takesNull = takesNull
    self.fileUse = fileUse
    self.written = written
    self.read = read
  }
}

/// The use of a file that a value names: what is looked at before the site is applied.
public enum FileUse: Sendable {
  /// It holds a secret: it has to be there, and for nobody else to read.
  case secret
  /// It is run: nobody else may be able to change it.
  case program
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
  public static var filePath: KeyType { filePath(for: nil) }

  /// A file with a secret, by its full path: it has to be there, and for nobody else to read.
  public static var secretFile: KeyType { filePath(for: .secret) }

  private static func filePath(for use: FileUse?) -> KeyType {
    KeyType("full path of a file", form: .path, fileUse: use) { (scalar) throws(ValueFault) in
      guard FilePath.isFull(scalar.text) else {
        throw ValueFault("'\(scalar.text)' is not the full path of a file; begin with '/'")
      }
      return scalar.text
    }
  }
}
