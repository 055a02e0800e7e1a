import PWCore

/// The sockets of one machine, and Linux's rules of which of them a datagram lands on.
struct SocketTable {
  struct Socket {
    var request: SocketRequest
    /// The address that the socket is bound to; nil is "any".
    var local: IPAddress?
    var port: UInt16
    var isListener: Bool
    var remote: Endpoint?
    /// Order of binding: of two sockets with one 4-tuple only one receives.
    var order: Int
  }

  private(set) var sockets: [SocketID: Socket] = [:]
  private var opened = 0
  private var nextPort: UInt16 = 32_768
  /// The machine's own addresses.
  let addresses: [IPAddress]

  init(addresses: [IPAddress]) {
    self.addresses = addresses
  }

  /// The UDP ports that something is bound to.
  var ports: [UInt16] { Set(sockets.values.map(\.port)).subtracting([0]).sorted() }

  /// The machine's address of a family.
  func address(of family: AddressFamily) -> IPAddress? {
    addresses.first { $0.family == family }
  }

  mutating func open(_ id: SocketID, _ request: SocketRequest, isListener: Bool) throws(EffectFailure) -> Endpoint {
    if let local = request.local, !addresses.contains(local) {
      throw EffectFailure("bind: cannot assign requested address")
    }
    if request.encapsulation == .ip, isTaken(request) { throw EffectFailure("bind: address already in use") }
    var port = request.localPort
    if request.encapsulation == .ip {
      port = 0
    } else if port == 0 {
      port = nextPort
      nextPort += 1
    }
    let local = request.local ?? (isListener ? nil : address(of: request.family))
    opened += 1
    sockets[id] = Socket(
      request: request, local: local, port: port, isListener: isListener, remote: nil, order: opened)
    guard let shown = local ?? address(of: request.family) else {
      throw EffectFailure("socket: address family not supported")
    }
    return Endpoint(address: shown, port: port)
  }

  private func isTaken(_ request: SocketRequest) -> Bool {
    sockets.values.contains {
      $0.request.encapsulation == .ip && $0.request.family == request.family
        && $0.request.connectionID == request.connectionID
        && ($0.local == nil || request.local == nil || $0.local == request.local)
    }
  }

  mutating func connect(_ id: SocketID, to remote: Endpoint) throws(EffectFailure) -> Endpoint {
    guard var socket = sockets[id], let local = socket.local else { throw EffectFailure("connect: bad descriptor") }
    socket.remote = remote
    sockets[id] = socket
    return Endpoint(address: local, port: socket.port)
  }

  mutating func close(_ id: SocketID) {
    sockets[id] = nil
  }

  /// Where a datagram that is sent from `id` seems to come from; nil if the socket is not open.
  func source(of id: SocketID, towards destination: Endpoint) -> Endpoint? {
    guard let socket = sockets[id], let address = socket.local ?? address(of: destination.address.family) else {
      return nil
    }
    return Endpoint(address: address, port: socket.port)
  }

  /// The socket on which a datagram lands; nil when nobody receives it.
  func receiver(of datagram: WireDatagram, _ random: inout SeededRandom) -> SocketID? {
    let bound = sockets.filter { _, socket in
      socket.request.encapsulation == datagram.encapsulation
        && socket.request.family == datagram.destination.address.family
        && (socket.local == nil || socket.local == datagram.destination.address)
    }
    switch datagram.encapsulation {
    case .udp:
      return udpReceiver(of: datagram, among: bound.filter { $0.value.port == datagram.destination.port }, &random)
    case .ip:
      let identified = bound.filter {
        $0.value.request.connectionID == datagram.connectionID
          && ($0.value.remote == nil || $0.value.remote?.address == datagram.source.address)
      }
      return identified.min { $0.value.order < $1.value.order }?.key
    }
  }

  /// A connected socket is preferred; several that are not share what comes, whoever it is meant for.
  private func udpReceiver(
    of datagram: WireDatagram, among bound: [SocketID: Socket], _ random: inout SeededRandom
  ) -> SocketID? {
    let connected = bound.filter { $0.value.remote == datagram.source }
    if let latest = connected.max(by: { $0.value.order < $1.value.order }) { return latest.key }
    let open = bound.filter { $0.value.remote == nil }.sorted { $0.value.order < $1.value.order }
    return open.isEmpty ? nil : random.pick(open).key
  }
}

/// A datagram on the network.
struct WireDatagram {
  var octets: [UInt8]
  var source: Endpoint
  var destination: Endpoint
  var encapsulation: Encapsulation
  /// Whether it is not what its source says: damaged on its way, or made by somebody else.
  var isForged = false
  /// The same without what nobody can read, where its sender put such in on purpose: for those who look on.
  var readableOctets: [UInt8]?

  /// The Control Connection ID in its header.
  var connectionID: ControlConnectionID {
    guard octets.count >= 8 else { return .unknown }
    return ControlConnectionID(rawValue: octets[4..<8].reduce(0) { $0 << 8 | UInt32($1) })
  }
}
