import PWCore

/// A mapping as two files have it.
struct KeyDifferences {
  private let old: OptionValue
  private let new: OptionValue

  init(_ old: OptionValue, _ new: OptionValue) {
    (self.old, self.new) = (old, new)
  }

  /// The mappings behind one of its keys.
  func below(_ key: String) -> KeyDifferences {
    KeyDifferences(old[key] ?? .mapping([]), new[key] ?? .mapping([]))
  }

  /// The keys that have another value, in the order of the old file and then of the new one; objects that have changes
  /// of their own are left out.
  ///
  /// - Parameter described: the keys that the mapping may have, besides those of a plugin.
  func keys(of described: [KeyDescription], prefix: String = "") -> [KeyChange] {
    let names = old.keys + new.keys.filter { old[$0] == nil }
    return names.flatMap { name -> [KeyChange] in
      let (before, after) = (old[name], new[name])
      guard before != after else { return [] }
      let key = described.first { $0.name == name }
      if let key, key.change == nil {
        guard let section = SchemaSection.all.first(where: { $0.title == name }) else { return [] }
        return below(name).keys(of: section.keys, prefix: "\(prefix)\(name).")
      }
      let absent = key?.absent.map { String($0.filter { $0 != "`" }) } ?? "not written"
      let (was, becomes) = (before?.words ?? absent, after?.words ?? absent)
      // A default that is written down says nothing new.
      guard was != becomes else { return [] }
      if key?.isSecret == true {
        return [KeyChange(key: prefix + name, before: "(not shown)", after: "(not shown)", impact: key?.change)]
      }
      return [KeyChange(key: prefix + name, before: was, after: becomes, impact: key?.change)]
    }
  }
}

extension OptionValue {
  /// The keys of a mapping, in their order.
  fileprivate var keys: [String] {
    guard case .mapping(let pairs) = self else { return [] }
    return pairs.map(\.key)
  }

  /// The value on one line, as a file may have it.
  fileprivate var words: String {
    switch self {
    case .scalar(let text): text
    case .sequence(let values): "[\(values.map(\.words).joined(separator: ", "))]"
    case .mapping(let pairs): "{\(pairs.map { "\($0.key): \($0.value.words)" }.joined(separator: ", "))}"
    }
  }
}
