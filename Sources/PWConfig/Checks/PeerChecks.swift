import PWCore

/// What the tunnels of a site must not share.
enum PeerChecks {
  static func check(_ draft: SiteDraft, _ complaints: inout Complaints) {
    let known = draft.tunnels.filter(\.isPeerKnown)
    checkAcceptors(known, &complaints)
    checkInitiators(known, &complaints)
  }

  /// What an SCCRQ is told by, beside what the peer presents.
  private struct Acceptor: Hashable {
    var peer: String
    var encapsulation: Encapsulation
    var local: IPAddress?
  }

  /// An SCCRQ goes to the entry that says most about it: one that names the peer's address before `any`, then one that
  /// names a Host Name, a Router ID, a local address. Two entries that say equally much, or of which one wants a Host
  /// Name and the other a Router ID, could both be meant.
  private static func checkAcceptors(_ tunnels: [TunnelDraft], _ complaints: inout Complaints) {
    struct Presented: Hashable {
      var acceptor: Acceptor
      var hostName: String?
      var routerID: UInt32?
    }
    var exact: [Presented: TunnelDraft] = [:]
    var byHostNameAlone: [Acceptor: TunnelDraft] = [:]
    var byRouterIDAlone: [Acceptor: TunnelDraft] = [:]
    for tunnel in tunnels where tunnel.declaration.role != .initiate {
      let declaration = tunnel.declaration
      let acceptor = Acceptor(
        peer: declaration.peer.text, encapsulation: declaration.encapsulation, local: declaration.local)
      let presented = Presented(
        acceptor: acceptor, hostName: declaration.peerHostName, routerID: declaration.peerRouterID)
      var rival = exact[presented]
      exact[presented] = rival ?? tunnel
      switch (declaration.peerHostName, declaration.peerRouterID) {
      case (.some, nil):
        rival = rival ?? byRouterIDAlone[acceptor]
        byHostNameAlone[acceptor] = byHostNameAlone[acceptor] ?? tunnel
      case (nil, .some):
        rival = rival ?? byHostNameAlone[acceptor]
        byRouterIDAlone[acceptor] = byRouterIDAlone[acceptor] ?? tunnel
      case (.some, .some), (nil, nil):
        break
      }
      guard let rival else { continue }
      complaints.error(
        at: tunnel.section.place(of: "peer"),
        "a call from '\(declaration.peer.text)' could be for \(tunnel.section.name) or for \(rival.section.name) "
          + "(line \(rival.section.mark.line)); give both a 'peer-host-name' of their own, or make one 'role: initiate'"
      )
    }
  }

  /// Two sockets cannot have one local and one remote port between the same addresses.
  private static func checkInitiators(_ tunnels: [TunnelDraft], _ complaints: inout Complaints) {
    struct Path: Hashable {
      var peer: String
      var peerPort: UInt16
      var localPort: UInt16
    }
    struct BoundPath: Hashable {
      var path: Path
      var local: IPAddress?
    }
    var anyLocal: [Path: TunnelDraft] = [:]
    var bound: [BoundPath: TunnelDraft] = [:]
    for tunnel in tunnels {
      let declaration = tunnel.declaration
      guard declaration.role != .accept, declaration.encapsulation == .udp, let port = declaration.localPort else {
        continue
      }
      let path = Path(peer: declaration.peer.text, peerPort: declaration.peerPort, localPort: port)
      let own = BoundPath(path: path, local: declaration.local)
      // An entry without 'local' may get the address of any other, so that it meets them all.
      let rival =
        declaration.local == nil ? anyLocal[path] : bound[own] ?? bound[BoundPath(path: path, local: nil)]
      anyLocal[path] = anyLocal[path] ?? tunnel
      bound[own] = bound[own] ?? tunnel
      guard let rival else { continue }
      complaints.error(
        at: tunnel.section.place(of: "local-port"),
        "\(tunnel.section.name) and \(rival.section.name) (line \(rival.section.mark.line)) call '\(declaration.peer.text)' "
          + "from the same 'local-port' \(port); give them different ones, or leave it out")
    }
  }
}

extension TunnelDeclaration.Peer {
  /// As it is written in the file; equal for equal peers.
  var text: String {
    switch self {
    case .address(let address): address.description
    case .name(let name): name.lowercased()
    case .any: "any"
    }
  }
}
