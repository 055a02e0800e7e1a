extension Engine {
  /// Does whatever has come due. An entry whose deadline has moved meanwhile is passed over or put back.
  mutating func fireTimers() {
    while let entry = turn.nextDue() {
      switch entry.target {
      case .tunnel(let tunnel):
        if tunnels.contains(tunnel), tunnels[tunnel].attempt.isDue(at: now) { beginAttempt(tunnel) }
      case .connection(let connection):
        guard connections.contains(connection) else { continue }
        if connections[connection].scheduled == entry.deadline { connections[connection].scheduled = nil }
        connectionTimerFired(connection)
        if connections.contains(connection) { touch(connection) }
      case .pseudowire(let pseudowire):
        guard pseudowires.contains(pseudowire), let retryAt = pseudowires[pseudowire].retryAt, retryAt <= now else {
          continue
        }
        pseudowires[pseudowire].retryAt = nil
        if !congestionPauses.isEmpty { congestionPauses[pseudowire] = nil }
        requestCall(pseudowire)
      case .lines(let pseudowire):
        if pseudowires.contains(pseudowire) { sumUp(pseudowire) }
      case .tunnelLines(let tunnel):
        if tunnels.contains(tunnel) { sumUp(tunnel) }
      case .listener(let socket): retryListener(socket)
      case .shortages: tellShortages()
      case .shutdown: break
      }
    }
  }

  private mutating func connectionTimerFired(_ connection: ConnectionReference) {
    if let deadline = connections[connection].strayDeadline, deadline <= now { endStrays(of: connection) }
    if !connections[connection].isSignalled, connections[connection].life == .established {
      return staticTimerFired(connection)
    }
    switch connections[connection].channel.expire(at: now) {
    case .nothing: break
    case .retransmit
    where connections[connection].presence.isDoubted && connections[connection].life.isRunning
      && connections[connection].channel.retransmissions >= EngineLimits.doubtedRetransmissions:
      peerLost(connection, "it said so, and then did not answer")
      return
    case .retransmit where connections[connection].machine.state == .established:
      if connections[connection].channel.retransmissions == 1 {
        connections[connection].presence.unansweredSince = now
      }
      if confirmSuspicion(connection), let reason = connections[connection].presence.suspicion?.failure.reason {
        return abandon(connection, because: "the peer cannot be reached: \(reason)", isFailure: true, .peerUnreachable)
      }
      noteSilentPeer(connection)
    case .retransmit:
      pauseAfterCrash(connection)
      noteSilence(of: connection)
    case .lost:
      guard isShownByData(connection) else { return lost(connection) }
      remark(.ignoresHello, of: connections[connection].tunnel)
      connections[connection].channel.goOnRepeating(at: now)
      connections[connection].presence.unansweredSince = now
    }
    if let deadline = connections[connection].life.deadline, deadline <= now {
      lifeTimedOut(connection)
      guard connections.contains(connection) else { return }
    }
    if connections[connection].calls.isReady(at: now) { touch(connection) }
    if let deadline = connections[connection].calls.startDeadline, deadline <= now {
      connections[connection].calls.start()
      callAll(connection)
    }
    expireSetups(connection)
    guard connections.contains(connection) else { return }
    sayHello(connection)
    pathProbeDue(connection)
  }

  /// Whether a peer leaves a HELLO unanswered that is there all the same: its data has just arrived. Any other message
  /// wants an answer (RFC 3931 section 4.2).
  private func isShownByData(_ connection: ConnectionReference) -> Bool {
    guard connections[connection].life == .established,
      tunnels[connections[connection].tunnel].declaration.signalling == .full,
      connections[connection].presence.isShownByData(
        toldAfter: EngineLimits.dataDelay, for: EngineLimits.dataLiveness, at: now),
      let message = connections[connection].channel.onlyPending
    else { return false }
    return ControlCodec.digests(of: message.octets.span).messageType == .hello
  }

  /// Ends the sessions whose set-up hangs; the queue is in the order of the deadlines.
  private mutating func expireSetups(_ connection: ConnectionReference) {
    while let first = connections[connection].calls.oldestSetup {
      let isUnderWay = isSettingUp(first)
      guard !isUnderWay || first.deadline <= now else { return }
      connections[connection].calls.removeOldestSetup()
      if isUnderWay { setupTimedOut(sessions[first.session].pseudowire) }
      guard connections.contains(connection) else { return }
    }
  }

  /// Whether a set-up that was begun is neither through nor over.
  func isSettingUp(_ setup: CallQueue.Setup) -> Bool {
    guard sessions.contains(setup.session) else { return false }
    switch pseudowires[sessions[setup.session].pseudowire].machine.state {
    case .waitReply, .connecting, .preparing, .waitConnect, .waitAnswer, .confirming: return true
    case .idle, .waitControlConnection, .established: return false
    }
  }
}
