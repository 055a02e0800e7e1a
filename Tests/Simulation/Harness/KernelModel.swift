import PWCore

/// The data plane of one machine: tunnels, sessions, and the links that plugins asked for.
struct KernelModel {
  struct Tunnel: Equatable {
    var request: TunnelRequest
  }

  struct Session: Equatable {
    var request: SessionRequest
    /// Which of all interfaces that have been made it has.
    var index: Int
    /// Whether the interface stays when the session ends.
    var keepsInterface = true
  }

  /// The identifiers that name a session in the machine.
  struct SessionKey: Hashable {
    var tunnelID: ControlConnectionID
    var sessionID: SessionID
  }

  /// An interface that stays when its session ends, until it is released.
  struct Kept: Equatable {
    var interface: SessionInterface
    /// Which of all interfaces that have been made it is.
    var index: Int
  }

  private(set) var tunnels: [ControlConnectionID: Tunnel] = [:]
  private(set) var sessions: [SessionKey: Session] = [:]
  /// Interfaces without a session, by their names.
  private(set) var kept: [String: Kept] = [:]
  private var interfacesMade = 0
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
    let former = kept.removeValue(forKey: request.interfaceName)
    let isFormers = former?.interface == request.interface
    if !isFormers { interfacesMade += 1 }
    sessions[SessionKey(tunnelID: request.tunnelID, sessionID: request.localID)] = Session(
      request: request, index: isFormers ? former?.index ?? interfacesMade : interfacesMade)
  }

  mutating func deleteSession(_ key: SessionKey) {
    guard let session = sessions.removeValue(forKey: key), session.keepsInterface else { return }
    kept[session.request.interfaceName] = Kept(interface: session.request.interface, index: session.index)
  }

  /// Somebody else removes a session's interface, and the session with it.
  mutating func loseInterface(of key: SessionKey) { sessions[key] = nil }

  mutating func deleteTunnel(_ id: ControlConnectionID) {
    tunnels[id] = nil
    for key in sessions.keys where key.tunnelID == id { deleteSession(key) }
  }

  mutating func release(_ interfaces: [SessionInterface]) {
    for interface in interfaces where kept[interface.name]?.interface == interface { kept[interface.name] = nil }
    for (key, session) in sessions where interfaces.contains(session.request.interface) {
      sessions[key]?.keepsInterface = false
    }
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
    kept = [:]
    wanted = [:]
    bridges = []
  }

  /// Whether the session's interface is up: frames pass.
  func isUp(_ session: Session) -> Bool { isUp(session.request.interface) }

  /// Whether an interface is up, whatever stands behind it.
  func isUp(_ interface: SessionInterface) -> Bool {
    (wanted[interface.owner] ?? []).contains { request in
      if case .session(let link) = request { link.isUp && link.name == interface.name } else { false }
    }
  }

  func session(_ id: SessionID) -> Session? {
    sessions.first { $0.key.sessionID == id }?.value
  }
}
