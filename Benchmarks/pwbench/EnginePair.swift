import PWCore

/// Two engines in memory, with nothing between them but a queue, and every effect done at once: what remains is the
/// engines' own work.
struct EnginePair {
  private var engines: [Engine]
  /// What each engine has sent and the other has not got, by tunnel.
  private var queues: [[(to: Int, Datagram?)]]
  /// Tunnels whose queue is not empty.
  private var busy: [Int] = []
  /// The address and port of each socket, by its number.
  private var sockets: [[Endpoint]]
  private var now = Instant(nanoseconds: 0)
  private(set) var messages = 0
  /// Seconds that both engines needed to take in what is declared.
  private(set) var declaring = 0.0
  private let links: PluginAnswer

  private struct Entropy: EntropySource {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var word = state
      word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
      word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
      return word ^ (word >> 31)
    }
  }

  /// Messages carry no digest here.
  private struct NoAuthenticator: MessageAuthenticator {
    func authenticationCode(
      _ digest: Authentication.Digest, key: [UInt8], prefix: [UInt8], message: Span<UInt8>
    ) -> [UInt8] {
      [UInt8](repeating: 0, count: digest.octetCount)
    }

    func md5(_ octets: [UInt8]) -> [UInt8] { [UInt8](repeating: 0, count: 16) }

    func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool { left == right }
  }

  /// Starts both; nothing has passed between them yet.
  init(tunnels: Int, sessionsPerTunnel: Int) {
    links = .links([.session(LinkRequest.SessionLink(name: "pw", mtu: .carry, isUp: true))])
    sockets = [[], []]
    engines = []
    queues = [[(to: Int, Datagram?)]](repeating: [], count: tunnels)
    for side in 0...1 {
      let site = Self.site(side, tunnels: tunnels, sessionsPerTunnel: sessionsPerTunnel)
      let begin = Clock.seconds
      var engine = Engine(
        site: site, plugins: [PluginDescription(type: .ethernet, payload: .ethernet)],
        entropy: Entropy(state: UInt64(side)), authenticator: NoAuthenticator(), at: now)
      declaring += Clock.seconds - begin
      engine.leastEventLevel = .error
      engines.append(engine)
    }
  }

  /// Side 0 initiates, side 1 accepts; each tunnel has addresses of its own.
  static func site(_ side: Int, tunnels: Int, sessionsPerTunnel: Int) -> Site {
    var site = Site(name: "side\(side)", routerID: UInt32(side + 1))
    site.tunnels.reserveCapacity(tunnels)
    for tunnel in 0..<tunnels {
      var declaration = TunnelDeclaration(
        name: "tunnel\(tunnel)", peer: .address(address(1 - side, tunnel)), role: side == 0 ? .initiate : .accept)
      declaration.local = address(side, tunnel)
      declaration.pseudowires = (0..<sessionsPerTunnel).map { number in
        PseudowireDeclaration(
          name: "pw\(number)", type: .ethernet, remoteEndID: RemoteEndID(number: UInt32(number)),
          interfaceName: "p\(tunnel)-\(number)")
      }
      site.tunnels.append(declaration)
    }
    return site
  }

  private static func address(_ side: Int, _ tunnel: Int) -> IPAddress {
    .v4(0x0A00_0000 | UInt32(side) << 16 | UInt32(tunnel))
  }

  /// Lets everything pass until nothing is left to pass, and the clock goes on until `isDone`.
  mutating func run(virtualSeconds: UInt64, until isDone: (inout EnginePair) -> Bool) {
    let end = Instant(nanoseconds: now.nanoseconds + virtualSeconds * 1_000_000_000)
    for side in 0...1 { drain(side) }
    while true {
      deliver()
      guard !isDone(&self), let deadline = engines.compactMap(\.nextDeadline).min(), deadline <= end else { return }
      now = max(now, deadline)
      for side in 0...1 where engines[side].nextDeadline.map({ $0 <= now }) ?? false {
        engines[side].handle(.deadline, at: now)
        drain(side)
      }
    }
  }

  /// Hands over what was sent, one tunnel after the other: each datagram is still in the cache that it was made in, as it
  /// would be in a driver that reads one socket until it is empty.
  private mutating func deliver() {
    var batch: [(to: Int, Datagram?)] = []
    while let tunnel = busy.popLast() {
      while !queues[tunnel].isEmpty {
        swap(&batch, &queues[tunnel])
        messages += batch.count
        for index in batch.indices {
          var datagram: Datagram?
          swap(&datagram, &batch[index].1)
          let side = batch[index].to
          guard let arriving = consume datagram else { continue }
          engines[side].handle(.datagram(arriving), at: now)
          drain(side)
        }
        batch.removeAll(keepingCapacity: true)
      }
    }
  }

  /// Gives both another declared state.
  mutating func declare(tunnels: Int, sessionsPerTunnel: Int) {
    for side in 0...1 {
      let site = Self.site(side, tunnels: tunnels, sessionsPerTunnel: sessionsPerTunnel)
      engines[side].handle(.site(site, circuits: [:]), at: now)
      drain(side)
    }
  }

  /// Sessions that are established at one side.
  func establishedSessions(_ side: Int) -> Int {
    engines[side].status(at: now).tunnels.reduce(0) { sum, tunnel in
      sum + tunnel.pseudowires.count { $0.state.value == .established }
    }
  }

  /// Control connections that are established at one side.
  func establishedConnections(_ side: Int) -> Int {
    engines[side].status(at: now).tunnels.count { $0.state.value == .established }
  }

  // MARK: Driver

  private mutating func drain(_ side: Int) {
    while let output = engines[side].nextOutput() {
      switch consume output {
      case .send(let transmission): send(transmission, side)
      case .perform(let id, let effect): engines[side].handle(.completed(id, perform(effect, side)), at: now)
      case .consult(let id, _): engines[side].handle(.answered(id, links), at: now)
      case .event, .stopped: break
      }
    }
  }

  private mutating func send(_ transmission: consuming Transmission, _ side: Int) {
    let source = sockets[side][Int(transmission.socket.rawValue)]
    guard case .v4(let address) = transmission.destination.address else { return }
    let tunnel = Int(address & 0xFFFF)
    if queues[tunnel].isEmpty { busy.append(tunnel) }
    queues[tunnel].append(
      (
        1 - side,
        Datagram(
          octets: transmission.octets, source: source, local: transmission.destination, encapsulation: .udp,
          socket: SocketID(rawValue: 1))
      ))
  }

  private mutating func perform(_ effect: Effect, _ side: Int) -> EffectResult {
    switch effect {
    case .openSocket(let id, let request): return .opened(local: bind(id, request, side))
    case .listen(let id, let request):
      _ = bind(id, request, side)
      return .done
    case .connectSocket(let id, _, _):
      return .connected(local: sockets[side][Int(id.rawValue)], pathMTUOctets: 1500)
    case .resolve: return .addresses([])
    case .closeSocket, .createTunnel, .deleteTunnel, .createSession, .deleteSession, .setLinks, .setBridges:
      return .done
    }
  }

  private mutating func bind(_ id: SocketID, _ request: SocketRequest, _ side: Int) -> Endpoint {
    let number = Int(id.rawValue)
    let endpoint = Endpoint(
      address: request.local ?? .v4(0), port: request.localPort == 0 ? 30_000 : request.localPort)
    while sockets[side].count <= number { sockets[side].append(endpoint) }
    sockets[side][number] = endpoint
    return endpoint
  }
}
