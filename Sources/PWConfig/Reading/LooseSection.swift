import PWCore

/// One mapping of the file whose keys are asked for by name; every complaint about it says where it stands.
///
/// Its keys become those of a ``KeySet``, section by section.
struct LooseSection {
  /// `tunnel 'berlin'`: how complaints call it.
  let name: String
  /// Where its name stands in the file.
  let mark: Mark
  let schema: SchemaSection
  private var entries: [String: Entry] = [:]
  private var order: [String] = []

  private struct Entry {
    var keyMark: Mark
    var node: OptionNode
  }

  /// A node that must be a mapping; complains and is nil if it is something else.
  init?(
    _ node: OptionNode, named name: String, at mark: Mark, schema: SchemaSection, _ complaints: inout Complaints
  ) {
    guard let pairs = Self.pairs(of: node, named: name, complaints: &complaints) else { return nil }
    self.name = name
    self.mark = mark
    self.schema = schema
    for pair in pairs {
      entries[pair.key] = Entry(keyMark: pair.keyMark, node: pair.value)
      order.append(pair.key)
    }
  }

  /// Where a key's value stands; where the mapping's name stands, if the key is not there.
  func place(of key: String) -> Mark {
    entries[key]?.node.mark ?? mark
  }

  func has(_ key: String) -> Bool {
    entries[key] != nil
  }

  /// How many entries the list behind a key has; nil where there is no list.
  func count(of key: String) -> Int? {
    guard case .sequence(let nodes)? = entries[key]?.node.content else { return nil }
    return nodes.count
  }

  /// The value of a key as it is written, where it is one value.
  func text(of key: String) -> String? { entries[key].flatMap { Scalar($0.node)?.text } }

  /// The value of a key, if it is there and reads well; complains if it does not.
  ///
  /// - Parameter takesNull: whether the word `null` is a value like others here, and not YAML's way of writing none.
  func read<Value>(
    _ key: String, _ complaints: inout Complaints, takesNull: Bool = false,
    _ reader: (Scalar) throws(ValueFault) -> Value
  ) -> Value? {
    guard let entry = entries[key], let scalar = scalar(key, entry, &complaints, takesNull: takesNull) else {
      return nil
    }
    do throws(ValueFault) {
      return try reader(scalar)
    } catch {
      complaints.error(at: scalar.mark, "'\(key)' in \(name): \(error.message)")
      return nil
    }
  }

  /// The same for a key that must be there.
  func require<Value>(_ key: String, _ complaints: inout Complaints, _ reader: (Scalar) throws(ValueFault) -> Value)
    -> Value?
  {
    guard has(key) else {
      complaints.error(at: mark, "\(name) has no '\(key)'; add '\(key):'\(Self.values(of: key, schema.keys))")
      return nil
    }
    return read(key, &complaints, reader)
  }

  /// A list of scalars, each with its place.
  func list<Value>(
    _ key: String, _ complaints: inout Complaints, example: String = "eth1",
    _ reader: (Scalar) throws(ValueFault) -> Value
  ) -> [(value: Value, mark: Mark)] {
    guard let entry = entries[key] else { return [] }
    guard case .sequence(let nodes) = entry.node.content else {
      let example = Scalar(entry.node).map { $0.isEmpty ? example : $0.text } ?? example
      complaints.error(at: entry.node.mark, "'\(key)' in \(name) must be a list; write '\(key): [\(example)]'")
      return []
    }
    var values: [(value: Value, mark: Mark)] = []
    for node in nodes {
      guard let scalar = Scalar(node), !scalar.isEmpty else {
        complaints.error(at: node.mark, "'\(key)' in \(name): a list of names; write one name behind each '-'")
        continue
      }
      do throws(ValueFault) {
        values.append((value: try reader(scalar), mark: scalar.mark))
      } catch {
        complaints.error(at: scalar.mark, "'\(key)' in \(name): \(error.message)")
      }
    }
    return values
  }

  /// A mapping below a key, with keys of its own.
  func section(_ key: String, schema: SchemaSection, _ complaints: inout Complaints) -> LooseSection? {
    guard let entry = entries[key] else { return nil }
    let section = LooseSection(
      entry.node, named: "'\(key)' in \(name)", at: entry.keyMark, schema: schema, &complaints)
    section?.refuseUnknownKeys(&complaints)
    return section
  }

  /// A mapping below a key, with keys of its own.
  func section<Below: KeySet>(
    _ keys: Below.Type, _ complaints: inout Complaints
  ) -> Section<Below>? {
    guard let entry = entries[Below.title] else { return nil }
    return Section<Below>(entry.node, named: "'\(Below.title)' in \(name)", at: entry.keyMark, &complaints)
  }

  /// The mappings below a key, each with its name in the file.
  func children(_ key: String, _ complaints: inout Complaints) -> [(key: Scalar, value: OptionNode)] {
    guard let entry = entries[key] else { return [] }
    let pairs = Self.pairs(of: entry.node, named: "'\(key)' in \(name)", complaints: &complaints) ?? []
    return pairs.map { pair in
      var scalar = Scalar(pair.key)
      scalar.mark = pair.keyMark
      return (key: scalar, value: pair.value)
    }
  }

  /// What is not the schema's and has a value: a plugin's part, as a mapping with marks.
  var remainder: OptionNode {
    let known = Set(schema.keys.map(\.name))
    let pairs = order.compactMap { key -> (key: String, keyMark: Mark, value: OptionNode)? in
      guard !known.contains(key), let entry = entries[key], Scalar(entry.node)?.isEmpty != true else { return nil }
      return (key: key, keyMark: entry.keyMark, value: entry.node)
    }
    return OptionNode(mark: mark, content: .mapping(pairs))
  }

  /// Complains of each key that neither the schema nor `others` has, and of each of `others` that has no value.
  func refuseUnknownKeys(_ complaints: inout Complaints, others: [KeyDescription] = []) {
    let own = Set(schema.keys.map(\.name))
    let plugin = Set(others.map(\.name))
    for key in order where !own.contains(key) {
      guard let entry = entries[key] else { continue }
      if plugin.contains(key) {
        if let scalar = Scalar(entry.node), scalar.isEmpty {
          complainOfEmptiness(key, scalar.mark, others, &complaints)
        }
        continue
      }
      let names = schema.keys.map(\.name) + others.map(\.name)
      let elsewhere = SchemaSection.owner(of: key, otherThan: schema).map { "; it is a key of a \($0.title)" }
      let otherwise = elsewhere ?? "; its keys are \(names.joined(separator: ", "))"
      // One of our own keys in another case is not a foreign word.
      let isOurs = names.contains { $0.lowercased() == key.lowercased() }
      let foreign = isOurs ? nil : ForeignWords.hint(for: key, in: schema.place)
      let hint = elsewhere ?? foreign ?? Spelling.hint(for: key, among: names, otherwise: otherwise)
      complaints.error(at: entry.keyMark, "unknown key '\(key)' in \(name)\(hint)")
    }
  }

  private func scalar(
    _ key: String, _ entry: Entry, _ complaints: inout Complaints, takesNull: Bool = false
  ) -> Scalar? {
    guard let scalar = Scalar(entry.node) else {
      let found = if case .sequence = entry.node.content { "a list" } else { "a mapping" }
      complaints.error(at: entry.node.mark, "'\(key)' in \(name) is \(found); write one value behind '\(key):'")
      return nil
    }
    guard !scalar.isEmpty || takesNull && scalar.text == "null" else {
      complainOfEmptiness(key, scalar.mark, schema.keys, &complaints)
      return nil
    }
    return scalar
  }

  private func complainOfEmptiness(
    _ key: String, _ mark: Mark, _ keys: [KeyDescription], _ complaints: inout Complaints
  ) {
    let isRequired = keys.contains { $0.name == key && $0.absent == nil }
    let alternative = isRequired ? "" : ", or remove the key"
    complaints.error(
      at: mark, "'\(key)' in \(name) has no value; write one\(Self.values(of: key, keys))\(alternative)")
  }

  /// ` (address, host name or 'any')`: what may stand behind a key.
  private static func values(of key: String, _ keys: [KeyDescription]) -> String {
    keys.first { $0.name == key }.map { " (\($0.plainValue))" } ?? ""
  }

  private static func pairs(
    of node: OptionNode, named name: String, complaints: inout Complaints
  ) -> [(key: String, keyMark: Mark, value: OptionNode)]? {
    switch node.content {
    case .mapping(let pairs):
      return pairs
    case .sequence:
      complaints.error(at: node.mark, "\(name) is a list; write 'name: value' lines without '-'")
    case .scalar:
      let found = Scalar(node).map { $0.isEmpty ? "has no value" : "is one value" } ?? "is one value"
      complaints.error(at: node.mark, "\(name) \(found); write 'key: value' lines below it, or remove it")
    }
    return nil
  }
}
