/// Which of its addresses a peer is called at, and what its names resolve to.
extension Engine {
  /// Begins an attempt with the address whose turn it is.
  mutating func callPeer(_ tunnel: TunnelReference) {
    switch tunnels[tunnel].addresses.current {
    case nil: break
    case .address(let address): startConnecting(tunnel, to: address)
    case .name(let name, let entry):
      tunnels[tunnel].attempt = .resolving
      tunnels[tunnel].addresses.ask(entry, at: now)
      resolve(name, entry, of: tunnel)
    }
  }

  /// Asks for the names of a peer whose SCCRQ came from an address that it did not have, but not too often.
  mutating func resolveForMatching(_ tunnel: TunnelReference) {
    let due = tunnels[tunnel].addresses.takeNamesToAsk(at: now, notWithin: EngineLimits.resolutionInterval)
    for (name, entry) in due { resolve(name, entry, of: tunnel) }
  }

  private mutating func resolve(_ name: String, _ entry: Int, of tunnel: TunnelReference) {
    resolve(
      NameRequest(name: name, family: tunnels[tunnel].declaration.wantedFamily),
      for: PendingName(tunnel: tunnel, entry: entry))
  }

  mutating func resolved(_ pending: PendingName, _ result: EffectResult<[IPAddress]>) {
    let (tunnel, entry) = (pending.tunnel, pending.entry)
    guard tunnels.contains(tunnel), !tunnels[tunnel].isRemoved else { return }
    switch result {
    case .success(let addresses):
      if tunnels[tunnel].addresses.learn(addresses, of: entry) { admission.forgetRequestRates() }
      guard isAwaited(entry, tunnel) else { return }
      guard !mustYield(tunnel) else {
        tunnels[tunnel].attempt = .none
        return yield(tunnel)
      }
      if let address = tunnels[tunnel].addresses.currentAddress { return startConnecting(tunnel, to: address) }
      attemptFailed(
        tunnel,
        addresses.isEmpty
          ? "the peer's name has no address of the wanted family"
          : "the peer's name has no address besides those before it")
    case .failed(let failure):
      guard isAwaited(entry, tunnel) else { return setError(tunnel, .tunnelFault, failure.message) }
      attemptFailed(tunnel, failure.message)
    }
  }

  /// Whether our own attempt waits for what this name resolves to.
  private func isAwaited(_ entry: Int, _ tunnel: TunnelReference) -> Bool {
    guard tunnels[tunnel].attempt == .resolving,
      case .name(_, entry)? = tunnels[tunnel].addresses.current
    else { return false }
    return true
  }

  /// Lets an attempt that has failed be followed by one to the peer's next address, and tells people why.
  ///
  /// - Returns: whether there is a next one in this round; else the back-off comes first.
  mutating func callsNextAddress(_ tunnel: TunnelReference, because reason: String) -> Bool {
    guard shutdown == .none, !tunnels[tunnel].isRemoved, tunnels[tunnel].active == nil, canInitiate(tunnel),
      tunnels[tunnel].addresses.advance()
    else { return false }
    let next =
      switch tunnels[tunnel].addresses.current {
      case nil: ""
      case .name(let name, _): name
      case .address(let address): tunnels[tunnel].addresses.words(of: address)
      }
    note(.notice, .nextAddress, tunnel: tunnel, "\(reason); the peer is called at \(next) now")
    tunnels[tunnel].lastError = Since(reason, since: now)
    tunnels[tunnel].idleSince = now
    // Not at once: what is left of the attempt goes first, its socket with it.
    tunnels[tunnel].attempt = .waiting(until: now)
    turn.schedule(now, .tunnel(tunnel))
    return true
  }

  /// Whether a connection is our attempt at one of the peer's several addresses.
  func isOneOfSeveral(_ connection: ConnectionReference) -> Bool {
    let tunnel = connections[connection].tunnel
    return tunnels[tunnel].attempt == .connecting(connection) && tunnels[tunnel].addresses.areSeveral
  }

  /// The message about a connection's end, with the address where the peer has several: else it would not be known
  /// which one it is about.
  func withAddress(_ message: String, _ connection: ConnectionReference) -> String {
    guard isOneOfSeveral(connection) else { return message }
    let addresses = tunnels[connections[connection].tunnel].addresses
    return "\(addresses.words(of: connections[connection].remote.address)): \(message)"
  }
}

extension PeerAddresses {
  /// `198.51.100.2 (2nd of 3)`: one of them, as people read it.
  func words(of address: IPAddress) -> String {
    number(of: address).map { "\(address) (\($0.ordinal) of \(count))" } ?? "\(address)"
  }
}

extension Int {
  /// `2nd`.
  public var ordinal: String {
    switch (self % 10, self % 100 / 10 == 1) {
    case (1, false): "\(self)st"
    case (2, false): "\(self)nd"
    case (3, false): "\(self)rd"
    default: "\(self)th"
    }
  }
}

extension Tunnel {
  /// Whether an address is the peer's, as far as the declaration and its names say.
  func isPeer(_ address: IPAddress) -> Bool {
    switch declaration.peer {
    case .address, .name, .list: addresses.contains(address)
    case .prefix(let prefix): prefix.contains(address)
    case .any: true
    }
  }
}
