import CLinux
import Glibc
import PWCore

/// Opening, connecting and closing sockets; sending control messages.
extension Forwarder {
  /// Opens a socket of the engine's.
  func openSocket(_ id: SocketID, _ request: SocketRequest) throws(EffectFailure) -> Endpoint {
    precondition(uses[id] == nil, "a socket identifier was used twice")
    let local = try SocketFactory.localAddress(for: request)
    let carrier =
      switch request.encapsulation {
      case .udp: try openUDP(request, local)
      case .ip: try openRaw(CarrierSocket.Place(local: local, device: request.bindDevice))
      }
    let use = SocketUse(id, request, carrier, routes: routes)
    carrier.uses[id] = use
    uses[id] = use
    return carrier.local
  }

  private func openUDP(_ request: SocketRequest, _ local: IPAddress) throws(EffectFailure) -> CarrierSocket {
    let descriptor = try SocketFactory.udp(request, local: local)
    let place = CarrierSocket.Place(local: local, device: request.bindDevice)
    let bound = try SocketFactory.explaining("a UDP socket") { () throws(SystemError) in
      try SocketOptions.localEndpoint(descriptor.rawValue)
    }
    let carrier = CarrierSocket(descriptor, .udp, place: place, local: bound)
    try watch(carrier)
    return carrier
  }

  private func openRaw(_ place: CarrierSocket.Place) throws(EffectFailure) -> CarrierSocket {
    if let existing = rawSockets[place] { return existing }
    let descriptor = try SocketFactory.raw(place.local, device: place.device)
    let carrier = CarrierSocket(descriptor, .ip, place: place, local: Endpoint(address: place.local))
    try watch(carrier)
    rawSockets[place] = carrier
    rankRawSockets()
    return carrier
  }

  private func watch(_ carrier: CarrierSocket) throws(EffectFailure) {
    try SocketFactory.explaining("a socket") { () throws(SystemError) in
      try loop.watch(carrier.descriptor.rawValue, for: .read) { [unowned self, unowned carrier] in receive(carrier) }
    }
  }

  private func rankRawSockets() {
    for carrier in rawSockets.values { carrier.closer = rawSockets.values.filter { $0.isCloser(than: carrier) } }
  }

  /// Binds the sockets of an interface to the one that has its name now.
  func bindAgain(toDevice name: String) {
    for use in uses.values where use.carrier.deviceName == name {
      do throws(SystemError) {
        try use.carrier.bindAgain()
      } catch {
        reporter.notice(Event(.warning, .dataPlaneNotice, "\(error); trying again when there is another one"))
      }
    }
  }

  /// Connects a socket to the peer that answered.
  func connectSocket(_ id: SocketID, to remote: Endpoint) throws(EffectFailure) -> SocketPath {
    let use = use(id)
    let carrier = use.carrier
    switch carrier.encapsulation {
    case .udp:
      try SocketFactory.explaining("UDP towards \(remote.display)") { () throws(SystemError) in
        try SocketFactory.connect(carrier.descriptor, remote)
        carrier.local = try SocketOptions.localEndpoint(carrier.descriptor.rawValue)
      }
    case .ip:
      try SocketFactory.requireRoute(to: remote.address, from: carrier.place.local, device: carrier.place.device)
    }
    use.remote = remote
    return SocketPath(local: carrier.local, pathMTUOctets: use.path.mtuOctets)
  }

  /// The socket by its identifier; only the engine names sockets, and only those that it has.
  func use(_ id: SocketID) -> SocketUse {
    guard let use = uses[id] else { preconditionFailure("socket \(id.rawValue) is not open") }
    return use
  }

  /// Takes a socket out of every table and closes what nobody else uses; the tunnels over it must be gone.
  func dropSocket(_ id: SocketID) {
    guard let use = uses.removeValue(forKey: id) else { return }
    let carrier = use.carrier
    carrier.uses[id] = nil
    guard carrier.uses.isEmpty else { return }
    if carrier.encapsulation == .ip {
      rawSockets[carrier.place] = nil
      rankRawSockets()
    }
    carrier.backlog = nil
    loop.unwatch(carrier.descriptor.rawValue)
    carrier.descriptor.close()
  }

  /// Sends a control message.
  func send(_ transmission: Transmission) {
    // The engine may send a last message at the moment a failure closes the socket; it is then lost like one on the
    // wire.
    guard let use = uses[transmission.socket] else { return }
    if transmission.isCut { return sendCut(transmission, use) }
    var octets = transmission.octets
    // Session ID 0 says that a control message follows (RFC 3931 section 4.1.1.2).
    if use.carrier.encapsulation == .ip { octets.insert(contentsOf: [0, 0, 0, 0], at: 0) }
    let code = transmit(octets, use, to: transmission.destination, isFragmentable: transmission.isFragmentable)
    guard code != EMSGSIZE || transmission.isFragmentable else { return }
    guard code != 0 else {
      sentMessages.count(transmission.octets)
      return use.reportedFailures.removeAll()
    }
    let failure = SendFailure(code: code)
    if failure.isAfterCaptures { sentMessages.count(transmission.octets) }
    if let unreachable = failure.unreachable { reporter.miss(use.id, unreachable) }
    guard use.reportedFailures.insert(code).inserted else { return }
    reporter.notice(failure.event(to: transmission.destination))
  }

  /// Sends a control message in pieces, which finds something out.
  private func sendCut(_ transmission: Transmission, _ use: SocketUse) {
    let transport: CutPacket.Transport =
      use.carrier.encapsulation == .udp
      ? .udp(source: use.carrier.local.port, destination: transmission.destination.port) : .l2tp
    do throws(SystemError) {
      try CutSender.send(
        transmission.octets, transport, from: use.carrier.local.address, device: use.request.bindDevice,
        outer: use.request.outerHeader, to: transmission.destination)
      sentMessages.count(transmission.octets)
    } catch {
      reporter.miss(use.id, .inPieces)
      guard !use.hasReportedPieces else { return }
      use.hasReportedPieces = true
      reporter.notice(SendFailure.inPieces(error, to: transmission.destination))
    }
  }

  private func transmit(
    _ octets: [UInt8], _ use: SocketUse, to destination: Endpoint, isFragmentable: Bool
  ) -> Int32 {
    let descriptor = use.carrier.descriptor.rawValue
    // Over IP the protocol takes the place of the port, and a raw IPv6 socket refuses another number there.
    let port = use.carrier.encapsulation == .udp ? destination.port : 0
    guard let address = try? SocketAddress(Endpoint(address: destination.address, port: port)) else { return ENODEV }
    let fields = OuterFields(use.request)
    func send() -> Bool {
      address.withPointer { address, length in
        withUnsafeTemporaryAllocation(byteCount: OuterFields.mostControlOctets, alignment: 8) { control in
          guard let start = control.baseAddress else { return false }
          let controlOctets = fields.write(to: start, use.carrier.family)
          return pw_send(descriptor, octets, octets.count, address, length, start, controlOctets) >= 0
        }
      }
    }
    guard isFragmentable else {
      do throws(SystemError) {
        let isSent = try SocketOptions.sendWhole(descriptor, use.carrier.family, send)
        return isSent ? 0 : errno
      } catch {
        return error.code
      }
    }
    // The first attempt may only fetch the error that an ICMP message left behind.
    for _ in 0..<2 {
      if send() { return 0 }
      if !ErrorQueue.leavesBehind(errno) { return errno }
    }
    return errno
  }
}
