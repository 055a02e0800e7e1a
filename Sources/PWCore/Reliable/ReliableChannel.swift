internal import DequeModule

/// Reliable, ordered delivery of one control connection's messages (RFC 3931 section 4.2): numbers, window,
/// retransmission and acknowledgement, and nothing of what the messages mean.
///
/// It owns no socket and no clock. Its owner sends what `nextTransmission` and `acknowledgementHeader` hand out,
/// and calls `expire` when `deadline` has come.
struct ReliableChannel: Codable {
  /// A message in the queue, with the fields that change at each transmission left open.
  struct Outgoing: Codable {
    /// The encoded message.
    var message: EncodedMessage
    /// Whether it is an SCCRQ, which has a retransmission count of its own.
    var isRequest: Bool
  }

  /// A message that came before its predecessors.
  private struct Early: Codable {
    var ns: UInt16
    var octets: [UInt8]
  }

  /// The place of a message that arrived in the sequence, and what follows from it.
  enum Reception: Equatable {
    /// The next one: hand it on, then look for `nextInOrder`.
    case deliver
    /// Had it already; it will be acknowledged again.
    case duplicate
    /// Early: kept until its predecessors come.
    case kept
    /// Too early to be kept; the peer will send it again.
    case discarded
  }

  /// The consequence of the passing of `deadline`.
  enum Expiry: Equatable {
    /// Too early: nothing.
    case nothing
    /// Something is due again: `nextTransmission` hands it out.
    case retransmit
    /// The peer does not answer: clear the connection.
    case lost
  }

  /// The peer's identifier, 0 until it is known.
  var peerID = ControlConnectionID.unknown
  /// Messages that wait for their acknowledgement or their turn, oldest first.
  private var queue = Deque<Outgoing>()
  /// Ns of `queue.first`.
  private var firstNs: UInt16 = 0
  /// How many of the queue are in flight in this round.
  private var inFlight = 0
  /// How many of the queue have ever been sent: an Nr beyond them is a lie.
  private var everSent = 0
  /// The next Ns expected.
  private(set) var nr: UInt16 = 0
  private var window = CongestionWindow(limit: Self.presumedWindow)
  private var early: [Early] = []
  /// How often the oldest message has been sent again.
  private(set) var retransmissions = 0
  private var timeoutNanoseconds: UInt64
  /// When the oldest message in flight is due again.
  private(set) var deadline: Instant?
  /// When the oldest message in flight went again before it was due.
  private var repeatedAt: Instant?
  /// Whether the peer waits for an acknowledgement that nothing has carried yet.
  private(set) var owesAcknowledgement = false
  private var initialTimeoutNanoseconds: UInt64
  private var maximumTimeoutNanoseconds: UInt64
  /// How often a message is sent again before the connection is given up.
  private(set) var maximumRetransmissions: Int
  private var maximumRequestRetransmissions: Int
  private let receiveWindow: UInt16

  /// The window of a peer that has not said otherwise (RFC 3931 section 5.4.3).
  static let presumedWindow = 4
  /// The most messages in flight, whatever the peer takes: numbers are compared modulo 2^16 (RFC 3931 section 4.2).
  static let largestWindow = 0x4000
  /// The most messages that are kept out of order, whatever window we advertise.
  static let earlyLimit = 256

  /// A channel that has neither sent nor received.
  init(reliability: Reliability) {
    initialTimeoutNanoseconds = reliability.initialTimeout.wholeNanoseconds
    maximumTimeoutNanoseconds = reliability.maximumTimeout.wholeNanoseconds
    timeoutNanoseconds = initialTimeoutNanoseconds
    maximumRetransmissions = reliability.maximumRetransmissions
    maximumRequestRetransmissions = reliability.maximumRequestRetransmissions
    receiveWindow = reliability.receiveWindow
  }

  /// Repeats messages by another declaration from now on; a wait that has begun goes on as it is. The receive window
  /// stays: the peer has been told of it (RFC 3931 section 5.4.3).
  mutating func repeatMessages(as reliability: Reliability) {
    initialTimeoutNanoseconds = reliability.initialTimeout.wholeNanoseconds
    maximumTimeoutNanoseconds = reliability.maximumTimeout.wholeNanoseconds
    maximumRetransmissions = reliability.maximumRetransmissions
    maximumRequestRetransmissions = reliability.maximumRequestRetransmissions
    if inFlight == 0 { timeoutNanoseconds = initialTimeoutNanoseconds }
  }

  /// Messages that are not acknowledged yet, sent or not.
  var pendingCount: Int { queue.count }
  /// Whether everything that we said has been acknowledged.
  var isIdle: Bool { queue.isEmpty }
  /// Whether half of all repetitions have stayed unanswered, one at least.
  var isHalfLost: Bool { retransmissions > 0 && 2 * retransmissions >= maximumRetransmissions }
  /// Whether the oldest message is not sent again any more: the next time that it is due the peer is given up.
  var hasRepeatedLast: Bool {
    guard let oldest = queue.first else { return false }
    return retransmissions >= (oldest.isRequest ? maximumRequestRetransmissions : maximumRetransmissions)
  }
  /// The Ns that the next new message will have, which an acknowledgement carries too.
  var nextNs: UInt16 { firstNs &+ UInt16(truncatingIfNeeded: queue.count) }
  /// Whether the peer has acknowledged a message of ours: one that was given this Ns when it was queued.
  func isAcknowledged(ns: UInt16) -> Bool { SequenceNumber.isAtOrBefore(ns, last: firstNs &- 1) }
  /// The Ns of the first message that was never sent: what an acknowledgement that overtakes the queue carries.
  var unsentNs: UInt16 { firstNs &+ UInt16(truncatingIfNeeded: everSent) }

  /// The peer's Receive Window Size.
  mutating func setPeerWindow(_ size: UInt16?) {
    window.setLimit(size.map { min(Int($0), Self.largestWindow) } ?? Self.presumedWindow)
  }

  /// Puts a message at the end of the queue.
  mutating func enqueue(_ message: EncodedMessage, isRequest: Bool = false) {
    queue.append(Outgoing(message: message, isRequest: isRequest))
  }

  /// Forgets whatever was never sent: it has no number yet, and something more important follows.
  mutating func dropUnsent() {
    queue.removeLast(queue.count - everSent)
  }

  /// Forgets whatever has not been acknowledged: nobody waits for it any more. Acknowledging goes on.
  mutating func dropQueue() {
    firstNs = unsentNs
    queue.removeAll()
    inFlight = 0
    everSent = 0
    deadline = nil
  }

  // MARK: Sending

  /// The next message that the window lets out, its header filled in: new, or due again. nil when there is none.
  mutating func nextTransmission(at now: Instant) -> EncodedMessage? {
    guard inFlight < queue.count, inFlight < window.size else { return nil }
    let ns = firstNs &+ UInt16(truncatingIfNeeded: inFlight)
    queue[inFlight].message.setHeader(connectionID: peerID, ns: ns, nr: nr)
    let message = queue[inFlight].message
    inFlight += 1
    everSent = max(everSent, inFlight)
    owesAcknowledgement = false
    if deadline == nil { deadline = now.advanced(nanoseconds: timeoutNanoseconds) }
    return message
  }

  /// How long the oldest message is that waits for its acknowledgement, or to be sent; nil where there is none.
  var oldestOctets: Int? { queue.first?.message.octets.count }

  /// The oldest message that was sent and is not acknowledged, its header filled in, and its Ns; nil where there is
  /// none.
  mutating func oldestOut() -> (message: EncodedMessage, ns: UInt16)? {
    guard everSent > 0 else { return nil }
    queue[0].message.setHeader(connectionID: peerID, ns: firstNs, nr: nr)
    return (queue[0].message, firstNs)
  }

  /// The numbers of an explicit acknowledgement, if one is owed; it is not owed any more then.
  mutating func takeAcknowledgement() -> (ns: UInt16, nr: UInt16)? {
    guard owesAcknowledgement else { return nil }
    owesAcknowledgement = false
    return (unsentNs, nr)
  }

  /// Sends what is in flight again at a moment of the caller's choice.
  mutating func postpone(until deadline: Instant) { self.deadline = deadline }

  /// The clock has come to `now`.
  mutating func expire(at now: Instant) -> Expiry {
    guard let deadline, deadline <= now, !queue.isEmpty else { return .nothing }
    guard !hasRepeatedLast else {
      self.deadline = nil
      return .lost
    }
    retransmissions += 1
    timeoutNanoseconds = min(timeoutNanoseconds &* 2, maximumTimeoutNanoseconds)
    window.lost()
    // Messages in flight behind the oldest go again too, as the window opens; those that arrived are acknowledged
    // meanwhile.
    inFlight = 0
    self.deadline = now.advanced(nanoseconds: timeoutNanoseconds)
    return .retransmit
  }

  /// The message that waits for its acknowledgement, where it is the only one.
  var onlyPending: EncodedMessage? { queue.count == 1 ? queue[0].message : nil }

  /// Begins to count anew how often the oldest message is sent again: something else has shown that the peer is there.
  mutating func goOnRepeating(at now: Instant) {
    retransmissions = 1
    inFlight = 0
    deadline = now.advanced(nanoseconds: timeoutNanoseconds)
  }

  /// The peer says again what the oldest message in flight answers: that one goes again before it is due, but not more
  /// often than at first. Whether the peer is there is still told by `deadline`.
  mutating func repeatFirst(at now: Instant) {
    guard inFlight > 0, let deadline else { return }
    let pause = Duration.nanoseconds(Int64(clamping: initialTimeoutNanoseconds))
    let sinceSent = Duration.nanoseconds(Int64(clamping: timeoutNanoseconds)) - (deadline - now)
    guard sinceSent >= pause, repeatedAt.map({ now - $0 >= pause }) ?? true else { return }
    repeatedAt = now
    inFlight = 0
  }

  // MARK: Receiving

  /// Takes the Nr of any authentic message: what it covers leaves the queue.
  ///
  /// - Returns: how many messages it acknowledged; nil when it names one that was never sent (then nothing changes).
  mutating func acknowledge(_ nr: UInt16, at now: Instant) -> Int? {
    let count = SequenceNumber.distance(from: firstNs, to: nr)
    guard count < 0x8000 else { return 0 }
    guard count <= everSent else { return nil }
    guard count > 0 else { return 0 }
    // One by one: mostly there is one, and moving it out is cheaper than closing a gap.
    for _ in 0..<count { queue.removeFirst() }
    firstNs = nr
    everSent -= count
    inFlight = max(0, inFlight - count)
    window.acknowledged(count)
    retransmissions = 0
    timeoutNanoseconds = initialTimeoutNanoseconds
    deadline = inFlight > 0 ? now.advanced(nanoseconds: timeoutNanoseconds) : nil
    return count
  }

  /// Takes the Ns of a message that is not an acknowledgement.
  ///
  /// - Parameters:
  ///   - ns: its number.
  ///   - octets: the message, kept when it is early.
  mutating func receive(ns: UInt16, octets: @autoclosure () -> [UInt8]) -> Reception {
    if ns == nr {
      nr &+= 1
      owesAcknowledgement = true
      return .deliver
    }
    if SequenceNumber.isAtOrBefore(ns, last: nr &- 1) {
      owesAcknowledgement = true
      return .duplicate
    }
    let limit = min(Int(receiveWindow), Self.earlyLimit)
    guard SequenceNumber.distance(from: nr, to: ns) < limit else { return .discarded }
    guard !early.contains(where: { $0.ns == ns }) else { return .kept }
    early.append(Early(ns: ns, octets: octets()))
    return .kept
  }

  /// Owes an acknowledgement of a message that is known for a copy by other signs than its Ns.
  mutating func acknowledgeCopy() { owesAcknowledgement = true }

  /// A message that came early and whose turn has come.
  mutating func nextInOrder() -> [UInt8]? {
    guard !early.isEmpty, let index = early.firstIndex(where: { $0.ns == nr }) else { return nil }
    nr &+= 1
    owesAcknowledgement = true
    return early.remove(at: index).octets
  }
}
