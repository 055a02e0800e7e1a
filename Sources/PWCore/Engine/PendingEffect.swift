/// What an effect was asked for, kept until it is answered.
enum PendingEffect {
  /// Its answer changes nothing.
  case unwatched
  /// A peer's name.
  case resolve(TunnelReference)
  /// A listener, by its socket.
  case listen(SocketID)
  /// A connection's socket.
  case openSocket(ConnectionReference)
  /// The same, being connected.
  case connectSocket(ConnectionReference)
  /// A connection's data path.
  case createTunnel(ConnectionReference)
  /// A session's data path, and which attempt's.
  case createSession(PseudowireReference, attempt: UInt32)
  /// A pseudowire's links, for a session in this phase.
  case setLinks(PseudowireReference, attempt: UInt32, phase: PluginQuestion.Phase)
  /// The end of data paths: these interface names can be used again after it.
  case removal(interfaces: [String])
  /// The same for the whole data path of a connection, its socket with it.
  case tunnelRemoval(ConnectionReference, interfaces: [String])
}

/// What a plugin was asked about.
struct PendingConsultation {
  /// The pseudowire.
  var pseudowire: PseudowireReference
  /// Which of its sessions.
  var attempt: UInt32
  /// Where the session was.
  var phase: PluginQuestion.Phase
  /// When it was asked.
  var askedAt: Instant
}

/// A deadline in the heap. Entries are not taken out when a deadline moves; what has come is checked against what is.
struct TimerEntry: Comparable {
  /// When.
  var deadline: Instant
  /// What for.
  var target: Target

  /// What a deadline is for.
  enum Target {
    /// A tunnel's next attempt.
    case tunnel(TunnelReference)
    /// Anything of a connection.
    case connection(ConnectionReference)
    /// A session's next attempt.
    case pseudowire(PseudowireReference)
    /// A listener's next attempt.
    case listener(SocketID)
    /// The end of a shutdown's patience.
    case shutdown
  }

  /// Whether `left` comes first.
  static func < (left: TimerEntry, right: TimerEntry) -> Bool { left.deadline < right.deadline }
  /// Whether both come at once.
  static func == (left: TimerEntry, right: TimerEntry) -> Bool { left.deadline == right.deadline }
}
