/// The things that keep the frames of a pseudowire from passing, for `status` and the log.
extension Engine {
  /// All that is known, the nearest cause first; empty exactly when frames pass.
  func obstacles(to reference: PseudowireReference, at now: Instant) -> [ForwardingObstacle] {
    let pseudowire = pseudowires[reference]
    guard pseudowire.machine.state == .established, let session = pseudowire.session.map({ sessions[$0] }) else {
      return [obstacle(toSessionOf: pseudowire)]
    }
    var obstacles: [ForwardingObstacle] = []
    func add(_ code: ForwardingObstacle.Code, _ words: String?) {
      if let words { obstacles.append(ForwardingObstacle(code, words)) }
    }
    add(.device, deviceReason(pseudowire.tunnel))
    add(.peerSilent, silenceWords(of: session.connection, at: now))
    add(.peerUnreachable, unreachableWords(of: session.connection))
    add(.discarded, discardReason(session))
    add(.stray, strayReason(session))
    add(.largeFramesLost, pseudowire.session.flatMap { largeFrameReason($0) })
    if !session.isPeerCircuitActive, let status = session.peerCircuit { add(.peerCircuit, status.peerWords) }
    if !circuitStatus(reference).contains(.active), let circuit = pseudowire.circuit {
      add(.circuit, "our attachment circuit is down: \(circuits.downWords(circuit))")
    }
    obstacles += session.report?.problems ?? []
    if obstacles.isEmpty, session.links != .established { add(.linksPending, "its links are being set up") }
    return obstacles
  }

  /// Why there is no session.
  private func obstacle(toSessionOf pseudowire: Pseudowire) -> ForwardingObstacle {
    let tunnel = tunnels[pseudowire.tunnel]
    if let disabled = tunnel.declaration.disabled {
      return ForwardingObstacle(.disabled, disabled.words(tunnel.declaration.name))
    }
    if let disabled = pseudowire.declaration.disabled {
      return ForwardingObstacle(
        .disabled, disabled.words("\(tunnel.declaration.name)/\(pseudowire.declaration.name)"))
    }
    if tunnel.active == nil, let words = unprotectedWords(of: tunnel) {
      return ForwardingObstacle(.unprotected, words)
    }
    // A connection that ends takes its sessions along before it ceases to serve the tunnel.
    guard let active = tunnel.active, connections[active].end == nil else {
      return ForwardingObstacle(.noControlConnection, "the control connection is not established")
    }
    if pseudowire.machine.state == .idle {
      switch pseudowire.calling {
      case .always: break
      case .onDemand: return ForwardingObstacle(.noClient, "no client here asks for a session")
      case .never: return ForwardingObstacle(.peerHasNotCalled, "the peer has not called")
      }
    }
    if pseudowire.machine.state == .waitAnswer, let circuit = pseudowire.circuit {
      let words = circuits.downWords(circuit)
      return ForwardingObstacle(
        .awaitsCircuit, "the call that the peer asked for waits for our attachment circuit: \(words)")
    }
    if pseudowire.retryAt != nil, let error = pseudowire.lastError {
      return ForwardingObstacle(.sessionFailed, "the session is not established: \(error.value)")
    }
    return ForwardingObstacle(.noSession, "the session is not established")
  }
}
