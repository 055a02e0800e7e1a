import PWCore

/// A scripted peer with habits: one control connection and one session, at most, over UDP.
///
/// It shares the messages' octets with the engine and nothing else: their handling is written down here once more,
/// as routers and small daemons in the field were seen to do it.
struct OddPeer {
  /// The part that the peer has in beginning the control connection.
  enum Role: Sendable {
    /// It sends SCCRQ, and takes none.
    case calls
    /// It waits for SCCRQ.
    case waits
  }

  let habits: Habits
  let role: Role
  /// Silence after which one that keeps a connection as long as it hears anything gives it up.
  let longestSilence: Duration
  /// The pseudowire's end-id, as it spells it.
  let endID: RemoteEndID
  /// The Session Tie Breaker of one that ignores ties.
  let constantTieBreaker: UInt64
  let address: Endpoint
  /// Where we listen.
  let site: Endpoint

  /// The messages that it has sent and the network has not taken yet.
  var outbox: [WireDatagram] = []
  /// Its remarks on its own doings, for the trace.
  var remarks: [String] = []
  var connection: Connection?
  var session: Session?
  /// The StopCCNs that have ended connections of its, the last one last.
  var stops: [StopResult] = []
  var isRunning = false
  var random: SeededRandom
  var now = Instant(nanoseconds: 0)
  var nextTick: Instant?
  /// When it calls because an ICRQ has woken it.
  var wakesAt: Instant?
  var heardAt: Instant?
  var lastMessageAt: Instant?
  var isRefusedForGood = false
  /// The SCCRQs that it has answered, so that a late copy takes nothing down.
  var answered: Set<ControlConnectionID> = []
  var lastSession: UInt32 = 500

  /// A control connection as it sees it.
  struct Connection {
    let localID: ControlConnectionID
    var peerID = ControlConnectionID.unknown
    var remote: Endpoint
    var ns: UInt16 = 0
    var nr: UInt16 = 0
    var queue: [Unacknowledged] = []
    var isUp = false
    var helloDueAt: Instant
    var setUpEndsAt: Instant
    var acknowledgesAt: Instant?
  }

  /// A message that waits for its acknowledgement.
  struct Unacknowledged {
    var ns: UInt16
    var message: ControlMessage
    var nr: UInt16?
    var due: Instant
    var timeout: Duration
    var transmissions = 1
  }

  /// A session as it sees it.
  struct Session {
    let localID: SessionID
    var peerID = SessionID.unknown
    /// Its ICRQ is out, or was answered; nil where it was called.
    var tieBreaker: UInt64?
    var isCalling = false
    var isCarrying = false
    var setUpEndsAt: Instant
  }

  /// Between two looks for what is to be called.
  private static let tick = Duration.seconds(5)
  /// After the end of a connection or a session, until the next attempt.
  static let retry = Duration.seconds(2)
  /// From an ICRQ of ours to its own.
  static let waking = Duration.milliseconds(1)
  /// A message that arrives within so much of the one before it is lost by a peer that loses such.
  static let backToBack = Duration.milliseconds(5)
  static let firstTimeout = Duration.seconds(1)
  private static let longestTimeout = Duration.seconds(8)
  /// Transmissions of one message before the connection is given up.
  private static let mostTransmissions = 7
  /// How long it waits for an answer, or for what follows its own.
  static let longestSetUp = Duration.seconds(60)
  /// Silence after which HELLO is due.
  static let helloInterval = Duration.seconds(20)
  /// Such silences: half of the HELLO interval that RFC 3931 section 4.4 recommends, that, and more.
  static let longestSilences = [Duration.seconds(30), .seconds(60), .seconds(100)]
  /// Between two acknowledgements of one that acknowledges all the time.
  static let unaskedInterval = Duration.milliseconds(300)
  /// The longest message that one has room for which has none for long ones, in octets.
  static let roomOctets = 1000
  static let fixedIdentifier: UInt32 = 100
  /// The AVP that nobody knows.
  static let unknownAVP = RawAVP(vendorID: 0, type: 4000, isMandatory: true, value: [0x3F])

  init(
    habits: Habits, role: Role, longestSilence: Duration, endID: RemoteEndID, constantTieBreaker: UInt64,
    address: Endpoint, site: Endpoint, seed: UInt64
  ) {
    (self.habits, self.role, self.endID, self.constantTieBreaker) = (habits, role, endID, constantTieBreaker)
    self.longestSilence = longestSilence
    (self.address, self.site, random) = (address, site, SeededRandom(seed: seed))
  }

  /// Whether its SCCRP is one that nobody can take.
  var isUnacceptable: Bool { role == .waits && habits.contains(.addsUnknownAVP) }

  // MARK: Life

  mutating func start(at now: Instant) {
    guard !isRunning else { return }
    self.now = now
    isRunning = true
    remarks.append("starts")
    nextTick = now
    (heardAt, lastMessageAt, isRefusedForGood, answered, lastSession) = (nil, nil, false, [], 500)
  }

  /// Its process ends, without a word or with a StopCCN that it says once.
  mutating func end(withStop: Bool, at now: Instant) {
    guard isRunning else { return }
    self.now = now
    if withStop, let connection, connection.peerID != .unknown {
      let result = StopResult(.shuttingDown)
      say(.stopNotification(StopNotification(result: result, assignedConnectionID: connection.localID)))
    }
    clear()
    isRunning = false
    (nextTick, wakesAt) = (nil, nil)
    remarks.append(withStop ? "stops" : "crashes")
  }

  // MARK: Time

  /// When it wants to be woken.
  var deadline: Instant? {
    guard isRunning else { return nil }
    var moments = [nextTick, wakesAt].compactMap { $0 }
    if let connection {
      moments += connection.queue.map(\.due)
      if keepsWhatItHears, let heardAt { moments.append(heardAt + longestSilence) }
      if saysHello { moments.append(connection.helloDueAt) }
      if acknowledgesUnasked { moments.append(connection.acknowledgesAt ?? now) }
      if !connection.isUp { moments.append(connection.setUpEndsAt) }
      if let session, !session.isCarrying { moments.append(session.setUpEndsAt) }
    }
    return moments.min()
  }

  var keepsWhatItHears: Bool { habits.contains(.keepsDeadConnection) && connection?.isUp == true }
  private var saysHello: Bool { !habits.contains(.keepsDeadConnection) && connection?.isUp == true }

  /// One that wants to hear of us is silent itself, or no HELLO would be due here (RFC 3931 section 4.4).
  private var acknowledgesUnasked: Bool {
    habits.contains(.acknowledgesUnasked) && !habits.contains(.keepsDeadConnection) && connection?.isUp == true
  }

  /// Does whatever has come due.
  mutating func wake(at now: Instant) {
    guard isRunning else { return }
    self.now = now
    giveUpSilence()
    giveUpSetUp()
    giveUpCall()
    retransmit()
    if saysHello, let connection, connection.helloDueAt <= now {
      self.connection?.helloDueAt = now + Self.helloInterval
      if connection.queue.isEmpty { say(.hello(Hello())) }
    }
    if acknowledgesUnasked, connection?.acknowledgesAt.map({ $0 <= now }) ?? true {
      connection?.acknowledgesAt = now + Self.unaskedInterval
      acknowledge()
    }
    if let moment = wakesAt, moment <= now {
      wakesAt = nil
      if connection?.isUp == true, session?.isCalling != true { call() }
    }
    if let moment = nextTick, moment <= now {
      nextTick = now + Self.tick
      lookWhatToCall()
    }
  }

  private mutating func giveUpSilence() {
    guard keepsWhatItHears, let heardAt, heardAt + longestSilence <= now else { return }
    remarks.append("has heard nothing for \(longestSilence) and gives up")
    clear()
  }

  private mutating func giveUpSetUp() {
    guard let connection, !connection.isUp, connection.setUpEndsAt <= now else { return }
    remarks.append("is acknowledged and not answered, and gives up")
    clear()
  }

  /// A session that does not come to its ICCN.
  private mutating func giveUpCall() {
    guard let session, !session.isCarrying, session.setUpEndsAt <= now else { return }
    if session.peerID != .unknown {
      let result = CallResult(.stateMachineError)
      say(.callDisconnect(CallDisconnect(result: result, identifiers: identifiers)))
    }
    self.session = nil
  }

  private mutating func retransmit() {
    guard var connection else { return }
    var due: [Unacknowledged] = []
    for index in connection.queue.indices where connection.queue[index].due <= now {
      connection.queue[index].transmissions += 1
      connection.queue[index].timeout = min(connection.queue[index].timeout * 2, Self.longestTimeout)
      connection.queue[index].due = now + connection.queue[index].timeout
      due.append(connection.queue[index])
    }
    self.connection = connection
    guard !keepsWhatItHears, due.contains(where: { $0.transmissions > Self.mostTransmissions }) else {
      for message in due { transmit(message) }
      return
    }
    remarks.append("is not answered and gives up")
    clear()
  }

  private mutating func lookWhatToCall() {
    guard let connection, connection.isUp else {
      if role == .calls, connection == nil, !isRefusedForGood { callConnection() }
      return
    }
    guard session?.isCarrying != true, connection.queue.isEmpty, role == .calls || habits.contains(.ignoresTies) else {
      return
    }
    call()
  }
}
