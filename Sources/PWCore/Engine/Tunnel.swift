typealias TunnelReference = SlotTable<Tunnel>.Reference

/// One declared tunnel: what it wants, and what it has of it.
struct Tunnel: Codable {
  /// As declared; its pseudowires live in the engine's table, and are not kept here a second time.
  var declaration: TunnelDeclaration
  /// Where its peer may be, and whose turn it is.
  var addresses: PeerAddresses
  /// In the order of the file.
  var pseudowires: [PseudowireReference] = []
  /// By what an ICRQ or OCRQ says.
  var calls = CallTable()
  /// Connections in being: attempts of ours, half-open ones of the peer's, the established one, those that are closing.
  var connections: [ConnectionReference] = []
  /// The established connection; nil while there is none.
  var active: ConnectionReference?
  /// The state of our own attempts.
  var attempt = Attempt.none
  /// Attempts that failed, and connections that fell soon, since one that stood: the exponent of the back-off.
  var failures = 0
  /// Since when the tunnel has had no connection and made no attempt.
  var idleSince: Instant
  /// How often it has been established.
  var establishedCount = 0
  /// How often a connection that served it has ended, by the kind of reason.
  var losses: [ConnectionEnd: Int] = [:]
  /// The last error, and when it was; nil where there has been none.
  var lastError: Since<String>?
  /// Whether an attempt of ours has paused so that the peer forgets a connection of before a crash of ours.
  var hasPaused = false
  /// Since when the peer has left SCCRQs of ours without an answer; nil where the last one had one.
  var unansweredSince: Instant?
  /// When the last pause for such a peer ends.
  var pausedAt: Instant?
  /// Whether the peer may still have the last connection: it did not end it, and has not acknowledged that we did.
  var mayBeRemembered = false
  /// Whether an attempt of ours has waited in vain for one of the peer's since a connection was there.
  var hasYielded = false
  /// Whether it has no signalling, and waits for the end of another one that had its identifier.
  var awaitsIdentifier = false
  /// The reason why what came last from the peer's place was not accepted, and when it came.
  var peerSign: Since<String>?
  /// When an error that a stranger may have caused was told last.
  var strangersErrorAt: Instant?
  /// The peer's SCCRQ that lost a tie last.
  var lostRequest: LostRequest?
  /// The peers that take it from each other.
  var rivalry: Rivalry?
  /// The connections that its peer has ended at once.
  var restlessness: Restlessness?
  /// The last notice to the peer that we do not know its connection.
  var lossNotice: LossNotice?
  /// The AVPs that the peer spoke when the tunnel was established last.
  var learnedDialect = AVPDialect.rfc
  /// The last messages to people about calls that were refused, each told once; nil before the first.
  var toldRefusals: [Since<String>]?
  /// The lines of the log about messages of the peer that cannot be accepted.
  var refusedMessages = LineLimit()
  /// Those about moves of the peer.
  var moves = LineLimit()
  /// The habits of the peer that people have been told of.
  var remarkedHabits: Set<PeerHabit> = []
  /// Connections in a row that ended when a long message was out.
  var endsAtLongMessages = 0
  /// The protection of its packets as it was found last; nil where nobody has asked since something changed.
  var protection: KnownProtection?
  /// The protection that people were told of last.
  var protectionTold: Protection?
  /// When they were told last that there is none.
  var unprotectedToldAt: Instant?
  /// Whether it is gone from the site and only waits for its connections to close.
  var isRemoved = false

  /// The protection that packets have, and since when.
  struct KnownProtection: Equatable, Codable {
    var value: Protection
    var since: Instant
  }

  /// Notices to a peer that we do not know its connection.
  struct LossNotice: Equatable, Codable {
    /// The Control Connection ID in the header of the peer's message, which is unknown here.
    var identifier: ControlConnectionID
    /// How often it has been told.
    var count = 0
  }

  /// An SCCRQ that lost a tie, so that a copy of it is known.
  struct LostRequest: Equatable, Codable {
    /// The sender of the SCCRQ, and the identifier that it assigned.
    var key: RequestKey
    /// The tie breaker of the SCCRQ; nil if it has none.
    var tieBreaker: UInt64?
    var lostAt: Instant

    /// Whether an SCCRQ is that one, on its way once more.
    func isCopied(by key: RequestKey, tieBreaker: UInt64?, at now: Instant) -> Bool {
      self.key == key && self.tieBreaker == tieBreaker && now - lostAt < EngineLimits.requestCopyLifetime
    }
  }

  /// The state of our own attempts, by the thing that the next one waits for.
  enum Attempt: Equatable, Codable {
    /// Nothing: we do not initiate, or a connection is there.
    case none
    /// The back-off.
    case waiting(until: Instant)
    /// The peer's attempt, whose SCCRQ is answered.
    case yielding(until: Instant)
    /// The resolver, which looks the peer's name up.
    case resolving
    /// The connection that it began.
    case connecting(ConnectionReference)

    /// Whether it has waited long enough.
    func isDue(at now: Instant) -> Bool {
      switch self {
      case .waiting(let until), .yielding(let until): until <= now
      case .none, .resolving, .connecting: false
      }
    }
  }
}
