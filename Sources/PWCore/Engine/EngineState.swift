/// All that an engine knows between two inputs, to be written out and read back: an engine that is made of it goes on
/// as the one that it was taken of would have, message for message.
///
/// It holds the secrets and the keys that were derived from them. Keep it as those are kept: in memory, never on a
/// disk. Plugins, the source of random octets and the authenticator are not in it.
public struct EngineState: Codable {
  var site: Site
  var secrets: [String: TunnelSecrets]
  var secretKeys: [String: [SecretKeys]]
  var leastEventLevel: Event.Level
  var tunnels: SlotTable<Tunnel>
  var connections: SlotTable<ControlConnection>
  var pseudowires: SlotTable<Pseudowire>
  var sessions: SlotTable<Session>
  var declaredTunnels: [TunnelReference]
  var connectionsByID: IdentifierTable<ControlConnectionID, ControlConnection>
  var sessionsByID: IdentifierTable<SessionID, Session>
  var congestionPauses: [PseudowireReference: Instant]
  var pathProbes: [ConnectionReference: Engine.PathProbing]
  var pseudowiresByOwner: [LinkOwner: PseudowireReference]
  var circuits: CircuitTable
  var deviceProblems: [String: String]
  var bridgeProblems: [String: [String]]
  var listeners: [Listener]
  var admission: Admission
  var heldInterfaces: [LinkOwner: String]
  var busyInterfaces: [String: [SessionReference]]
  var shortages: Shortages
  var isAnsweringShortage: Bool
  var shutdown: Engine.Shutdown
  var crashKnownAt: Instant?
  var forwardingNotes: RateLimit
  var turn: Turn.State
  var consultations: SlotTable<PendingConsultation>
  var consultationsDue: Instant
  var lastSocket: UInt64
  var callSerialNumber: UInt32
}

extension Engine {
  /// What it knows. All its outputs must have been taken: they are not part of it.
  public var state: EngineState {
    EngineState(
      site: site, secrets: secrets, secretKeys: secretKeys, leastEventLevel: leastEventLevel, tunnels: tunnels,
      connections: connections, pseudowires: pseudowires, sessions: sessions, declaredTunnels: declaredTunnels,
      connectionsByID: connectionsByID, sessionsByID: sessionsByID, congestionPauses: congestionPauses,
      pathProbes: pathProbes, pseudowiresByOwner: pseudowiresByOwner, circuits: circuits,
      deviceProblems: deviceProblems, bridgeProblems: bridgeProblems, listeners: listeners, admission: admission,
      heldInterfaces: heldInterfaces, busyInterfaces: busyInterfaces, shortages: shortages,
      isAnsweringShortage: isAnsweringShortage,
      shutdown: shutdown, crashKnownAt: crashKnownAt, forwardingNotes: forwardingNotes, turn: turn.state,
      consultations: consultations, consultationsDue: consultationsDue, lastSocket: lastSocket,
      callSerialNumber: callSerialNumber)
  }

  /// An engine that goes on where another one was: with its next input, and without outputs of its own.
  ///
  /// - Parameters:
  ///   - state: `Engine.state` of the other one.
  ///   - plugins: as `Engine.init` had them there.
  ///   - entropy: random octets.
  ///   - authenticator: HMAC.
  public init(
    _ state: EngineState, plugins: [PluginDescription], entropy: any EntropySource,
    authenticator: any MessageAuthenticator
  ) {
    self.plugins = plugins
    site = state.site
    secrets = state.secrets
    secretKeys = state.secretKeys
    leastEventLevel = state.leastEventLevel
    tunnels = state.tunnels
    connections = state.connections
    pseudowires = state.pseudowires
    sessions = state.sessions
    declaredTunnels = state.declaredTunnels
    connectionsByID = state.connectionsByID
    sessionsByID = state.sessionsByID
    congestionPauses = state.congestionPauses
    pathProbes = state.pathProbes
    pseudowiresByOwner = state.pseudowiresByOwner
    circuits = state.circuits
    deviceProblems = state.deviceProblems
    bridgeProblems = state.bridgeProblems
    listeners = state.listeners
    admission = state.admission
    heldInterfaces = state.heldInterfaces
    busyInterfaces = state.busyInterfaces
    shortages = state.shortages
    isAnsweringShortage = state.isAnsweringShortage
    shutdown = state.shutdown
    crashKnownAt = state.crashKnownAt
    forwardingNotes = state.forwardingNotes
    turn = Turn(state.turn, entropy: entropy, authenticator: authenticator)
    consultations = state.consultations
    consultationsDue = state.consultationsDue
    lastSocket = state.lastSocket
    callSerialNumber = state.callSerialNumber
  }
}
