import PWCore

/// Reading values: what a key takes, and what holds without it, its declaration says.
extension Section {
  /// The value of a key; what holds without it, if it is not there or does not read well, which is complained about.
  func value<Value>(of key: KeyPath<Keys, Key<Value>>, _ complaints: inout Complaints) -> Value {
    let declared = self[key]
    guard isThere(declared, &complaints),
      let scalar = scalar(declared, takesNull: declared.takesNull, &complaints)
    else { return declared.fallback }
    return read(scalar, of: declared, &complaints, declared.read) ?? declared.fallback
  }

  /// The value of a key whose meaning follows from others; nil where there is none, or it does not read well.
  func resolved<Value>(
    _ key: KeyPath<Keys, Key<Scalar?>>, _ complaints: inout Complaints,
    _ reader: (Scalar) throws(ValueFault) -> Value
  ) -> Value? {
    guard let scalar = value(of: key, &complaints) else { return nil }
    return read(scalar, of: self[key], &complaints, reader)
  }

  /// The values of a list, each with its place.
  func list<Element>(
    _ key: KeyPath<Keys, ListKey<Element>>, _ complaints: inout Complaints
  ) -> [(value: Element, mark: Mark)] {
    let declared = self[key]
    guard isThere(declared, &complaints), let entry = entries[declared.name] else { return [] }
    guard case .sequence(let nodes) = entry.node.content else {
      let written = Scalar(entry.node).flatMap { $0.isEmpty ? nil : $0.text } ?? declared.example
      complaints.error(
        at: entry.node.mark, "'\(declared.name)' in \(name) must be a list; write '\(declared.name): [\(written)]'")
      return []
    }
    return elements(nodes, of: declared, &complaints, declared.element.read)
  }

  /// The values of the nodes of a list, without those that do not read well, which are complained about.
  private func elements<Element>(
    _ nodes: [OptionNode], of key: some DeclaredKey, _ complaints: inout Complaints, _ reader: ValueReader<Element>
  ) -> [(value: Element, mark: Mark)] {
    var values: [(value: Element, mark: Mark)] = []
    for node in nodes {
      guard let scalar = Scalar(node), !scalar.isEmpty else {
        complaints.error(at: node.mark, "'\(key.name)' in \(name): a list of names; write one name after each '-'")
        continue
      }
      if let value = read(scalar, of: key, &complaints, reader) { values.append((value: value, mark: scalar.mark)) }
    }
    return values
  }

  /// The value or the list behind a key that takes either.
  func value<Value, Element>(
    of key: KeyPath<Keys, ValueOrListKey<Value, Element>>, _ complaints: inout Complaints
  ) -> ValueOrList<Value, Element> {
    let declared = self[key]
    guard isThere(declared, &complaints), let entry = entries[declared.name] else { return .value(nil) }
    if case .sequence(let nodes) = entry.node.content {
      return .list(elements(nodes, of: declared, &complaints, declared.element.read), count: nodes.count)
    }
    guard let scalar = scalar(declared, &complaints) else { return .value(nil) }
    return .value(read(scalar, of: declared, &complaints, declared.value.read))
  }

  /// A mapping below a key, with keys of its own.
  func section<Below>(
    _ key: KeyPath<Keys, SectionKey<Below>>, _ complaints: inout Complaints
  ) -> Section<Below>? {
    let declared = self[key]
    guard let entry = entries[declared.name] else { return nil }
    return Section<Below>(entry.node, named: "'\(declared.name)' in \(name)", at: entry.keyMark, &complaints)
  }

  /// The mappings below a key, each with its name in the file; complains of names that are none.
  func children<Below>(
    of key: KeyPath<Keys, MappingKey<Below>>, _ complaints: inout Complaints
  ) -> [(name: String, section: Section<Below>)] {
    let declared = self[key]
    guard let entry = entries[declared.name] else { return [] }
    let pairs = entry.node.pairs(ofMapping: "'\(declared.name)' in \(name)", &complaints) ?? []
    return pairs.compactMap { pair in
      do throws(ValueFault) {
        _ = try declared.names.read(Scalar(pair.key))
      } catch {
        complaints.error(at: pair.keyMark, "\(Below.title): \(error.message)")
      }
      let title = "\(Below.title) '\(pair.key)'"
      return Section<Below>(pair.value, named: title, at: pair.keyMark, &complaints).map {
        (name: pair.key, section: $0)
      }
    }
  }

  /// Whether a key is there; complains if it must be and is not, unless an unknown key is taken for it.
  private func isThere(_ key: some DeclaredKey, _ complaints: inout Complaints) -> Bool {
    let description = key.description
    guard entries[description.name] == nil else { return true }
    let isReplaced = description.alternative.map(hasKey(named:)) ?? false
    if description.isRequired, !isReplaced, !misspelt.contains(description.name) {
      complaints.error(at: mark, description.missing(in: name))
    }
    return false
  }

  /// The one value behind a key; complains and is nil where there is something else.
  ///
  /// - Parameter takesNull: whether the word `null` is a value like others here.
  private func scalar(_ key: some DeclaredKey, takesNull: Bool = false, _ complaints: inout Complaints) -> Scalar? {
    guard let entry = entries[key.name] else { return nil }
    guard let scalar = Scalar(entry.node) else {
      let found = if case .sequence = entry.node.content { "a list" } else { "a mapping" }
      complaints.error(
        at: entry.node.mark, "'\(key.name)' in \(name) is \(found); write one value after '\(key.name):'")
      return nil
    }
    guard !scalar.isEmpty || takesNull && scalar.text == "null" else {
      complainOfEmptiness(of: key.description, scalar.mark, &complaints)
      return nil
    }
    return scalar
  }

  /// The value of a key, read from its text; complains and is nil if it does not read well.
  private func read<Value>(
    _ scalar: Scalar, of key: some DeclaredKey, _ complaints: inout Complaints,
    _ reader: (Scalar) throws(ValueFault) -> Value
  ) -> Value? {
    do throws(ValueFault) {
      return try reader(scalar)
    } catch {
      complaints.error(at: scalar.mark, "'\(key.name)' in \(name): \(error.message)")
      return nil
    }
  }
}

/// The value or the list behind a key that takes either.
enum ValueOrList<Value, Element> {
  /// One value; nil where there is none, or it does not read well.
  case value(Value?)
  /// So many, and those of them that read well.
  case list([(value: Element, mark: Mark)], count: Int)
}
