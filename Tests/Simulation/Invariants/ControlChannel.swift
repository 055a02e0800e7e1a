import PWCore

/// One control connection as its messages show it at one end: a second book of Ns and Nr, kept by nobody but the test.
///
/// RFC 3931 section 4.2 says what must hold: each new message has the next Ns, no more are unacknowledged than the peer's
/// window takes, a retransmission says the same again, and Nr names what has come, no more and no less.
struct ControlChannel {
  /// A message that is out and not acknowledged.
  struct Sent {
    var message: ControlMessage
    var lastTransmission: Instant
    var transmissions: Int
  }

  let localID: ControlConnectionID
  var peerID = ControlConnectionID.unknown
  var peerAddress: IPAddress
  /// The peer's Receive Window Size; before it is known only SCCRQ, and a StopCCN after it, may be out.
  var peerWindow: Int?
  /// The longest that we may wait before sending again.
  var maximumTimeout: Duration
  private(set) var nextNs: UInt16 = 0
  private(set) var firstUnacknowledged: UInt16 = 0
  private(set) var unacknowledged: [UInt16: Sent] = [:]
  /// Ns of HELLOs that the peer has acknowledged.
  private var acknowledgedHellos: Set<UInt16> = []
  /// One past the last Ns that a message from another place acknowledges: nobody outside can tell whether it was taken.
  private var perhapsAcknowledged: UInt16 = 0
  private var received: Set<UInt16> = []
  /// Nr if everything early was kept, and if nothing was.
  private var mostNr: UInt16 = 0
  private var leastNr: UInt16 = 0
  /// Whether nonces were exchanged: then a message without a digest is nobody's (RFC 3931 section 4.3).
  var isAuthenticated = false
  var acknowledgementOwedSince: Instant?

  /// The window before the peer has said its own: SCCRQ and what may follow it at once.
  static let initialWindow = 2

  init(localID: ControlConnectionID, peerAddress: IPAddress, maximumTimeout: Duration) {
    self.localID = localID
    self.peerAddress = peerAddress
    self.maximumTimeout = maximumTimeout
  }

  // MARK: Sent

  mutating func sent(_ header: ControlHeader, _ message: ControlMessage?, at now: Instant) throws(Breach) {
    try check(nr: header.nr)
    acknowledgementOwedSince = nil
    guard let message, !message.isAcknowledgement else {
      // An acknowledgement carries the number of a message that was not sent yet (RFC 3931 section 4.2).
      guard header.ns == nextNs else {
        throw Breach("an acknowledgement has Ns \(header.ns), the next one is \(nextNs)")
      }
      return
    }
    if header.ns == nextNs {
      try sentAnew(header, message, at: now)
    } else {
      try sentAgain(header, message, at: now)
    }
  }

  private mutating func sentAnew(_ header: ControlHeader, _ message: ControlMessage, at now: Instant) throws(Breach) {
    let window = peerWindow ?? Self.initialWindow
    let first = isPerhapsAcknowledged(firstUnacknowledged) ? perhapsAcknowledged : firstUnacknowledged
    guard Int(nextNs &- first) < window else {
      throw Breach("\(message.messageType.name) with Ns \(header.ns) exceeds the peer's window of \(window)")
    }
    unacknowledged[nextNs] = Sent(message: message, lastTransmission: now, transmissions: 1)
    nextNs &+= 1
  }

  private mutating func sentAgain(_ header: ControlHeader, _ message: ControlMessage, at now: Instant) throws(Breach) {
    // A probe of the path says an acknowledged HELLO again, however long.
    if case .hello = message, acknowledgedHellos.contains(header.ns) { return }
    guard let sent = unacknowledged[header.ns] else {
      throw Breach(
        "\(message.messageType.name) has Ns \(header.ns), neither the next (\(nextNs)) nor one that is unacknowledged")
    }
    guard sent.message == message else {
      throw Breach("\(message.messageType.name) has the Ns \(header.ns) of another message, \(sent.message)")
    }
    unacknowledged[header.ns]?.lastTransmission = now
    unacknowledged[header.ns]?.transmissions += 1
  }

  /// Whether the numbers are those of what may be sent next, or again.
  func admits(_ header: ControlHeader) -> Bool {
    admits(nr: header.nr)
      && (header.ns == nextNs || unacknowledged[header.ns] != nil || acknowledgedHellos.contains(header.ns))
  }

  /// Whether an Nr is between the two numbers, modulo 2^16.
  func admits(nr: UInt16) -> Bool { nr &- leastNr <= mostNr &- leastNr }

  private func check(nr: UInt16) throws(Breach) {
    guard admits(nr: nr) else {
      throw Breach("Nr is \(nr), but what has come makes it \(leastNr) to \(mostNr)")
    }
  }

  // MARK: Received

  mutating func arrived(_ header: ControlHeader, _ message: ControlMessage?, at now: Instant) {
    guard canAcknowledge(header.nr) else { return }
    if header.nr &- firstUnacknowledged < 0x8000 {
      while firstUnacknowledged != header.nr {
        if case .hello = unacknowledged[firstUnacknowledged]?.message { acknowledgedHellos.insert(firstUnacknowledged) }
        unacknowledged[firstUnacknowledged] = nil
        firstUnacknowledged &+= 1
      }
    }
    guard let message, !message.isAcknowledgement else { return }
    received.insert(header.ns)
    if header.ns == leastNr { leastNr &+= 1 }
    while received.contains(mostNr) { mostNr &+= 1 }
    // A message that came too early need not be acknowledged: it may have been dropped.
    if hasInOrder(header.ns), acknowledgementOwedSince == nil { acknowledgementOwedSince = now }
  }

  /// An authentic message from another place than the peer's: one that has its peer by its digest alone may take it.
  mutating func mayHaveArrived(_ header: ControlHeader, _ message: ControlMessage?) {
    guard canAcknowledge(header.nr) else { return }
    // A copy of an old message acknowledges less than others have, and brings what it brings all the same.
    if header.nr &- firstUnacknowledged < 0x8000, !isPerhapsAcknowledged(header.nr) { perhapsAcknowledged = header.nr }
    guard let message, !message.isAcknowledgement else { return }
    received.insert(header.ns)
    while received.contains(mostNr) { mostNr &+= 1 }
  }

  /// Whether an Nr acknowledges nothing that was never sent: a message that does means another connection.
  private func canAcknowledge(_ nr: UInt16) -> Bool {
    let count = nr &- firstUnacknowledged
    return count <= nextNs &- firstUnacknowledged || count >= 0x8000
  }

  /// Whether a message that is not acknowledged for sure may be.
  func isPerhapsAcknowledged(_ ns: UInt16) -> Bool {
    let count = perhapsAcknowledged &- firstUnacknowledged
    return count < 0x8000 && ns &- firstUnacknowledged < count
  }

  /// Whether a message has come in its turn, so that even a receiver that keeps nothing early has taken it.
  func hasInOrder(_ ns: UInt16) -> Bool {
    leastNr != ns && leastNr &- ns < 0x8000
  }

  // MARK: Liveness

  /// The longest that an acknowledgement may take: it must not be held back (RFC 3931 section 4.2).
  static let longestAcknowledgementDelay = Duration.seconds(1)

  /// Throws if something has not happened though it is due, on a connection that its owner calls alive.
  func overdue(at now: Instant) throws(Breach) {
    if let since = acknowledgementOwedSince, now - since > Self.longestAcknowledgementDelay {
      throw Breach("a message that came at \(Trace.seconds(since)) s is not acknowledged")
    }
    guard let oldest = unacknowledged[firstUnacknowledged], !isPerhapsAcknowledged(firstUnacknowledged) else { return }
    guard now - oldest.lastTransmission <= maximumTimeout + .seconds(1) else {
      throw Breach(
        "\(oldest.message.messageType.name) with Ns \(firstUnacknowledged) was last sent at "
          + "\(Trace.seconds(oldest.lastTransmission)) s and never acknowledged: it is not sent again")
    }
  }
}

extension ControlMessage {
  var isAcknowledgement: Bool {
    if case .acknowledgement = self { true } else { false }
  }
}
