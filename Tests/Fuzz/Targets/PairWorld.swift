@testable import PWCore
import PWCrypto

/// Two engines that are each other's peers, and all that surrounds them, done by hand. A value: a world that took long to make is
/// copied for each run.
struct PairWorld {
  /// One of the engines, and what it waits for.
  struct End {
    var engine: Engine
    let address: IPAddress
    var site: Site
    var sockets: [SocketID: (local: Endpoint, encapsulation: Encapsulation)] = [:]
    var lastPort: UInt16 = 40_000
    var effects: [Effect] = []
    var questions: [(identifier: ConsultationID, question: PluginQuestion)] = []
    var sent: [Datagram] = []
    var isStopped = false
  }

  /// More outputs than one input can ever lead to.
  private static let mostOutputs = 10_000
  private static let secret: [UInt8] = Array("secret".utf8)
  private static let addresses = [IPAddress.v4(0xC000_0201), IPAddress.v4(0xC000_0202)]
  var ends: [End]
  var now = Instant(nanoseconds: 0)

  /// Two sites with two pseudowires between them, which nothing has been done for yet.
  init(authentication: Authentication?, encapsulation: Encapsulation = .udp) {
    ends = [0, 1].map { index in
      let site = Self.site(index, authentication, encapsulation, pseudowires: 2)
      let engine = Engine(
        site: site, secrets: Self.secrets(authentication),
        plugins: [PluginDescription(type: .ethernet, payload: .ethernet)],
        entropy: CountingEntropy(state: UInt64(index) << 32), authenticator: CryptoAuthenticator(),
        at: Instant(nanoseconds: 0))
      return End(engine: engine, address: Self.addresses[index], site: site)
    }
    for index in ends.indices { drain(index) }
  }

  /// The secrets of either end.
  static func secrets(_ authentication: Authentication?) -> [String: TunnelSecrets] {
    authentication?.secretFile == nil ? [:] : ["peer": TunnelSecrets(secret)]
  }

  /// The site of one end.
  static func site(
    _ index: Int, _ authentication: Authentication?, _ encapsulation: Encapsulation, pseudowires: Int
  ) -> Site {
    var site = Site(name: "end\(index)", routerID: UInt32(index + 1))
    var tunnel = TunnelDeclaration(
      name: "peer", peer: .address(addresses[1 - index]), encapsulation: encapsulation, role: .both)
    tunnel.authentication = authentication
    // One world in a few reads what Cisco's routers have.
    tunnel.compatibility = encapsulation == .ip ? .cisco : .rfc
    tunnel.pseudowires = (0..<pseudowires).map { number in
      PseudowireDeclaration(
        name: "pw\(number)", type: .ethernet, remoteEndID: RemoteEndID(number: UInt32(number)),
        interfaceName: "l2e\(number)")
    }
    site.tunnels = [tunnel]
    return site
  }

  /// Gives an engine an input and takes what comes of it.
  mutating func give(_ input: Input, to index: Int) {
    ends[index].engine.handle(input, at: now)
    drain(index)
  }

  /// Gives it what a datagram from the network is.
  mutating func deliver(_ datagram: Datagram, to index: Int) {
    var arrived = datagram
    let bound = ends[index].sockets.filter {
      $0.value.encapsulation == datagram.encapsulation && $0.value.local.port == datagram.local.port
    }
    guard let socket = bound.keys.min(by: { $0.rawValue < $1.rawValue }) else { return }
    arrived.socket = socket
    give(.datagram(arrived), to: index)
  }

  /// Does the oldest effect that an end waits for, or says that it failed.
  mutating func completeEffect(of index: Int, succeeds: Bool) {
    guard !ends[index].effects.isEmpty else { return }
    let effect = ends[index].effects.removeFirst()
    let completion =
      succeeds ? perform(effect, at: index) : effect.failed(EffectFailure("as the fuzzer wishes"))
    give(.completed(completion), to: index)
  }

  /// Answers the oldest question to a plugin.
  mutating func answerQuestion(of index: Int, accepts: Bool) {
    guard !ends[index].questions.isEmpty else { return }
    let (identifier, question) = ends[index].questions.removeFirst()
    let name = question.declaration.interfaceName
    let link = LinkRequest.session(.init(name: name, mtu: .octets(1400), isUp: question.phase == .established))
    let answer = accepts ? PluginAnswer.links([link]) : .refuse(CallResult(.mtuMismatch), reason: "too small")
    give(.answered(identifier, answer), to: index)
  }

  /// Lets everything that waits happen, as it should, until nothing waits or so many things have happened.
  mutating func settle(atMost count: Int) {
    for _ in 0..<count {
      guard let index = ends.indices.first(where: { !ends[$0].isQuiet }) else { return }
      if !ends[index].effects.isEmpty {
        completeEffect(of: index, succeeds: true)
      } else if !ends[index].questions.isEmpty {
        answerQuestion(of: index, accepts: true)
      } else {
        deliver(ends[index].sent.removeFirst(), to: 1 - index)
      }
    }
  }

  /// Goes on to an end's next deadline.
  mutating func advance(_ index: Int) {
    if let deadline = ends[index].engine.nextDeadline { now = max(now, deadline) }
    give(.deadline, to: index)
  }

  /// Whether a pseudowire's session stands at both ends.
  var isEstablished: Bool {
    ends.allSatisfy { $0.engine.status(at: now).tunnels[0].pseudowires.allSatisfy { $0.state.value == .established } }
  }

  private mutating func drain(_ index: Int) {
    var count = 0
    while let output = ends[index].engine.nextOutput() {
      count += 1
      precondition(count < Self.mostOutputs, "one input leads to no end of outputs")
      switch output {
      case .send(let transmission): send(transmission, from: index)
      case .perform(let effect): ends[index].effects.append(effect)
      case .consult(let identifier, let question): ends[index].questions.append((identifier, question))
      case .event: break
      case .stopped: ends[index].isStopped = true
      }
    }
  }

  private mutating func send(_ transmission: Transmission, from index: Int) {
    guard let socket = ends[index].sockets[transmission.socket] else { return }
    precondition(
      (try? ControlCodec.header(of: transmission.octets.span)) != nil, "what is sent begins with a control header")
    ends[index].sent.append(
      Datagram(
        octets: transmission.octets, source: socket.local, local: transmission.destination,
        encapsulation: socket.encapsulation, socket: transmission.socket))
  }

  private mutating func perform(_ effect: Effect, at index: Int) -> Completion {
    switch effect {
    case .name(let id, _): return .name(id, .success([Self.addresses[1 - index]]))
    case .plane(.openSocket(let id, let socket, let request)):
      return .plane(.socketOpened(id, .success(open(socket, request, at: index))))
    case .plane(.connectSocket(let id, let socket, _, _)):
      let local = ends[index].sockets[socket]?.local ?? Endpoint(address: ends[index].address)
      return .plane(.socketConnected(id, .success(SocketPath(local: local, pathMTUOctets: 1500))))
    case .plane(.change(let id, let change)):
      perform(change, at: index)
      return .plane(.changed(id, .done))
    case .links(let id, _): return .links(id, .done)
    case .protection(let id, _): return .protection(id, .success(.esp(algorithm: nil)))
    }
  }

  private mutating func perform(_ change: PlaneChange, at index: Int) {
    switch change {
    case .listen(let socket, let request): _ = open(socket, request, at: index)
    case .closeSocket(let socket), .deleteTunnel(_, let socket): ends[index].sockets[socket] = nil
    case .createTunnel, .createSession, .deleteSession, .releaseInterfaces: break
    }
  }

  private mutating func open(_ socket: SocketID, _ request: SocketRequest, at index: Int) -> Endpoint {
    var port = request.localPort
    if port == 0, request.encapsulation == .udp {
      ends[index].lastPort += 1
      port = ends[index].lastPort
    }
    let local = Endpoint(address: ends[index].address, port: port)
    ends[index].sockets[socket] = (local, request.encapsulation)
    return local
  }
}

extension PairWorld.End {
  /// Whether it waits for nothing, and nothing of it is on its way.
  var isQuiet: Bool { effects.isEmpty && questions.isEmpty && sent.isEmpty }
}

/// Numbers that look drawn and are always the same.
struct CountingEntropy: EntropySource {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    let mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    return mixed ^ (mixed >> 31)
  }
}
