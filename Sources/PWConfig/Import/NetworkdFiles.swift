/// The files of systemd-networkd, one after the other: `.netdev` with a tunnel and its sessions, and `.network` with the
/// bridge that an interface joins (systemd.netdev(5), systemd.network(5)).
enum NetworkdFiles {
  static func read(_ lines: [String]) -> ForeignConfiguration {
    var found = ForeignConfiguration(.networkd)
    var section = ""
    /// The interfaces that the present `.network` file is for.
    var matched: [String] = []
    for (index, line) in lines.enumerated() {
      let text = line.drop(while: \.isWhitespace)
      if text.isEmpty || text.hasPrefix("#") || text.hasPrefix(";") { continue }
      if text.hasPrefix("[") {
        section = String(text.prefix { $0 != "]" }.dropFirst())
        begin(section, into: &found)
        if section == "Match" { matched = [] }
        continue
      }
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { continue }
      let (key, value) = (trimmed(parts[0]), trimmed(parts[1]))
      switch section {
      case "L2TP": readTunnel(key, value, at: index, into: &found)
      case "L2TPSession": readSession(key, value, at: index, into: &found)
      case "Match" where key == "Name": matched = value.split(separator: " ").map(String.init)
      case "Network", "Link", "Address": readNetwork(key, value, of: matched, into: &found)
      case _: break
      }
    }
    return found
  }

  private static func begin(_ section: String, into found: inout ForeignConfiguration) {
    switch section {
    case "L2TP": found.tunnels.append(ForeignConfiguration.Tunnel())
    case "L2TPSession" where !found.tunnels.isEmpty:
      var session = ForeignConfiguration.Session()
      // networkd's default (systemd.netdev(5), Layer2SpecificHeader=).
      session.hasSublayer = true
      found.tunnels[found.tunnels.count - 1].sessions.append(session)
    case _: break
    }
  }

  private static func readTunnel(
    _ key: String, _ value: String, at index: Int, into found: inout ForeignConfiguration
  ) {
    let last = found.tunnels.count - 1
    switch key {
    case "TunnelId": found.tunnels[last].localID = value
    case "PeerTunnelId": found.tunnels[last].peerID = value
    case "Remote": found.tunnels[last].peer = value
    case "Local":
      // `192.0.2.1@eth0` is an address of that interface, `dynamic@eth0` whichever it has.
      let address = value.prefix { $0 != "@" }
      if ["auto", "static", "dynamic"].contains(address) {
        found.tunnels[last].remarks.append(
          "networkd chooses the local address ('\(value)'); here the route to the peer does")
      } else {
        found.tunnels[last].local = String(address)
      }
    case "EncapsulationType": found.tunnels[last].isOverIP = value == "ip"
    case "UDPSourcePort": found.tunnels[last].localPort = value
    case "UDPDestinationPort": found.tunnels[last].peerPort = value
    case _: found.remark(index, "'\(key)' is left out: pwmgr has nothing for it")
    }
  }

  private static func readSession(
    _ key: String, _ value: String, at index: Int, into found: inout ForeignConfiguration
  ) {
    guard let tunnel = found.tunnels.indices.last, let last = found.tunnels[tunnel].sessions.indices.last else {
      return
    }
    switch key {
    case "Name": found.tunnels[tunnel].sessions[last].name = value
    case "SessionId": found.tunnels[tunnel].sessions[last].localID = value
    case "PeerSessionId": found.tunnels[tunnel].sessions[last].peerID = value
    case "Layer2SpecificHeader": found.tunnels[tunnel].sessions[last].hasSublayer = value != "none"
    case _: found.remark(index, "'\(key)' is left out: pwmgr has nothing for it")
    }
  }

  private static func readNetwork(
    _ key: String, _ value: String, of names: [String], into found: inout ForeignConfiguration
  ) {
    for name in names {
      switch key {
      case "Bridge":
        found.withLink(value) { _ in }
        found.withLink(name) { $0.bridge = value }
      case "MTUBytes": found.withLink(name) { $0.mtu = value }
      case "Address": found.withLink(name) { $0.addresses.append(value) }
      case _: break
      }
    }
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text.drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
