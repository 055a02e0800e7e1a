/// Where a control connection is in its life. Each place has the deadline that belongs to it, and no other.
enum ConnectionLife: Equatable, Codable {
  /// Its socket is being opened.
  case opening(until: Instant)
  /// The state machine of RFC 3931 section 7.2 runs, and the handshake is not through.
  case handshaking(until: Instant)
  /// The handshake is through: sessions can be signalled.
  case established
  /// Our StopCCN is out. The data path goes when that is acknowledged, or at this moment; nil once it has gone.
  case closing(dataPathUntil: Instant?)
  /// The peer's StopCCN came. Copies of it are acknowledged until this moment (RFC 3931 section 3.3.2).
  case stopped(until: Instant)

  /// When something has to be done about it if nothing else happens.
  var deadline: Instant? {
    switch self {
    case .opening(let until), .handshaking(let until), .stopped(let until): until
    case .closing(let until): until
    case .established: nil
    }
  }

  var isOpening: Bool { if case .opening = self { true } else { false } }

  /// Whether the state machine runs.
  var isRunning: Bool {
    switch self {
    case .handshaking, .established: true
    case .opening, .closing, .stopped: false
    }
  }

  var isClosing: Bool { if case .closing = self { true } else { false } }

  var isStopped: Bool { if case .stopped = self { true } else { false } }

  /// The socket is open: the handshake has the rest of the time that there is for a set-up.
  mutating func begin() {
    if case .opening(let until) = self { self = .handshaking(until: until) }
  }

  /// Gives the handshake more time.
  mutating func extend(until least: Instant) {
    if case .handshaking(let until) = self { self = .handshaking(until: max(until, least)) }
  }

  /// The data path of a connection that is closing has gone.
  mutating func dataPathGone() {
    if case .closing = self { self = .closing(dataPathUntil: nil) }
  }
}
