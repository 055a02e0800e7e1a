import PWConfig
import PWCore
import PWLinux

/// The tunnels and sessions of this machine's kernel, on their way into a site file.
struct KernelTunnels {
  /// What the kernel has.
  let inventory: L2TPInventory
  /// The program that has the socket of a tunnel over UDP; nil where the kernel itself has it, or nobody can see it.
  let program: (KernelTunnel) -> String?

  /// The version of L2TP that pwmgr speaks.
  private static let version: UInt8 = 3

  /// The tunnels as text importers have them; those that are not for pwmgr are passed over, with a remark.
  var configuration: ForeignConfiguration {
    var found = ForeignConfiguration(.kernel)
    for tunnel in inventory.tunnels {
      let sessions = inventory.sessions.filter { $0.session.key.tunnel == tunnel.localID }
      if let reason = reasonToLeave(tunnel, sessions) {
        found.remark("tunnel \(tunnel.localID.rawValue) is passed over: \(reason)")
      } else {
        add(tunnel, sessions, to: &found)
      }
    }
    return found
  }

  private func reasonToLeave(_ tunnel: KernelTunnel, _ sessions: [L2TPInventory.Session]) -> String? {
    if tunnel.version != Self.version { return "it is L2TPv\(tunnel.version), and pwmgr speaks L2TPv3" }
    let aliases = sessions.lazy.compactMap { link(of: $0.session)?.alias }
    if let site = aliases.compactMap(LinkMark.site(inAlias:)).first { return "pwmgr runs it, for its site \(site)" }
    let program = program(tunnel)
    if program == "pwmgr" { return "pwmgr runs it" }
    if sessions.isEmpty { return "it has no session" }
    if sessions.allSatisfy({ !$0.session.isEthernet }) { return "its sessions carry PPP, which needs signalling" }
    return program.map { "\($0) runs it, and it ends with that" }
  }

  private func add(
    _ tunnel: KernelTunnel, _ sessions: [L2TPInventory.Session], to found: inout ForeignConfiguration
  ) {
    let identifier = "\(tunnel.localID.rawValue)"
    var made = ForeignConfiguration.Tunnel()
    (made.localID, made.peerID) = (identifier, "\(tunnel.peerID.rawValue)")
    (made.local, made.peer) = ("\(tunnel.local.address)", "\(tunnel.remote.address)")
    made.isOverIP = tunnel.encapsulation == .ip
    if !made.isOverIP { (made.localPort, made.peerPort) = ("\(tunnel.local.port)", "\(tunnel.remote.port)") }
    for each in sessions {
      guard each.session.isEthernet else {
        let number = each.session.key.session.rawValue
        found.remark("session \(number) of tunnel \(identifier) is passed over: it carries PPP")
        continue
      }
      found.add(session(each), in: made)
      addLinks(of: each.session, to: &found)
    }
  }

  private func session(_ each: L2TPInventory.Session) -> ForeignConfiguration.Session {
    let known = each.session
    var session = ForeignConfiguration.Session()
    session.tunnelID = "\(known.key.tunnel.rawValue)"
    (session.localID, session.peerID) = ("\(known.key.session.rawValue)", "\(known.peerID.rawValue)")
    session.localCookie = Self.digits(known.receiveCookie)
    session.peerCookie = Self.digits(known.transmitCookie)
    session.hasSublayer = each.hasSublayer
    session.isSequenced = known.requiresSequence && known.sendsSequence
    if known.requiresSequence != known.sendsSequence {
      let direction = known.sendsSequence ? "sent" : "received"
      session.remarks.append(
        "only packets that are \(direction) are numbered there: pwmgr numbers both directions or none")
    }
    if known.reorderMilliseconds > 0 {
      session.remarks.append("its reorder timeout of \(known.reorderMilliseconds) ms is left out: pwmgr has none")
    }
    session.name = known.interfaceName
    guard let link = link(of: known) else {
      session.remarks.append(
        "there is no interface \(known.interfaceName) any more, it has another name by now: write that, its 'bridge' "
          + "or 'addresses', and its 'mtu'")
      return session
    }
    session.text = link.alias
    if let master = link.master, bridge(master) == nil {
      session.remarks.append("\(link.name) is a port of \(master), which is not a bridge: pwmgr does not make it so")
    }
    return session
  }

  /// Says what is known of a session's interface, and of its bridge and the other ports of that.
  private func addLinks(of session: KernelSession, to found: inout ForeignConfiguration) {
    guard let link = link(of: session) else { return }
    found.withLink(link.name) { known in
      known.mtu = "\(link.mtuOctets)"
      known.bridge = link.master.flatMap(bridge)?.name
      known.addresses = link.addresses
    }
    guard let bridge = link.master.flatMap(bridge) else { return }
    found.withLink(bridge.name) { $0.addresses = bridge.addresses }
    let interfaces = Set(inventory.sessions.map(\.session.interfaceName))
    for port in inventory.links where port.master == bridge.name && !interfaces.contains(port.name) {
      found.withLink(port.name) { $0.bridge = bridge.name }
    }
  }

  private func link(of session: KernelSession) -> L2TPInventory.Link? {
    session.interfaceName.isEmpty ? nil : inventory.links.first { $0.name == session.interfaceName }
  }

  private func bridge(_ name: String) -> L2TPInventory.Link? {
    inventory.links.first { $0.name == name && $0.isBridge }
  }

  private static func digits(_ cookie: Cookie) -> String? {
    guard cookie.lengthOctets > 0 else { return nil }
    return cookie.octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

extension KernelTunnels {
  /// What this machine's kernel has.
  ///
  /// - Throws: when it has no L2TP, or does not tell.
  static func read() throws(EffectFailure) -> KernelTunnels {
    let inventory = try L2TPInventory.read()
    var question = MachineQuestion(nil, nil, controlSocket: "")
    question.ports = Set(inventory.tunnels.filter { $0.encapsulation == .udp }.map(\.local.port))
    var facts = MachineFacts()
    MachineReader(question: question).readSockets(&facts)
    let sockets = facts.sockets
    return KernelTunnels(inventory: inventory) { tunnel in
      sockets.first { $0.port == tunnel.local.port && $0.address == tunnel.local.address && $0.program != nil }?.program
    }
  }
}
