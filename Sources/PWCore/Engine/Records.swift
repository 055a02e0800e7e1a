internal import DequeModule

typealias TunnelReference = SlotTable<Tunnel>.Reference
typealias ConnectionReference = SlotTable<ControlConnection>.Reference
typealias PseudowireReference = SlotTable<Pseudowire>.Reference

/// One declared tunnel: what it wants, and what it has of it.
struct Tunnel {
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
  /// What our own next attempt waits for.
  var attempt = Attempt.none
  /// Attempts that failed, and connections that fell soon, since one that stood: the exponent of the back-off.
  var failures = 0
  /// Since when the tunnel has had no connection and made no attempt.
  var idleSince: Instant
  /// How often it has been established.
  var establishedCount = 0
  /// The last error, and when it was; nil where there has been none.
  var lastError: Since<String>?
  /// Whether an attempt of ours has paused so that the peer forgets a connection of before a crash of ours.
  var hasPaused = false
  /// Whether an attempt of ours has waited in vain for one of the peer's since a connection was there.
  var hasYielded = false
  /// When an error that a stranger may have caused was told last.
  var strangersErrorAt: Instant?
  /// The peer's SCCRQ that lost a tie last.
  var lostRequest: LostRequest?
  /// The peers that take it from each other.
  var rivalry: Rivalry?
  /// The connections that its peer has ended at once.
  var restlessness: Restlessness?
  /// What the peer was told last of a connection that we do not know.
  var lossNotice: LossNotice?
  /// What the peer spoke when the tunnel was established last.
  var learnedDialect = AVPDialect.rfc
  /// What was said last of a call that was refused.
  var lastRefusal: Since<String>?
  /// What people have been told of the peer's habits.
  var remarkedHabits: Set<PeerHabit> = []
  /// Whether it is gone from the site and only waits for its connections to close.
  var isRemoved = false

  /// What a peer has been told of a connection that we do not know.
  struct LossNotice: Equatable {
    /// The Control Connection ID in the header of the peer's message, which is unknown here.
    var identifier: ControlConnectionID
    /// How often it has been told.
    var count = 0
  }

  /// What tells a copy of an SCCRQ that lost a tie.
  struct LostRequest: Equatable {
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

  /// What our own next attempt waits for.
  enum Attempt: Equatable {
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

/// One control connection of a tunnel: an attempt, the established one, or one that is closing.
struct ControlConnection {
  /// The tunnel that it belongs to.
  var tunnel: TunnelReference
  /// Whether we sent the SCCRQ.
  var isInitiator: Bool
  /// The control connection state machine (RFC 3931 section 7.2).
  var machine = ConnectionMachine()
  /// What stands around the state machine: sockets, and the end.
  var phase = Phase.opening
  /// Since when the connection has been in its state.
  var since: Instant
  /// The Control Connection ID that we assigned.
  var localID: ControlConnectionID
  /// Our socket, from which its messages are sent.
  var socket: SocketID
  /// Whether the socket can send.
  var isSocketOpen = false
  /// Whether our socket went away with the data path, before the connection itself.
  var isSocketGone = false
  /// What carries our answer to the datagram in hand when our own socket is gone: the one that it arrived on.
  var replySocket: SocketID?
  /// Where the peer is.
  var remote: Endpoint
  /// Where else it has spoken from last.
  var newPlace: Engine.NewPlace?
  /// Our end, once known.
  var local: Endpoint?
  /// UDP or IP.
  var encapsulation: Encapsulation
  /// Whose AVPs are spoken.
  var dialect = SpokenDialect.settled(.rfc)
  /// The path's MTU in octets.
  var pathMTUOctets = EngineLimits.presumedPathMTUOctets
  /// What the routes say of it.
  var toldPathMTUOctets = EngineLimits.presumedPathMTUOctets
  /// The MTU of the interface that the path begins with, if it is known: no path passes more.
  var firstLinkMTUOctets: Int?
  /// How sure it is.
  var pathProbing = PathKnowledge.none
  /// Searches of which no probe was answered.
  var silentSearches = 0
  /// Whether packets that are cut on their way arrive; nil while nobody needs to know.
  var fragmentsArrive: Bool?
  /// When the next probe goes out, or the last one is taken for lost.
  var probeDeadline: Instant?
  /// The Host Name that the peer presented.
  var peerHostName: String?
  /// The Router ID that the peer presented.
  var peerRouterID: UInt32?
  /// The PHB code that the peer asked for, or answered with (RFC 3308).
  var peerControlPHB: UInt16?
  /// The pseudowire types that the peer said it can do.
  var peerCapabilities: [PseudowireType] = []
  /// The tie breaker of the SCCRQ that began it, ours or the peer's.
  var tieBreaker: UInt64?
  /// Digests and nonces, if messages carry digests.
  var authentication: ConnectionAuthentication? {
    didSet {
      digest = authentication?.digest
      digestCount = authentication?.keys.count ?? 0
    }
  }
  /// The digest that they carry.
  private(set) var digest: Authentication.Digest?
  /// How many of them: one for each secret.
  private(set) var digestCount = 0
  /// RFC 2661's authentication, where it is declared.
  var challenge: ConnectionChallenge?
  /// Numbers, window, retransmission.
  var channel: ReliableChannel
  /// How long a session's set-up may take.
  var setupNanoseconds: UInt64
  /// When anything authentic last came from the peer, data included.
  var lastHeard: Instant
  /// Whether it has been silent for so long that frames are not taken to pass any more.
  var isSilent = false
  /// When a HELLO was last queued.
  var helloAt: Instant?
  /// When a HELLO is due if nothing comes before.
  var helloDeadline: Instant?
  /// When it was established.
  var establishedAt: Instant?
  /// Why it ends, as people read it.
  var endReason: String?
  /// When a set-up that hangs, or an end that nobody acknowledges, is given up.
  var phaseDeadline: Instant?
  /// When a closing connection's data path goes though nobody has acknowledged StopCCN.
  var dataPathDeadline: Instant?
  /// When the responder of the connection begins to call.
  var callDeadline: Instant?
  /// How far the data path of the tunnel has been made.
  var dataPath = DataPath.none
  /// Calls and circuit changes whose message is not queued yet.
  var work = Deque<Work>()
  /// Whether somebody has said in the peer's name that it knows nothing of the connection, and it has acknowledged
  /// nothing since.
  var isDoubted = false
  /// What is said of the peer's being out of reach, if it has acknowledged nothing since.
  var suspicion: Engine.Suspicion?
  /// Whether the peer has acknowledged the last message of the set-up that we sent: it is ready for calls then.
  var isReadyForCalls = false
  /// Calls whose ICRP is not here yet.
  var callsInProgress = 0
  /// Set-ups under way, oldest first; those that are through by now are passed over.
  var setups = Deque<Setup>()
  /// Outgoing calls whose OCCN waits for its acknowledgement, in the order of their numbers.
  var unconfirmed = Deque<Confirmation>()
  /// Sessions that wait for the tunnel's data path.
  var awaitingDataPath: [SessionReference] = []
  /// The key in `Engine.requests`, of a responder.
  var requestKey: RequestKey?
  /// Whether it counts among those that have not proved yet that their peer is there.
  var isHalfOpen = false
  /// Interfaces of sessions that are over and whose data path goes with the tunnel's.
  var endedInterfaces: [String] = []
  /// Whether it waits for an explicit acknowledgement to be sent.
  var isOwing = false
  /// Whether it waits to be flushed at the end of the input in hand.
  var isTouched = false
  /// The earliest entry that the timer heap holds for it.
  var scheduled: Instant?

  /// How sure the path's MTU is.
  enum PathKnowledge: UInt8 {
    /// It is what the routes say.
    case none
    /// It was found by probing.
    case done
    /// It cannot be probed, because the peer does not acknowledge repetitions.
    case impossible
  }

  /// What stands around the state machine.
  enum Phase: Equatable {
    /// The socket is being opened.
    case opening
    /// The state machine runs.
    case running
    /// Our StopCCN is out.
    case closing
    /// The peer's StopCCN came; its retransmissions are acknowledged.
    case stopped
  }

  /// The tunnel's data path.
  enum DataPath: Equatable {
    case none
    /// The socket is being connected, or the tunnel made.
    case making
    /// Sessions can be made.
    case ready
  }

  /// Something whose message goes into the queue when there is room.
  enum Work {
    /// Send ICRQ.
    case call(PseudowireReference)
    /// Send SLI.
    case circuitStatus(SessionReference)
  }

  /// An OCCN that is out.
  struct Confirmation {
    /// The Ns of the OCCN.
    var ns: UInt16
    /// The session that the OCCN is for.
    var session: SessionReference
  }

  /// A set-up and when it is given up.
  struct Setup {
    /// The session that is being set up.
    var session: SessionReference
    /// When it is given up.
    var deadline: Instant
  }
}

/// What tells a retransmitted SCCRQ from a new one: who sent it, and the identifier that it assigned.
struct RequestKey: Hashable {
  /// Address and port of the sender.
  var source: Endpoint
  /// UDP or IP.
  var encapsulation: Encapsulation
  /// Its Assigned Control Connection ID.
  var assignedID: ControlConnectionID
}

/// One declared pseudowire, and what outlives its sessions.
struct Pseudowire {
  /// As declared: every question to its plugin holds it, too.
  var sharedDeclaration: Shared<PseudowireDeclaration>
  /// The tunnel that it is declared in.
  var tunnel: TunnelReference
  /// Its session, from the call on.
  var session: SessionReference?
  /// The session state machine (RFC 3931 sections 7.3 and 7.4).
  var machine = CallMachine()
  /// As declared, where it is looked at often.
  var calling = PseudowireDeclaration.Calling.always
  /// Whether the attachment circuit wants the session, where it must.
  var isDemanded = false
  /// Failures, and sessions that fell soon, since one that stood: the exponent of the back-off.
  var failures: UInt8 = 0
  /// Whether a call of ours has won a tie, and no session has come of it.
  var hasWonTie = false
  /// What this session's data packets have between header and frame, or the next call asks for: as declared, or as the
  /// peer wants it.
  var sublayer = PseudowireDeclaration.Sublayer.none
  /// Whether we assign no cookie, whatever is declared, because the peer ignores it.
  var assignsNoCookie = false
  /// Whether the peer is called by the other form of its end-id (`RemoteEndID.otherForms`).
  var usesOtherEndID = false
  /// How the peer spells our end where that is not as declared, as far as its call for this session, or what it was
  /// called by, says.
  var calledBy: RemoteEndID?
  /// The attachment circuit's place in the engine's table; none is always active.
  var circuit: CircuitTable.Index?
  /// Since when the session has been in its state.
  var since: Instant
  /// Whether frames pass, as last worked out.
  var isForwarding = false
  /// Since when `isForwarding` has had its value.
  var forwardingSince: Instant
  /// How often the session has been established.
  var establishedCount: UInt32 = 0
  /// The last error, and when it was; nil where there has been none.
  var lastError: Since<String>?
  /// When the session is tried again; nil when nothing is waited for.
  var retryAt: Instant?

  /// The declaration in `sharedDeclaration`, lent to a reader and not copied.
  var declaration: PseudowireDeclaration {
    @inline(__always) _read { yield sharedDeclaration.value }
    set { sharedDeclaration = Shared(newValue) }
  }
}

/// A listener for SCCRQ.
struct Listener: Equatable {
  /// How the socket is to be opened: encapsulation, address and port.
  var request: SocketRequest
  var socket: SocketID
  var state = State.opening
  /// Failures since it was last open.
  var failures = 0

  /// Where a listener is.
  enum State: Equatable {
    /// The socket is asked for and has not been opened yet.
    case opening
    case open
    /// Refused, and tried again.
    case failed(reason: String, retryAt: Instant)
  }
}
