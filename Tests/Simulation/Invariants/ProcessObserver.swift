import PWCore

/// Watches one process at one site from outside: every message that it sends and gets, every effect that it asks for. It
/// knows the protocol's rules and nothing of the engine.
struct ProcessObserver {
  private(set) var channels: [ControlConnectionID: ControlChannel] = [:]
  /// SCCRQs that arrived, by sender and identifier: the window that each advertised.
  private var requests: [RequestOrigin: Int] = [:]
  /// Our connection by the peer's identifier: the latest, because an SCCRQ that was on its way for long may begin another.
  private var latest: [RequestOrigin: ControlConnectionID] = [:]
  private var connectionIDs: Set<ControlConnectionID> = []
  private var sessionIDs: Set<SessionID> = []
  /// Whose each tie breaker is: two requests with one would never be told apart (RFC 3931 section 5.4.3).
  private var tieBreakers: [UInt64: UInt32] = [:]
  private var effects: Set<EffectName> = []
  private var consultations: Set<ConsultationID> = []
  private var sockets: Set<SocketID> = []
  private var connectionsOfSockets: [SocketID: ControlConnectionID] = [:]
  /// Our sessions for which ICCN came, ICRP if we called, or whose OCCN arrived: their links may be up.
  private(set) var connectedSessions: Set<SessionID> = []
  /// OCCNs that are out: no data may pass before they have arrived (RFC 3931 section 6.10).
  private var unconfirmed: [Confirmation] = []
  /// OCCNs that have arrived.
  private(set) var confirmedCalls = 0
  private var sessionsOfTunnels: [ControlConnectionID: [SessionID]] = [:]
  /// Our sessions that are over: messages about them that wait in the queue may still go out.
  private(set) var disconnectedSessions: Set<SessionID> = []
  /// When the peer's CDN came in its turn, by our session.
  private var disconnectedAt: [SessionID: Instant] = [:]
  private(set) var hasStopped = false
  var protection = ProtectionWatch()
  let maximumTimeout: Duration
  /// Our sessions that both ends declare: no message is about one, and each attempt has the same identifier.
  private var declaredSessions: Set<SessionID> = []

  private var declared: [LinkOwner: PseudowireDeclaration] = [:]
  /// The interfaces of pseudowires that the last site declares as the one before it.
  private var unchanged: Set<SessionInterface> = []
  /// Interfaces that are up without a session, and since when.
  private var upWithoutSession: [SessionInterface: Instant] = [:]
  /// Whether the process was told to end.
  var isShuttingDown = false

  private struct Confirmation: Equatable {
    var connection: ControlConnectionID
    var ns: UInt16
    var session: SessionID
  }

  private struct RequestOrigin: Hashable {
    var address: IPAddress
    var assignedID: ControlConnectionID
  }

  /// RFC 3931 section 5.4.3: a peer that says nothing takes four.
  private static let presumedWindow = 4

  /// How long a session may outlive its CDN: the machine is slow, and may still be making it.
  private static let longestRemoval = Duration.seconds(5)

  init(of site: Site) {
    maximumTimeout = site.tunnels.map(\.reliability.maximumTimeout).max() ?? .seconds(8)
    reads(site)
  }

  /// The process has a site from now on.
  mutating func reads(_ site: Site) {
    let owned = site.tunnels.flatMap { tunnel in
      tunnel.pseudowires.map { (LinkOwner(tunnel: tunnel.name, pseudowire: $0.name), $0) }
    }
    let new = Dictionary(owned, uniquingKeysWith: { first, _ in first })
    unchanged = Set(
      new.compactMap { owner, pseudowire in
        guard declared[owner]?.options == pseudowire.options else { return nil }
        guard declared[owner]?.interfaceName == pseudowire.interfaceName, pseudowire.disabled == nil else { return nil }
        return SessionInterface(owner: owner, name: pseudowire.interfaceName)
      })
    declared = new
    declaredSessions.formUnion(site.tunnels.flatMap(\.pseudowires).compactMap(\.staticSession?.localID))
  }

  // MARK: Messages

  mutating func sends(_ transmission: Transmission, kernel: KernelModel, at now: Instant) throws(Breach) {
    let received: ReceivedMessage
    do { received = try ControlCodec.decode(transmission.octets.span) } catch {
      throw Breach("sends a message that cannot be decoded: \(error)")
    }
    try checkContent(received, kernel: kernel)
    guard let localID = localID(of: received, transmission) else { return }
    let isAuthenticated = ControlCodec.digests(of: transmission.octets.span).nonce != nil
    try register(received, localID, transmission.destination.address, isAuthenticated: isAuthenticated)
    try channels[localID]?.sent(received.header, received.message, at: now)
    noteSession(received.message, isOurs: true)
    if case .some(.outgoingCallConnected(let connected)) = received.message {
      let confirmation = Confirmation(
        connection: localID, ns: received.header.ns, session: connected.identifiers.local)
      if !unconfirmed.contains(confirmation) { unconfirmed.append(confirmation) }
    }
  }

  /// Which of our connections a message is sent on; nil for a refusal that belongs to none.
  private func localID(of received: ReceivedMessage, _ transmission: Transmission) -> ControlConnectionID? {
    switch received.message {
    case .some(.startRequest(let request)): return request.parameters.assignedConnectionID
    case .some(.startReply(let reply)): return reply.parameters.assignedConnectionID
    case .some(.stopNotification(let stop)):
      // One that refuses a late SCCRP names what it answered: a connection that is forgotten, or an earlier process's.
      // So does one that says that a connection is not known, and it names the peer by nothing.
      guard stop.result.text != "SCCRP in idle", !Self.saysLoss(stop) else { return nil }
      return stop.assignedConnectionID
    default:
      let peerID = received.header.connectionID
      guard peerID != .unknown else { return nil }
      // A peer, or who says to be one, can give two connections one identifier. Each has its own socket, unless that is
      // gone and another one is lent; then the numbers tell.
      let peer = transmission.destination.address
      let own = connectionsOfSockets[transmission.socket].flatMap { channels[$0]?.peerID == peerID ? $0 : nil }
      let newest = latest[RequestOrigin(address: peer, assignedID: peerID)]
      let all = channels.values.filter { $0.peerID == peerID && $0.peerAddress == peer }.map(\.localID.rawValue)
        .sorted()
      let candidates = [own, newest].compactMap { $0 } + all.map(ControlConnectionID.init(rawValue:))
      return candidates.first { channels[$0]?.admits(received.header) == true } ?? own ?? newest
    }
  }

  /// Whether a StopCCN says that its sender does not know the connection, and so has none that it belongs to.
  private static func saysLoss(_ stop: StopNotification) -> Bool {
    stop.result.code == .generalError && stop.result.error == .noControlConnection
  }

  private mutating func register(
    _ received: ReceivedMessage, _ localID: ControlConnectionID, _ peer: IPAddress, isAuthenticated: Bool
  ) throws(Breach) {
    guard channels[localID] == nil else { return }
    guard localID != .unknown else { throw Breach("assigns the Control Connection ID 0") }
    guard connectionIDs.insert(localID).inserted else { throw Breach("assigns \(localID.rawValue) a second time") }
    var channel = ControlChannel(localID: localID, peerAddress: peer, maximumTimeout: maximumTimeout)
    if received.header.connectionID != .unknown {
      // An answer to an SCCRQ, which was message 0.
      channel.peerID = received.header.connectionID
      guard let window = requests[RequestOrigin(address: peer, assignedID: channel.peerID)] else {
        throw Breach("answers connection \(channel.peerID.rawValue), whose SCCRQ never came")
      }
      channel.peerWindow = window
      // It was not begun by a copy of an SCCRQ that began another, so that one owes nothing for it.
      if let older = latest[RequestOrigin(address: peer, assignedID: channel.peerID)] {
        channels[older]?.acknowledgementOwedSince = nil
      }
      latest[RequestOrigin(address: peer, assignedID: channel.peerID)] = localID
      channel.arrived(ControlHeader(connectionID: .unknown, ns: 0, nr: 0), .hello(Hello()), at: .init(nanoseconds: 0))
    }
    if case .some(.startRequest(let request)) = received.message {
      try note(tieBreaker: request.tieBreaker, of: localID.rawValue)
    }
    channel.isAuthenticated = isAuthenticated
    channels[localID] = channel
  }

  /// - Parameter isForged: its digest shows that it is not the peer's; only of an SCCRQ there is anything to note, for it may
  ///   be refused.
  mutating func gets(_ datagram: Datagram, isForged: Bool, at now: Instant) {
    // A damaged SCCRQ may be whole by the AVPs of old routers, and is taken where a site speaks with those.
    guard
      let received = (try? ControlCodec.decode(datagram.octets.span))
        ?? (try? ControlCodec.decode(datagram.octets.span, dialect: .cisco))
    else { return }
    let peer = datagram.source.address
    var localID = received.header.connectionID
    switch received.message {
    case .some(.startRequest(let request)):
      let origin = RequestOrigin(address: peer, assignedID: request.parameters.assignedConnectionID)
      requests[origin] = request.parameters.receiveWindowSize.map(Int.init) ?? Self.presumedWindow
      // A request that nothing marks may be a new start under the same identifier, and no copy of the one before it.
      guard request.tieBreaker != nil else { return }
      localID = latest[origin] ?? .unknown
    case _ where isForged: return
    case .some(.startReply(let reply)):
      guard channels[localID]?.peerID == .unknown, channels[localID]?.peerAddress == peer else { break }
      channels[localID]?.peerID = reply.parameters.assignedConnectionID
      latest[RequestOrigin(address: peer, assignedID: reply.parameters.assignedConnectionID)] = localID
      channels[localID]?.peerWindow = reply.parameters.receiveWindowSize.map(Int.init) ?? Self.presumedWindow
    case .some(.stopNotification(let stop)):
      guard !Self.saysLoss(stop) else { return }
      if localID == .unknown, let assigned = stop.assignedConnectionID {
        localID = latest[RequestOrigin(address: peer, assignedID: assigned)] ?? .unknown
      }
    default: break
    }
    guard !isForged, let channel = channels[localID] else { return }
    guard channel.peerAddress == peer else { return mayGet(received, datagram, of: localID) }
    if channel.isAuthenticated {
      // Before SCCRP has brought the peer's nonce no other digest can be verified.
      guard channel.peerID != .unknown, ControlCodec.digests(of: datagram.octets.span).first != nil else { return }
      // Nor, from then on, can that of a StopCCN that refused a copy of our SCCRQ and comes after SCCRP: it takes the same
      // number, and was computed without the peer's nonce (section 5.4.1).
      if case .some(.stopNotification) = received.message, received.header.ns == 0 { return }
    }
    var header = received.header
    // An SCCRQ has seen nothing of ours, so that its Nr means nothing: not every peer leaves it 0.
    if case .some(.startRequest) = received.message { header.nr = 0 }
    channels[localID]?.arrived(header, received.message, at: now)
    noteConfirmations(of: localID)
    noteSession(received.message, isOurs: false)
    if case .some(.callDisconnect(let disconnect)) = received.message,
      channels[localID]?.hasInOrder(received.header.ns) == true, disconnectedAt[disconnect.identifiers.remote] == nil
    {
      disconnectedAt[disconnect.identifiers.remote] = now
    }
  }

  /// A message that is the peer's by its digest, and does not come from where the peer is: where its address may
  /// change, it is taken.
  private mutating func mayGet(_ received: ReceivedMessage, _ datagram: Datagram, of localID: ControlConnectionID) {
    guard let channel = channels[localID], channel.isAuthenticated, channel.peerID != .unknown,
      ControlCodec.digests(of: datagram.octets.span).first != nil
    else { return }
    channels[localID]?.mayHaveArrived(received.header, received.message)
    noteConfirmations(of: localID)
    noteSession(received.message, isOurs: false)
  }

  private mutating func noteConfirmations(of connection: ControlConnectionID) {
    for confirmation in unconfirmed where confirmation.connection == connection {
      guard let channel = channels[connection],
        channel.unacknowledged[confirmation.ns] == nil || channel.isPerhapsAcknowledged(confirmation.ns)
      else { continue }
      if connectedSessions.insert(confirmation.session).inserted { confirmedCalls += 1 }
    }
    unconfirmed.removeAll { connectedSessions.contains($0.session) }
  }

  private mutating func note(tieBreaker: UInt64?, of owner: UInt32) throws(Breach) {
    guard let tieBreaker else { return }
    guard tieBreakers[tieBreaker] == nil || tieBreakers[tieBreaker] == owner else {
      throw Breach("uses a tie breaker a second time")
    }
    tieBreakers[tieBreaker] = owner
  }

  /// Checks the content of one message, whatever came before it.
  private mutating func checkContent(_ received: ReceivedMessage, kernel: KernelModel) throws(Breach) {
    switch received.message {
    case .some(.startRequest), .some(.stopNotification): break
    default:
      guard received.header.connectionID != .unknown else { throw Breach("sends to the Control Connection ID 0") }
    }
    if let session = received.message?.sessionIdentifiers?.local, declaredSessions.contains(session) {
      throw Breach("sends a message about session \(session.rawValue), which both ends declare")
    }
    switch received.message {
    case .some(.incomingCallRequest(let request)):
      guard request.tieBreaker != nil else { throw Breach("ICRQ without a Session Tie Breaker") }
      try note(tieBreaker: request.tieBreaker, of: request.identifiers.local.rawValue)
      guard request.identifiers.remote == .unknown else { throw Breach("ICRQ with a Remote Session ID") }
      guard request.identifiers.local != .unknown else { throw Breach("ICRQ assigns the Session ID 0") }
    case .some(.incomingCallReply(let reply)):
      try checkDataPath(reply.identifiers, cookie: reply.dataPath.cookie ?? Cookie(), before: "ICRP", kernel: kernel)
    case .some(.incomingCallConnected(let connected)):
      try checkConnected(connected.identifiers.local, "ICCN", kernel: kernel)
    case .some(.outgoingCallReply(let reply)):
      try checkDataPath(reply.identifiers, cookie: reply.dataPath.cookie ?? Cookie(), before: "OCRP", kernel: kernel)
    case .some(.outgoingCallConnected(let connected)):
      try checkConnected(connected.identifiers.local, "OCCN", kernel: kernel)
      guard connected.dataPath.circuitStatus?.contains(.active) == true else { throw Breach("OCCN without a circuit") }
    default: break
    }
  }

  private func checkConnected(_ session: SessionID, _ message: String, kernel: KernelModel) throws(Breach) {
    guard kernel.session(session) != nil || isClosed(session) else {
      throw Breach("\(message) for session \(session.rawValue), whose data path is not there")
    }
  }

  /// The data path of the responder is there, and as it is said to be, before ICRP or OCRP goes out.
  private func checkDataPath(
    _ identifiers: SessionIdentifiers, cookie: Cookie, before message: String, kernel: KernelModel
  ) throws(Breach) {
    guard !isClosed(identifiers.local) else { return }
    guard let session = kernel.session(identifiers.local) else {
      throw Breach("\(message) for session \(identifiers.local.rawValue), whose data path is not there")
    }
    guard session.request.peerID == identifiers.remote, session.request.receiveCookie == cookie else {
      throw Breach("\(message) says \(identifiers) with cookie \(cookie), the data path is \(session.request)")
    }
  }

  /// A retransmission may outlive its session.
  private func isClosed(_ session: SessionID) -> Bool {
    disconnectedSessions.contains(session)
  }

  private mutating func noteSession(_ message: ControlMessage?, isOurs: Bool) {
    guard let message, let identifiers = message.sessionIdentifiers else { return }
    let session = isOurs ? identifiers.local : identifiers.remote
    switch message {
    case .incomingCallConnected: connectedSessions.insert(session)
    // The caller may send as soon as it knows where to; the responder's link stays down until ICCN.
    case .incomingCallReply: if !isOurs { connectedSessions.insert(session) }
    case .callDisconnect: disconnectedSessions.insert(session)
    default: break
    }
  }

  /// The data plane lost it: messages about it that are still in the queue may go out.
  mutating func dataPathLost(_ session: SessionID) {
    disconnectedSessions.insert(session)
  }

  // MARK: Effects

  mutating func asks(_ output: Output) throws(Breach) {
    guard !hasStopped else { throw Breach("asks for something after it has stopped: \(output)") }
    switch output {
    case .perform(let effect):
      let name = EffectName(of: effect)
      guard effects.insert(name).inserted else { throw Breach("uses the effect identifier \(name.words) twice") }
      protection.asks(effect)
      try check(effect)
    case .consult(let id, _):
      guard consultations.insert(id).inserted else {
        throw Breach("uses the consultation identifier \(id.rawValue) twice")
      }
    case .stopped: hasStopped = true
    case .send, .event: break
    }
  }

  private mutating func check(_ effect: Effect) throws(Breach) {
    switch effect {
    case .plane(.openSocket(_, let socket, let request)): try opens(socket, request)
    case .plane(.change(_, let change)): try check(change)
    case .name, .plane(.connectSocket), .links, .protection: break
    }
  }

  private mutating func opens(_ socket: SocketID, _ request: SocketRequest) throws(Breach) {
    guard sockets.insert(socket).inserted else { throw Breach("uses the socket identifier \(socket.rawValue) twice") }
    connectionsOfSockets[socket] = request.connectionID
  }

  private mutating func check(_ change: PlaneChange) throws(Breach) {
    switch change {
    case .listen(let socket, let request): try opens(socket, request)
    case .createTunnel(let request):
      guard request.localID != .unknown, request.peerID != .unknown else {
        throw Breach("makes a tunnel with identifier 0")
      }
    case .createSession(let request):
      guard request.localID != .unknown, request.peerID != .unknown else {
        throw Breach("makes a session with identifier 0: \(request)")
      }
      guard sessionIDs.insert(request.localID).inserted || declaredSessions.contains(request.localID) else {
        throw Breach("uses the session identifier \(request.localID.rawValue) a second time")
      }
      sessionsOfTunnels[request.tunnelID, default: []].append(request.localID)
    case .deleteTunnel(let tunnel, _): disconnectedSessions.formUnion(sessionsOfTunnels[tunnel] ?? [])
    case .deleteSession(_, let session): disconnectedSessions.insert(session)
    case .releaseInterfaces(let interfaces): try releases(interfaces)
    case .closeSocket: break
    }
  }

  /// Of a pseudowire that is declared as before nothing is taken that its next session could have.
  private func releases(_ interfaces: [SessionInterface]) throws(Breach) {
    guard !isShuttingDown else { return }
    for interface in interfaces where unchanged.contains(interface) {
      throw Breach("releases \(interface.name) of \(interface.owner), which is declared as before")
    }
  }

  // MARK: After every step

  /// Nobody takes an interface without a session for one that works.
  private mutating func checkKept(_ kernel: KernelModel, at now: Instant) throws(Breach) {
    let up = Set(kernel.kept.values.map(\.interface).filter { kernel.isUp($0) })
    upWithoutSession = upWithoutSession.filter { up.contains($0.key) }
    for interface in up {
      let since = upWithoutSession[interface] ?? now
      upWithoutSession[interface] = since
      guard now - since <= Self.longestRemoval else {
        throw Breach("the link \(interface.name) is up without a session since \(Trace.seconds(since)) s")
      }
    }
  }

  /// - Parameter alive: our identifiers of the connections that the engine calls established.
  mutating func check(kernel: KernelModel, alive: [ControlConnectionID], at now: Instant) throws(Breach) {
    for session in kernel.sessions.values where kernel.isUp(session) {
      let identifier = session.request.localID
      guard connectedSessions.contains(identifier) || declaredSessions.contains(identifier) else {
        throw Breach(
          "the link of session \(identifier.rawValue) is up before ICCN, or before OCCN has arrived")
      }
    }
    try checkKept(kernel, at: now)
    for session in kernel.sessions.keys {
      guard let since = disconnectedAt[session.sessionID], now - since > Self.longestRemoval else { continue }
      throw Breach("session \(session.sessionID.rawValue) is still there, its CDN came at \(Trace.seconds(since)) s")
    }
    for id in alive {
      guard let channel = channels[id] else {
        throw Breach("calls connection \(id.rawValue) established: nobody saw it")
      }
      try channel.overdue(at: now)
    }
  }
}
