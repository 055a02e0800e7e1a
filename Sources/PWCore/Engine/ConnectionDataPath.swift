/// The data path of a control connection at the data plane, in which those of its sessions are made.
struct ConnectionDataPath: Codable {
  private(set) var state = State.none
  /// Sessions that wait for it.
  private var waiting: [SessionReference] = []
  /// Interfaces of sessions that are over and whose data path goes with the connection's.
  private var endedInterfaces: [String] = []

  /// How far it has been made.
  enum State: Codable {
    case none
    /// The data plane has been asked for it.
    case making
    /// Sessions can be made.
    case ready
  }

  /// Whether sessions can be made.
  var isReady: Bool { state == .ready }

  /// It is asked for.
  mutating func begin() { state = .making }

  /// It is there.
  ///
  /// - Returns: the sessions that have waited for it.
  mutating func made() -> [SessionReference] {
    state = .ready
    let sessions = waiting
    waiting = []
    return sessions
  }

  /// It could not be made.
  mutating func failed() { state = .none }

  /// A session needs it.
  mutating func await(_ session: SessionReference) { waiting.append(session) }

  /// The sessions end, and none waits any more.
  mutating func stopWaiting() { waiting.removeAll() }

  /// A session whose data path goes with the connection's is over.
  mutating func ended(interface: String) { endedInterfaces.append(interface) }

  /// It is to be removed.
  ///
  /// - Returns: the names that are free when it is gone; nil where there is no data path.
  mutating func remove() -> [String]? {
    guard state != .none else { return nil }
    let interfaces = endedInterfaces
    self = ConnectionDataPath()
    return interfaces
  }
}
