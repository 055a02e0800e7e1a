import PWCore

/// A key with a mapping behind it that has keys of its own, and is called as they are.
struct SectionKey<Below: KeySet>: DeclaredKey {
  let description: KeyDescription

  /// A key that may be left out: `absent` says in words what holds then.
  init(absent: String, _ meaning: String) {
    description = KeyDescription(Below.title, "mapping", absent: absent, meaning)
  }
}
