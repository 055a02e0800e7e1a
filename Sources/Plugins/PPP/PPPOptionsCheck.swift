import PWCore

/// What is wrong with the options of one pseudowire. Keys are known to be ours and to have values.
struct PPPOptionsCheck {
  private(set) var diagnostics: [Diagnostic] = []
  private let context: OptionContext
  private var values: [String: OptionNode] = [:]

  init(_ options: OptionNode, _ context: OptionContext) {
    self.context = context
    guard case .mapping(let pairs) = options.content else { return }
    for pair in pairs { values[pair.key] = pair.value }
    checkSingleValues()
    checkAddresses()
    checkPool()
    checkAuthentication()
    checkEcho()
  }

  private mutating func checkSingleValues() {
    for key in ["ipv4", "ipv6", "default-route"] {
      require(key, "write 'true' or 'false'") { Switch.value(of: $0) != nil }
    }
    require("local-address", "write the IPv4 address of a host, like 10.9.0.1") { PPPOptions.hostAddress($0) != nil }
    require("peer-address", "write the IPv4 address of a host, like 10.9.0.1, or with 'sessions' 10.9.0.2-10.9.0.101") {
      PPPOptions.hostAddress($0) != nil || AddressPool($0) != nil
    }
    require("sessions", "write a number from 1 to \(PseudowireTemplate.maximumSessions)") {
      PPPTemplate.sessionCount($0) != nil
    }
    for key in ["name", "peer-name"] {
      let octets = PPPOptions.nameOctets
      require(key, "write \(octets.lowerBound) to \(octets.upperBound) ASCII characters without spaces, and not '*'") {
        PPPOptions.isName($0)
      }
    }
    for key in PPPOptions.secretFileKeys {
      require(key, "write the full path of a file, like /etc/pwmgr/secrets/berlin-ppp") { FilePath.isFull($0) }
    }
    for key in PPPOptions.programKeys {
      require(key, "write the full path of a program, like /etc/pwmgr/berlin-routes") { FilePath.isFull($0) }
    }
    let mtu = PPPOptions.mtuRange
    require("mtu", "write 'fit', or a number from \(mtu.lowerBound) to \(mtu.upperBound)") { PPPOptions.mtu($0) != nil }
    let seconds = PPPOptions.echoIntervalSeconds
    require(
      "echo-interval",
      "write '0s', or whole seconds, minutes or an hour from \(seconds.lowerBound)s to 1h, like 10s"
    ) { PPPOptions.seconds($0) != nil }
    let failures = PPPOptions.echoFailures
    require("echo-failures", "write a number from \(failures.lowerBound) to \(failures.upperBound)") {
      PPPOptions.failures($0) != nil
    }
    let methods = ["none"] + LinkRequest.PPPTermination.Demand.Method.allCases.map(\.rawValue)
    require("peer-authentication", "write 'none', 'chap' or 'mschap-v2'", near: methods) { methods.contains($0) }
  }

  private mutating func checkAddresses() {
    let ipv4 = text("ipv4").flatMap(Switch.value) ?? true
    let ipv6 = text("ipv6").flatMap(Switch.value) ?? false
    if !ipv4, !ipv6, let node = values["ipv4"] {
      error(node.mark, "ipv4", "nothing would pass: 'ipv6' is off too; switch one of them on")
    }
    for key in ["local-address", "peer-address", "default-route"] {
      guard !ipv4, let node = values[key], text(key).flatMap(Switch.value) != false else { continue }
      error(node.mark, key, "it is for IPv4, which 'ipv4: false' switches off; remove one of the two")
    }
    if let local = text("local-address").flatMap(PPPOptions.hostAddress), let node = values["peer-address"],
      text("peer-address").flatMap(PPPOptions.hostAddress) == local
    {
      error(node.mark, "peer-address", "it is 'local-address' too; the two ends need different ones")
    }
  }

  /// Each of many sessions needs an address of its own for its peer.
  private mutating func checkPool() {
    guard let node = values["peer-address"], let written = text("peer-address") else { return }
    let sessions = text("sessions").flatMap(PPPTemplate.sessionCount)
    guard let pool = AddressPool(written) else {
      guard let sessions, sessions > 1, PPPOptions.hostAddress(written) != nil else { return }
      return error(
        node.mark, "peer-address", "one address is not enough for \(sessions) sessions; write a range of as many")
    }
    guard let sessions else {
      if context.misspelt.contains("sessions") { return }
      return error(
        node.mark, "peer-address",
        "\(pool.count) addresses are for as many sessions; add 'sessions: \(pool.count)', or write one")
    }
    if pool.count < sessions {
      error(
        node.mark, "peer-address",
        "\(pool.count) addresses are not enough for \(sessions) sessions; write a range of as many")
    }
    if let local = text("local-address").flatMap(PPPOptions.hostAddress), pool.contains(local) {
      error(node.mark, "peer-address", "'local-address' is one of them; write a range without it")
    }
  }

  private mutating func checkAuthentication() {
    let demands = text("peer-authentication").map { $0 != "none" } ?? false
    if demands, !isMeant("peer-secret-file"), let node = values["peer-authentication"] {
      error(node.mark, "peer-authentication", "the peer's secret is not known; add 'peer-secret-file'")
    }
    for key in ["peer-name", "peer-secret-file"] {
      guard !demands, !context.misspelt.contains("peer-authentication"), let node = values[key] else { continue }
      error(node.mark, key, "nobody asks the peer who it is; add 'peer-authentication: chap', or remove it")
    }
    if !isMeant("name"), let node = values["secret-file"] {
      warn(
        node.mark, "secret-file", "it is the secret of the name '\(PPPOptions.usualName)'; add 'name' to say which one")
    }
    let name = text("name") ?? PPPOptions.usualName
    if let node = values["peer-name"], text("peer-name") == name {
      error(node.mark, "peer-name", "it is our own name too, and who has our name is refused; use different ones")
    }
  }

  private mutating func checkEcho() {
    guard text("echo-interval").flatMap(PPPOptions.seconds) == 0, let node = values["echo-failures"] else { return }
    warn(node.mark, "echo-failures", "'echo-interval: 0s' asks for no echo; remove one of the two")
  }

  // MARK: Saying so

  /// Whether a key is there, maybe under another name, which is complained of.
  private func isMeant(_ key: String) -> Bool { values[key] != nil || context.misspelt.contains(key) }

  /// The value of a key that holds one scalar.
  private func text(_ key: String) -> String? {
    guard case .scalar(let text, _)? = values[key]?.content else { return nil }
    return text
  }

  /// Complains of a key whose value is no scalar, or not what it must be.
  private mutating func require(
    _ key: String, _ cure: String, near candidates: [String] = [], _ isRight: (String) -> Bool
  ) {
    guard let node = values[key] else { return }
    guard case .scalar(let text, _) = node.content else {
      return error(node.mark, key, "one value is wanted, not a list or a mapping; write it behind '\(key):'")
    }
    if isRight(text) { return }
    error(node.mark, key, "'\(text)' is not a valid value; \(cure)" + Spelling.hint(for: text, among: candidates))
  }

  private mutating func error(_ mark: Mark, _ key: String, _ message: String) {
    diagnostics.append(
      Diagnostic(.error, at: mark, "'\(key)' in pseudowire '\(context.owner.pseudowire)': \(message)"))
  }

  private mutating func warn(_ mark: Mark, _ key: String, _ message: String) {
    diagnostics.append(
      Diagnostic(.warning, at: mark, "'\(key)' in pseudowire '\(context.owner.pseudowire)': \(message)"))
  }
}
