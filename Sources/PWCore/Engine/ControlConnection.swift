typealias ConnectionReference = SlotTable<ControlConnection>.Reference

/// One control connection of a tunnel: an attempt, the established one, or one that is closing.
struct ControlConnection: Codable {
  /// The tunnel that it belongs to.
  let tunnel: TunnelReference
  /// Whether we sent the SCCRQ.
  let isInitiator: Bool
  /// Whether its messages may leave, where the site demands that they are protected.
  var protection = ConnectionProtection()
  /// Whether it says anything: one that does not stands for a tunnel without signalling (``StaticConnection``).
  let isSignalled: Bool
  /// The control connection state machine (RFC 3931 section 7.2).
  var machine = ConnectionMachine()
  /// The stages around the state machine: from the request for a socket to the last copy of a StopCCN.
  private(set) var life: ConnectionLife
  /// Since when the connection has been in its state.
  var since: Instant
  /// The Control Connection ID that we assigned.
  let localID: ControlConnectionID
  /// The socket that its messages leave by.
  var socket: ConnectionSocket
  /// Until when a data packet counts that went past its data path; nil while there is none.
  var strayDeadline: Instant?
  /// Whether data has come.
  var hasBeenHeard = false
  /// Where the peer is.
  var remote: Endpoint
  /// Where else it has spoken from last.
  var newPlace: Engine.NewPlace?
  /// What it was asked at a place that data came from.
  var placeChallenge: Engine.PlaceChallenge?
  /// Our end, once known.
  var local: Endpoint?
  /// UDP or IP.
  let encapsulation: Encapsulation
  /// Whose AVPs are spoken.
  var dialect = SpokenDialect.settled(.rfc)
  var pathMTU = PathMTU(presumed: EngineLimits.presumedPathMTUOctets)
  /// When people were told last of a router that passes smaller packets only.
  var narrownessToldAt: Instant?
  /// When the next probe of the path goes out, or the last one is taken for lost.
  private(set) var probeDeadline: Instant?
  /// Whether the peer has been sent a long message and has answered nothing since.
  var isLongMessageOut = false
  var peer = PeerFacts()
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
  let setupNanoseconds: UInt64
  var presence: PeerPresence
  /// When it was established.
  private(set) var establishedAt: Instant?
  /// Why it ends, as people read it.
  var endReason: String?
  /// What people have not been told of its end yet.
  var untoldEnd: Engine.UntoldEnd?
  /// The kind of reason, as soon as it is known that the connection ends.
  var end: ConnectionEnd?
  var dataPath = ConnectionDataPath()
  var calls = CallQueue()
  /// When a session of it ended last: messages about that one may still be under way.
  var sessionEndedAt: Instant?
  /// Whether people have been told that the peer names sessions that are not there.
  var hasToldMisnamed = false
  /// The key by which a copy of the SCCRQ that it answers is known; nil where the SCCRQ was ours.
  var requestKey: RequestKey?
  /// Whether it counts among those that have not proved yet that their peer is there.
  var isHalfOpen = false
  /// Whether it waits for an explicit acknowledgement to be sent.
  var isOwing = false
  /// Whether it waits to be flushed at the end of the input in hand.
  var isTouched = false
  /// The earliest entry that the timer heap holds for it.
  var scheduled: Instant?

  /// A connection whose socket has been asked for.
  ///
  /// - Parameters:
  ///   - isInitiator: whether the SCCRQ is ours.
  ///   - remote: where the peer is, as far as is known.
  ///   - reliability: how long its set-up may take, and how its messages are repeated.
  init(
    of tunnel: TunnelReference, isInitiator: Bool, localID: ControlConnectionID, socket: SocketID, remote: Endpoint,
    encapsulation: Encapsulation, reliability: Reliability, isSignalled: Bool = true, at now: Instant
  ) {
    self.tunnel = tunnel
    self.isInitiator = isInitiator
    self.isSignalled = isSignalled
    self.localID = localID
    self.socket = ConnectionSocket(socket)
    self.remote = remote
    self.encapsulation = encapsulation
    life = .opening(until: now + reliability.setupTimeout)
    since = now
    channel = ReliableChannel(reliability: reliability)
    setupNanoseconds = reliability.setupTimeout.wholeNanoseconds
    presence = PeerPresence(heardAt: now)
  }

  /// The placeholder in free slots of the table.
  static func vacant(at now: Instant) -> ControlConnection {
    ControlConnection(
      of: TunnelReference(rawValue: 0), isInitiator: false, localID: .unknown, socket: SocketID(rawValue: 0),
      remote: Endpoint(address: .v4(0)), encapsulation: .udp, reliability: Reliability(), at: now)
  }

  // MARK: Its life

  /// Its socket is there.
  mutating func socketIsOpen() {
    socket.opened()
    life.begin()
  }

  /// Gives the handshake more time.
  mutating func extendHandshake(until least: Instant) { life.extend(until: least) }

  /// The handshake is through.
  mutating func establish(at now: Instant) {
    life = .established
    since = now
    establishedAt = now
  }

  /// Our StopCCN goes out.
  mutating func beginClosing(at now: Instant) {
    life = .closing(dataPathUntil: now + EngineLimits.closingDataPathLifetime)
    rest(at: now)
  }

  /// The peer's StopCCN is here: what it says once more is acknowledged for a full cycle of retransmissions.
  mutating func stop(at now: Instant) {
    life = .stopped(until: now + EngineLimits.stoppedStateLifetime)
    rest(at: now)
    channel.dropQueue()
  }

  /// Nothing that an established connection does by itself is due any more.
  private mutating func rest(at now: Instant) {
    since = now
    presence.stopAsking()
    strayDeadline = nil
    calls.start()
    probeDeadline = nil
  }

  /// Has the path probed at a moment. A connection that is not established probes nothing, whatever the routes say
  /// meanwhile.
  mutating func probe(at deadline: Instant) {
    if life == .established { probeDeadline = deadline }
  }

  /// Probes the path no more.
  mutating func stopProbing() { probeDeadline = nil }

  /// Whether the moment for a probe has come, which is then over.
  mutating func takeProbe(at now: Instant) -> Bool {
    guard let deadline = probeDeadline, deadline <= now else { return false }
    probeDeadline = nil
    return true
  }

  /// Takes the data path away, and the socket with it.
  ///
  /// - Returns: the interface names that are free when it is gone; nil where there is no data path.
  mutating func removeDataPath() -> [String]? {
    life.dataPathGone()
    guard let interfaces = dataPath.remove() else { return nil }
    socket.goes()
    return interfaces
  }

  /// The earliest moment at which it wants to be looked at.
  var deadline: Instant? {
    var earliest = channel.deadline
    func consider(_ other: Instant?) {
      guard let other else { return }
      if let least = earliest, least <= other { return }
      earliest = other
    }
    consider(life.deadline)
    consider(presence.helloDeadline)
    consider(presence.suspicionDeadline)
    consider(strayDeadline)
    consider(calls.startDeadline)
    consider(calls.readyDeadline)
    consider(calls.oldestSetup?.deadline)
    consider(probeDeadline)
    return earliest
  }

  /// Takes out the next session whose OCCN the peer has acknowledged.
  mutating func nextConfirmedCall() -> SessionReference? { calls.nextConfirmed(by: channel) }

  // MARK: Its SCCRQ

  /// Whether an SCCRQ under the connection's key is the one that began it, on its way once more. A peer that starts
  /// again draws other values, unless it is one whose identifier is fixed and that sends neither tie breaker nor nonce,
  /// or always the same ones. Then the connection tells: what comes when a copy cannot be under way any more begins
  /// another, and so does, after SCCCN or the end, what has nothing to be known by. If that was a copy all the same,
  /// nobody answers our SCCRP, and nothing comes of it.
  func isCopy(_ request: StartRequest, at now: Instant) -> Bool {
    guard request.tieBreaker == tieBreaker,
      authentication.map({ $0.remoteNonce == request.parameters.nonce ?? [] }) ?? true,
      challenge.map({ $0.theirs == request.parameters.challenge }) ?? true
    else { return false }
    let isMarked =
      request.tieBreaker != nil || request.parameters.nonce != nil || request.parameters.challenge != nil
    switch life {
    case .closing, .stopped: return isMarked
    case .opening, .handshaking, .established:
      // A peer that has acknowledged SCCRP does not send the same SCCRQ again.
      guard let establishedAt else { return isMarked || !channel.isAcknowledged(ns: 0) }
      return isMarked && now - establishedAt < EngineLimits.requestCopyLifetime
    }
  }
}
