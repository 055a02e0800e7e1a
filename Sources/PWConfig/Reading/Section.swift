import PWCore

/// One mapping of the file, whose keys are those of a ``KeySet``; every complaint about it says where it stands.
struct Section<Keys: KeySet> {
  /// `tunnel 'berlin'`: how complaints call it.
  let name: String
  /// Where its name stands in the file.
  let mark: Mark
  private(set) var entries: [String: Entry] = [:]
  /// The keys in the order of the file.
  private(set) var order: [String] = []

  /// The keys that a plugin has here.
  private(set) var others: [KeyDescription] = []
  /// The keys that are neither declared nor a plugin's; none as long as nobody knows which plugin it is.
  private(set) var unknownKeys: [UnknownKey] = []

  /// The node behind a key, and the position of the key.
  struct Entry {
    var keyMark: Mark
    var node: OptionNode
  }

  /// A node that must be a mapping; complains and is nil if it is something else.
  init?(_ node: OptionNode, named name: String, at mark: Mark, _ complaints: inout Complaints) {
    guard let pairs = node.pairs(ofMapping: name, &complaints) else { return nil }
    self.name = name
    self.mark = mark
    for pair in pairs {
      entries[pair.key] = Entry(keyMark: pair.keyMark, node: pair.value)
      order.append(pair.key)
    }
    if !Keys.isShared { share(with: [], &complaints) }
  }

  /// Has a plugin's keys beside those that are declared; complains of each key that is neither, and of each of the
  /// plugin's that has no value.
  ///
  /// Until then nothing is said of unknown keys, and none is taken for another.
  mutating func share(with others: [KeyDescription], _ complaints: inout Complaints) {
    self.others = others
    let names = others.map(\.name)
    let known = Set(Keys.schema.keys.map(\.name) + names)
    unknownKeys = order.compactMap { key in
      guard !known.contains(key), let entry = entries[key] else { return nil }
      return UnknownKey(key, at: entry.keyMark, in: Keys.schema, others: names)
    }
    refuseUnknownKeys(&complaints)
  }

  /// Where a key's value stands; where the mapping's name stands, if the key is not there.
  func place(of key: KeyPath<Keys, some DeclaredKey>) -> Mark { place(ofKeyNamed: self[key].name) }

  /// The same for a key by its name, which need not be one that there is.
  func place(ofKeyNamed name: String) -> Mark { entries[name]?.node.mark ?? mark }

  /// Whether a key is there, with or without a value.
  func has(_ key: KeyPath<Keys, some DeclaredKey>) -> Bool { hasKey(named: self[key].name) }

  /// The same for a key by its name, which need not be one that there is.
  func hasKey(named name: String) -> Bool { entries[name] != nil }

  /// The value of a key as it is written, where it is one value.
  func text(of key: KeyPath<Keys, some DeclaredKey>) -> String? {
    entries[self[key].name].flatMap { Scalar($0.node)?.text }
  }

  /// A key as it is declared.
  subscript<Declared: DeclaredKey>(key: KeyPath<Keys, Declared>) -> Declared { Keys.declared[keyPath: key] }

  /// The plugin's keys that have a value, as a mapping with marks.
  var options: OptionNode {
    let names = Set(others.map(\.name))
    let pairs = order.compactMap { key -> (key: String, keyMark: Mark, value: OptionNode)? in
      guard names.contains(key), let entry = entries[key], Scalar(entry.node)?.isEmpty != true else { return nil }
      return (key: key, keyMark: entry.keyMark, value: entry.node)
    }
    return OptionNode(mark: mark, content: .mapping(pairs))
  }
}

extension OptionNode {
  /// The keys and values of a mapping; complains and is nil if the node is something else.
  ///
  /// - Parameter name: how complaints call it.
  func pairs(
    ofMapping name: String, _ complaints: inout Complaints
  ) -> [(key: String, keyMark: Mark, value: OptionNode)]? {
    switch content {
    case .mapping(let pairs):
      return pairs
    case .sequence:
      complaints.error(at: mark, "\(name) is a list; write 'name: value' lines without '-'")
    case .scalar:
      let found = Scalar(self).map { $0.isEmpty ? "has no value" : "is one value" } ?? "is one value"
      complaints.error(at: mark, "\(name) \(found); write 'key: value' lines below it, or remove it")
    }
    return nil
  }
}
