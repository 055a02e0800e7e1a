/// The evidence that the peer of a control connection is there, and that it is not.
struct PeerPresence: Codable {
  /// When anything authentic last came from the peer, data included.
  private(set) var lastHeard: Instant
  /// Whether it has been silent for so long that frames are not taken to pass any more.
  var isSilent = false
  /// Whether somebody has said in the peer's name that it knows nothing of the connection, and it has acknowledged
  /// nothing since.
  var isDoubted = false
  /// The report that the peer is out of reach, if it has acknowledged nothing since.
  var suspicion: Suspicion?
  /// Where a message for the connection last came from that is not the peer's address; nil once the peer was heard.
  private(set) var otherAddress: IPAddress?
  /// When data last came from it.
  private(set) var lastData: Instant?
  /// When the oldest message that it has not acknowledged was sent again first.
  var unansweredSince: Instant?
  /// Until when a report counts that the peer of a tunnel without signalling is out of reach: nobody can be asked.
  private(set) var suspicionDeadline: Instant?
  /// When a HELLO was last queued.
  private var helloAt: Instant?
  /// When a HELLO is due if nothing comes before; without signalling, when the peer is taken for silent.
  private(set) var helloDeadline: Instant?

  /// A report that the peer is out of reach, and the moment that it came, counted in retransmissions.
  struct Suspicion: Equatable, Codable {
    /// The reason that the system or a router has given.
    var failure: Unreachable
    /// How often the oldest message had been sent again by then.
    var retransmissions: Int
    /// Whether the peer has left something unanswered since.
    var isConfirmed = false
    /// When the report came; nil in recordings of versions that did not note it.
    var since: Instant?
  }

  init(heardAt now: Instant) { lastHeard = now }

  /// Something authentic came.
  mutating func heard(at now: Instant) {
    lastHeard = now
    if otherAddress != nil { otherAddress = nil }
  }

  /// Something came from another address, and was dropped.
  mutating func heardElsewhere(_ address: IPAddress) { otherAddress = address }

  /// Data came.
  mutating func dataCame(at now: Instant) { lastData = now }

  /// Whether data shows that the peer is there, though it leaves a message unanswered: some has come since, and lately.
  ///
  /// - Parameters:
  ///   - delay: how late it may be told that data has come.
  ///   - time: how long data shows it.
  func isShownByData(toldAfter delay: Duration, for time: Duration, at now: Instant) -> Bool {
    guard let lastData, let unansweredSince else { return false }
    return lastData - unansweredSince > delay && now - lastData < time
  }

  /// A HELLO is due when nothing has come for this long (RFC 3931 section 4.4).
  mutating func expectSign(within interval: Duration) {
    helloDeadline = (helloAt.map { max($0, lastHeard) } ?? lastHeard) + interval
  }

  /// A HELLO is queued. The time to the next one counts from here: an unanswered one is sent again meanwhile.
  mutating func asked(at now: Instant) { helloAt = now }

  /// A report has come that the peer is out of reach, and nobody can be asked whether it is.
  mutating func believe(_ failure: Unreachable, until deadline: Instant) {
    suspicion = Suspicion(failure: failure, retransmissions: 0, isConfirmed: true)
    suspicionDeadline = deadline
  }

  /// Nothing says any more that the peer is out of reach.
  mutating func trust() {
    suspicion = nil
    suspicionDeadline = nil
  }

  /// The connection ends: nothing is asked any more.
  mutating func stopAsking() { helloDeadline = nil }

  /// Whether the moment that was set for a HELLO has come. The peer may have been heard since.
  func isHelloDue(at now: Instant) -> Bool {
    helloDeadline.map { $0 <= now } ?? false
  }
}
