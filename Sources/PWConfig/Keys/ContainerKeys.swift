import PWCore

/// A key with a mapping behind it that has keys of its own, and is called as they are.
struct SectionKey<Below: KeySet>: DeclaredKey {
  let description: KeyDescription
  var below: SchemaSection? { Below.schema }
  var shape: KeyShape { .section(Below.schema) }

  /// A key that may be left out: `absent` says in words what holds then.
  init(absent: String, _ meaning: String) {
    description = KeyDescription(Below.title, "mapping", absent: absent, change: nil, meaning)
  }
}

/// A key with a list of values behind it.
struct ListKey<Element: Sendable>: DeclaredKey {
  let description: KeyDescription
  /// The type of each of them.
  let element: KeyType<Element>
  var shape: KeyShape { .list(element.form) }
  /// One of them as it could be written, for a complaint.
  let example: String

  /// A key that may be left out; then there are none.
  ///
  /// - Parameters:
  ///   - plural: what several of them are, in words.
  ///   - example: one of them as it could be written.
  init(
    _ name: String, _ element: KeyType<Element>, plural: String, example: String, change: ChangeImpact,
    _ meaning: String
  ) {
    description = KeyDescription(name, "list of \(plural)", absent: "none", change: change, meaning)
    self.element = element
    self.example = example
  }
}

/// A key with a mapping behind it from names of the user's choice to mappings that have keys of their own.
struct MappingKey<Below: KeySet>: DeclaredKey {
  let description: KeyDescription
  var below: SchemaSection? { Below.schema }
  var shape: KeyShape { .named(Below.schema) }
  /// The type of the names.
  let names: KeyType<String>

  /// A key that may be left out; then there are none.
  init(_ name: String, from names: KeyType<String>, _ meaning: String) {
    description = KeyDescription(
      name, "mapping: \(names.words) to \(Below.title)", absent: "none", change: nil, meaning)
    self.names = names
  }
}

/// A key that must be there, with one value or a list of values behind it.
struct ValueOrListKey<Value: Sendable, Element: Sendable>: DeclaredKey {
  let description: KeyDescription
  /// The type of a value that stands alone.
  let value: KeyType<Value>
  /// The type of each of several.
  let element: KeyType<Element>
  var shape: KeyShape { .valueOrList(value.form) }

  /// - Parameter words: what may stand there, alone or in a list.
  init(
    _ name: String, _ value: KeyType<Value>, or element: KeyType<Element>, words: String, change: ChangeImpact,
    _ meaning: String
  ) {
    description = KeyDescription(name, words, absent: nil, change: change, meaning)
    self.value = value
    self.element = element
  }
}
