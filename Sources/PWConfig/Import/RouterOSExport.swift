/// The `/interface l2tp-ether export` of RouterOS, with bridges' ports and addresses beside it. Only interfaces
/// in unmanaged mode have their identifiers written down; the others speak L2TP, as pwmgr does with `signalling: full`.
enum RouterOSExport {
  static func read(_ lines: [String]) -> ForeignConfiguration {
    var found = ForeignConfiguration(.routerOS)
    var menu = ""
    var whole = ""
    for (index, line) in lines.enumerated() {
      var text = whole + line.drop(while: \.isWhitespace)
      if text.hasSuffix("\\") {
        // A line that is broken within a value goes on without a space.
        text.removeLast()
        whole = text
        continue
      }
      whole = ""
      if text.hasPrefix("#") || text.isEmpty { continue }
      if text.hasPrefix("/") {
        let words = text.split(separator: " ").map(String.init)
        let verb = words.firstIndex { ["add", "set"].contains($0) } ?? words.count
        menu = words[..<verb].joined(separator: " ")
        text = words[verb...].joined(separator: " ")
      }
      guard text.hasPrefix("add ") else { continue }
      let values = values(of: text.dropFirst(4))
      switch menu {
      case "/interface l2tp-ether": readInterface(values, at: index, into: &found)
      case "/interface bridge port": readPort(values, into: &found)
      case "/ip address", "/ipv6 address": readAddress(values, into: &found)
      case _: break
      }
    }
    return found
  }

  private static func readInterface(
    _ values: [String: String], at index: Int, into found: inout ForeignConfiguration
  ) {
    let name = values["name"]
    guard values["unmanaged-mode"] == "yes" else {
      return found.remark(
        index,
        "\(name ?? "this interface") is not in unmanaged mode: write a tunnel with signalling for it, whose 'end-id' is "
          + "its circuit-id (\(values["circuit-id"] ?? "none"))")
    }
    var tunnel = ForeignConfiguration.Tunnel()
    (tunnel.localID, tunnel.peerID) = (values["local-tunnel-id"], values["remote-tunnel-id"])
    (tunnel.local, tunnel.peer) = (values["local-address"], values["connect-to"])
    tunnel.isOverIP = values["l2tp-proto-version"] == "l2tpv3-ip"
    var session = ForeignConfiguration.Session()
    (session.name, session.tunnelID, session.text) = (name, tunnel.localID, values["comment"])
    (session.localID, session.peerID) = (values["local-session-id"], values["remote-session-id"])
    session.peerCookie = values["send-cookie"].flatMap { $0.isEmpty ? nil : $0 }
    session.localCookie = values["peer-cookie"].flatMap { $0.isEmpty ? nil : $0 }
    session.hasSublayer = values["use-l2-specific-sublayer"].map { $0 == "yes" }
    session.isDisabled = values["disabled"] == "yes"
    if values["use-ipsec"] == "yes" { session.remarks.append("IPsec ('use-ipsec') is for another program to set up") }
    if let name, let mtu = values["mtu"], mtu != "auto" { found.withLink(name) { $0.mtu = mtu } }
    found.add(session, in: tunnel)
  }

  private static func readPort(_ values: [String: String], into found: inout ForeignConfiguration) {
    guard let bridge = values["bridge"], let port = values["interface"] else { return }
    found.withLink(bridge) { _ in }
    found.withLink(port) { $0.bridge = bridge }
  }

  private static func readAddress(_ values: [String: String], into found: inout ForeignConfiguration) {
    guard let address = values["address"], let link = values["interface"] else { return }
    found.withLink(link) { $0.addresses.append(address) }
  }

  /// `name=value` pairs; a value with spaces is in quotation marks, in which a backslash stands before those.
  private static func values(of text: Substring) -> [String: String] {
    var values: [String: String] = [:]
    var (name, value) = ("", "")
    var (isValue, isQuoted, isEscaped) = (false, false, false)
    func end() {
      if isValue { values[name] = value }
      (name, value, isValue) = ("", "", false)
    }
    for character in text {
      switch character {
      case _ where isEscaped:
        value.append(character)
        isEscaped = false
      case "\\" where isQuoted: isEscaped = true
      case "\"": isQuoted.toggle()
      case " " where !isQuoted: end()
      case "=" where !isValue: isValue = true
      case _ where isValue: value.append(character)
      case _: name.append(character)
      }
    }
    end()
    return values
  }
}
