/// Whether the messages of a control connection may leave, as far as that depends on the protection of its packets. The
/// machine is asked about each place that the peer is at, before the first message to there.
struct ConnectionProtection: Equatable, Codable {
  /// Whether nothing may leave, because the answer about the peer's place is not here yet.
  private(set) var isHeld = false
  /// Whether a question has no answer yet.
  private(set) var isAsking = false
  /// Whether something has changed since that question: its answer may be of before.
  private(set) var isStale = false
  /// The place of the peer that the last answer which let messages pass was about.
  private var answeredPlace: Endpoint?
  /// What waits for the answer.
  private var next: Step?

  /// Something that is done as soon as messages may leave.
  enum Step: Codable {
    /// The socket is open: its first use.
    case begin
    /// The peer is somewhere else than before: the socket is connected to it.
    case connect
  }

  /// Whether messages to a place may leave.
  func covers(_ place: Endpoint) -> Bool { !isHeld && answeredPlace == place }

  /// Lets nothing leave before the next answer.
  ///
  /// - Parameter step: what is done then; nil leaves what waits already.
  mutating func hold(_ step: Step?) {
    isHeld = true
    if let step { next = step }
  }

  /// A question goes out, unless another one has no answer yet.
  ///
  /// - Parameter hasChanged: whether that one's answer may be of before a change: it is asked once more then.
  /// - Returns: whether it goes out now.
  mutating func ask(hasChanged: Bool) -> Bool {
    if isAsking {
      isStale = isStale || hasChanged
      return false
    }
    isAsking = true
    return true
  }

  /// The answer has come.
  mutating func answered() { (isAsking, isStale) = (false, false) }

  /// Messages to a place may leave.
  ///
  /// - Returns: what has waited for it.
  mutating func release(_ place: Endpoint?) -> Step? {
    defer { next = nil }
    isHeld = false
    answeredPlace = place
    return next
  }
}
