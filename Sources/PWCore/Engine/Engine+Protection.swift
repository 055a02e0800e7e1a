/// The protection that a tunnel's packets have below L2TP (RFC 3931 section 4.1.3), which the site may demand.
///
/// The engine asks the machine before the first message of a connection leaves, whenever the peer is at another place,
/// and again when something has changed that the answer depends on. With `protection: required` nothing leaves before
/// the answer, and a connection that is not protected is taken away without a word: that could be read by anybody.
extension Engine {
  // MARK: Questions

  /// Goes on with a connection as soon as messages may leave for where its peer is now; at once where that is known, or
  /// nobody wants to know it.
  ///
  /// - Parameter step: the step to take then; nil where messages alone wait.
  mutating func whenProtected(_ connection: ConnectionReference, _ step: ConnectionProtection.Step?) {
    guard demand(of: connection) != .none, !connections[connection].protection.covers(connections[connection].remote)
    else {
      if let step { take(step, connection) }
      return
    }
    connections[connection].protection.hold(step)
    askProtection(of: connection)
  }

  /// Policies, associations, links or routes of the machine have changed.
  mutating func protectionMayHaveChanged() {
    // Of a tunnel that is not declared any more there may be a StopCCN to repeat.
    for tunnel in tunnels.references where tunnels[tunnel].declaration.protection != .none {
      for connection in tunnels[tunnel].connections where connections.contains(connection) {
        connections[connection].protection.void()
        askProtection(of: connection)
      }
      if tunnels[tunnel].declaration.protection == .required, hurryIfUnprotected(tunnel) { continue }
      forgetProtectionIfUnconnected(tunnel)
    }
  }

  /// Of a tunnel that nobody asks about at present an old answer says nothing any more.
  private mutating func forgetProtectionIfUnconnected(_ tunnel: TunnelReference) {
    guard tunnels[tunnel].active == nil else { return }
    if case .connecting = tunnels[tunnel].attempt { return }
    tunnels[tunnel].protection = nil
  }

  /// The declaration demands something else than before: what runs is judged by it at once.
  mutating func protectionDemandChanged(_ tunnel: TunnelReference) {
    hurryIfUnprotected(tunnel)
    let demand = tunnels[tunnel].declaration.protection
    if demand == .none {
      tunnels[tunnel].protection = nil
      (tunnels[tunnel].protectionTold, tunnels[tunnel].unprotectedToldAt) = (nil, nil)
    }
    for connection in tunnels[tunnel].connections where connections.contains(connection) {
      connections[connection].protection.void()
      guard demand != .none else {
        release(connection, at: nil)
        continue
      }
      if demand == .required, !connections[connection].life.isOpening { connections[connection].protection.hold(nil) }
      askProtection(of: connection)
    }
  }

  /// Whether a tunnel that is there demands protection, also one that the site has no more and whose connections are
  /// still closing: then ``Input/protectionChanged`` must be told.
  public var demandsProtection: Bool {
    tunnels.references.contains { tunnels[$0].declaration.protection != .none }
  }

  private func demand(of connection: ConnectionReference) -> ProtectionDemand {
    tunnels[connections[connection].tunnel].declaration.protection
  }

  /// Asks, if it is known which packets leave: the socket is there. While it is being connected nothing leaves, and
  /// the question is asked when that is done.
  private mutating func askProtection(of connection: ConnectionReference) {
    let state = connections[connection]
    guard let local = state.local, state.protection.isHeld || !state.life.isOpening,
      connections[connection].protection.ask()
    else { return }
    askProtection(
      ProtectionQuestion(
        encapsulation: state.encapsulation, local: local, remote: state.remote,
        device: BoundDevice.name(
          bindDevice: tunnels[state.tunnel].declaration.bindDevice, local: local.address)),
      for: .connection(connection, place: state.remote, wasHalfOpen: state.isHalfOpen))
  }

  // MARK: Answers

  mutating func protectionAnswered(_ pending: PendingProtection, _ result: EffectResult<Protection>) {
    let protection =
      switch result {
      case .success(let protection): protection
      case .failed(let failure): Protection.missing([ProtectionGap(.unknown, failure.message)])
      }
    switch pending {
    case .connection(let connection, let place, _): protectionAnswered(connection, place, protection)
    case .message(let message):
      if protection.isThere, hasListener(message.socket) { emit(.send(message)) }
    }
  }

  private mutating func protectionAnswered(
    _ connection: ConnectionReference, _ place: Endpoint, _ protection: Protection
  ) {
    guard connections.contains(connection), connections[connection].protection.isAsking else { return }
    let isOfBefore = connections[connection].protection.isStale || place != connections[connection].remote
    connections[connection].protection.answered(isOfBefore ? nil : protection)
    let demand = demand(of: connection)
    guard demand != .none else { return release(connection, at: nil) }
    guard !isOfBefore else { return askProtection(of: connection) }
    note(protection, connection)
    guard demand == .required, !protection.isThere else { return release(connection, at: place) }
    withhold(connection, because: protectionWords(protection, demand, connection))
  }

  private mutating func release(_ connection: ConnectionReference, at place: Endpoint?) {
    let step = connections[connection].protection.release(place)
    touch(connection)
    if let step { take(step, connection) }
  }

  private mutating func take(_ step: ConnectionProtection.Step, _ connection: ConnectionReference) {
    switch step {
    case .begin: socketMayBeUsed(connection)
    case .beginConnected: connectedSocketMayBeUsed(connection)
    case .connect: if connections[connection].life.isRunning { connectSocket(of: connection) }
    }
  }

  // MARK: People

  /// A connection serves its tunnel from now on: the answer about its packets is the tunnel's. While another connection
  /// did, or ours was awaited beside the peer's call, it was not.
  mutating func noteProtection(of connection: ConnectionReference) {
    if let found = connections[connection].protection.found { note(found, connection) }
  }

  /// Keeps an answer for `status`, and tells of it if it is news.
  private mutating func note(_ protection: Protection, _ connection: ConnectionReference) {
    let tunnel = connections[connection].tunnel
    // A stranger's attempt, beside the connection that serves the tunnel or beside ours, is not the peer's.
    guard tunnels[tunnel].active.map({ $0 == connection }) ?? (protection.isThere || !isBesideOurs(connection)) else {
      return
    }
    let known = tunnels[tunnel].protection.flatMap { $0.value.isLike(protection) ? $0.since : nil }
    tunnels[tunnel].protection = Tunnel.KnownProtection(value: protection, since: known ?? now)
    guard isNews(protection, tunnel) else { return }
    let told = tunnels[tunnel].protectionTold
    tunnels[tunnel].protectionTold = protection
    if protection.isThere { tunnels[tunnel].failures = 0 } else { tunnels[tunnel].unprotectedToldAt = now }
    tell(protection, after: told, connection)
  }

  /// Whether people have not been told of an answer. Where the addresses of a peer lack different things, attempt after
  /// attempt finds another answer, and is told of from time to time.
  private func isNews(_ protection: Protection, _ tunnel: TunnelReference) -> Bool {
    let told = tunnels[tunnel].protectionTold
    guard told.map({ !$0.isLike(protection) }) ?? true else { return false }
    let isLoss = told?.isThere == true && tunnels[tunnel].active != nil
    guard !protection.isThere, !isLoss, let last = tunnels[tunnel].unprotectedToldAt else { return true }
    return now - last >= EngineLimits.unprotectedInterval
  }

  private func isBesideOurs(_ connection: ConnectionReference) -> Bool {
    guard !connections[connection].isInitiator else { return false }
    return canInitiate(connections[connection].tunnel)
  }

  private mutating func tell(_ protection: Protection, after known: Protection?, _ connection: ConnectionReference) {
    let tunnel = connections[connection].tunnel
    let fields: [EventField] = [
      .address(connections[connection].remote.address), EventField(.gaps, .texts(protection.gaps.map(\.code.rawValue))),
    ]
    let demand = tunnels[tunnel].declaration.protection
    let words = protectionWords(protection, demand, connection)
    guard protection.isThere else {
      return note(.warning, .unprotected, tunnel: tunnel, fields: fields, words)
    }
    note(known.map { !$0.isThere } ?? false ? .notice : .info, .protected, tunnel: tunnel, fields: [fields[0]], words)
  }

  /// An answer as people read it, with the cure where something is missing.
  private func protectionWords(
    _ protection: Protection, _ demand: ProtectionDemand, _ connection: ConnectionReference
  ) -> String {
    let address = connections[connection].remote.address
    guard !protection.isThere else { return "the packets to and from \(address) are protected: \(protection.words)" }
    let beginning =
      demand == .required
      ? "nothing is sent to \(address), because it would not be protected (`protection: required`): "
      : "the packets to and from \(address) are not protected (`protection: expected`): "
    return beginning + protection.words + "; " + Self.protectionCure
  }

  private static let protectionCure =
    "load IPsec policies that demand ESP in both directions (`ip xfrm policy` lists the present ones), or route the "
    + "peer's address into a WireGuard link"

  /// Why a tunnel has no connection, where it waits for protection; else nil.
  func unprotectedWords(of tunnel: Tunnel) -> String? {
    guard tunnel.declaration.protection == .required, let known = tunnel.protection, !known.value.isThere else {
      return nil
    }
    return "packets to the peer would not be protected: \(known.value.words); \(Self.protectionCure)"
  }

  // MARK: Waiting

  /// A tunnel that waits because it was not protected makes its next attempt now.
  ///
  /// - Returns: whether it does so.
  @discardableResult
  private mutating func hurryIfUnprotected(_ tunnel: TunnelReference) -> Bool {
    guard case .waiting = tunnels[tunnel].attempt, tunnels[tunnel].protection?.value.isThere == false else {
      return false
    }
    tunnels[tunnel].attempt = .waiting(until: now)
    turn.schedule(now, .tunnel(tunnel))
    return true
  }

  // MARK: Messages of no connection

  /// Sends an answer that belongs to no connection. Where a tunnel demands protection whose peer may get it, the
  /// machine is asked first, and an answer that is not protected is not sent.
  mutating func sendUnconnected(_ message: Transmission, answering datagram: Datagram) {
    let guarded = declaredTunnels.first { tunnel in
      tunnels[tunnel].declaration.protection == .required && tunnels[tunnel].isPeer(datagram.source.address)
    }
    guard let guarded else { return emit(.send(message)) }
    guard turn.effects.messageQuestions < EngineLimits.messageProtectionQuestions else { return }
    let device = BoundDevice.name(
      bindDevice: tunnels[guarded].declaration.bindDevice, local: datagram.local.address)
    askProtection(
      ProtectionQuestion(
        encapsulation: datagram.encapsulation, local: datagram.local, remote: message.destination, device: device),
      for: .message(message))
  }

  /// Whether a socket is still there by which strangers are answered.
  private func hasListener(_ socket: SocketID) -> Bool { listeners.contains { $0.socket == socket } }
}
