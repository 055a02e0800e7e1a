import PWCore

/// Two engines in memory, with nothing between them but a queue, and every effect done at once: what remains is the
/// engines' own work.
struct EnginePair {
  private var engines: [Engine]
  /// The datagrams that each engine has sent and the other has not got, by tunnel.
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
  private var forger = Entropy(state: 99)
  /// Where side 0 calls from; forged SCCRQs come from lower ports.
  private static let leastPort: UInt16 = 30_000
  private static let listeningPort: UInt16 = 1701

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
          drain(side, isMoreThere: index + 1 < batch.count && batch[index + 1].to == side)
        }
        batch.removeAll(keepingCapacity: true)
      }
    }
  }

  /// Gives both another declared state.
  mutating func declare(tunnels: Int, sessionsPerTunnel: Int) {
    for side in 0...1 {
      let site = Self.site(side, tunnels: tunnels, sessionsPerTunnel: sessionsPerTunnel)
      engines[side].handle(.site(site, secrets: [:]), at: now)
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

  // MARK: Floods

  /// Declares side 0 without its last tunnels, or with all of them again.
  mutating func begin(leavingOut count: Int) {
    let site = Self.site(0, tunnels: queues.count - count, sessionsPerTunnel: 1)
    engines[0].handle(.site(site, secrets: [:]), at: now)
    drain(0)
    deliver()
  }

  /// Octets of the list of sockets here, which is none of the engines' and never shrinks.
  var socketOctets: Int { sockets.reduce(0) { $0 + $1.capacity * MemoryLayout<Endpoint>.stride } }

  /// Half-open connections at one side.
  func halfOpen(_ side: Int) -> Int { engines[side].status(at: now).halfOpenConnections }

  /// Forged SCCRQs arrive at side 1, one each `interval` nanoseconds: half from random addresses, half in the names of
  /// side 0's. The answers to them reach nobody.
  mutating func flood(_ count: Int, interval: UInt64, declaredPeers: Int) {
    for _ in 0..<count {
      now = Instant(nanoseconds: now.nanoseconds + interval)
      for side in 0...1 where engines[side].nextDeadline.map({ $0 <= now }) ?? false {
        engines[side].handle(.deadline, at: now)
        drain(side)
      }
      let drawn = forger.next()
      let peer = Int(UInt32(truncatingIfNeeded: drawn >> 8)) % declaredPeers
      // Never of the network that side 0 is in.
      let source = drawn & 1 == 0 ? Self.address(0, peer) : .v4(UInt32(truncatingIfNeeded: drawn >> 32) | 0x8000_0000)
      let datagram = Datagram(
        octets: Self.forged(identifier: UInt32(truncatingIfNeeded: drawn >> 16) | 1, tieBreaker: forger.next()),
        source: Endpoint(address: source, port: UInt16(truncatingIfNeeded: drawn >> 40) & 0x3FFF),
        local: Endpoint(address: Self.address(1, peer), port: 1701), encapsulation: .udp, socket: SocketID(rawValue: 1))
      engines[1].handle(.datagram(datagram), at: now)
      drain(1)
      deliver()
    }
  }

  private static func forged(identifier: UInt32, tieBreaker: UInt64) -> [UInt8] {
    let parameters = StartParameters(
      hostName: "side0", routerID: 1, assignedConnectionID: ControlConnectionID(rawValue: identifier),
      pseudowireCapabilities: [.ethernet])
    var message = ControlMessage.startRequest(StartRequest(parameters: parameters, tieBreaker: tieBreaker)).encoded()
    message.setHeader(connectionID: .unknown, ns: 0, nr: 0)
    return message.octets
  }

  // MARK: Driver

  /// Does what an engine asks for; like the daemon's, it says whether the next datagram has been read already.
  private mutating func drain(_ side: Int, isMoreThere: Bool = false) {
    while let output = engines[side].nextOutput(isMoreThere: isMoreThere) {
      switch consume output {
      case .send(let transmission): send(transmission, side)
      case .perform(let effect): engines[side].handle(.completed(perform(effect, side)), at: now)
      case .consult(let id, _): engines[side].handle(.answered(id, links), at: now)
      case .event, .stopped: break
      }
    }
  }

  private mutating func send(_ transmission: consuming Transmission, _ side: Int) {
    let source = sockets[side][Int(transmission.socket.rawValue)]
    guard case .v4(let address) = transmission.destination.address,
      transmission.destination.port >= Self.leastPort
        || transmission.destination.port == Self.listeningPort, address < 0x8000_0000
    else { return }
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

  private mutating func perform(_ effect: Effect, _ side: Int) -> Completion {
    switch effect {
    case .name(let id, _): return .name(id, .success([]))
    case .plane(.openSocket(let id, let socket, let request)):
      return .plane(.socketOpened(id, .success(bind(socket, request, side))))
    case .plane(.connectSocket(let id, let socket, _, _)):
      let path = SocketPath(local: sockets[side][Int(socket.rawValue)], pathMTUOctets: 1500)
      return .plane(.socketConnected(id, .success(path)))
    case .plane(.change(let id, let change)):
      if case .listen(let socket, let request) = change { _ = bind(socket, request, side) }
      return .plane(.changed(id, .done))
    case .links(let id, _): return .links(id, .done)
    case .protection(let id, _): return .protection(id, .success(.esp(algorithm: nil)))
    }
  }

  private mutating func bind(_ id: SocketID, _ request: SocketRequest, _ side: Int) -> Endpoint {
    let number = Int(id.rawValue)
    let endpoint = Endpoint(
      address: request.local ?? .v4(0), port: request.localPort == 0 ? Self.leastPort : request.localPort)
    while sockets[side].count <= number { sockets[side].append(endpoint) }
    sockets[side][number] = endpoint
    return endpoint
  }
}
