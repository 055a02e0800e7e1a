import PWCore

/// Checks that no two tunnels of a site answer the same sender, or call one peer from the same port.
enum PeerChecks {
  static func check(_ draft: SiteDraft, _ complaints: inout Complaints) {
    let known = draft.tunnels.filter(\.isPeerKnown)
    checkAcceptors(known, &complaints)
    checkInitiators(known, &complaints)
  }

  /// An SCCRQ goes to the tunnel that says most about its sender: one with the peer's address before one with a name, one
  /// with a prefix and one with `any`, then one that names a Host Name, then one that names a Router ID. Of two that say
  /// equally much only the first would ever be called.
  private static func checkAcceptors(_ tunnels: [TunnelDraft], _ complaints: inout Complaints) {
    struct Sender: Hashable {
      var peer: String
      var encapsulation: Encapsulation
      var hostName: String?
      var routerID: UInt32?
    }
    var rivals = RivalTable<Sender>()
    for tunnel in tunnels where tunnel.declaration.role != .initiate {
      let declaration = tunnel.declaration
      for (peer, mark) in tunnel.callers {
        let sender = Sender(
          peer: peer, encapsulation: declaration.encapsulation, hostName: declaration.peerHostName,
          routerID: declaration.peerRouterID)
        guard let rival = rivals.rival(of: tunnel, with: sender) else { continue }
        // A peer that may come from anywhere cannot be called.
        let alternative = declaration.peer.isOneHost ? ", or make one 'role: initiate'" : ""
        complaints.error(
          at: mark,
          "a call from '\(peer)' could be for \(tunnel.section.name) or for \(rival.section.name) "
            + "(\(complaints.line(of: rival.section.mark, from: mark))); give each a 'peer-host-name' of its own"
            + alternative)
      }
    }
  }

  /// Two sockets cannot have one local and one remote port between the same addresses.
  private static func checkInitiators(_ tunnels: [TunnelDraft], _ complaints: inout Complaints) {
    struct Path: Hashable {
      var peer: String
      var peerPort: UInt16
      var localPort: UInt16
    }
    var rivals = RivalTable<Path>()
    for tunnel in tunnels {
      let declaration = tunnel.declaration
      let declared = tunnel.signalling == .none ? declaration.staticLocalPort : declaration.localPort
      guard declaration.role != .accept, declaration.encapsulation == .udp, let port = declared else { continue }
      for (peer, _) in tunnel.callers {
        let path = Path(peer: peer, peerPort: declaration.peerPort, localPort: port)
        guard let rival = rivals.rival(of: tunnel, with: path) else { continue }
        let mark = tunnel.section.place(of: \.localPort)
        let line = complaints.line(of: rival.section.mark, from: mark)
        complaints.error(
          at: mark,
          "\(tunnel.section.name) and \(rival.section.name) (\(line)) call '\(peer)' "
            + "from the same 'local-port' \(port); give them different ones"
            + (tunnel.signalling == .none ? "" : ", or leave it out"))
      }
    }
  }
}

extension TunnelDraft {
  /// Whose calls it takes, as it is written, each with its place.
  fileprivate var callers: [(peer: String, mark: Mark)] {
    guard declaration.peer.isOneHost else { return [(peer: declaration.peer.text, mark: section.place(of: \.peer))] }
    return hosts.map { (peer: $0.host.text, mark: $0.mark) }
  }
}

/// Tunnels that have something in common, told apart by their local address alone.
private struct RivalTable<Key: Hashable> {
  private struct Bound: Hashable {
    var key: Key
    var local: IPAddress?
  }

  private var first: [Key: TunnelDraft] = [:]
  private var bound: [Bound: TunnelDraft] = [:]

  /// An earlier tunnel with the same key and maybe the same local address: one without 'local' may get that of any other.
  /// The tunnel itself is remembered.
  mutating func rival(of tunnel: TunnelDraft, with key: Key) -> TunnelDraft? {
    let local = tunnel.declaration.local
    let own = Bound(key: key, local: local)
    let rival = local == nil ? first[key] : bound[own] ?? bound[Bound(key: key, local: nil)]
    first[key] = first[key] ?? tunnel
    bound[own] = bound[own] ?? tunnel
    return rival
  }
}
