/// Commands of iproute2, as shell scripts have them: `ip l2tp add tunnel`, `ip l2tp add session`, and what is said of
/// the interfaces (ip-l2tp(8), ip-link(8), ip-address(8)).
enum IPRouteScript {
  static func read(_ lines: [String]) -> ForeignConfiguration {
    var found = ForeignConfiguration(.ipRoute)
    var whole = ""
    for (index, line) in lines.enumerated() {
      // A command that goes on in the next line is read there.
      if line.hasSuffix("\\") {
        whole += line.dropLast() + " "
        continue
      }
      for command in commands(in: whole + line) { read(command, at: index, into: &found) }
      whole = ""
    }
    return found
  }

  /// The words of each command of a line; comments are left out.
  private static func commands(in line: String) -> [[String]] {
    let unquoted = line.replacing("&&", with: ";").replacing("||", with: ";")
    var commands: [[String]] = [[]]
    for word in unquoted.split(whereSeparator: \.isWhitespace) {
      if word.hasPrefix("#") { break }
      for (place, part) in word.split(separator: ";", omittingEmptySubsequences: false).enumerated() {
        if place > 0 { commands.append([]) }
        let text = part.filter { $0 != "\"" && $0 != "'" }
        if !text.isEmpty { commands[commands.count - 1].append(text) }
      }
    }
    return commands.filter { !$0.isEmpty }
  }

  private static func read(_ words: [String], at index: Int, into found: inout ForeignConfiguration) {
    guard let program = words.firstIndex(where: { ["ip", "brctl"].contains($0.split(separator: "/").last) }) else {
      return
    }
    let rest = words[(program + 1)...].drop { $0.hasPrefix("-") }
    if words[program].hasSuffix("brctl") { return readBridgeControl(Array(rest), into: &found) }
    guard let object = rest.first else { return }
    let arguments = Array(rest.dropFirst())
    // A netns of its own is a machine of its own; the commands in it may be of either.
    if object == "netns" { return found.remark(index, "'ip netns' is not read: give the commands of one machine") }
    guard !arguments.contains(where: { $0.contains("$") }) else {
      if object == "l2tp" {
        found.remark(index, "it has a variable of the shell: write its value there, and import again")
      }
      return
    }
    switch object {
    case "l2tp": readL2TP(arguments, at: index, into: &found)
    case "link", "l": readLink(arguments, into: &found)
    case "address", "addr", "a": readAddress(arguments, into: &found)
    case _: break
    }
  }

  private static func readL2TP(_ words: [String], at index: Int, into found: inout ForeignConfiguration) {
    guard words.count >= 2, ["add", "a"].contains(words[0]) else { return }
    var values = pairs(words.dropFirst(2))
    switch words[1] {
    case "tunnel":
      var tunnel = ForeignConfiguration.Tunnel()
      tunnel.localID = values.removeValue(forKey: "tunnel_id")
      tunnel.peerID = values.removeValue(forKey: "peer_tunnel_id")
      tunnel.local = values.removeValue(forKey: "local")
      tunnel.peer = values.removeValue(forKey: "remote")
      tunnel.isOverIP = values.removeValue(forKey: "encap") == "ip"
      tunnel.localPort = values.removeValue(forKey: "udp_sport")
      tunnel.peerPort = values.removeValue(forKey: "udp_dport")
      found.tunnels.append(tunnel)
    case "session":
      let session = session(&values)
      guard let place = found.tunnels.firstIndex(where: { $0.localID == session.tunnelID }) else {
        return found.remark(index, "there is no tunnel \(session.tunnelID ?? "") before this session")
      }
      found.tunnels[place].sessions.append(session)
    case _: return
    }
    for name in values.keys.sorted() { found.remark(index, "'\(name)' is left out: pwmgr has nothing for it") }
  }

  private static func session(_ values: inout [String: String]) -> ForeignConfiguration.Session {
    var session = ForeignConfiguration.Session()
    session.tunnelID = values.removeValue(forKey: "tunnel_id")
    session.name = values.removeValue(forKey: "name")
    session.localID = values.removeValue(forKey: "session_id")
    session.peerID = values.removeValue(forKey: "peer_session_id")
    // iproute2's `cookie` is the one that is sent.
    session.peerCookie = values.removeValue(forKey: "cookie")
    session.localCookie = values.removeValue(forKey: "peer_cookie")
    session.hasSublayer = values.removeValue(forKey: "l2spec_type") != "none"
    switch values.removeValue(forKey: "seq") {
    case nil, "none": break
    case "both": session.isSequenced = true
    case let other?:
      session.remarks.append("'seq \(other)' is not there: packets are numbered in both directions or not")
    }
    return session
  }

  private static func readLink(_ words: [String], into found: inout ForeignConfiguration) {
    guard let verb = words.first, words.count >= 2 else { return }
    var rest = words.dropFirst()
    if ["dev", "name"].contains(rest.first) { rest = rest.dropFirst() }
    guard let name = rest.first else { return }
    let values = pairs(rest.dropFirst().filter { !["up", "down"].contains($0) })
    switch verb {
    case "set", "s":
      found.withLink(name) { link in
        if let mtu = values["mtu"] { link.mtu = mtu }
        if let bridge = values["master"] { link.bridge = bridge }
      }
      if let bridge = values["master"] { found.withLink(bridge) { _ in } }
    case "add",
      "a" where values["type"] == "bridge":
      found.withLink(name) { _ in }
    case _: break
    }
  }

  private static func readAddress(_ words: [String], into found: inout ForeignConfiguration) {
    guard words.count >= 4, ["add", "a"].contains(words[0]), let device = words.firstIndex(of: "dev"),
      device + 1 < words.count
    else { return }
    found.withLink(words[device + 1]) { $0.addresses.append(words[1]) }
  }

  private static func readBridgeControl(_ words: [String], into found: inout ForeignConfiguration) {
    guard words.count == 3, words[0] == "addif" else { return }
    found.withLink(words[1]) { _ in }
    found.withLink(words[2]) { $0.bridge = words[1] }
  }

  /// Names and values that take turns.
  private static func pairs(_ words: some Collection<String>) -> [String: String] {
    let words = Array(words)
    let pairs = stride(from: 0, to: words.count - 1, by: 2).map { (words[$0], words[$0 + 1]) }
    return Dictionary(pairs) { $1 }
  }
}
