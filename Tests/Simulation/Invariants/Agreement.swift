import PWCore

/// The conditions that all sites together must meet once the network and the machines have behaved for long enough.
struct Agreement {
  private let world: World
  /// The status that each site reports; nil where no process runs.
  private let statuses: [SiteStatus?]
  private(set) var complaints: [String] = []
  /// How often each tunnel and pseudowire has been established: nothing may be established anew while all is quiet.
  private(set) var establishedCounts: [String: Int] = [:]

  init(_ world: World) {
    self.world = world
    statuses = world.nodes.map { $0.status(at: world.now) }
    for site in world.nodes.indices { examine(site) }
  }

  private mutating func complain(_ site: Int, _ what: String) {
    complaints.append("site\(site): \(what)")
  }

  private mutating func examine(_ site: Int) {
    let node = world.nodes[site]
    guard let status = statuses[site] else { return complain(site, "no process runs") }
    guard status.tunnels.count == node.site.tunnels.count else {
      return complain(site, "shows \(status.tunnels.count) tunnels of \(node.site.tunnels.count)")
    }
    var expected = Leftovers()
    for (declaration, tunnel) in zip(node.site.tunnels, status.tunnels) {
      guard let peer = counterpart(of: declaration, at: site) else {
        if tunnel.state.value == .established {
          complain(site, "\(tunnel.name) is established, its peer has no tunnel for it")
        }
        if tunnel.state.value != .idle { expected.attempts += 1 }
        continue
      }
      examine(declaration, tunnel, site, peer, &expected)
    }
    examineLeftovers(node, expected)
  }

  // MARK: Tunnels

  /// The other end of a tunnel.
  private struct Peer {
    var site: Int
    var declaration: TunnelDeclaration
    var status: TunnelStatus
  }

  /// The objects that a site may own.
  private struct Leftovers {
    var tunnels = 0
    var sessions = 0
    /// Tunnels that are being tried in vain, each of which may have a socket.
    var attempts = 0
    var owners: Set<LinkOwner> = []
  }

  private func counterpart(of declaration: TunnelDeclaration, at site: Int) -> Peer? {
    guard let other = Self.peerSite(of: declaration, world), let status = statuses[other]
    else { return nil }
    let tunnels = zip(world.nodes[other].site.tunnels, status.tunnels)
    for (candidate, status) in tunnels where Self.peerSite(of: candidate, world) == site {
      return Peer(site: other, declaration: candidate, status: status)
    }
    return nil
  }

  /// Which site a tunnel is meant for: every generated one tells by its name.
  static func peerSite(of declaration: TunnelDeclaration, _ world: World) -> Int? {
    world.nodes.indices.first { declaration.name == "to\($0)" }
  }

  private mutating func examine(
    _ declaration: TunnelDeclaration, _ tunnel: TunnelStatus, _ site: Int, _ peer: Peer, _ expected: inout Leftovers
  ) {
    guard tunnel.state.value == .established, let localID = tunnel.localID else {
      return complain(site, "\(tunnel.name) is \(tunnel.state.value), last error: \(tunnel.lastError?.value ?? "none")")
    }
    establishedCounts["site\(site) \(tunnel.name)"] = tunnel.establishedCount
    guard peer.status.peerID == localID, peer.status.localID == tunnel.peerID else {
      return complain(site, "\(tunnel.name) and its peer mean different control connections")
    }
    guard let made = world.nodes[site].machine.kernel.tunnels[localID], made.request.peerID == tunnel.peerID else {
      return complain(site, "\(tunnel.name) has no data path, or another one")
    }
    expected.tunnels += 1
    for (pseudowire, status) in zip(declaration.pseudowires, tunnel.pseudowires) {
      examine(pseudowire, status, tunnel.name, site, peer, &expected)
    }
  }

  // MARK: Pseudowires

  private mutating func examine(
    _ declaration: PseudowireDeclaration, _ status: PseudowireStatus, _ tunnel: String, _ site: Int, _ peer: Peer,
    _ expected: inout Leftovers
  ) {
    let name = "\(tunnel) \(declaration.name)"
    let others = zip(peer.declaration.pseudowires, peer.status.pseudowires)
    guard let other = others.first(where: { $0.0.remoteEndID == declaration.remoteEndID }) else {
      guard status.state.value == .established else { return }
      // Of a declared session nobody tells whether the peer has it.
      guard declaration.staticSession != nil else {
        return complain(site, "\(name) is established, its peer has none")
      }
      expected.sessions += 1
      return expected.owners.formUnion([LinkOwner(tunnel: tunnel, pseudowire: declaration.name)])
    }
    guard status.state.value == .established, let localID = status.localID, let peerID = status.peerID else {
      return complain(site, "\(name) is \(status.state.value), last error: \(status.lastError?.value ?? "none")")
    }
    establishedCounts["site\(site) \(name)"] = status.establishedCount
    guard other.1.localID == peerID, other.1.peerID == localID else {
      return complain(site, "\(name) and its peer mean different sessions")
    }
    expected.sessions += 1
    expected.owners.insert(LinkOwner(tunnel: tunnel, pseudowire: declaration.name))
    examineDataPath(name, declaration, (localID, peerID), site, peer.site)
    examineCircuit(name, declaration, status, site, other.0, other.1, peer.site)
  }

  private mutating func examineDataPath(
    _ name: String, _ declaration: PseudowireDeclaration, _ ids: (local: SessionID, peer: SessionID), _ site: Int,
    _ peer: Int
  ) {
    guard let ours = world.nodes[site].machine.kernel.session(ids.local)?.request,
      let theirs = world.nodes[peer].machine.kernel.session(ids.peer)?.request
    else { return complain(site, "\(name) has no data path at one end") }
    if ours.peerID != ids.peer { complain(site, "\(name): the data path sends to session \(ours.peerID.rawValue)") }
    if ours.transmitCookie != theirs.receiveCookie { complain(site, "\(name): the peer will refuse our cookie") }
    if ours.receiveCookie.lengthOctets != declaration.cookieLengthOctets {
      complain(site, "\(name): cookie of the wrong length")
    }
    if ours.sublayer != theirs.sublayer || ours.isSequenced != theirs.isSequenced {
      complain(site, "\(name): the ends disagree on sublayer or sequencing")
    }
    if ours.interfaceName != declaration.interfaceName { complain(site, "\(name): wrong interface name") }
  }

  private mutating func examineCircuit(
    _ name: String, _ declaration: PseudowireDeclaration, _ status: PseudowireStatus, _ site: Int,
    _ otherDeclaration: PseudowireDeclaration, _ other: PseudowireStatus, _ peer: Int
  ) {
    let isActive = world.nodes[site].isCircuitActive(declaration)
    // Of a declared session the peer's circuit is not told.
    let isTold = declaration.staticSession == nil
    let isPeerActive = !isTold || world.nodes[peer].isCircuitActive(otherDeclaration)
    if status.localCircuit.contains(.active) != isActive {
      complain(site, "\(name): our circuit status is not the circuit's")
    }
    if isTold ? status.peerCircuit?.contains(.active) != isPeerActive : status.peerCircuit != nil {
      complain(site, "\(name): the peer's circuit is \(isPeerActive ? "up" : "down"), here it is thought otherwise")
    }
    let kernel = world.nodes[site].machine.kernel
    let isUp = status.localID.flatMap { kernel.session($0) }.map { kernel.isUp($0) } ?? false
    if isUp != isPeerActive {
      complain(site, "\(name): the link is \(isUp ? "up" : "down"), the peer's circuit \(isPeerActive ? "up" : "down")")
    }
    switch status.forwarding.value {
    case .yes: if !isUp { complain(site, "\(name): is said to forward, and its link is down") }
    case .no(let obstacles):
      if isActive, isPeerActive { complain(site, "\(name): is said not to forward: \(obstacles.map(\.words))") }
    }
  }

  // MARK: Leftovers

  private mutating func examineLeftovers(_ node: Node, _ expected: Leftovers) {
    let kernel = node.machine.kernel
    if kernel.tunnels.count != expected.tunnels {
      complain(node.index, "\(kernel.tunnels.count) tunnels in the kernel, \(expected.tunnels) are established")
    }
    if kernel.sessions.count != expected.sessions {
      complain(node.index, "\(kernel.sessions.count) sessions in the kernel, \(expected.sessions) are established")
    }
    let sockets = node.machine.sockets.sockets.values.filter { !$0.isListener }.count
    if sockets > expected.tunnels + expected.attempts {
      complain(node.index, "\(sockets) sockets for \(expected.tunnels) tunnels")
    }
    for kept in kernel.kept.values where !node.declares(kept.interface) {
      complain(node.index, "the interface \(kept.interface.name) is kept for \(kept.interface.owner), which has none")
    }
    let strangers = kernel.wanted.keys.filter { !expected.owners.contains($0) }
    if !strangers.isEmpty { complain(node.index, "links are wanted for sessions that are not there: \(strangers)") }
  }
}
