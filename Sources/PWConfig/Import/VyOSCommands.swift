/// Commands of VyOS: `set interfaces l2tpv3 l2tpeth0 ...` and `set interfaces bridge br0 ...`, as `show configuration
/// commands` prints them. Each interface is a tunnel with one session; those of one tunnel identifier share it.
enum VyOSCommands {
  /// The port at both ends where none is written.
  private static let usualPort = "5000"

  static func read(_ lines: [String]) -> ForeignConfiguration {
    var found = ForeignConfiguration(.vyOS)
    var names: [String] = []
    var interfaces: [String: [String: String]] = [:]
    for (index, line) in lines.enumerated() {
      let words = words(of: line)
      guard words.count >= 4, words[0] == "set", words[1] == "interfaces" else { continue }
      switch words[2] {
      case "l2tpv3":
        if interfaces[words[3]] == nil { names.append(words[3]) }
        read(words, at: index, &interfaces[words[3], default: [:]], into: &found)
      case "bridge": readBridge(words, into: &found)
      case _: break
      }
    }
    for name in names {
      let values = interfaces[name] ?? [:]
      found.add(session(name, values), in: tunnel(values))
    }
    return found
  }

  private static func read(
    _ words: [String], at index: Int, _ values: inout [String: String], into found: inout ForeignConfiguration
  ) {
    guard words.count >= 5 else { return }
    let value = words.count > 5 ? words[5] : ""
    switch words[4] {
    case "mtu": found.withLink(words[3]) { $0.mtu = value }
    case "address" where value.contains("/"): found.withLink(words[3]) { $0.addresses.append(value) }
    case let key where known.contains(key): values[key] = value
    case let key: found.remark(index, "'\(key)' of \(words[3]) is left out: pwmgr has nothing for it")
    }
  }

  private static let known: Set = [
    "source-address", "local-ip", "remote", "remote-ip", "encapsulation", "source-port", "destination-port",
    "tunnel-id",
    "peer-tunnel-id", "session-id", "peer-session-id", "description", "disable",
  ]

  private static func tunnel(_ values: [String: String]) -> ForeignConfiguration.Tunnel {
    var tunnel = ForeignConfiguration.Tunnel()
    (tunnel.localID, tunnel.peerID) = (values["tunnel-id"], values["peer-tunnel-id"])
    tunnel.local = values["source-address"] ?? values["local-ip"]
    tunnel.peer = values["remote"] ?? values["remote-ip"]
    tunnel.isOverIP = values["encapsulation"] == "ip"
    if !tunnel.isOverIP {
      tunnel.localPort = values["source-port"] ?? usualPort
      tunnel.peerPort = values["destination-port"] ?? usualPort
    }
    return tunnel
  }

  private static func session(_ name: String, _ values: [String: String]) -> ForeignConfiguration.Session {
    var session = ForeignConfiguration.Session()
    session.name = name
    (session.tunnelID, session.localID, session.peerID) = (
      values["tunnel-id"], values["session-id"], values["peer-session-id"]
    )
    // VyOS leaves it to `ip l2tp`, whose default it is.
    session.hasSublayer = true
    session.text = values["description"]
    session.isDisabled = values["disable"] != nil
    return session
  }

  private static func readBridge(_ words: [String], into found: inout ForeignConfiguration) {
    let rest = words[4...]
    if rest.first == "address", let address = rest.dropFirst().first, address.contains("/") {
      found.withLink(words[3]) { $0.addresses.append(address) }
    } else if rest.prefix(2) == ["member", "interface"], let member = rest.dropFirst(2).first {
      found.withLink(words[3]) { _ in }
      found.withLink(member) { $0.bridge = words[3] }
    }
  }

  /// Words, of which those with spaces are in quotation marks.
  private static func words(of line: String) -> [String] {
    var words: [String] = []
    var word: String?
    var isQuoted = false
    for character in line {
      switch character {
      case "'":
        isQuoted.toggle()
        word = word ?? ""
      case _ where character.isWhitespace && !isQuoted:
        if let whole = word { words.append(whole) }
        word = nil
      case _: word = (word ?? "") + String(character)
      }
    }
    if let whole = word { words.append(whole) }
    return words
  }
}
