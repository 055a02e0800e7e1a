/// The messages of a control connection: queued, numbered, sealed, sent. Methods are `mutating` for the reason that is
/// given in ControlConnection+Receiving.
extension ControlConnection {
  /// The AVPs that its messages are written with. Where AVPs are hidden, those of Cisco's would show what is in them.
  private var writtenDialect: AVPDialect {
    mutating get {
      guard dialect.written != .rfc, let hides = authentication?.hides else { return dialect.written }
      return hides == .none ? dialect.written : .rfc
    }
  }

  /// Whether the first ICRQ may go out: not behind an SCCCN that is still on its way, because there are peers that lose
  /// the second of two messages that arrive back to back, whatever window they offer. A responder's SCCRP has been
  /// answered.
  @inline(__always)
  var isReadyForCalls: Bool { calls.isPeerReady || !isInitiator }

  /// Whether a message can leave now, and may.
  var canSend: Bool { socket.canSend && !protection.isHeld }

  /// Queues a message for reliable delivery.
  mutating func queue(_ message: ControlMessage, isRequest: Bool, in turn: inout Turn) {
    let encoded = message.encoded(reservingDigest: digest, count: digestCount, dialect: writtenDialect)
    let hidden = hidingAVPs(of: encoded, in: &turn)
    channel.enqueue(hidden, isRequest: isRequest)
  }

  /// A message with what the tunnel declares hidden, behind a Random Vector of its own (RFC 3931 section 5.3).
  private mutating func hidingAVPs(of message: consuming EncodedMessage, in turn: inout Turn) -> EncodedMessage {
    guard message.digest != nil, let authentication, authentication.hides != .none,
      let hiding = authentication.writer(using: turn.authenticator)
    else { return message }
    return message.hidden(authentication.hides, by: hiding) { turn.randomOctets($0) }
  }

  /// Says what the window allows now. An acknowledgement that none of it carries is noted down, to be sent when nothing
  /// else can carry it any more.
  ///
  /// - Parameter reference: the connection itself.
  mutating func sayWhatWaits(as reference: ConnectionReference, in turn: inout Turn) {
    guard canSend else { return }
    while let message = channel.nextTransmission(at: turn.now) { transmit(message, to: remote, in: &turn) }
    if socket.isLent {
      // This socket is lent for this datagram alone.
      acknowledge(in: &turn)
      socket.giveBack()
    } else if channel.owesAcknowledgement, !isOwing {
      isOwing = true
      turn.owe(reference)
    }
  }

  /// Acknowledges explicitly what no message has acknowledged.
  mutating func acknowledge(in turn: inout Turn) {
    guard canSend, let numbers = channel.takeAcknowledgement() else { return }
    acknowledge(ns: numbers.ns, nr: numbers.nr, at: remote, in: &turn)
  }

  /// An explicit acknowledgement: without a body where there are no digests, with one where there are (RFC 3931
  /// section 6.15).
  mutating func acknowledge(ns: UInt16, nr: UInt16, at place: Endpoint, in turn: inout Turn) {
    var message =
      digest == nil
      ? EncodedMessage.zeroLengthBody()
      : ControlMessage.acknowledgement(Acknowledgement()).encoded(reservingDigest: digest, count: digestCount)
    message.setHeader(connectionID: channel.peerID, ns: ns, nr: nr)
    transmit(message, to: place, in: &turn)
  }

  /// Says an acknowledged HELLO again, in an IP packet of so many octets (`Engine+PathProbes`).
  mutating func probe(_ question: PathProbe.Question, ns: UInt16, in turn: inout Turn) {
    guard socket.state == .open, canSend else { return }
    let bare = ControlMessage.hello(Hello()).encoded(reservingDigest: digest, count: digestCount)
    let room = question.octets - outerOctets - bare.octets.count
    var message = bare
    if room > 0 {
      message = ControlMessage.hello(Hello(paddingOctets: room)).encoded(reservingDigest: digest, count: digestCount)
    }
    message.setHeader(connectionID: channel.peerID, ns: ns, nr: channel.nr)
    transmit(message, to: remote, isFragmentable: question.isFragmentable, isCut: question.isCut, in: &turn)
  }

  /// Says the oldest message that is out and not acknowledged at another place too, unless it is long.
  ///
  /// - Returns: its Ns; nil where nothing was said.
  mutating func repeatOldest(at place: Endpoint, in turn: inout Turn) -> UInt16? {
    guard socket.state == .open, canSend, let oldest = channel.oldestOut(),
      oldest.message.octets.count <= EngineLimits.placeChallengeOctets
    else { return nil }
    transmit(oldest.message, to: place, in: &turn)
    return oldest.ns
  }

  /// Seals a message whose header is filled in, and sends it.
  private mutating func transmit(
    _ message: consuming EncodedMessage, to destination: Endpoint, isFragmentable: Bool = true, isCut: Bool = false,
    in turn: inout Turn
  ) {
    if message.digest != nil, let authentication {
      let isRequest = isInitiator && channel.peerID == .unknown
      authentication.seal(&message, isRequest: isRequest, using: turn.authenticator)
    }
    turn.emit(
      .send(
        Transmission(
          octets: message.takeOctets(), socket: socket.carrier, destination: destination,
          isFragmentable: isFragmentable, isCut: isCut)))
  }

  /// Octets before a control message in its IP packet (RFC 3931 sections 4.1.1.2 and 4.1.2.2).
  private var outerOctets: Int {
    let addressing = remote.address.family == .v4 ? 20 : 40
    switch encapsulation {
    case .udp: return addressing + 8
    case .ip: return addressing + 4
    }
  }

  /// Puts its deadline into the heap if nothing there comes early enough.
  ///
  /// - Parameter reference: the connection itself.
  mutating func reschedule(as reference: ConnectionReference, in turn: inout Turn) {
    guard let deadline else { return }
    if let scheduled, scheduled <= deadline { return }
    scheduled = deadline
    turn.schedule(deadline, .connection(reference))
  }

  /// Has the connection flushed when the input in hand is through.
  ///
  /// - Parameter reference: the connection itself.
  mutating func touch(as reference: ConnectionReference, in turn: inout Turn) {
    guard !isTouched else { return }
    isTouched = true
    turn.touch(reference)
  }
}
