/// The MTU of the path to a peer, probed and not believed.
///
/// A HELLO that has been acknowledged is said again with the same Ns, made as long as is wanted by AVPs that mean
/// nothing, and forbidden to be cut on its way. RFC 3931 section 4.2 has the peer acknowledge such a duplicate without
/// looking into it: a probe that is lost costs nothing, and no ICMP message is needed.
extension Engine {
  /// A search under way.
  struct PathProbing: Codable {
    /// The search itself, which says what size is probed next.
    var probe: PathProbe
    /// Whether its result is one, once there is any.
    var proof: ProbeProof?
    var state = State.due
    /// Ns of the HELLO, once it was said.
    var ns: UInt16?
    /// When the HELLO went out.
    var sentAt: Instant
    /// When the last probe went out.
    var probedAt: Instant?
    /// How long an answer is waited for.
    var patience = EngineLimits.shortestPathProbeTime
    /// Whether a question is open.
    var isAsked = false
    /// How often a message of ours came between question and answer.
    var interruptions = 0

    /// Where a search is.
    enum State: Codable {
      /// It waits for the channel to be idle.
      case due
      /// The HELLO is out.
      case greeting
      /// A probe is out.
      case asking
      /// The time for an answer is over. One that comes now is too late to tell which message it is for.
      case settling
    }
  }

  /// The size below which no path is, in octets (RFC 791 section 3.1 has every host take 576, RFC 8200 section 5 every
  /// link 1280).
  static func leastPathMTUOctets(_ family: AddressFamily) -> Int {
    switch family {
    case .v4: 576
    case .v6: 1280
    }
  }

  /// A connection stands: its path is probed when what there is to set up has been said. Not all connections at once.
  mutating func schedulePathProbe(_ connection: ConnectionReference, after delay: Duration) {
    let tunnel = connections[connection].tunnel
    guard tunnels[tunnel].declaration.probesPath, !tunnels[tunnel].remarkedHabits.contains(.stopsForRepetitions) else {
      return
    }
    connections[connection].probe(at: now + turn.jittered(delay))
    touch(connection)
  }

  /// Whether a repetition is out, or has just been.
  func isPathProbeOut(_ connection: ConnectionReference) -> Bool {
    pathProbes[connection]?.isProbeOut(at: now) ?? false
  }

  /// A connection has ended that served its tunnel, perhaps because its peer cannot take a long message. The first time
  /// may be chance.
  mutating func noteEndAtLongMessage(_ connection: ConnectionReference) {
    let tunnel = connections[connection].tunnel
    guard connections[connection].isLongMessageOut else {
      tunnels[tunnel].endsAtLongMessages = 0
      return
    }
    switch connections[connection].end {
    case .peerStopped, .peerSilent, .peerLostState, .replaced: tunnels[tunnel].endsAtLongMessages += 1
    default: return
    }
    guard tunnels[tunnel].endsAtLongMessages >= EngineLimits.endsAtLongMessages else { return }
    remark(.stopsForRepetitions, of: tunnel)
  }

  /// The connection ends, and its search with it.
  mutating func endPathProbe(_ connection: ConnectionReference) {
    if !pathProbes.isEmpty { pathProbes[connection] = nil }
  }

  /// The time for a probe has come: to begin, to go on, or to take its silence for an answer.
  mutating func pathProbeDue(_ connection: ConnectionReference) {
    guard connections[connection].takeProbe(at: now) else { return }
    if pathProbes[connection] == nil { beginPathProbe(connection) }
    switch pathProbes[connection]?.state {
    case nil, .some(.greeting): return
    case .some(.due): greet(connection)
    case .some(.asking): settle(connection)
    case .some(.settling):
      if pathProbes[connection]?.isAsked == true { pathProbes[connection]?.unanswered() }
      goOnProbing(connection)
    }
  }

  /// Waits as long again before the next question: what is still under way must not be taken for its answer.
  private mutating func settle(_ connection: ConnectionReference, besides more: Duration = .zero) {
    guard let patience = pathProbes[connection]?.patience else { return }
    pathProbes[connection]?.state = .settling
    connections[connection].probe(at: now + patience + more)
    touch(connection)
  }

  private mutating func beginPathProbe(_ connection: ConnectionReference) {
    let floor = Self.leastPathMTUOctets(connections[connection].remote.address.family)
    let ceiling = connections[connection].pathMTU.firstLinkOctets ?? presumedCeiling(connection)
    pathProbes[connection] = PathProbing(
      probe: PathProbe(floor: floor, ceiling: max(floor, min(ceiling, Int(UInt16.max)))), sentAt: now)
  }

  /// The largest packet that a path may pass whose first link is not known. The MTU that the routes give may come from
  /// an ICMP message, and that may be forged. A probe that is too large for the first link costs nothing.
  func presumedCeiling(_ connection: ConnectionReference) -> Int {
    max(
      connections[connection].pathMTU.toldOctets, connections[connection].pathMTU.octets,
      EngineLimits.presumedPathMTUOctets)
  }

  /// Says the HELLO that the probes repeat, or goes on with them, as soon as nothing of ours is under way: the
  /// peer's next acknowledgement is then for the probe.
  private mutating func greet(_ connection: ConnectionReference) {
    guard connections[connection].channel.isIdle, connections[connection].calls.isEmpty else {
      connections[connection].probe(at: now + EngineLimits.pathProbeDelay)
      return
    }
    guard pathProbes[connection]?.ns == nil else { return goOnProbing(connection) }
    send(.hello(Hello()), on: connection)
    pathProbes[connection]?.state = .greeting
    pathProbes[connection]?.ns = connections[connection].channel.nextNs &- 1
    pathProbes[connection]?.sentAt = turn.now
  }

  /// The peer has acknowledged something of ours.
  mutating func pathProbeGreeted(_ connection: ConnectionReference) {
    guard let probing = pathProbes[connection], probing.state == .greeting, connections[connection].channel.isIdle
    else { return }
    let roundTrip = now - probing.sentAt
    pathProbes[connection]?.patience = min(
      max(roundTrip * 3, EngineLimits.shortestPathProbeTime), EngineLimits.longestPathProbeTime)
    // A HELLO that was slow may have been sent twice, and the second copy is answered as late.
    settle(connection, besides: roundTrip)
  }

  /// An explicit acknowledgement that acknowledges nothing new.
  mutating func pathProbeAnswered(_ connection: ConnectionReference, nr: UInt16) {
    guard var probing = pathProbes[connection], connections[connection].channel.isIdle,
      nr == connections[connection].channel.nextNs
    else { return }
    switch probing.state {
    case .due, .greeting: break
    case .asking:
      probing.answered()
      probing.isAsked = false
      pathProbes[connection] = probing
      // A copy of this answer must not be taken for that of the next question.
      if probing.isOver { goOnProbing(connection) } else { settle(connection) }
    case .settling where probing.isAsked:
      // The path is slower than was thought: the question is put again, with more time.
      probing.patience = min(probing.patience * 2, EngineLimits.longestPathProbeTime)
      probing.interruptions += 1
      probing.isAsked = false
      pathProbes[connection] = probing
      settle(connection)
    case .settling: break
    }
  }

  /// A message of ours goes out: what is acknowledged now may be that one.
  mutating func interruptPathProbe(_ connection: ConnectionReference) {
    switch pathProbes[connection]?.state {
    case .some(.asking), .some(.settling): break
    case nil, .some(.due), .some(.greeting): return
    }
    pathProbes[connection]?.state = .due
    pathProbes[connection]?.isAsked = false
    pathProbes[connection]?.interrupted()
    connections[connection].probe(at: now + EngineLimits.shortestPathProbeTime)
  }

  /// A packet in pieces could not be sent: that says nothing of the path, and what was to be found out stays unknown.
  mutating func pathProbeUnsent(_ socket: SocketID) {
    for tunnel in declaredTunnels {
      for connection in tunnels[tunnel].connections where connections[connection].socket.id == socket {
        guard let probing = pathProbes[connection], probing.question?.isCut == true else { continue }
        leaveFragmentsUnknown(connection)
      }
    }
  }

  private mutating func leaveFragmentsUnknown(_ connection: ConnectionReference) {
    pathProbes[connection] = nil
    connections[connection].isLongMessageOut = false
    schedulePathProbe(connection, after: EngineLimits.pathProbeInterval)
  }

  private mutating func goOnProbing(_ connection: ConnectionReference) {
    guard var probing = pathProbes[connection] else { return }
    if probing.probe.count >= EngineLimits.pathProbes { probing.probe.giveUp() }
    if probing.isInterruptedTooOften {
      probing.probe.giveUp()
      probing.proof?.giveUp()
    }
    probing.beginProof()
    guard !probing.isOver, let ns = probing.ns else {
      pathProbes[connection] = nil
      // Where nothing was answered at all, the next message asks whether the peer is there, and its answer shows that.
      if probing.probe.outcome != .unanswered { connections[connection].isLongMessageOut = false }
      return takePathProbe(probing, connection)
    }
    // The tunnel's declaration may have changed since the search began.
    if probing.question?.isCut == true, !mayCutProbes(connection) { return leaveFragmentsUnknown(connection) }
    probing.state = .asking
    probing.isAsked = true
    guard let question = probing.question else {
      pathProbes[connection] = probing
      // Of any length: a peer that acknowledges at regular times must not always be heard just when it is asked.
      let longest = min(probing.patience * EngineLimits.longestListening, EngineLimits.longestSilence)
      connections[connection].probe(at: now + turn.jittered(longest, down: probing.patience / longest))
      return touch(connection)
    }
    probing.probedAt = now
    pathProbes[connection] = probing
    connections[connection].probe(at: now + probing.patience)
    if question.octets > 0 { connections[connection].isLongMessageOut = true }
    connections[connection].probe(question, ns: ns, in: &turn)
    touch(connection)
  }

  private mutating func takePathProbe(_ probing: PathProbing, _ connection: ConnectionReference) {
    switch probing.proof?.verdict {
    case nil, .some(.proven): takePathProbe(probing.probe.outcome ?? .unknown, connection)
    case .some(.contradicted): takePathProbe(.unknown, connection)
    case .some(.unasked): pathProbeMeansNothing(connection)
    }
  }

  private mutating func takePathProbe(_ outcome: PathProbe.Outcome, _ connection: ConnectionReference) {
    switch outcome {
    case .unknown: schedulePathProbe(connection, after: EngineLimits.pathProbePause)
    case .unanswered: pathProbeUnanswered(connection)
    case .size(let octets, let isExact):
      connections[connection].pathMTU.probed()
      notePathMTU(octets, connection)
      setPathMTU(octets, connection)
      schedulePathProbe(connection, after: isExact ? EngineLimits.pathProbeInterval : EngineLimits.pathProbePause)
      if isExact { probeFragments(connection) }
    case .fragments(let arrive):
      schedulePathProbe(connection, after: arrive ? EngineLimits.pathProbeInterval : EngineLimits.pathProbePause)
      if connections[connection].pathMTU.fragments(arrive: arrive) { updateForwardingOfAll(connection) }
    }
  }

  /// The peer acknowledges whatever was asked or not.
  private mutating func pathProbeMeansNothing(_ connection: ConnectionReference) {
    remark(.acknowledgesUnasked, of: connections[connection].tunnel)
    let wasKnown = connections[connection].pathMTU.fragmentsArrive != nil
    connections[connection].pathMTU.cannotBeProbed()
    setPathMTU(connections[connection].pathMTU.toldOctets, connection)
    if wasKnown { updateForwardingOfAll(connection) }
  }

  /// No repetition was acknowledged.
  private mutating func pathProbeUnanswered(_ connection: ConnectionReference) {
    // It has answered the HELLO that was repeated. Perhaps the long message was too much for it: is it there?
    if connections[connection].channel.isIdle { send(.hello(Hello()), on: connection) }
    guard connections[connection].pathMTU.searchWasSilent(limit: EngineLimits.silentPathSearches) else {
      return schedulePathProbe(connection, after: EngineLimits.silentPathPause)
    }
    remark(.ignoresRepetitions, of: connections[connection].tunnel)
    setPathMTU(connections[connection].pathMTU.toldOctets, connection)
  }

  /// Finds out whether fragments arrive, where a session needs that.
  mutating func probeFragments(_ connection: ConnectionReference) {
    let path = connections[connection].pathMTU
    guard connections[connection].isSignalled, path.certainty == .probed, pathProbes[connection] == nil,
      let octets = largestPacketOctets(over: connection), octets > path.wholeOctets
    else { return }
    // The kernel's own pieces are as large as the routes say. Where the path does not pass that, smaller ones show
    // nothing. The peer answers a packet of this size when it comes whole.
    let isCuttable = path.octets >= path.toldOctets && mayCutProbes(connection)
    pathProbes[connection] = PathProbing(
      probe: PathProbe(
        fragmentedOctets: min(octets, Int(UInt16.max)), pieceableOctets: isCuttable ? path.wholeOctets : nil),
      sentAt: now)
    connections[connection].probe(at: now)
    touch(connection)
  }

  /// Whether a probe may go out in pieces, which leave by a raw socket: no policy covers those, and nothing encrypts
  /// them.
  private func mayCutProbes(_ connection: ConnectionReference) -> Bool {
    tunnels[connections[connection].tunnel].declaration.protection == .none
  }

  private func largestPacketOctets(over connection: ConnectionReference) -> Int? {
    tunnels[connections[connection].tunnel].pseudowires.compactMap { pseudowire in
      guard runs(pseudowire, over: connection), let session = pseudowires[pseudowire].session else { return nil }
      return largestPacketOctets(session)
    }.max()
  }

  /// The largest packet that a session's frames make, outer headers included; nil while its interface is not known, or
  /// does not pass frames yet: pppd's has 1,500 octets until LCP has agreed on less, and none of them crosses the path.
  func largestPacketOctets(_ session: SessionReference) -> Int? {
    let pseudowire = sessions[session].pseudowire
    guard pseudowires[pseudowire].machine.state == .established, let report = sessions[session].report,
      report.problems.isEmpty, let mtu = report.mtuOctets
    else { return nil }
    let headerOctets = payload(of: pseudowires[pseudowire].declaration.type) == .ppp ? 4 : 14
    return mtu + headerOctets + overheadOctets(session)
  }

  /// Whether a session's largest frames have to be cut, and the pieces do not arrive.
  func losesLargeFrames(_ session: SessionReference) -> Bool {
    let connection = sessions[session].connection
    guard connections[connection].pathMTU.fragmentsArrive == false, let octets = largestPacketOctets(session) else {
      return false
    }
    return octets > connections[connection].pathMTU.wholeOctets
  }

  /// The warning for the operator, with the cure; nil unless large frames are lost.
  func largeFrameReason(_ session: SessionReference) -> String? {
    guard losesLargeFrames(session) else { return nil }
    let octets = connections[sessions[session].connection].pathMTU.wholeOctets
    return "large frames are lost: the peer answers packets of \(octets) octets, but none in fragments; write "
      + "`mtu: fit` at both ends"
  }
}
