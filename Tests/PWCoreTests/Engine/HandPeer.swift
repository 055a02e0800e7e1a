import Testing

@testable import PWCore

/// A peer written by hand: it opens a connection to one engine, acknowledges what it hears, and says what a test wants.
final class HandPeer {
  /// The engine's end.
  let engine: TestDriver
  /// The moment.
  var now = Instant(nanoseconds: 0)
  /// The messages that it has heard, without acknowledgements and copies.
  private(set) var heard: [ControlMessage] = []
  /// The headers of the acknowledgements that it has heard.
  private(set) var acknowledgements: [ControlHeader] = []
  /// The parameters of its SCCRQ, Host Name and Router ID among them.
  var parameters = StartParameters(
    hostName: "left", routerID: 1, assignedConnectionID: ControlConnectionID(rawValue: 77),
    pseudowireCapabilities: [.ethernet])
  /// Whether it acknowledges at once what it hears; if not, what it says next does.
  var acknowledges = true
  /// Where it sends from.
  var source = Endpoint(address: EnginePair.leftAddress, port: 1701)
  /// The number that it adds to Nr, to acknowledge falsely.
  var lie: UInt16 = 0
  private var ns: UInt16 = 0
  private var nr: UInt16 = 0

  /// A peer of an engine whose one tunnel accepts it, as `peer` or by its own address, with one pseudowire, end-id 1,
  /// behind which stands `eth1`.
  init(
    role: TunnelDeclaration.Role = .accept, peer: TunnelDeclaration.Peer = .address(EnginePair.leftAddress),
    probesPath: Bool = false, device: String? = nil,
    authentication: Authentication? = nil, secret: [UInt8]? = nil, setupTimeout: Duration? = nil,
    configure: (inout PseudowireDeclaration) -> Void = { _ in }
  ) {
    var pseudowire = PseudowireDeclaration(
      name: "pw", type: .ethernet, remoteEndID: RemoteEndID(number: 1), interfaceName: "pw0")
    pseudowire.circuit = .member("eth1")
    configure(&pseudowire)
    var tunnel = TunnelDeclaration(name: "peer", peer: peer, role: role)
    tunnel.pseudowires = [pseudowire]
    tunnel.probesPath = probesPath
    tunnel.bindDevice = device
    if let setupTimeout { tunnel.reliability.setupTimeout = setupTimeout }
    tunnel.authentication = authentication
    var site = Site(name: "right", routerID: 2)
    site.tunnels = [tunnel]
    engine = TestDriver(
      site: site, address: EnginePair.rightAddress, seed: 5, secrets: secret.map { ["peer": $0] } ?? [:])
    engine.drain(at: now)
    setCircuit(isUp: true)
    listen()
  }

  /// The engine's identifier of the connection; 0 while it has told none.
  var connectionID: ControlConnectionID {
    for message in heard {
      if case .startReply(let reply) = message { return reply.parameters.assignedConnectionID }
    }
    return .unknown
  }

  /// The engine's record of the connection.
  var record: ControlConnection? {
    engine.engine.connectionsByID[connectionID].map { engine.engine.connections[$0] }
  }

  /// Whether the engine wants the session's link up; nil when it has asked for none.
  var isLinkUp: Bool? {
    for case .session(let link) in engine.links.values.joined() { return link.isUp }
    return nil
  }

  /// SCCRQ and, if it is answered, SCCCN.
  func connect(tieBreaker: UInt64? = 7) {
    say(.startRequest(StartRequest(parameters: parameters, tieBreaker: tieBreaker)))
    guard connectionID != .unknown else { return }
    say(.startConnected(StartConnected()))
  }

  /// It forgets everything and begins anew, its identifier the same.
  func restart() {
    heard = []
    acknowledgements = []
    (ns, nr) = (0, 0)
  }

  /// A message on a connection that names this identifier, whatever has been said before.
  func say(_ message: ControlMessage, toConnection identifier: UInt32, ns: UInt16, nr: UInt16) {
    var encoded = EncodedMessage(octets: message.encoded().octets, digest: nil)
    encoded.setHeader(connectionID: ControlConnectionID(rawValue: identifier), ns: ns, nr: nr)
    arrive(encoded.octets)
    listen()
  }

  /// An ICRQ for the engine's pseudowire, as `configure` changes it.
  func call(_ local: UInt32 = 500, configure: (inout IncomingCallRequest) -> Void = { _ in }) {
    var dataPath = DataPathParameters()
    dataPath.circuitStatus = .active
    var request = IncomingCallRequest(
      identifiers: SessionIdentifiers(local: SessionID(rawValue: local), remote: .unknown), serialNumber: 1,
      pseudowireType: .ethernet, remoteEndID: RemoteEndID(number: 1), dataPath: dataPath)
    configure(&request)
    say(.incomingCallRequest(request))
  }

  /// ICCN for the session that the engine's last ICRP is about.
  func completeCall(configure: (inout DataPathParameters) -> Void = { _ in }) {
    var dataPath = DataPathParameters()
    configure(&dataPath)
    for case .incomingCallReply(let reply) in heard.reversed() {
      let identifiers = SessionIdentifiers(local: reply.identifiers.remote, remote: reply.identifiers.local)
      return say(.incomingCallConnected(IncomingCallConnected(identifiers: identifiers, dataPath: dataPath)))
    }
    Issue.record("the engine sent no ICRP")
  }

  /// SLI for that session.
  func setLinkInfo(_ status: CircuitStatus) {
    for case .incomingCallReply(let reply) in heard.reversed() {
      let identifiers = SessionIdentifiers(local: reply.identifiers.remote, remote: reply.identifiers.local)
      return say(.setLinkInfo(SetLinkInfo(identifiers: identifiers, circuitStatus: status)))
    }
    Issue.record("the engine sent no ICRP")
  }

  /// The engine's attachment circuit goes up or down.
  func setCircuit(isUp: Bool) {
    engine.handle(.link(LinkState(name: "eth1", isUp: isUp, mtuOctets: 1500)), at: now)
    listen()
  }

  /// A message in its turn.
  func say(_ message: ControlMessage) { say(octets: message.encoded().octets) }

  /// Octets of a message whose header is filled in here, in their turn.
  func say(octets: [UInt8]) {
    deliver(octets, ns: ns)
    ns &+= 1
    listen()
  }

  /// Sends a message once more, with the Ns of the one that was sent last.
  func repeatLast(_ message: ControlMessage) {
    deliver(message.encoded().octets, ns: ns &- 1)
    listen()
  }

  /// Time passes; whatever comes due at the engine's end happens.
  func wait(_ duration: Duration) {
    let end = now + duration
    while let next = engine.engine.nextDeadline, next <= end {
      now = max(now, next)
      engine.handle(.deadline, at: now)
      listen()
    }
    now = end
  }

  private func deliver(_ octets: [UInt8], ns: UInt16) {
    var message = EncodedMessage(octets: octets, digest: nil)
    message.setHeader(connectionID: connectionID, ns: ns, nr: nr &+ lie)
    arrive(message.octets)
  }

  private func arrive(_ octets: [UInt8]) {
    engine.handle(
      .datagram(
        Datagram(
          octets: octets, source: source,
          local: Endpoint(address: EnginePair.rightAddress, port: 1701), encapsulation: .udp,
          socket: SocketID(rawValue: 1))),
      at: now)
  }

  /// Reads what the engine has sent, and acknowledges it so that more may come.
  private func listen() {
    while !engine.sent.isEmpty {
      let datagrams = engine.sent
      engine.sent = []
      var isNew = false
      for datagram in datagrams {
        guard let received = try? ControlCodec.decode(datagram.octets.span) else {
          Issue.record("the engine sent what it cannot read itself")
          continue
        }
        guard let message = received.message, message != .acknowledgement(Acknowledgement()) else {
          acknowledgements.append(received.header)
          continue
        }
        // Before SCCRP whatever comes belongs to no connection of ours: an SCCRQ of the engine's own, or a refusal.
        guard received.header.ns == nr || connectionID == .unknown else { continue }
        heard.append(message)
        guard connectionID != .unknown else { continue }
        nr = received.header.ns &+ 1
        isNew = true
      }
      if isNew, acknowledges { deliver(EncodedMessage.zeroLengthBody().octets, ns: ns) }
    }
  }
}

extension HandPeer {
  /// The StopCCNs that it has heard.
  var stops: [StopNotification] {
    heard.compactMap { if case .stopNotification(let stop) = $0 { stop } else { nil } }
  }

  /// The CDNs that it has heard.
  var disconnects: [CallDisconnect] {
    heard.compactMap { if case .callDisconnect(let disconnect) = $0 { disconnect } else { nil } }
  }

  /// The ICRQs that it has heard.
  var calls: [IncomingCallRequest] {
    heard.compactMap { if case .incomingCallRequest(let request) = $0 { request } else { nil } }
  }

  /// The number of warnings about one of its habits.
  func remarks(_ habit: PeerHabit) -> Int {
    engine.events.filter { $0.level == .warning && $0.message == "the peer \(habit.words)" }.count
  }

  /// Where the engine's session is.
  var sessionState: PseudowireStatus.State { engine.status.tunnels[0].pseudowires[0].state.value }

  /// The ICRPs that it has heard.
  var replies: [IncomingCallReply] {
    heard.compactMap { if case .incomingCallReply(let reply) = $0 { reply } else { nil } }
  }
}
