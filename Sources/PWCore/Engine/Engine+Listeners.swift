/// Listeners for SCCRQ: one for each different way in that the tunnels that may accept declare.
extension Engine {
  /// The UDP port of L2TP (RFC 3931 section 4.1.2), where a tunnel declares no other.
  public static let listeningPort: UInt16 = 1701

  /// Opens what is missing, and closes what nobody needs any more.
  mutating func applyListeners() {
    let wanted = wantedListeners()
    for listener in listeners where !wanted.contains(listener.request) {
      change(.closeSocket(listener.socket))
    }
    listeners.removeAll { !wanted.contains($0.request) }
    for request in wanted where !listeners.contains(where: { $0.request == request }) {
      let socket = nextSocket()
      listeners.append(Listener(request: request, socket: socket))
      change(.listen(socket, request), for: .listen(socket))
    }
  }

  /// The families of each declaration that may accept: that of its local address, else those of its peer's, else the
  /// declared one, else both.
  private func wantedListeners() -> [SocketRequest] {
    var wanted: [SocketRequest] = []
    for tunnel in declaredTunnels where tunnels[tunnel].declaration.role != .initiate {
      let declaration = tunnels[tunnel].declaration
      for family in Self.families(of: declaration) {
        let request = SocketRequest(
          encapsulation: declaration.encapsulation, family: family, local: declaration.local,
          localPort: declaration.encapsulation == .udp ? declaration.listenPort ?? Self.listeningPort : 0,
          bindDevice: declaration.bindDevice,
          connectionID: .unknown, remote: nil)
        if !wanted.contains(request) { wanted.append(request) }
      }
    }
    return wanted
  }

  private static func families(of declaration: TunnelDeclaration) -> [AddressFamily] {
    if let local = declaration.local { return [local.family] }
    switch declaration.peer {
    case .address, .list, .name:
      guard declaration.peer.names.isEmpty else { break }
      return [.v4, .v6].filter { family in declaration.peer.addresses.contains { $0.family == family } }
    case .prefix(let prefix): return [prefix.address.family]
    case .any: break
    }
    return declaration.family.map { [$0] } ?? [.v4, .v6]
  }

  mutating func listened(_ socket: SocketID, _ result: EffectResult<Nothing>) {
    guard let index = listeners.firstIndex(where: { $0.socket == socket }) else { return }
    switch result {
    case .success:
      listeners[index].state = .open
      listeners[index].failures = 0
    case .failed(let failure):
      listeners[index].failures += 1
      let retryAt = now + backOff(listeners[index].failures, Reconnection())
      if case .failed = listeners[index].state {
      } else {
        note(.warning, .listenFault, tunnel: nil, "cannot listen: \(failure.message)")
      }
      listeners[index].state = .failed(reason: failure.message, retryAt: retryAt)
      turn.schedule(retryAt, .listener(socket))
    }
  }

  /// Tries a listener again under a new socket.
  mutating func retryListener(_ socket: SocketID) {
    guard shutdown == .none, let index = listeners.firstIndex(where: { $0.socket == socket }),
      case .failed(_, let retryAt) = listeners[index].state, retryAt <= now
    else { return }
    let fresh = nextSocket()
    listeners[index].socket = fresh
    change(.listen(fresh, listeners[index].request), for: .listen(fresh))
  }
}
