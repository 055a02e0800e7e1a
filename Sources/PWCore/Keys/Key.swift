/// A key of the site file, whatever stands behind it.
public protocol DescribedKey: Sendable {
  /// The key for readers: what the reference page and complaints say of it. It is required if nothing holds without it.
  var description: KeyDescription { get }
}

extension DescribedKey {
  /// The key, as it is written.
  public var name: String { description.name }
}

extension KeyDescription {
  /// All keys that a set has as stored properties, in their order: none can be declared and forgotten here.
  ///
  /// - Parameter set: a value whose every stored property is a key.
  public static func all(of set: some Sendable) -> [KeyDescription] {
    Mirror(reflecting: set).children.map { child in
      guard let key = child.value as? any DescribedKey else {
        preconditionFailure("\(child.label ?? "a property") of \(type(of: set)) is not a key")
      }
      return key.description
    }
  }
}

/// A key with one value behind it, declared once: its name, what may stand there, what holds without it, what a change
/// of it costs, and what it is for.
///
/// `Value` is what a reader gets: an optional where a key has no default, so that nobody forgets that there may be
/// none.
public struct Key<Value: Sendable>: DescribedKey {
  /// The key for readers.
  public let description: KeyDescription
  /// The value where the key is left out, or cannot be read.
  package let fallback: Value
  package let takesNull: Bool
  package let fileUse: FileUse?
  package let read: ValueReader<Value>

  /// A key with a default.
  public init(
    _ name: String, _ type: KeyType<Value>, default value: Value, change: ChangeImpact, _ meaning: String
  ) {
    var description = KeyDescription(
      name, type.words, absent: type.written(value), change: change, meaning, form: type.form)
    description.isSecret = type.isSecret
    self.description = description
    fallback = value
    takesNull = type.takesNull
    fileUse = type.fileUse
    read = type.read
  }

  /// A key that may be left out: `absent` says in words what holds then.
  public init<Wrapped>(
    _ name: String, _ type: KeyType<Wrapped>, absent: String, change: ChangeImpact, _ meaning: String
  ) where Value == Wrapped? {
    self.init(name, type, orNone: absent, change, meaning)
  }

  /// A key that must be there.
  ///
  /// - Parameter alternative: the key of the same mapping that it may be left out for.
  public init<Wrapped>(
    _ name: String, _ type: KeyType<Wrapped>, unless alternative: String? = nil, change: ChangeImpact, _ meaning: String
  ) where Value == Wrapped? {
    self.init(name, type, orNone: nil, unless: alternative, change, meaning)
  }

  private init<Wrapped>(
    _ name: String, _ type: KeyType<Wrapped>, orNone absent: String?, unless alternative: String? = nil,
    _ change: ChangeImpact, _ meaning: String
  ) where Value == Wrapped? {
    var description = KeyDescription(name, type.words, absent: absent, change: change, meaning, form: type.form)
    description.alternative = alternative
    description.isSecret = type.isSecret
    self.description = description
    fallback = nil
    takesNull = type.takesNull
    fileUse = type.fileUse
    read = { (scalar) throws(ValueFault) in try type.read(scalar) }
  }
}

/// A key of a plugin's with something behind it that the plugin looks through itself: a list, a mapping.
public struct NodeKey: DescribedKey {
  /// The key for readers.
  public let description: KeyDescription

  /// A key that may be left out: `absent` says in words what holds then.
  ///
  /// - Parameters:
  ///   - words: what may stand there.
  ///   - form: the form of it, where another process can be told of it.
  public init(
    _ name: String, _ words: String, absent: String, change: ChangeImpact, _ meaning: String, form: ValueForm? = nil
  ) {
    description = KeyDescription(name, words, absent: absent, change: change, meaning, form: form)
  }
}
