import PWCore

/// Keys that should not be there, and keys that have nothing behind them.
extension Section {
  /// Complains of each key that is neither declared nor a plugin's, and of each of a plugin's that has no value.
  func refuseUnknownKeys(_ complaints: inout Complaints) {
    for unknown in unknownKeys {
      complaints.error(at: unknown.mark, "unknown key '\(unknown.name)' in \(name)\(unknown.hint)")
    }
    for key in others {
      guard let entry = entries[key.name], let scalar = Scalar(entry.node), scalar.isEmpty else { continue }
      complainOfEmptiness(of: key, scalar.mark, &complaints)
    }
  }

  /// The keys that the unknown ones are taken for, which are complained of already.
  var misspelt: Set<String> { Set(unknownKeys.compactMap(\.meant)) }

  /// Whether a key is not there, and an unknown one is taken for it.
  func isMisspelt(_ key: KeyPath<Keys, some DeclaredKey>) -> Bool { !has(key) && misspelt.contains(self[key].name) }

  /// Whether a key is there, maybe misspelt: then nobody is told to add it.
  func isMeant(_ key: KeyPath<Keys, some DeclaredKey>) -> Bool { has(key) || isMisspelt(key) }

  /// Complains of a key with nothing behind it.
  func complainOfEmptiness(of key: KeyDescription, _ mark: Mark, _ complaints: inout Complaints) {
    let alternative = key.isRequired ? "" : ", or remove the key"
    complaints.error(
      at: mark, "'\(key.name)' in \(name) has no value; write one (\(key.plainValue))\(alternative)")
  }
}
