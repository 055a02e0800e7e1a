/// Control connections that a peer begins and ends at once, one after the other. Each that has ended keeps its place for a
/// while, so that without a limit one peer takes all that there are.
struct Restlessness: Equatable, Codable {
  /// Connections in a row that did not stand for `EngineLimits.stableTime`.
  var count = 0
  /// When the first of them ended.
  var since: Instant
  /// When the last of them ended.
  var lastAt: Instant
  /// Until when no other one is begun.
  var pausesUntil: Instant?
}

extension Engine {
  /// A connection that its peer began, and that served its tunnel, has ended.
  mutating func noteEndForRest(_ connection: ConnectionReference) {
    guard !connections[connection].isInitiator, shutdown == .none, let begin = connections[connection].establishedAt,
      connections[connection].end != .unprotected
    else { return }
    let tunnel = connections[connection].tunnel
    guard now - begin < EngineLimits.stableTime else {
      tunnels[tunnel].restlessness = nil
      return
    }
    var restlessness = tunnels[tunnel].restlessness ?? Restlessness(since: now, lastAt: now)
    if now - restlessness.lastAt >= EngineLimits.restTime { restlessness = Restlessness(since: now, lastAt: now) }
    restlessness.count += 1
    restlessness.lastAt = now
    let excess = restlessness.count - EngineLimits.shortConnections
    if excess >= 0 {
      let doublings = min(excess, EngineLimits.longestRestDoublings)
      restlessness.pausesUntil = now + EngineLimits.shortestRest * (1 << doublings)
      let message = words(of: restlessness)
      if excess == 0 { note(.warning, .restlessPeer, tunnel: tunnel, message) }
      tunnels[tunnel].lastError = Since(message, since: restlessness.since)
    }
    tunnels[tunnel].restlessness = restlessness
  }

  /// Whether the peer's SCCRQ may begin a connection now. It is dropped without a word: it is said again, and there are
  /// peers that take a refusal for the last word.
  mutating func mayBegin(_ tunnel: TunnelReference, _ source: Endpoint) -> Bool {
    guard let until = tunnels[tunnel].restlessness?.pausesUntil, now < until else { return true }
    admission.dropped.rateLimited += 1
    noteStranger(about: tunnel, "dropped an SCCRQ from \(source.address): it has ended too many connections at once")
    return false
  }

  private func words(of restlessness: Restlessness) -> String {
    let seconds = (restlessness.lastAt - restlessness.since).components.seconds
    return "the peer has begun \(restlessness.count) control connections and ended each of them at once, within "
      + "\(seconds) s: from now on there is a pause before each new one, which grows to "
      + "\(EngineLimits.longestRest.components.seconds) s"
  }
}
