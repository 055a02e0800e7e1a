extension Engine {
  /// An identifier that is neither 0 nor taken.
  mutating func newConnectionID() -> ControlConnectionID {
    while true {
      let identifier = ControlConnectionID(rawValue: UInt32(truncatingIfNeeded: turn.entropy.next()))
      if identifier != .unknown, connectionsByID[identifier] == nil { return identifier }
    }
  }

  /// An identifier that is neither 0 nor taken by any session of ours, whatever its connection: the kernel wants that over
  /// IP (RFC 3931 section 4.1 only asks for it within a connection's peer).
  mutating func newSessionID() -> SessionID {
    while true {
      let identifier = SessionID(rawValue: UInt32(truncatingIfNeeded: turn.entropy.next()))
      if identifier != .unknown, sessionsByID[identifier] == nil { return identifier }
    }
  }

  /// The same, given to a session at once: one search finds both whether it is taken and where it goes.
  mutating func newSessionID(for session: SessionReference) -> SessionID {
    while true {
      let identifier = SessionID(rawValue: UInt32(truncatingIfNeeded: turn.entropy.next()))
      if identifier != .unknown, sessionsByID.insert(identifier, for: session) { return identifier }
    }
  }

  /// The wait after so many failures in a row: doubling, capped, with jitter.
  mutating func backOff(_ failures: Int, _ reconnection: Reconnection) -> Duration {
    var delay = reconnection.initialDelay
    for _ in 1..<max(failures, 1) where delay < reconnection.maximumDelay { delay = delay * 2 }
    return turn.jittered(min(delay, reconnection.maximumDelay))
  }
}
