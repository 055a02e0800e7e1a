import PWCore

/// The data plane of one machine: tunnels, sessions, and the links that plugins asked for.
struct KernelModel {
  struct Tunnel: Equatable {
    var request: TunnelRequest
  }

  struct Session: Equatable {
    var request: SessionRequest
  }

  /// The identifiers that name a session in the machine.
  struct SessionKey: Hashable {
    var tunnelID: ControlConnectionID
    var sessionID: SessionID
  }

  private(set) var tunnels: [ControlConnectionID: Tunnel] = [:]
  private(set) var sessions: [SessionKey: Session] = [:]
  /// The links that each pseudowire's plugin wants now.
  private(set) var wanted: [LinkOwner: [LinkRequest]] = [:]
  private(set) var bridges: [BridgeDeclaration] = []

  mutating func createTunnel(_ request: TunnelRequest, over socket: SocketTable.Socket?) throws(EffectFailure) {
    guard let socket, socket.remote != nil else { throw EffectFailure("the socket is not connected") }
    guard tunnels[request.localID] == nil else { throw EffectFailure("tunnel \(request.localID.rawValue): EEXIST") }
    guard !tunnels.values.contains(where: { $0.request.socket == request.socket }) else {
      throw EffectFailure("the socket carries a tunnel already: EBUSY")
    }
    tunnels[request.localID] = Tunnel(request: request)
  }

  mutating func createSession(_ request: SessionRequest) throws(EffectFailure) {
    guard tunnels[request.tunnelID] != nil else { throw EffectFailure("no such tunnel: ENODEV") }
    // The kernel wants an identifier once in a network namespace when any of the tunnels is over IP.
    guard !sessions.keys.contains(where: { $0.sessionID == request.localID }) else {
      throw EffectFailure("session \(request.localID.rawValue): EEXIST")
    }
    guard !sessions.values.contains(where: { $0.request.interfaceName == request.interfaceName }) else {
      throw EffectFailure("interface \(request.interfaceName): EEXIST")
    }
    sessions[SessionKey(tunnelID: request.tunnelID, sessionID: request.localID)] = Session(request: request)
  }

  mutating func deleteSession(_ key: SessionKey) {
    sessions[key] = nil
  }

  mutating func deleteTunnel(_ id: ControlConnectionID) {
    tunnels[id] = nil
    sessions = sessions.filter { $0.key.tunnelID != id }
  }

  /// Deletes the tunnels over a socket that closes, with their sessions.
  mutating func socketClosed(_ socket: SocketID) {
    for (id, tunnel) in tunnels where tunnel.request.socket == socket { deleteTunnel(id) }
  }

  mutating func setLinks(_ owner: LinkOwner, _ requests: [LinkRequest]) {
    wanted[owner] = requests.isEmpty ? nil : requests
  }

  mutating func setBridges(_ bridges: [BridgeDeclaration]) {
    self.bridges = bridges
  }

  /// Everything dies with the process.
  mutating func clear() {
    tunnels = [:]
    sessions = [:]
    wanted = [:]
    bridges = []
  }

  /// Whether the session's interface is up: frames pass.
  func isUp(_ session: Session) -> Bool {
    (wanted[session.request.owner] ?? []).contains { request in
      if case .session(let link) = request { link.isUp && link.name == session.request.interfaceName } else { false }
    }
  }

  func session(_ id: SessionID) -> Session? {
    sessions.first { $0.key.sessionID == id }?.value
  }
}
