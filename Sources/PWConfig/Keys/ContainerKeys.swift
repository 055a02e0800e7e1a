import PWCore

/// A key with a mapping behind it that has keys of its own, and is called as they are.
struct SectionKey<Below: KeySet>: DeclaredKey {
  let description: KeyDescription

  /// A key that may be left out: `absent` says in words what holds then.
  init(absent: String, _ meaning: String) {
    description = KeyDescription(Below.title, "mapping", absent: absent, meaning)
  }
}

/// A key with a list of values behind it.
struct ListKey<Element: Sendable>: DeclaredKey {
  let description: KeyDescription
  /// What each of them is.
  let element: KeyType<Element>

  /// A key that may be left out: `absent` says in words what holds then.
  ///
  /// - Parameter plural: what several of them are, in words.
  init(_ name: String, _ element: KeyType<Element>, plural: String, absent: String, _ meaning: String) {
    description = KeyDescription(name, "list of \(plural)", absent: absent, meaning)
    self.element = element
  }
}
