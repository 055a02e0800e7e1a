import PWCore

/// The parts of the machine that a site depends on.
struct MachineQuestion {
  /// The UDP ports on which peers call, and from which tunnels call.
  var ports: Set<UInt16> = []
  /// The interfaces of its pseudowires and bridges.
  var links: [String] = []
  /// Its tunnels over IPv4 with an address of ours: both ends.
  var ends: [(tunnel: String, local: UInt32, peer: UInt32)] = []
  /// The daemon's process.
  var daemon: Int32?
  /// Where the daemon listens.
  var controlSocket: String

  /// - Parameters:
  ///   - site: as it is declared; nil where that is not known.
  ///   - status: as the daemon tells it; nil without a daemon.
  init(_ site: Site?, _ status: StatusDocument?, controlSocket: String) {
    self.controlSocket = controlSocket
    daemon = status?.daemon.processID
    let tunnels = site?.tunnels ?? []
    for tunnel in tunnels where tunnel.encapsulation == .udp && tunnel.disabled == nil {
      if tunnel.role != .initiate { ports.insert(tunnel.listenPort ?? Engine.listeningPort) }
      if let port = tunnel.localPort { ports.insert(port) }
    }
    for tunnel in tunnels {
      guard case .v4(let local)? = tunnel.local else { continue }
      for case .address(.v4(let peer)) in tunnel.peer.hosts { ends.append((tunnel.name, local, peer)) }
    }
    let declared = tunnels.flatMap(\.pseudowires).map(\.interfaceName)
    let told = status?.site.tunnels.flatMap(\.pseudowires).map(\.interfaceName) ?? []
    links = Array(Set(declared + told + (site?.bridges.map(\.name) ?? []))).sorted()
  }
}
