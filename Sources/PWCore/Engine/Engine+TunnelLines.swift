/// Lines of the log about tunnels that a peer can cause as often as it likes within a control connection: those of one
/// kind have a limit (``LineLimit``).
extension Engine {
  /// Tells people that a message of a peer cannot be accepted.
  mutating func noteRefusedMessage(_ tunnel: TunnelReference, _ message: String) {
    let level = limitedLevel(.warning, tunnel, \.refusedMessages, "messages that cannot be accepted")
    note(level, .messageRefused, tunnel: tunnel, message)
  }

  /// Tells people that the peer goes on from another place.
  mutating func noteMove(_ tunnel: TunnelReference, from before: Endpoint, to place: Endpoint) {
    let level = limitedLevel(.notice, tunnel, \.moves, "moves of the peer")
    note(
      level, .peerMoved, tunnel: tunnel, fields: [.address(place), .text(.formerAddress, "\(before)")],
      "the peer continues from \(place); before that, it was at \(before)")
  }

  /// Sums up the events that were not told, if there are any.
  ///
  /// - Parameter isLast: whether the tunnel goes.
  mutating func sumUp(_ tunnel: TunnelReference, isLast: Bool = false) {
    if let sum = tunnels[tunnel].refusedMessages.sum(at: now, isLast: isLast) {
      note(
        sum.level, .messageRefused, tunnel: tunnel, fields: [.number(.leftOut, sum.count)],
        "\(sum.words): messages from the peer cannot be accepted")
    }
    if let sum = tunnels[tunnel].moves.sum(at: now, isLast: isLast) {
      let place = tunnels[tunnel].active.map { connections[$0].remote }
      note(
        sum.level, .peerMoved, tunnel: tunnel,
        fields: (place.map { [.address($0)] } ?? []) + [.number(.leftOut, sum.count)],
        "\(sum.words): the peer moves" + (place.map { "; it is at \($0) now" } ?? ""))
    }
  }

  /// The importance that is left to an event: those that are too many are for somebody who is looking for a fault.
  private mutating func limitedLevel(
    _ level: Event.Level, _ tunnel: TunnelReference, _ limit: WritableKeyPath<Tunnel, LineLimit>, _ events: String
  ) -> Event.Level {
    guard level.rawValue >= leastEventLevel.rawValue else { return level }
    switch tunnels[tunnel][keyPath: limit].add(level, at: now) {
    case .told: return level
    case .counted: break
    case .firstCounted(let sumAt, let isSudden):
      turn.schedule(sumAt, .tunnelLines(tunnel))
      if isSudden { note(.warning, .tunnelFault, tunnel: tunnel, LineLimit.words(ofTooMany: events)) }
    }
    return .debug
  }
}
