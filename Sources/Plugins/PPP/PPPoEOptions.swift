import PWCore

extension PPPOptions.Carriage {
  /// Reads the options of a pseudowire whose clients come by PPPoE; nil where the link that they are on is not said.
  init?(_ reading: inout OptionReading, _ keys: PPPKeys) {
    reading.refuseTermination(keys)
    sessions = reading.value(of: keys.sessions)
    if !reading.isMeant(keys.sessions) {
      reading.error(
        reading.keyMarks[keys.pppoe.name] ?? reading.mark, keys.pppoe.name,
        "the number of clients is missing; add 'sessions', the same number at both ends")
    }
    guard let service = reading.service(keys.pppoe) else { return nil }
    self.service = service
  }
}

extension OptionReading {
  fileprivate mutating func refuseTermination(_ keys: PPPKeys) {
    let ours = [keys.pppoe.name, keys.sessions.name]
    for (key, mark) in keyMarks.sorted(by: { $0.value < $1.value }) where !ours.contains(key) {
      error(mark, key, "PPP ends at the peer, because of 'pppoe'; declare it there, and remove it here")
    }
  }

  fileprivate mutating func service(_ key: NodeKey) -> PPPoEService? {
    guard let node = node(of: key) else { return nil }
    guard case .mapping(let pairs) = node.content else {
      error(node.mark, key.name, "expected a mapping; write 'interface: eth1' below it")
      return nil
    }
    var below = ServiceReading(pairs, keyMarks[key.name] ?? node.mark)
    let service = below.service()
    for fault in below.faults { error(fault.mark, key.name, fault.message) }
    return service
  }
}

/// The mapping below `pppoe`, while it is read.
private struct ServiceReading {
  /// The faults, each with its position.
  private(set) var faults: [(mark: Mark, message: String)] = []
  private let mark: Mark
  private var values: [String: OptionNode] = [:]
  /// The keys that are there under another name, which is complained of.
  private var misspelt: Set<String> = []

  init(_ pairs: [(key: String, keyMark: Mark, value: OptionNode)], _ mark: Mark) {
    self.mark = mark
    for pair in pairs { values[pair.key] = pair.value }
    let names = PPPPlugin.accessKeys.map(\.name)
    for pair in pairs where !names.contains(pair.key) {
      let otherwise = "; its keys are \(names.joined(separator: ", "))"
      if let meant = Spelling.suggestion(for: pair.key, among: names) { misspelt.insert(meant) }
      complain(
        pair.keyMark, "unknown key '\(pair.key)'\(Spelling.hint(for: pair.key, among: names, otherwise: otherwise))")
    }
  }

  mutating func service() -> PPPoEService? {
    let keys = PPPoEKeys.declared
    let interface = value(of: keys.interface)
    if values[keys.interface.name] == nil, !misspelt.contains(keys.interface.name) {
      complain(mark, "the link that the clients are on is missing; add 'interface' below it")
    }
    let concentratorName = value(of: keys.concentratorName)
    let serviceNames = names(keys.serviceNames)
    let sessionsPerClient = value(of: keys.sessionsPerClient)
    guard let interface else { return nil }
    return PPPoEService(
      interface: interface, concentratorName: concentratorName, serviceNames: serviceNames,
      sessionsPerClient: sessionsPerClient)
  }

  private mutating func names(_ key: NodeKey) -> [String] {
    guard let node = values[key.name] else { return [] }
    guard case .sequence(let nodes) = node.content, !nodes.isEmpty else {
      complain(
        node.mark, "'\(key.name)' must be a list; write '\(key.name): [internet]', or remove it to serve any")
      return []
    }
    if nodes.count > PPPoEKeys.maximumServiceNames {
      complain(
        node.mark,
        "\(nodes.count) service names do not fit into a packet with the rest; write at most "
          + "\(PPPoEKeys.maximumServiceNames)")
    }
    var names: [String] = []
    for node in nodes.prefix(PPPoEKeys.maximumServiceNames) {
      guard let name = scalar(node, key.name)?.text else { continue }
      if let fault = PPPoEKeys.fault(ofName: name, key.name) { complain(node.mark, fault.message) }
      if names.contains(name) {
        complain(node.mark, "service name '\(name)' appears twice; remove one of the two")
      }
      names.append(name)
    }
    return names
  }

  private mutating func value<Value>(of key: Key<Value>) -> Value {
    guard let node = values[key.name], let scalar = scalar(node, key.name) else { return key.fallback }
    do throws(ValueFault) {
      return try key.read(scalar)
    } catch {
      complain(node.mark, error.message)
      return key.fallback
    }
  }

  /// A node that is one value with something in it; complains of any other.
  private mutating func scalar(_ node: OptionNode, _ key: String) -> Scalar? {
    guard let scalar = Scalar(node), !(scalar.isPlain && scalar.text.isEmpty) else {
      complain(node.mark, "expected one value for '\(key)'; write it after '\(key):'")
      return nil
    }
    return scalar
  }

  private mutating func complain(_ mark: Mark, _ message: String) { faults.append((mark: mark, message: message)) }
}
