/// The L2TPv3 control plane of one site (RFC 3931): every control connection and session, as one value.
///
/// It reads no clock, does no I/O and makes no randomness. Its driver calls `handle` with everything that happens,
/// takes everything out of `nextOutput` afterwards, and comes back with `Input.deadline` when `nextDeadline` has come.
public struct Engine {
  // MARK: Configuration

  var site: Site
  var secrets: [String: TunnelSecrets] = [:]
  var secretKeys: [String: [SecretKeys]] = [:]
  let plugins: [PluginDescription]
  /// Events below it are not made.
  public var leastEventLevel = Event.Level.info

  // MARK: State

  var tunnels: SlotTable<Tunnel>
  var connections: SlotTable<ControlConnection>
  var pseudowires: SlotTable<Pseudowire>
  var sessions = SlotTable<Session>(vacant: .vacant)
  /// The declared tunnels in the order of the file.
  var declaredTunnels: [TunnelReference] = []
  var connectionsByID = IdentifierTable<ControlConnectionID, ControlConnection>()
  var sessionsByID = IdentifierTable<SessionID, Session>()
  /// Pseudowires that wait because their last session lost too much, and until when.
  var congestionPauses: [PseudowireReference: Instant] = [:]
  /// Searches for a path's MTU that are under way.
  var pathProbes: [ConnectionReference: PathProbing] = [:]
  var pseudowiresByOwner: [LinkOwner: PseudowireReference] = [:]
  var circuits = CircuitTable()
  /// Interfaces that tunnels are bound to and that pass nothing now, and why.
  var deviceProblems: [String: String] = [:]
  var bridgeProblems: [String: [String]] = [:]
  var listeners: [Listener] = []
  var admission = Admission()
  /// The interfaces that the data plane has, or keeps for the next session, by their pseudowires.
  var heldInterfaces: [LinkOwner: String] = [:]
  /// Interface names whose last session is still being removed, and who waits for them.
  var busyInterfaces: [String: [SessionReference]] = [:]
  var shortages = Shortages()
  /// Whether what happens comes of a shortage: it is told with all others.
  var isAnsweringShortage = false
  var shutdown = Shutdown.none
  /// When it was told that peers may still hold connections of an earlier run.
  var crashKnownAt: Instant?
  var forwardingNotes = RateLimit(perSecond: EngineLimits.forwardingNotesPerSecond)

  // MARK: Work under way

  var turn: Turn
  var consultations: SlotTable<PendingConsultation>
  /// When they are looked through for one that has had no answer; says nothing while there is none.
  var consultationsDue = Instant(nanoseconds: 0)
  var lastSocket: UInt64 = 0
  var callSerialNumber: UInt32 = 0

  /// How far a shutdown is.
  enum Shutdown: Equatable, Codable {
    /// None was asked for.
    case none
    /// StopCCNs are out, and may be acknowledged until this moment.
    case stopping(until: Instant)
    /// Data paths are being removed.
    case removing(until: Instant)
    /// `Output.stopped` went out.
    case done
  }

  /// An engine that starts at once: its first outputs are there when this returns.
  ///
  /// - Parameters:
  ///   - site: the declared state.
  ///   - secrets: the shared secrets by tunnel name; they show in no event, status or effect.
  ///   - plugins: what the pseudowire types are carried by.
  ///   - entropy: random octets.
  ///   - authenticator: HMAC.
  ///   - now: the moment.
  public init(
    site: Site, secrets: [String: TunnelSecrets] = [:], plugins: [PluginDescription], entropy: any EntropySource,
    authenticator: any MessageAuthenticator, at now: Instant
  ) {
    self.site = Site(name: site.name, routerID: site.routerID)
    self.plugins = plugins
    turn = Turn(entropy: entropy, authenticator: authenticator, at: now)
    tunnels = SlotTable(
      vacant: Tunnel(
        declaration: TunnelDeclaration(name: "", peer: .any), addresses: PeerAddresses(.any), idleSince: now))
    connections = SlotTable(vacant: ControlConnection.vacant(at: now))
    pseudowires = SlotTable(vacant: Pseudowire.vacant(at: now))
    consultations = SlotTable(
      vacant: PendingConsultation(
        session: SessionReference(rawValue: 0), phase: .connecting, askedAt: now))
    apply(site, secrets: secrets)
    finishInput()
  }

  /// Takes something that happened.
  public mutating func handle(_ input: consuming Input, at now: Instant) {
    turn.now = max(now, turn.now)
    switch consume input {
    case .datagram(let datagram): receive(datagram)
    case .deadline: break
    case .site(let site, let secrets): apply(site, secrets: secrets)
    case .completed(let completion):
      if completion.hasFailed { noteShortage(completion.failure) }
      complete(completion)
      isAnsweringShortage = false
    case .answered(let consultation, let answer): answered(consultation, answer)
    case .link(let state): linkChanged(state)
    case .circuit(let owner, let demand): circuitAsks(owner, demand)
    case .links(let report): linksReported(report)
    case .bridge(let name, let problems): bridgeReported(name, problems)
    case .dataReceived(let connection): dataReceived(connection)
    case .dataLoss(let connection, let session, let loss): dataLost(connection, session, loss)
    case .dataDiscarded(let connection, let session, let packets): dataDiscarded(connection, session, packets)
    case .pathMTU(let connection, let octets, let firstLinkOctets, let firstHop):
      noteFirstHop(firstHop, octets: octets, connection)
      noteFirstLink(octets: firstLinkOctets, connection)
      pathMTUChanged(connection, octets: octets)
    case .dataStrayed(let packet): dataStrayed(packet)
    case .unreachable(let socket, let failure): peerUnreachable(socket, failure)
    case .boundDevice(let name, let problem): boundDeviceReported(name, problem)
    case .protectionChanged: protectionMayHaveChanged()
    case .dataPathLost(let connection, let session, let reason): dataPathLost(connection, session, reason: reason)
    case .crashedBefore: crashKnownAt = now
    case .shutdown: shutDown()
    }
    finishInput()
  }

  /// The next thing to do, in order; nil when all are taken. Explicit acknowledgements come last: whatever is handled
  /// before they are taken may still send a message that carries Nr instead, and of many messages one acknowledges all.
  ///
  /// - Parameter isMoreThere: whether another input is there already, and will be handled at once: then acknowledgements wait for
  ///   what comes of it.
  public mutating func nextOutput(isMoreThere: Bool = false) -> Output? {
    if !turn.hasOutputs, !isMoreThere { sendAcknowledgements() }
    return turn.nextOutput()
  }

  /// The declared state that the engine works towards.
  public var declaredSite: Site {
    var declared = site
    declared.tunnels = declaredTunnels.map { tunnel in
      var declaration = tunnels[tunnel].declaration
      declaration.pseudowires = tunnels[tunnel].pseudowires.map { pseudowires[$0].declaration }
      return declaration
    }
    return declared
  }

  /// When `Input.deadline` is due; nil when nothing is waited for.
  public var nextDeadline: Instant? {
    let timer = turn.nextDeadline
    guard let answer = consultationDeadline else { return timer }
    return timer.map { min($0, answer) } ?? answer
  }

  /// The last step of every input: whatever has come due is done, and every connection that has something to say says
  /// it.
  private mutating func finishInput() {
    if let due = turn.nextDeadline, due <= now { fireTimers() }
    if let due = consultationDeadline, due <= now { expireConsultations() }
    flushTouched()
    if shutdown != .none { finishShutdown() }
  }

  // MARK: Small things

  /// The moment of the input in hand.
  var now: Instant { turn.now }

  mutating func emit(_ output: consuming Output) {
    turn.emit(output)
  }

  mutating func note(
    _ level: Event.Level, _ kind: EventKind, tunnel: TunnelReference?, pseudowireName: @autoclosure () -> String? = nil,
    fields: @autoclosure () -> [EventField] = [], _ message: @autoclosure () -> String
  ) {
    let level = isAnsweringShortage ? .debug : level
    guard level.rawValue >= leastEventLevel.rawValue else { return }
    let tunnelName = tunnel.map { tunnels[$0].declaration.name }
    emit(
      .event(Event(level, kind, tunnel: tunnelName, pseudowire: pseudowireName(), fields: fields(), message())))
  }

  mutating func nextSocket() -> SocketID {
    lastSocket += 1
    return SocketID(rawValue: lastSocket)
  }

  func payload(of type: PseudowireType) -> PseudowirePayload? {
    plugins.first { $0.type == type }?.payload ?? site.plugins.first { $0.type == type }?.payload
  }

  /// The pseudowire types that there are plugins for, each once, as the peer is told (RFC 3931 section 5.4.3).
  var pseudowireTypes: [PseudowireType] {
    var types = plugins.map(\.type)
    for plugin in site.plugins where !types.contains(plugin.type) { types.append(plugin.type) }
    return types
  }
}
