import PWCore

/// Judges whether another program has a UDP port of the site.
enum PortJudge {
  static func findings(_ scene: DoctorScene) -> [DoctorFinding] {
    guard let site = scene.site else { return [] }
    let daemon = scene.status?.daemon.processID
    return scene.facts.sockets.compactMap { socket in
      // It may be the daemon's own: without a name of its process, or where no daemon has said which process it is.
      guard let process = socket.process, process != daemon, daemon != nil || socket.program != "pwmgr" else {
        return nil
      }
      guard let tunnel = site.tunnels.first(where: { concerns(socket, $0) }) else { return nil }
      let place = socket.address.map { "of \($0)" } ?? "of every address"
      return DoctorFinding(
        .portTaken, .tunnel(tunnel.name),
        "UDP port \(socket.port) \(place) belongs to \(name(of: socket)) (process \(process))",
        cure: "stop it (`systemctl status \(process)` names its unit), or write another `listen-port` here and the "
          + "same `peer-port` at the peers")
    }
  }

  /// The name of a socket's program. A process gives itself any name, so of that only what cannot deceive is shown.
  private static func name(of socket: BoundSocket) -> String {
    let name = (socket.program ?? "").filter { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
    return name.isEmpty ? "a program" : name
  }

  /// Whether a socket is in a tunnel's way: packets to the tunnel's address come to it.
  private static func concerns(_ socket: BoundSocket, _ tunnel: TunnelDeclaration) -> Bool {
    guard tunnel.encapsulation == .udp else { return false }
    let listening = tunnel.role == .initiate ? nil : tunnel.listenPort ?? Engine.listeningPort
    guard socket.port == listening || socket.port == tunnel.localPort else { return false }
    guard let theirs = socket.address, let ours = tunnel.local else { return true }
    return theirs == ours
  }
}

extension DoctorScene {
  /// Sockets that may be the daemon's or another program's.
  var unattributed: [String] {
    let ports = Set(facts.sockets.filter { $0.process == nil }.map(\.port)).sorted()
    return ports.map { "which program has UDP port \($0): only root may see that" }
  }
}
