import Glibc
import PWCore

/// The sockets that control messages use, on the loop's thread: opened, connected, read, written and closed by their
/// names.
final class ControlSockets {
  /// Datagrams taken from one socket before the others have their turn.
  private static let datagramsPerWake = 64

  /// Called with the control messages that have arrived.
  var received: ([Datagram]) -> Void = { _ in }
  /// Called with what is worth a line of the log.
  var noticed: (Event) -> Void = { _ in }

  /// Called with what did not get to a socket's peer.
  var unreached: (SocketID, Unreachable) -> Void = { _, _ in }

  /// Called with data packets, which no socket for control messages takes; of many with some.
  var strayed: (StrayPacket) -> Void = { _ in }

  /// The control messages sent so far, counted.
  let sentMessages = ControlMessageCounter()

  private let loop: EventLoop
  private let reader = DatagramReader()
  private let sender = ControlSender()
  private var sockets: [SocketID: ControlSocket] = [:]
  private var reports = RateLimit(perSecond: ErrorQueue.reportsPerSecond)
  private var strays = RateLimit(perSecond: ErrorQueue.reportsPerSecond)

  private let routes = RouteInquiry()

  init(loop: EventLoop) {
    self.loop = loop
  }

  /// Opens and binds a socket and reads it from now on.
  func open(_ id: SocketID, _ request: SocketRequest) -> EffectResult<Endpoint> {
    precondition(sockets[id] == nil, "the engine names a socket once")
    do throws(SystemError) {
      let socket = try ControlSocket(request, sharesPort: holdsPort(of: request), routes: routes)
      try loop.watch(socket.descriptor.rawValue, for: .read) { [unowned self] in drain(id) }
      sockets[id] = socket
      return .success(socket.local)
    } catch {
      return .failed(SocketFailure.explain(error, request))
    }
  }

  /// Opens a listener, which has no peer, and begins to read it.
  func listen(_ id: SocketID, _ request: SocketRequest) -> EffectResult<Nothing> {
    switch open(id, request) {
    case .success: .done
    case .failed(let failure): .failed(failure)
    }
  }

  /// Connects a socket to the peer that answered.
  func connect(_ id: SocketID, to peer: Endpoint, peerID: ControlConnectionID) -> EffectResult<SocketPath> {
    guard let socket = sockets[id] else { return .failed(EffectFailure("the socket is closed")) }
    do throws(SystemError) {
      let pathMTU = try socket.connect(to: peer, peerID: peerID)
      return .success(SocketPath(local: socket.local, pathMTUOctets: pathMTU))
    } catch {
      return .failed(SocketFailure.explain(error, socket.request))
    }
  }

  /// Stops reading a socket and hands it over: whoever lets go of it last closes it.
  func remove(_ id: SocketID) -> ControlSocket? {
    guard let socket = sockets.removeValue(forKey: id) else { return nil }
    loop.unwatch(socket.descriptor.rawValue)
    return socket
  }

  /// Stops reading all of them and hands them over.
  func removeAll() -> [ControlSocket] {
    let all = sockets.keys.compactMap(remove)
    sender.close()
    return all
  }

  /// Binds the sockets of an interface to the one that has its name now.
  func bindAgain(toDevice name: String) {
    sender.forget(device: name)
    for socket in sockets.values where socket.request.boundDevice == name {
      do throws(SystemError) {
        try SocketOptions.bind(socket.descriptor.rawValue, toDevice: name)
      } catch {
        report(error, socket)
      }
    }
  }

  /// A socket by its name.
  subscript(id: SocketID) -> ControlSocket? { sockets[id] }

  /// Sends a control message; one that cannot be sent is lost, as on the network, and its cause told once.
  func send(_ transmission: Transmission) {
    guard let socket = sockets[transmission.socket] else { return }
    if transmission.isCut { return sendCut(transmission, socket) }
    do throws(SystemError) {
      switch socket.request.encapsulation {
      case .udp where !transmission.isFragmentable: try ControlSockets.sendWhole(transmission, socket)
      case .udp: try ControlSockets.sendUDP(transmission, socket)
      case .ip where !transmission.isFragmentable:
        try ControlSender.sendWhole(
          transmission.octets, from: socket.local.address, device: socket.request.bindDevice,
          outer: socket.request.outerHeader, to: transmission.destination.address)
      case .ip:
        try sender.send(
          transmission.octets, from: socket.local.address, device: socket.request.bindDevice,
          outer: socket.request.outerHeader, to: transmission.destination)
      }
      sentMessages.count(transmission.octets)
      socket.lastReportedError = nil
    } catch {
      // A message that may not be cut asks whether it is too large.
      guard error.code != EMSGSIZE || transmission.isFragmentable else { return }
      failed(transmission, socket, SendFailure(code: error.code))
    }
  }

  private func failed(_ transmission: Transmission, _ socket: ControlSocket, _ failure: SendFailure) {
    if failure.isAfterCaptures { sentMessages.count(transmission.octets) }
    if let unreachable = failure.unreachable { unreached(transmission.socket, unreachable) }
    guard socket.lastReportedError != failure.code else { return }
    socket.lastReportedError = failure.code
    noticed(failure.event(to: transmission.destination))
  }

  /// Sends a control message in pieces, which finds something out.
  private func sendCut(_ transmission: Transmission, _ socket: ControlSocket) {
    let isUDP = socket.request.encapsulation == .udp
    do throws(SystemError) {
      try CutSender.send(
        transmission.octets,
        isUDP ? .udp(source: socket.local.port, destination: transmission.destination.port) : .l2tp,
        from: socket.local.address, device: socket.request.bindDevice, outer: socket.request.outerHeader,
        to: transmission.destination)
      sentMessages.count(transmission.octets)
    } catch {
      unreached(transmission.socket, .inPieces)
      guard !socket.hasReportedPieces else { return }
      socket.hasReportedPieces = true
      noticed(SendFailure.inPieces(error, to: transmission.destination))
    }
  }

  private static func sendWhole(_ transmission: Transmission, _ socket: ControlSocket) throws(SystemError) {
    let isSent = try SocketOptions.sendWhole(socket.descriptor.rawValue, socket.request.family) {
      attempt(transmission, socket)
    }
    guard !isSent else { return }
    throw SystemError.last("send to \(transmission.destination.display)")
  }

  private static func sendUDP(_ transmission: Transmission, _ socket: ControlSocket) throws(SystemError) {
    if attempt(transmission, socket) { return }
    // The first attempt may only fetch the error that an ICMP message left behind (udp(7)): nothing was sent then.
    if ErrorQueue.leavesBehind(errno), attempt(transmission, socket) { return }
    throw SystemError.last("send to \(transmission.destination.display)")
  }

  /// Whether the datagram left; `errno` says why not.
  private static func attempt(_ transmission: Transmission, _ socket: ControlSocket) -> Bool {
    let octets = transmission.octets
    if socket.remote == transmission.destination {
      return Glibc.send(socket.descriptor.rawValue, octets, octets.count, 0) >= 0
    }
    guard let remote = try? SocketAddress(transmission.destination) else {
      errno = ENODEV
      return false
    }
    return remote.withPointer { sendto(socket.descriptor.rawValue, octets, octets.count, 0, $0, $1) } >= 0
  }

  private func drain(_ id: SocketID) {
    guard let socket = sockets[id] else { return }
    var arrived: [Datagram] = []
    reading: for _ in 0..<ControlSockets.datagramsPerWake {
      switch reader.read(socket.descriptor.rawValue) {
      case .empty: break reading
      // The reason stands in the queue of errors.
      case .failed: continue
      case .datagram(let count, let source, let destination):
        if let datagram = datagram(count, id, socket, source, destination) { arrived.append(datagram) }
      }
    }
    if arrived.isEmpty { takeErrors(id, socket) } else { received(arrived) }
  }

  /// A socket that is ready and has no datagram has errors.
  private func takeErrors(_ id: SocketID, _ socket: ControlSocket) {
    for failure in ErrorQueue.drain(socket.descriptor.rawValue, socket.request.encapsulation)
    where reports.allows(at: loop.now) {
      unreached(id, failure.unreachable)
    }
  }

  private func datagram(
    _ count: Int, _ id: SocketID, _ socket: ControlSocket, _ source: Endpoint, _ destination: IPAddress?
  ) -> Datagram? {
    guard count > 0 else { return nil }
    var local = socket.local
    if let destination { local.address = destination }
    guard reader.firstOctet & 0x80 != 0 else {
      noteStray(count, socket, source, local)
      return nil
    }
    let encapsulation = socket.request.encapsulation
    return Datagram(
      octets: reader.octets(count), source: source, local: local, encapsulation: encapsulation, socket: id)
  }

  /// Data (T bit clear, RFC 3931 section 3.2) comes here over UDP where the kernel does not know its session, or where
  /// it comes from or to another port than the session's.
  private func noteStray(_ count: Int, _ socket: ControlSocket, _ source: Endpoint, _ local: Endpoint) {
    guard socket.request.encapsulation == .udp, count >= StrayPacket.leastOctets, strays.allows(at: loop.now),
      let packet = StrayPacket(
        datagram: reader.octets(min(count, StrayPacket.leastOctets + StrayPacket.cookieOctets)), source: source,
        local: local)
    else { return }
    strayed(packet)
  }

  private func report(_ error: SystemError, _ socket: ControlSocket) {
    guard socket.lastReportedError != error.code else { return }
    socket.lastReportedError = error.code
    let peer = (socket.remote ?? socket.request.remote).map { " (peer \($0.display))" } ?? ""
    noticed(Event(.warning, .sendFault, "control messages: \(error)\(peer); trying again"))
  }

  private func holdsPort(of request: SocketRequest) -> Bool {
    guard request.encapsulation == .udp, request.localPort != 0 else { return false }
    return sockets.values.contains { socket in
      socket.request.encapsulation == .udp && socket.local.port == request.localPort
        && socket.request.family == request.family
    }
  }
}

extension SocketRequest {
  /// The keys of the site file that can give the socket its port: of a listener one, and else one where we call and one
  /// where we answer.
  var portKeys: [String] {
    guard encapsulation == .udp else { return [] }
    return remote == nil ? ["`listen-port`"] : ["`local-port`", "`answer-port`"]
  }
}

/// Explains a socket's failures to the operator.
enum SocketFailure {
  /// The failure in words, with the cure.
  static func explain(_ error: SystemError, _ request: SocketRequest) -> EffectFailure {
    switch error.code {
    case EADDRINUSE:
      let what = request.encapsulation == .udp ? "UDP port \(request.localPort)" : "L2TP over IP"
      return EffectFailure(
        "\(error): another program uses \(what) at that address; stop it (`ss -ulpn` shows which), or give another "
          + (["`local`"] + request.portKeys).joined(separator: " or "))
    case EADDRNOTAVAIL:
      let address = try? ControlSocket.localAddress(for: request)
      let reason = PlaceFailure.explain(
        address, device: request.boundDevice, isDefaultOnly: request.encapsulation == .ip)
      return EffectFailure("\(error): \(reason)")
    case _ where PlaceFailure.isWithoutRoute(error):
      guard let remote = request.remote?.address else { return EffectFailure("\(error)") }
      return EffectFailure(PlaceFailure.explain(unreachable: remote, device: request.boundDevice))
    case EPROTONOSUPPORT, ESOCKTNOSUPPORT, EAFNOSUPPORT:
      return unsupported(error, request)
    case ENODEV:
      let device = request.bindDevice ?? "the interface"
      return EffectFailure("\(error): \(device) is not there (yet); `ip link` lists the interfaces")
    case EPERM, EACCES:
      return EffectFailure("\(error): run as root, or with CAP_NET_ADMIN and CAP_NET_RAW", isTemporary: false)
    default:
      return DescriptorReserve.failure(error.attempt, error.code) ?? EffectFailure("\(error)")
    }
  }

  private static func unsupported(_ error: SystemError, _ request: SocketRequest) -> EffectFailure {
    switch (request.encapsulation, request.family) {
    case (.ip, .v4):
      EffectFailure("\(error): the kernel has no L2TP over IP; modprobe l2tp_ip, or `encapsulation: udp`")
    case (.ip, .v6):
      EffectFailure("\(error): the kernel has no L2TP over IPv6; modprobe l2tp_ip6, or `encapsulation: udp`")
    case (.udp, .v4): EffectFailure("\(error): the kernel has no IPv4")
    case (.udp, .v6): EffectFailure("\(error): the kernel has no IPv6; remove ipv6.disable=1 from its command line")
    }
  }
}
