/// Session messages that do not name a session of ours: the peer has mixed up its identifiers, or ours.
///
/// Some cross the end of the session that they are about, which is not a fault: those are only counted.
extension Engine {
  mutating func noteMisnamed(
    _ message: ControlMessage, _ identifiers: SessionIdentifiers, on connection: ConnectionReference
  ) {
    admission.dropped.misnamed += 1
    let tunnel = connections[connection].tunnel
    let name = identifiers.remote == .unknown ? "none" : "\(identifiers.remote.rawValue)"
    let waiting = pseudowireAwaiting(message.messageType, on: connection)
    let ours = waiting.flatMap { pseudowires[$0].session }.map { sessions[$0].localID.rawValue }
    let words =
      "dropped \(message.messageType.words) of the peer's session \(identifiers.local.rawValue): its Remote Session ID "
      + "is \(name), and no session here has that" + (ours.map { "; the one that waits is \($0)" } ?? "")
    let hasCrossed =
      connections[connection].sessionEndedAt.map { now - $0 < EngineLimits.stoppedStateLifetime } ?? false
    guard !hasCrossed, !connections[connection].hasToldMisnamed else {
      return note(.debug, .protocolStep, tunnel: tunnel, words)
    }
    connections[connection].hasToldMisnamed = true
    if let waiting {
      sessionFailed(waiting, words)
    } else {
      note(.warning, .messageRefused, tunnel: tunnel, words)
    }
  }

  /// The one pseudowire that waits for such a message; nil where none does, or more than one.
  private func pseudowireAwaiting(
    _ type: MessageType, on connection: ConnectionReference
  ) -> PseudowireReference? {
    let state: CallMachine.State
    switch type {
    case .incomingCallReply: state = .waitReply
    case .incomingCallConnected: state = .waitConnect
    default: return nil
    }
    var found: PseudowireReference?
    for pseudowire in tunnels[connections[connection].tunnel].pseudowires
    where pseudowires[pseudowire].machine.state == state && runs(pseudowire, over: connection) {
      guard found == nil else { return nil }
      found = pseudowire
    }
    return found
  }
}
