import PWCore

/// Keys that should not be there, and keys that have nothing behind them.
extension Section {
  /// Complains of each key that is neither declared nor one of `others`, and of each of `others` that has no value.
  ///
  /// - Parameter others: a plugin's.
  func refuseUnknownKeys(_ complaints: inout Complaints, others: [KeyDescription] = []) {
    let own = Set(Keys.schema.keys.map(\.name))
    for key in order where !own.contains(key) {
      guard let entry = entries[key] else { continue }
      guard let other = others.first(where: { $0.name == key }) else {
        complaints.error(at: entry.keyMark, "unknown key '\(key)' in \(name)\(hint(forUnknown: key, others))")
        continue
      }
      if let scalar = Scalar(entry.node), scalar.isEmpty { complainOfEmptiness(of: other, scalar.mark, &complaints) }
    }
  }

  private func hint(forUnknown key: String, _ others: [KeyDescription]) -> String {
    let names = Keys.schema.keys.map(\.name) + others.map(\.name)
    if let elsewhere = SchemaSection.owner(of: key, otherThan: Keys.schema) {
      return "; it is a key of a \(elsewhere.title)"
    }
    // One of our own keys in another case is not a foreign word.
    let isOurs = names.contains { $0.lowercased() == key.lowercased() }
    if !isOurs, let foreign = ForeignWords.hint(for: key, in: Keys.schema.place) { return foreign }
    return Spelling.hint(for: key, among: names, otherwise: "; its keys are \(names.joined(separator: ", "))")
  }

  /// Complains of a key with nothing behind it.
  func complainOfEmptiness(of key: KeyDescription, _ mark: Mark, _ complaints: inout Complaints) {
    let alternative = key.isRequired ? "" : ", or remove the key"
    complaints.error(
      at: mark, "'\(key.name)' in \(name) has no value; write one (\(key.plainValue))\(alternative)")
  }
}
