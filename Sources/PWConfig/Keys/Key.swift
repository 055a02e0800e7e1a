import PWCore

/// A key of a mapping of the site file, whatever stands behind it.
protocol DeclaredKey: Sendable {
  /// The key for readers: what the reference page and complaints say of it. It is required if nothing holds without it.
  var description: KeyDescription { get }
  /// The mapping that stands behind it, or each of those that do; nil where none does.
  var below: SchemaSection? { get }
}

extension DeclaredKey {
  /// The key, as it is written.
  var name: String { description.name }

  var below: SchemaSection? { nil }
}

/// A key with one value behind it, declared once: its name, what may stand there, what holds without it, and what it
/// is for.
///
/// `Value` is what a section reads: an optional where a key has no default, so that nobody forgets that there may be
/// none.
struct Key<Value: Sendable>: DeclaredKey {
  let description: KeyDescription
  /// What is read where the key is left out, or cannot be read.
  let fallback: Value
  let takesNull: Bool
  let read: ValueReader<Value>

  /// A key with a default.
  init(_ name: String, _ type: KeyType<Value>, default value: Value, _ meaning: String) {
    description = KeyDescription(name, type.words, absent: type.written(value), meaning)
    fallback = value
    takesNull = type.takesNull
    read = type.read
  }

  /// A key that may be left out: `absent` says in words what holds then.
  init<Wrapped>(_ name: String, _ type: KeyType<Wrapped>, absent: String, _ meaning: String) where Value == Wrapped? {
    self.init(name, type, orNone: absent, meaning)
  }

  /// A key that must be there.
  init<Wrapped>(_ name: String, _ type: KeyType<Wrapped>, _ meaning: String) where Value == Wrapped? {
    self.init(name, type, orNone: nil, meaning)
  }

  private init<Wrapped>(_ name: String, _ type: KeyType<Wrapped>, orNone absent: String?, _ meaning: String)
  where Value == Wrapped? {
    description = KeyDescription(name, type.words, absent: absent, meaning)
    fallback = nil
    takesNull = type.takesNull
    read = { (scalar) throws(ValueFault) in try type.read(scalar) }
  }
}
