import PWCore

/// One run with a peer that has habits: misbehaviour of the network and of both ends, rest, and the required end state.
enum HabitSimulation {
  /// The figures of a run that found nothing.
  struct Summary: Equatable {
    var steps: Int
    /// Differs when the runs differ.
    var digest: UInt64
    /// From the end of all misbehaviour until the session was there, or the refusal that the peer's habit calls for.
    var settling: Duration
    var isRefused: Bool
  }

  /// A peer that died unnoticed, HELLO and its retransmissions, a back-off, and again.
  static let longestSettling = Duration.seconds(200)
  /// Where the peer keeps a connection that we have lost as long as it hears anything of us: the pauses between our
  /// calls must first have become long enough.
  static let longestSettlingBesideDeadConnection = Duration.seconds(900)
  /// One that reuses its identifier may take what was said on the connection before for this one's. It finds that out
  /// when its next HELLO stays unanswered.
  private static let longestConfusion = Duration.seconds(90)
  private static let settlingStep = Duration.seconds(2)
  /// How long nothing may change then: longer than the longest HELLO interval.
  private static let rest = Duration.seconds(75)

  static func run(seed: UInt64, fault: (any PlantedFault)? = nil) throws(Violation) -> Summary {
    try run(HabitScenario(seed: seed, wishes: fault?.wishes ?? .none), fault: fault)
  }

  static func run(_ scenario: HabitScenario, fault: (any PlantedFault)? = nil) throws(Violation) -> Summary {
    var world = World(scenario, fault: fault)
    try world.run(until: world.now + world.scenario.chaos)
    let settling = try settle(&world)
    let isRefused = world.oddPeer?.isUnacceptable == true
    if !isRefused { try holdStill(&world) }
    try shutDown(&world)
    return Summary(steps: world.steps, digest: world.trace.digest, settling: settling, isRefused: isRefused)
  }

  private static func settle(_ world: inout World) throws(Violation) -> Duration {
    world.network.conditions = .quiet
    world.network.partitions = []
    world.effects = .quiet
    // The events that the script has left over would be more misbehaviour.
    world.endScript()
    try world.start(0)
    try world.play(.oddPeer(.start))
    world.trace.add(.remark("everything behaves from now on"), at: world.now)
    let begin = world.now
    let stopsBefore = world.oddPeer?.stops.count ?? 0
    try world.run(until: begin + Simulation.longestDelay + (findsOutLate(world) ? longestConfusion : .zero))
    while let complaint = complaint(world, stopsBefore) {
      guard world.now - begin < limit(world) else { throw world.violation("after \(limit(world)): \(complaint)") }
      try world.run(until: world.now + settlingStep)
    }
    return world.now - begin
  }

  /// Whether a connection that is up may end by what the peer or we find out only then.
  private static func findsOutLate(_ world: World) -> Bool {
    world.oddPeer?.habits.isDisjoint(with: [.reusesIdentifier, .stopsAtLongMessages]) == false
  }

  private static func limit(_ world: World) -> Duration {
    world.oddPeer?.habits.contains(.keepsDeadConnection) == true ? longestSettlingBesideDeadConnection : longestSettling
  }

  /// A state that is not as it must become, in words; nil when all is as it must.
  private static func complaint(_ world: World, _ stopsBefore: Int) -> String? {
    guard let peer = world.oddPeer, let status = world.nodes[0].status(at: world.now)?.tunnels.first else {
      return "no process runs"
    }
    return peer.isUnacceptable ? missingRefusal(status, peer, stopsBefore) : disagreement(status, peer, world)
  }

  /// The connection and the session are up, and each end knows the other's identifiers.
  private static func disagreement(_ status: TunnelStatus, _ peer: OddPeer, _ world: World) -> String? {
    guard status.state.value == .established, let pseudowire = status.pseudowires.first else {
      return "our end is \(status.state.value), last error: \(status.lastError?.value ?? "none")"
    }
    guard let connection = peer.connection, connection.isUp, connection.localID == status.peerID,
      connection.peerID == status.localID
    else { return "the peer does not have the connection that we have" }
    guard pseudowire.state.value == .established else {
      return "our session is \(pseudowire.state.value), last error: \(pseudowire.lastError?.value ?? "none")"
    }
    guard let session = peer.session, session.isCarrying, session.localID == pseudowire.peerID,
      session.peerID == pseudowire.localID
    else { return "the peer does not have the session that we have" }
    let kernel = world.nodes[0].machine.kernel
    guard kernel.tunnels.count == 1, kernel.sessions.count == 1 else {
      return "our kernel has \(kernel.tunnels.count) tunnels and \(kernel.sessions.count) sessions"
    }
    return nil
  }

  /// An SCCRQ that cannot be taken is refused with StopCCN to the identifier that SCCRP assigned, which leaves no
  /// half-open connection, and people are told which AVP it was (RFC 3931 section 5.2).
  private static func missingRefusal(_ status: TunnelStatus, _ peer: OddPeer, _ stopsBefore: Int) -> String? {
    guard peer.stops.dropFirst(stopsBefore).contains(where: { $0.error == .unknownMandatoryAVP }) else {
      return "the peer has not heard why its SCCRP is not taken"
    }
    guard peer.connection == nil else { return "the peer keeps a half-open connection" }
    guard status.state.value != .established else { return "the SCCRP has been taken" }
    let error = status.lastError?.value ?? "none"
    return error.contains("\(OddPeer.unknownAVP.type)") ? nil : "the last error does not name the AVP: \(error)"
  }

  /// Connections and sessions that are up stay up, and nothing is built anew.
  private static func holdStill(_ world: inout World) throws(Violation) {
    let before = counts(world)
    try world.run(until: world.now + rest)
    if let complaint = complaint(world, 0) { throw world.violation("it did not last: \(complaint)") }
    guard counts(world) == before else { throw world.violation("was established again although nothing happened") }
  }

  private static func counts(_ world: World) -> [Int] {
    let tunnels = world.nodes[0].status(at: world.now)?.tunnels ?? []
    return tunnels.flatMap { [$0.establishedCount] + $0.pseudowires.map(\.establishedCount) }
  }

  private static func shutDown(_ world: inout World) throws(Violation) {
    let wasUp = world.oddPeer?.connection?.isUp == true
    world.nodes[0].process?.isShuttingDown = true
    try world.give(.shutdown, to: 0)
    try world.run(until: world.now + Simulation.longestShutdown)
    try Simulation.examineEnd(of: 0, &world)
    if wasUp, world.oddPeer?.connection?.isUp == true {
      throw world.violation("the peer does not know that site0 has shut down")
    }
  }
}
