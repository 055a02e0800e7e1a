/// Limits for strangers: places for half-open connections, SCCRQs that are read, lines of the log.
extension Engine {
  /// Whether an SCCRQ from there is read at all.
  mutating func isWithinRate(_ source: IPAddress) -> Bool {
    admission.readsRequest(from: source, at: now) { [tunnels] address, tunnel in
      tunnels[tunnel].addresses.resolved.contains { $0.withoutZone == address }
    }
  }

  /// Whether one more half-open connection may be made for an SCCRQ that a tunnel takes. One that has just been made does not
  /// give way yet: there must be time for an answer, or whoever sends fast enough displaces everybody.
  func room(for source: Endpoint, _ tunnel: TunnelReference) -> HalfOpenTable.Room {
    let room = admission.halfOpen.room(for: origin(source, tunnel))
    switch room {
    case .free: return connections.count < EngineLimits.connections ? room : .none
    case .inPlaceOf(let oldest):
      return now - connections[oldest].since < EngineLimits.halfOpenAnswerTime ? .none : room
    case .none: return .none
    }
  }

  /// Tells that there is no place for an SCCRQ.
  mutating func refusePlace(_ source: Endpoint, _ tunnel: TunnelReference) {
    admission.dropped.noPlace += 1
    setStrangersError(
      tunnel,
      "too many connections are half open: dropped an SCCRQ from \(source.address); if its sender is forged, a secret at both "
        + "ends keeps it out")
  }

  /// Whether the machine can be asked about the protection of one more half-open connection, where the tunnel demands
  /// that.
  mutating func mayAskProtection(for source: Endpoint, _ tunnel: TunnelReference) -> Bool {
    guard tunnels[tunnel].declaration.protection != .none,
      turn.effects.halfOpenQuestions >= EngineLimits.halfOpenProtectionQuestions
    else { return true }
    admission.dropped.noPlace += 1
    noteStranger(
      about: tunnel,
      "dropped an SCCRQ from \(source.address): too many half-open connections wait to hear whether they are protected")
    return false
  }

  /// The connection waits for SCCCN.
  mutating func enterHalfOpen(_ connection: ConnectionReference, from source: Endpoint) {
    connections[connection].isHalfOpen = true
    admission.halfOpen.insert(connection, from: origin(source, connections[connection].tunnel))
  }

  /// The connection's peer has acknowledged SCCRP.
  mutating func halfOpenAnswered(_ connection: ConnectionReference) {
    guard let key = connections[connection].requestKey else { return }
    admission.halfOpen.answered(connection, from: origin(key.source, connections[connection].tunnel))
  }

  /// The connection does not count as half open any more.
  mutating func leaveHalfOpen(_ connection: ConnectionReference) {
    guard connections[connection].isHalfOpen, let key = connections[connection].requestKey else { return }
    connections[connection].isHalfOpen = false
    admission.halfOpen.remove(connection, from: origin(key.source, connections[connection].tunnel))
  }

  private func origin(_ source: Endpoint, _ tunnel: TunnelReference) -> HalfOpenTable.Origin {
    HalfOpenTable.Origin(address: source.address, isDeclared: tunnels[tunnel].declaration.peer.isOneHost)
  }

  /// Tells somebody who is looking for a fault what came of a stranger's datagram, but does not let strangers fill the log:
  /// what is left out is counted.
  mutating func noteStranger(about tunnel: TunnelReference? = nil, _ message: @autoclosure () -> String) {
    guard Event.Level.debug.rawValue >= leastEventLevel.rawValue, admission.strangersNotes.allows(at: now) else {
      return
    }
    let leftOut = admission.strangersNotes.takeExcess()
    if leftOut > 0 {
      note(
        .debug, .datagramDropped, tunnel: nil,
        "\(leftOut) more datagrams were dropped, too many to log each reason; 'pwmgr status' counts them")
    }
    note(.debug, .datagramDropped, tunnel: tunnel, message())
  }
}
