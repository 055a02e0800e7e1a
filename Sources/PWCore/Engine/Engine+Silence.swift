/// Peers that have fallen silent: long before a connection is given up, its sessions are not said to forward any more.
extension Engine {
  /// Looks, when something is sent again, whether the peer has been silent for more than a HELLO interval and for half
  /// of all repetitions.
  mutating func noteSilentPeer(_ connection: ConnectionReference) {
    let tunnel = connections[connection].tunnel
    guard !connections[connection].presence.isSilent, tunnels[tunnel].active == connection,
      connections[connection].channel.isHalfLost,
      now - connections[connection].presence.lastHeard >= shortestSilence(tunnel)
    else { return }
    setSilent(true, connection)
  }

  /// The silence below which a peer is not called silent: without HELLO, that in which it may not have been told yet
  /// that data has come.
  private func shortestSilence(_ tunnel: TunnelReference) -> Duration {
    let interval = tunnels[tunnel].declaration.helloInterval
    return interval > .zero ? interval : EngineLimits.dataDelay
  }

  /// Says nothing for a while, once, where a peer leaves our SCCRQs unanswered after a crash of ours: there are peers
  /// that drop them while they have a connection, and that keep it as long as anything at all comes from us.
  mutating func pauseAfterCrash(_ connection: ConnectionReference) {
    let tunnel = connections[connection].tunnel
    guard let crashKnownAt, now - crashKnownAt < EngineLimits.crashMemory,
      !tunnels[tunnel].hasPaused, tunnels[tunnel].establishedCount == 0,
      connections[connection].machine.state == .waitReply,
      now - crashKnownAt >= EngineLimits.patienceAfterCrash
    else { return }
    tunnels[tunnel].hasPaused = true
    let pause = longPause()
    connections[connection].channel.postpone(until: now + pause)
    let setUpTime = tunnels[tunnel].declaration.reliability.setupTimeout
    connections[connection].extendHandshake(until: now + pause + setUpTime)
    note(
      .notice, .attemptDelayed, tunnel: tunnel,
      "the last run of pwmgr ended without notifying the peer, which does not answer: the next SCCRQ waits for "
        + "\(pause.components.seconds) s, so that the peer can find out that the old connection is dead")
  }

  /// The pause before the next attempt that a peer needs which keeps a connection of before as long as anything comes
  /// from us, our SCCRQs included; zero where it may be otherwise: from time to time only, because any other peer is
  /// called later by it.
  mutating func pauseForForgetting(_ tunnel: TunnelReference) -> Duration {
    guard tunnels[tunnel].mayBeRemembered || tunnels[tunnel].hasPaused, let since = tunnels[tunnel].unansweredSince,
      now - max(since, tunnels[tunnel].pausedAt ?? since) >= EngineLimits.patienceWithoutAnswer
    else { return .zero }
    let pause = longPause()
    tunnels[tunnel].pausedAt = now + pause
    let silence = now - since
    note(
      .notice, .attemptDelayed, tunnel: tunnel,
      "the peer has not answered for \(silence.components.seconds) s: the next SCCRQ waits for "
        + "\(pause.components.seconds) s, so that the peer can find out that the old connection is dead")
    return pause
  }

  private mutating func longPause() -> Duration { turn.jittered(EngineLimits.longPause, down: 0.97) }

  /// An attempt of ours is over: notes since when the peer has left our SCCRQs without even an acknowledgement. Where
  /// something else explains that it failed, the peer has not been silent.
  mutating func noteUnanswered(_ attempt: ConnectionReference) {
    let tunnel = connections[attempt].tunnel
    let isGivenUp = [.peerSilent, .setupTimedOut].contains(connections[attempt].end)
    guard isGivenUp, connections[attempt].establishedAt == nil, connections[attempt].channel.unsentNs != 0,
      !connections[attempt].channel.isAcknowledged(ns: 0)
    else {
      tunnels[tunnel].unansweredSince = nil
      return
    }
    tunnels[tunnel].unansweredSince = tunnels[tunnel].unansweredSince ?? connections[attempt].since
  }

  /// The peer has fallen silent, or is heard again.
  mutating func setSilent(_ isSilent: Bool, _ connection: ConnectionReference) {
    connections[connection].presence.isSilent = isSilent
    updateForwardingOfAll(connection)
  }

  /// Works out of each session of a connection whether frames pass.
  mutating func updateForwardingOfAll(_ connection: ConnectionReference) {
    for pseudowire in tunnels[connections[connection].tunnel].pseudowires
    where runs(pseudowire, over: connection) {
      updateForwarding(pseudowire)
    }
  }

  /// How long a silent peer has been silent, and how much that says; nil of any other.
  func silenceWords(of connection: ConnectionReference, at now: Instant) -> String? {
    guard connections[connection].presence.isSilent else { return nil }
    guard connections[connection].isSignalled else { return staticSilenceWords(of: connection, at: now) }
    let channel = connections[connection].channel
    let seconds = (now - connections[connection].presence.lastHeard).components.seconds
    let elsewhere = connections[connection].presence.otherAddress.map {
      "; messages for its control connection arrive from \($0), and are dropped"
    }
    return "the peer has been silent for \(seconds) s: \(channel.retransmissions) of "
      + "\(channel.maximumRetransmissions) repetitions unanswered" + (elsewhere ?? "")
  }
}
