import Testing

@testable import PWCore

/// SplitMix64: the same octets for the same seed.
struct SeededEntropy: EntropySource {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// A keyed checksum in place of HMAC: wrong keys and changed octets show, and nothing else is wanted of it here.
struct ChecksumAuthenticator: MessageAuthenticator {
  func authenticationCode(
    _ digest: Authentication.Digest, key: [UInt8], prefix: [UInt8], message: Span<UInt8>
  ) -> [UInt8] {
    var sum: UInt64 = 0xCBF2_9CE4_8422_2325
    func add(_ octet: UInt8) { sum = (sum ^ UInt64(octet)) &* 0x100_0000_01B3 }
    key.forEach(add)
    add(0xFF)
    prefix.forEach(add)
    for index in message.indices { add(message[index]) }
    var spread = SeededEntropy(state: sum)
    return (0..<digest.octetCount).map { _ in UInt8(truncatingIfNeeded: spread.next()) }
  }

  func md5(_ octets: [UInt8]) -> [UInt8] {
    authenticationCode(.md5, key: [], prefix: [], message: octets.span)
  }

  func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool { left == right }
}

/// One engine with everything around it made of values: effects are done at once, unless a test says otherwise. Its
/// inputs and effects are recorded, and a replay must do the same.
final class TestDriver {
  var engine: Engine
  /// nil where a test does something to the engine that no driver does.
  var recorder: EngineRecorder?
  let address: IPAddress
  /// Bound sockets, and whom they are connected to.
  var sockets: [SocketID: (local: Endpoint, remote: Endpoint?, encapsulation: Encapsulation)] = [:]
  /// The addresses that `resolve` answers with, by name.
  var names: [String: [IPAddress]] = [:]
  var effects: [Effect] = []
  var events: [Event] = []
  var sent: [Datagram] = []
  var links: [LinkOwner: [LinkRequest]] = [:]
  var sessions: [SessionID: SessionRequest] = [:]
  /// Interfaces that have been made and not released.
  private var held: Set<SessionInterface> = []
  /// Those of them that have no session now.
  private(set) var kept: Set<SessionInterface> = []
  var tunnels: [ControlConnectionID: TunnelRequest] = [:]
  var isStopped = false
  /// The verdict on an effect: success unless a test says otherwise; `.withhold` answers nothing.
  var override: (Effect) -> Verdict = { _ in .perform }
  /// The answer to a consultation; nil answers nothing.
  var answer: (PluginQuestion) -> PluginAnswer? = { question in
    .links([
      .session(
        .init(
          name: question.declaration.interfaceName, mtu: .octets(1400),
          isUp: question.phase == .established && question.isPeerCircuitActive))
    ])
  }
  /// The protection that packets have.
  var protection: (ProtectionQuestion) -> Protection = { _ in .missing([ProtectionGap(.policyOut, "no policy out")]) }
  /// The question that was asked last.
  var lastConsultation: ConsultationID?
  /// Whether datagrams arrive on any socket that is bound to their port.
  var deliversAnywhere = false
  /// The largest packet over IPv4 that its path passes in one piece, in octets.
  var pathMTUOctets = Int.max
  /// Whether what is sent in pieces arrives.
  var passesPieces = true
  /// Whether packets can be sent in pieces at all.
  var canSendPieces = true
  /// How many packets were sent in pieces.
  private(set) var cutCount = 0
  private var lastPort: UInt16 = 40_000

  /// The options of its plugin: one that changes in place, and one that does not.
  private static let options = [
    KeyDescription("mtu", "number", absent: "none", change: .inPlace, "The size of packets."),
    KeyDescription("colour", "text", absent: "none", change: .session, "What they look like."),
  ]

  enum Verdict {
    case perform
    case fail(EffectFailure)
    case withhold
  }

  init(
    site: Site, address: IPAddress, seed: UInt64, secrets: [String: [UInt8]] = [:],
    at now: Instant = Instant(nanoseconds: 0)
  ) {
    self.address = address
    let check = ReplayCheck()
    let recorder = EngineRecorder { check.play($0) }
    engine = recorder.makeEngine(
      site: site, secrets: secrets.mapValues { TunnelSecrets($0) },
      plugins: [PluginDescription(type: .ethernet, payload: .ethernet, options: Self.options)],
      entropy: SeededEntropy(state: seed), authenticator: ChecksumAuthenticator(), leastEventLevel: .debug, at: now)
    self.recorder = recorder
  }

  deinit { recorder?.finishStep() }

  func handle(_ input: Input, at now: Instant) {
    give(input, at: now)
    drain(at: now)
  }

  /// Hands something to the engine and leaves what comes of it there.
  func give(_ input: Input, at now: Instant) {
    recorder?.takes(input, at: now)
    engine.handle(input, at: now)
  }

  func nextOutput(isMoreThere: Bool = false) -> Output? {
    let output = engine.nextOutput(isMoreThere: isMoreThere)
    recorder?.gave(output, isMoreThere: isMoreThere)
    return output
  }

  /// Its site file is read again, with other secrets or those that it has.
  func reload(_ site: Site, secrets: [String: TunnelSecrets]? = nil, at now: Instant) {
    handle(.site(site, secrets: secrets ?? engine.secrets), at: now)
  }

  /// Takes every output and answers what is to be answered at once, until nothing is left.
  func drain(at now: Instant) {
    while let output = nextOutput() {
      switch output {
      case .send(let transmission):
        send(transmission)
        if transmission.isCut, !canSendPieces { give(.unreachable(transmission.socket, .inPieces), at: now) }
      case .perform(let effect):
        effects.append(effect)
        switch override(effect) {
        case .perform: give(.completed(perform(effect)), at: now)
        case .fail(let failure): give(.completed(effect.failed(failure)), at: now)
        case .withhold: break
        }
      case .consult(let identifier, let question):
        lastConsultation = identifier
        if let answer = answer(question) { give(.answered(identifier, answer), at: now) }
      case .event(let event): events.append(event)
      case .stopped: isStopped = true
      }
    }
  }

  private func send(_ transmission: Transmission) {
    if transmission.isCut { cutCount += 1 }
    guard let socket = sockets[transmission.socket] else { return }
    let outerOctets = socket.encapsulation == .udp ? 28 : 24
    guard transmission.isFragmentable || transmission.octets.count + outerOctets <= pathMTUOctets else { return }
    guard !transmission.isCut || passesPieces && canSendPieces else { return }
    sent.append(
      Datagram(
        octets: transmission.octets, source: socket.local, local: transmission.destination,
        encapsulation: socket.encapsulation, socket: transmission.socket))
  }

  func perform(_ effect: Effect) -> Completion {
    switch effect {
    case .name(let identifier, let request):
      let failure = EffectFailure("\(request.name) does not resolve")
      return .name(identifier, names[request.name].map { .success($0) } ?? .failed(failure))
    case .plane(.openSocket(let identifier, let socket, let request)):
      return .plane(.socketOpened(identifier, .success(open(socket, request))))
    case .plane(.connectSocket(let identifier, let socket, let remote, _)):
      sockets[socket]?.remote = remote
      let local = sockets[socket]?.local ?? Endpoint(address: address)
      return .plane(.socketConnected(identifier, .success(SocketPath(local: local, pathMTUOctets: 1500))))
    case .plane(.change(let identifier, let change)):
      return .plane(.changed(identifier, perform(change)))
    case .links(let identifier, let effect):
      if case .setLinks(let owner, let requests) = effect { links[owner] = requests.isEmpty ? nil : requests }
      return .links(identifier, .done)
    case .protection(let identifier, let question): return .protection(identifier, .success(protection(question)))
    }
  }

  private func perform(_ change: PlaneChange) -> EffectResult<Nothing> {
    switch change {
    case .listen(let socket, let request): _ = open(socket, request)
    case .closeSocket(let socket): sockets[socket] = nil
    case .createTunnel(let request): tunnels[request.localID] = request
    case .deleteTunnel(let identifier, let socket):
      tunnels[identifier] = nil
      sockets[socket] = nil
      for (session, request) in sessions where request.tunnelID == identifier { end(session) }
    case .createSession(let request):
      if sessions.values.contains(where: { $0.interfaceName == request.interfaceName }) {
        return .failed(EffectFailure("\(request.interfaceName) exists"))
      }
      sessions[request.localID] = request
      held.insert(request.interface)
      kept.remove(request.interface)
    case .deleteSession(_, let session): end(session)
    case .releaseInterfaces(let interfaces):
      held.subtract(interfaces)
      kept.subtract(interfaces)
    }
    return .done
  }

  /// Ends a session: its interface stays unless it was released.
  private func end(_ session: SessionID) {
    guard let interface = sessions.removeValue(forKey: session)?.interface, held.contains(interface) else { return }
    kept.insert(interface)
  }

  private func open(_ socket: SocketID, _ request: SocketRequest) -> Endpoint {
    var port = request.localPort
    if port == 0, request.encapsulation == .udp {
      lastPort += 1
      port = lastPort
    }
    let local = Endpoint(address: request.local ?? address, port: port)
    sockets[socket] = (local, nil, request.encapsulation)
    return local
  }

  /// The effects for the keepers of links.
  var linkEffects: [LinkEffect] {
    effects.compactMap { if case .links(_, let effect) = $0 { effect } else { nil } }
  }

  /// The sockets that were to be opened for control connections.
  var openings: [(socket: SocketID, request: SocketRequest)] {
    effects.compactMap { effect in
      if case .plane(.openSocket(_, let socket, let request)) = effect { (socket, request) } else { nil }
    }
  }

  /// The other changes for the data plane.
  var changes: [PlaneChange] {
    effects.compactMap { if case .plane(.change(_, let change)) = $0 { change } else { nil } }
  }

  /// A datagram as it arrives here: on the socket connected to its sender, else on any that is bound to its port.
  func arriving(_ datagram: Datagram) -> Datagram? {
    let bound = sockets.filter { _, socket in
      socket.encapsulation == datagram.encapsulation && socket.local.port == datagram.local.port
    }
    let any = deliversAnywhere ? bound.keys.max { $0.rawValue < $1.rawValue } : nil
    let best =
      any ?? bound.filter { $0.value.remote == datagram.source }.keys.min { $0.rawValue < $1.rawValue }
      ?? bound.filter { $0.value.remote == nil }.keys.min { $0.rawValue < $1.rawValue }
    guard let best else { return nil }
    var arrived = datagram
    arrived.socket = best
    return arrived
  }

  var status: SiteStatus { engine.status(at: Instant(nanoseconds: 0)) }
}

/// Two engines and the network between them.
final class EnginePair {
  private(set) var left: TestDriver
  let right: TestDriver
  var now = Instant(nanoseconds: 0)
  /// The delay of each copy of a datagram that arrives; none where it is lost.
  var network: (Datagram) -> [Duration] = { _ in [.milliseconds(1)] }
  /// The datagram as a NAT between the ends passes it on; nil where it has no mapping for it.
  var translate: (Datagram) -> Datagram? = { $0 }
  private var flying: [(arrival: Instant, order: Int, datagram: Datagram, toRight: Bool)] = []
  private var order = 0
  /// Every datagram that was sent, from the left or not.
  var wire: [(fromLeft: Bool, datagram: Datagram)] = []

  static let leftAddress = IPAddress.v4(0xC000_0201)
  static let rightAddress = IPAddress.v4(0xC000_0202)

  init(left: TestDriver, right: TestDriver) {
    self.left = left
    self.right = right
    left.drain(at: now)
    right.drain(at: now)
    collect()
  }

  /// Two sites with one tunnel between them and so many pseudowires.
  convenience init(
    pseudowires: Int = 1, leftRole: TunnelDeclaration.Role = .initiate, rightRole: TunnelDeclaration.Role = .accept,
    encapsulation: Encapsulation = .udp, seed: UInt64 = 1, secret: [UInt8]? = nil,
    configure: (inout TunnelDeclaration, Bool) -> Void = { _, _ in }
  ) {
    func driver(_ isLeft: Bool) -> TestDriver {
      var site = Site(name: isLeft ? "left" : "right", routerID: isLeft ? 1 : 2)
      var tunnel = TunnelDeclaration(
        name: "peer", peer: .address(isLeft ? Self.rightAddress : Self.leftAddress), encapsulation: encapsulation,
        role: isLeft ? leftRole : rightRole)
      if secret != nil { tunnel.authentication = Authentication(digest: .sha1, secretFile: "secret") }
      for number in 0..<pseudowires {
        tunnel.pseudowires.append(
          PseudowireDeclaration(
            name: "pw\(number)", type: .ethernet, remoteEndID: RemoteEndID(number: UInt32(number)),
            interfaceName: "l2e\(number)"))
      }
      configure(&tunnel, isLeft)
      site.tunnels = [tunnel]
      return TestDriver(
        site: site, address: isLeft ? Self.leftAddress : Self.rightAddress, seed: seed &* 2 &+ (isLeft ? 0 : 1),
        secrets: secret.map { ["peer": $0] } ?? [:])
    }
    self.init(left: driver(true), right: driver(false))
  }

  /// Puts what both sent onto the network.
  func collect() {
    for (driver, isLeft) in [(left, true), (right, false)] {
      for datagram in driver.sent {
        wire.append((isLeft, datagram))
        guard let translated = translate(datagram) else { continue }
        for delay in network(datagram) {
          order += 1
          flying.append((now + delay, order, translated, isLeft))
        }
      }
      driver.sent = []
    }
  }

  /// The left end dies without a word and another takes its place.
  func replaceLeft(with driver: TestDriver) {
    left = driver
    left.drain(at: now)
    collect()
  }

  func handle(_ input: Input, left isLeft: Bool) {
    (isLeft ? left : right).handle(input, at: now)
    collect()
  }

  /// One end's site file is read again, with other secrets or those that it has.
  func reload(_ site: Site, secrets: [String: TunnelSecrets]? = nil, left isLeft: Bool) {
    (isLeft ? left : right).reload(site, secrets: secrets, at: now)
    collect()
  }

  /// Lets so much time pass.
  func run(for duration: Duration) {
    let end = now + duration
    while step(until: end) {}
    now = end
  }

  /// Runs until `condition` holds, but not longer than `limit`; false when it never did.
  func run(until condition: () -> Bool, limit: Duration = .seconds(600)) -> Bool {
    let end = now + limit
    while !condition() {
      guard step(until: end) else { return false }
    }
    return true
  }

  /// The next thing that happens, if it happens before `end`.
  private func step(until end: Instant) -> Bool {
    let arrival = flying.indices.min { (flying[$0].arrival, flying[$0].order) < (flying[$1].arrival, flying[$1].order) }
    let deadlines = [left.engine.nextDeadline, right.engine.nextDeadline]
    let times = [arrival.map { flying[$0].arrival }] + deadlines
    guard let next = times.compactMap({ $0 }).min(), next <= end else { return false }
    now = max(now, next)
    if let arrival, flying[arrival].arrival == next {
      let packet = flying.remove(at: arrival)
      let driver = packet.toRight ? right : left
      if let datagram = driver.arriving(packet.datagram) { driver.handle(.datagram(datagram), at: now) }
    } else if deadlines[0] == next {
      left.handle(.deadline, at: now)
    } else {
      right.handle(.deadline, at: now)
    }
    collect()
    return true
  }

  /// Whether every declared pseudowire forwards at both ends.
  var isForwarding: Bool {
    [left, right].allSatisfy { driver in
      driver.status.tunnels.allSatisfy { tunnel in
        !tunnel.pseudowires.isEmpty && tunnel.pseudowires.allSatisfy { $0.forwarding.value == .yes }
      }
    }
  }

  /// The types of the messages that went over the wire, in order.
  var messages: [MessageType?] {
    wire.map { ControlCodec.digests(of: $0.datagram.octets.span).messageType }
  }

  func count(_ type: MessageType) -> Int { messages.filter { $0 == type }.count }
}
