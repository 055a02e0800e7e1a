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
  /// The last answer, which a tunnel takes over as soon as this connection serves it; nil while nothing is known.
  private(set) var found: Protection?
  /// The step that is taken as soon as messages may leave; nil where only messages wait.
  private var next: Step?

  /// Something that is done as soon as messages may leave.
  enum Step: Codable {
    /// The socket is open: its first use.
    case begin
    /// The peer is somewhere else than before: the socket is connected to it.
    case connect
    /// The socket is connected: its first use.
    case beginConnected
  }

  /// Whether messages to a place may leave.
  func covers(_ place: Endpoint) -> Bool { !isHeld && answeredPlace == place }

  /// Lets nothing leave before the next answer.
  ///
  /// - Parameter step: the step to take then; with nil, a step that waits already stays.
  mutating func hold(_ step: Step?) {
    isHeld = true
    if let step { next = step }
  }

  /// Something has changed that answers depend on: the last one counts no more, and neither does one on its way.
  mutating func void() {
    (answeredPlace, found) = (nil, nil)
    isStale = isAsking
  }

  /// A question goes out, unless another one has no answer yet.
  ///
  /// - Returns: whether it goes out now.
  mutating func ask() -> Bool {
    guard !isAsking else { return false }
    isAsking = true
    return true
  }

  /// The answer has come.
  ///
  /// - Parameter protection: the answer; nil where it is about a place or a state of the machine of before.
  mutating func answered(_ protection: Protection?) { (isAsking, isStale, found) = (false, false, protection) }

  /// Messages to a place may leave.
  ///
  /// - Returns: the step to take now, if one was waiting.
  mutating func release(_ place: Endpoint?) -> Step? {
    defer { next = nil }
    isHeld = false
    answeredPlace = place
    return next
  }
}
