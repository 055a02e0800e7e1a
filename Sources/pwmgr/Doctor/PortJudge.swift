import PWCore

/// Judges whether another program has a UDP port of the site.
enum PortJudge {
  static func findings(_ scene: DoctorScene) -> [DoctorFinding] {
    guard let site = scene.site else { return [] }
    let daemon = scene.status?.daemon.processID
    return scene.facts.sockets.compactMap { socket in
      // Without a name of its process, a socket may be the daemon's own.
      guard socket.process != nil || daemon == nil else { return nil }
      guard daemon == nil || socket.process != daemon else { return nil }
      guard let tunnel = site.tunnels.first(where: { concerns(socket, $0) }) else { return nil }
      let owner = socket.process.map { "\(socket.program ?? "process") (process \($0))" }
      let place = socket.address.map { "of \($0)" } ?? "of every address"
      return DoctorFinding(
        .portTaken, .tunnel(tunnel.name),
        "UDP port \(socket.port) \(place) belongs to "
          + (owner ?? "a program of user \(socket.user); only root may see which"),
        cure: (socket.program.map { "stop \($0) (`systemctl disable --now \($0)`), " } ?? "stop that program, ")
          + "or write another `listen-port` here and the same `peer-port` at the peers")
    }
  }

  /// Whether a socket is in a tunnel's way: packets to the tunnel's address come to it.
  private static func concerns(_ socket: BoundSocket, _ tunnel: TunnelDeclaration) -> Bool {
    guard tunnel.encapsulation == .udp else { return false }
    let listening = tunnel.role == .initiate ? nil : tunnel.listenPort ?? MachineQuestion.usualPort
    guard socket.port == listening || socket.port == tunnel.localPort else { return false }
    guard let theirs = socket.address, let ours = tunnel.local else { return true }
    return theirs == ours
  }
}

extension DoctorScene {
  /// Sockets that may be the daemon's or another program's.
  var unattributed: [String] {
    guard status != nil else { return [] }
    let ports = Set(facts.sockets.filter { $0.process == nil }.map(\.port)).sorted()
    return ports.map { "which program has UDP port \($0): only root may see the daemon's sockets" }
  }
}
