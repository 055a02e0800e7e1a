import PWCore

/// What stands below `pppoe`, read from a site that has passed `check`.
enum PPPoEOptions {
  /// Names of PPPoE are printed as they are, and fit into one packet beside the others.
  static let nameOctets = 1...64
  static let maximumServiceNames = 8
  static let sessionsPerClient = 1...PseudowireTemplate.maximumSessions
  static let usualConcentratorName = "pwmgr"

  static let keys = [
    KeyDescription(
      "interface", "interface name", absent: nil,
      "The link that the clients are on: an Ethernet card, a VLAN device, a bridge. It may appear later."),
    KeyDescription(
      "ac-name", "text, up to 64 characters", absent: "`pwmgr`", "The AC-Name that clients hear, and can choose us by."),
    KeyDescription(
      "service-names", "list of text, up to 8", absent: "any",
      "The Service-Names that clients may ask for. One that asks for none in particular is told these, and served. Two declarations on "
        + "one link have different ones."),
    KeyDescription(
      "sessions-per-mac", "number, 1 to 1000", absent: "`1`", "Sessions that one client's MAC address may have at once."
    ),
  ]

  static func service(_ options: OptionValue) -> PPPoEService? {
    guard let below = options["pppoe"], case .scalar(let interface)? = below["interface"] else { return nil }
    var service = PPPoEService(
      interface: interface, concentratorName: usualConcentratorName, serviceNames: [], sessionsPerClient: 1)
    if case .scalar(let name)? = below["ac-name"] { service.concentratorName = name }
    if case .sequence(let names)? = below["service-names"] {
      service.serviceNames = names.compactMap { name in
        guard case .scalar(let text) = name else { return nil }
        return text
      }
    }
    if case .scalar(let text)? = below["sessions-per-mac"], let count = PPPOptions.number(text, in: sessionsPerClient) {
      service.sessionsPerClient = count
    }
    return service
  }

  /// Text that prints, and that every terminal shows alike.
  static func isName(_ text: String) -> Bool {
    nameOctets.contains(text.utf8.count) && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
  }
}

/// What is wrong with the options of a pseudowire whose clients come by PPPoE.
struct PPPoEOptionsCheck {
  private var reading: OptionReading
  private var below: [String: OptionNode] = [:]
  /// The keys below `pppoe` that are there under another name, which is complained of.
  private var misspelt: Set<String> = []
  var diagnostics: [Diagnostic] { reading.diagnostics }

  init(_ options: OptionNode, _ context: OptionContext) {
    reading = OptionReading(options, context)
    refuseTermination()
    checkSessions()
    guard let node = reading.values["pppoe"] else { return }
    guard case .mapping(let pairs) = node.content else {
      reading.error(node.mark, "pppoe", "keys of its own are wanted; write 'interface: eth1' below it")
      return
    }
    for pair in pairs { below[pair.key] = pair.value }
    refuseUnknownKeys(pairs.map { (key: $0.key, mark: $0.keyMark) })
    checkInterface(reading.keyMarks["pppoe"] ?? node.mark)
    checkNames()
    checkLimit()
  }

  private mutating func refuseTermination() {
    for (key, mark) in reading.keyMarks.sorted(by: { $0.value < $1.value }) where key != "pppoe" && key != "sessions" {
      reading.error(mark, key, "PPP ends at the peer, because of 'pppoe'; declare it there, and remove it here")
    }
  }

  private mutating func checkSessions() {
    guard reading.values["sessions"] != nil else {
      if reading.isMeant("sessions") { return }
      reading.error(
        reading.keyMarks["pppoe"] ?? reading.mark, "pppoe",
        "how many clients there can be is not said; add 'sessions', the same number at both ends")
      return
    }
    guard let (text, mark) = reading.scalar("sessions"), PPPTemplate.sessionCount(text) == nil else { return }
    reading.error(
      mark, "sessions",
      "'\(text)' is not a valid value; write a number from 1 to \(PseudowireTemplate.maximumSessions)")
  }

  private mutating func refuseUnknownKeys(_ keys: [(key: String, mark: Mark)]) {
    let names = PPPoEOptions.keys.map(\.name)
    for (key, mark) in keys where !names.contains(key) {
      let otherwise = "; its keys are \(names.joined(separator: ", "))"
      if let meant = Spelling.suggestion(for: key, among: names) { misspelt.insert(meant) }
      reading.error(
        mark, "pppoe", "unknown key '\(key)'\(Spelling.hint(for: key, among: names, otherwise: otherwise))")
    }
  }

  private mutating func checkInterface(_ mark: Mark) {
    guard let node = below["interface"] else {
      if misspelt.contains("interface") { return }
      return reading.error(mark, "pppoe", "the link that the clients are on is missing; add 'interface' below it")
    }
    guard let name = text(node, "interface") else { return }
    if let fault = InterfaceName.fault(of: name) { reading.error(node.mark, "pppoe", fault) }
  }

  private mutating func checkNames() {
    if let node = below["ac-name"], let name = text(node, "ac-name") { checkName(name, node.mark, "ac-name") }
    guard let node = below["service-names"] else { return }
    guard case .sequence(let nodes) = node.content, !nodes.isEmpty else {
      return reading.error(
        node.mark, "pppoe",
        "'service-names' must be a list; write 'service-names: [internet]', or remove it to serve any")
    }
    if nodes.count > PPPoEOptions.maximumServiceNames {
      reading.error(
        node.mark, "pppoe",
        "\(nodes.count) service names do not fit into a packet with the rest; write at most \(PPPoEOptions.maximumServiceNames)"
      )
    }
    var known: Set<String> = []
    for node in nodes.prefix(PPPoEOptions.maximumServiceNames) {
      guard let name = text(node, "service-names") else { continue }
      checkName(name, node.mark, "service-names")
      if !known.insert(name).inserted {
        reading.error(node.mark, "pppoe", "service name '\(name)' is there twice; remove one of the two")
      }
    }
  }

  private mutating func checkName(_ name: String, _ mark: Mark, _ key: String) {
    guard !PPPoEOptions.isName(name) else { return }
    let octets = PPPoEOptions.nameOctets
    reading.error(
      mark, "pppoe",
      "'\(name)' cannot be one of '\(key)'; write \(octets.lowerBound) to \(octets.upperBound) ASCII characters that print"
    )
  }

  private mutating func checkLimit() {
    guard let node = below["sessions-per-mac"], let text = text(node, "sessions-per-mac") else { return }
    let range = PPPoEOptions.sessionsPerClient
    if PPPOptions.number(text, in: range) == nil {
      reading.error(
        node.mark, "pppoe",
        "'\(text)' is not a number of sessions; write one from \(range.lowerBound) to \(range.upperBound)")
    }
  }

  /// A node that is one value with something in it; complains of any other.
  private mutating func text(_ node: OptionNode, _ key: String) -> String? {
    guard case .scalar(let text, let isPlain) = node.content, !(isPlain && text.isEmpty) else {
      reading.error(node.mark, "pppoe", "one value is wanted for '\(key)'; write it behind '\(key):'")
      return nil
    }
    return text
  }
}
