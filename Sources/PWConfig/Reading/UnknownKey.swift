import PWCore

/// A key that a mapping does not have.
struct UnknownKey {
  let name: String
  /// The position of the key in the file.
  let mark: Mark
  /// The key of the mapping that it is taken for.
  let meant: String?
  /// The advice on what to write instead, as the end of a complaint.
  let hint: String

  /// How many keys are named where none is like the one that was written: a line of a terminal or two.
  private static let maximumNames = 10

  /// - Parameter others: a plugin's keys in the same mapping.
  init(_ name: String, at mark: Mark, in section: SchemaSection, others: [String]) {
    let own = section.keys.map(\.name)
    let names = own + others
    self.name = name
    self.mark = mark
    if let elsewhere = SchemaSection.owner(of: name, otherThan: section) {
      (meant, hint) = (nil, "; it is a key of a \(elsewhere.title)")
      return
    }
    // One of our own keys in another case is not a foreign word.
    let isOurs = names.contains { $0.lowercased() == name.lowercased() }
    if !isOurs, let foreign = ForeignWords.meaning(of: name, in: section.place) {
      (meant, hint) = (foreign.key, "; \(foreign.hint)")
      return
    }
    meant = Spelling.suggestion(for: name, among: names)
    // A plugin's come first: the others are on the page.
    hint = Spelling.hint(for: name, among: names, otherwise: "; its keys are \(Self.list(others + own))")
  }

  private static func list(_ names: [String]) -> String {
    let named = names.prefix(maximumNames).joined(separator: ", ")
    let others = names.count - maximumNames
    return others > 0 ? "\(named) and \(others) more, which are in docs/site-file.md" : named
  }
}
