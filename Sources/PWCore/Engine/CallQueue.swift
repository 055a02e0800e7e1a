internal import DequeModule

/// The calls over a control connection: those whose message waits for room, and those that are being set up.
struct CallQueue: Codable {
  /// Calls and circuit changes whose message is not queued yet.
  private var work = Deque<Work>()
  /// Set-ups under way, oldest first; those that are through by now are passed over.
  private var setups = Deque<Setup>()
  /// Outgoing calls whose OCCN waits for its acknowledgement, in the order of their numbers.
  private var unconfirmed = Deque<Confirmation>()
  /// Calls whose ICRP is not here yet.
  private var unansweredCount = 0
  /// Whether the peer has acknowledged the last message of the handshake that we sent: it is ready for calls then.
  private(set) var isPeerReady = false
  /// When calls wait no longer for that acknowledgement; nil while they do not wait for it.
  private(set) var readyDeadline: Instant?
  /// When the responder of the connection begins to call; nil while nothing is waited for.
  private(set) var startDeadline: Instant?

  /// Something whose message goes into the queue when there is room.
  enum Work: Codable {
    /// Send ICRQ.
    case call(PseudowireReference)
    /// Send SLI.
    case circuitStatus(SessionReference)
  }

  /// An OCCN that is out.
  private struct Confirmation: Codable {
    /// The Ns of the OCCN.
    var ns: UInt16
    /// The session that the OCCN is for.
    var session: SessionReference
  }

  /// A set-up and when it is given up.
  struct Setup: Codable {
    /// The session that is being set up.
    var session: SessionReference
    /// When it is given up.
    var deadline: Instant
  }

  // MARK: Messages to queue

  /// Whether no message waits for room.
  var isEmpty: Bool { work.isEmpty }
  /// The next message to queue.
  var next: Work? { work.first }

  mutating func append(_ pseudowire: PseudowireReference) { work.append(.call(pseudowire)) }

  /// Puts an SLI before the calls, which may have to wait for their turn.
  mutating func prepend(circuitStatusOf session: SessionReference) { work.prepend(.circuitStatus(session)) }

  mutating func removeFirst() { work.removeFirst() }

  // MARK: Our own calls

  /// Whether one more ICRQ may go unanswered.
  func mayCall(limit: Int) -> Bool { unansweredCount < limit }

  /// ICRQ is out.
  mutating func called() { unansweredCount += 1 }

  /// Its answer is here, or is not waited for any more.
  mutating func answered() { unansweredCount -= 1 }

  /// The peer has acknowledged the handshake.
  mutating func peerIsReady() {
    isPeerReady = true
    readyDeadline = nil
  }

  /// The last message of the handshake goes out: calls wait for its acknowledgement, but not for ever. A peer that
  /// acknowledges with its next message alone has none to send before it is called.
  mutating func awaitReadiness(until deadline: Instant) { readyDeadline = deadline }

  /// Whether the wait for that acknowledgement has just come to its end without it.
  mutating func isReady(at now: Instant) -> Bool {
    guard let readyDeadline, readyDeadline <= now else { return false }
    peerIsReady()
    return true
  }

  /// Lets the peer call first.
  mutating func wait(until moment: Instant) { startDeadline = moment }

  /// The wait for the peer's calls is over, and any other.
  mutating func start() {
    startDeadline = nil
    readyDeadline = nil
  }

  // MARK: Set-ups under way

  /// The set-up that began first, perhaps through by now.
  var oldestSetup: Setup? { setups.first }

  /// A session's set-up begins. The deadlines of a connection's set-ups come in the order in which they begin.
  mutating func begin(_ session: SessionReference, until deadline: Instant) {
    setups.append(Setup(session: session, deadline: deadline))
  }

  mutating func removeOldestSetup() { setups.removeFirst() }

  /// The session of the first set-up that satisfies a predicate.
  func setup(where predicate: (Setup) -> Bool) -> SessionReference? { setups.first(where: predicate)?.session }

  // MARK: OCCNs that are out

  mutating func confirm(_ session: SessionReference, ns: UInt16) {
    unconfirmed.append(Confirmation(ns: ns, session: session))
  }

  /// Takes out the next session whose OCCN has been acknowledged.
  mutating func nextConfirmed(by channel: borrowing ReliableChannel) -> SessionReference? {
    guard let first = unconfirmed.first, channel.isAcknowledged(ns: first.ns) else { return nil }
    unconfirmed.removeFirst()
    return first.session
  }

  // MARK: The end

  /// The connection ends, and every call with it.
  mutating func removeAll() {
    work.removeAll()
    setups.removeAll()
    unconfirmed.removeAll()
  }
}
