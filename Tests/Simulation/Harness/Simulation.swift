import PWCore

/// One run from its seed to its end: misbehaviour, rest, agreement, and the end of every process.
enum Simulation {
  /// The figures of a run that found nothing.
  struct Summary: Equatable {
    var steps: Int
    /// Differs when the runs differ.
    var digest: UInt64
    /// When all agreed, after the misbehaviour ended.
    var settling: Duration
    var establishedSessions: Int
    /// Outgoing calls whose OCCN arrived.
    var outgoingCalls: Int
  }

  /// The longest that sites may take to agree: a peer that died unnoticed, its set-up time, a back-off, and again.
  static let longestSettling = Duration.seconds(600)
  /// Everything that is on its way when the misbehaviour ends has arrived by then.
  static let longestDelay = Duration.seconds(21)
  private static let settlingStep = Duration.seconds(2)
  /// How long nothing may change then: longer than the longest HELLO interval.
  private static let rest = Duration.seconds(75)
  /// A shutdown may take so long, whatever the peer does.
  static let longestShutdown = Duration.milliseconds(5000)

  static func run(seed: UInt64, fault: (any PlantedFault)? = nil) throws(Violation) -> Summary {
    try run(World(Scenario.draw(seed: seed, wishes: fault?.wishes ?? .none), fault: fault))
  }

  /// Runs a world that somebody made.
  static func run(_ world: consuming World) throws(Violation) -> Summary {
    var world = world
    try world.run(until: world.now + world.scenario.chaos)
    let settling = try settle(&world)
    let outgoing = world.nodes.reduce(0) { $0 + ($1.process?.observer.confirmedCalls ?? 0) }
    let sessions = world.nodes.reduce(0) { $0 + $1.machine.kernel.sessions.count }
    try shutDown(&world)
    return Summary(
      steps: world.steps, digest: world.trace.digest, settling: settling, establishedSessions: sessions,
      outgoingCalls: outgoing)
  }

  // MARK: Rest

  private static func settle(_ world: inout World) throws(Violation) -> Duration {
    world.network.conditions = .quiet
    world.network.partitions = []
    world.effects = .quiet
    world.names.isReachable = true
    for site in world.nodes.indices { try world.setProtection(site, isThere: true) }
    // A call over a circuit that is down never ends well: those that are made from now on are incoming ones.
    world.outgoingCalls.share = 0
    for site in world.nodes.indices { try world.start(site) }
    world.trace.add(.remark("everything behaves from now on"), at: world.now)
    let begin = world.now
    try world.run(until: begin + longestDelay)
    while true {
      try world.run(until: world.now + settlingStep)
      let agreement = Agreement(world)
      if agreement.complaints.isEmpty {
        let settling = world.now - begin
        try holdStill(&world, agreement)
        return settling
      }
      guard world.now - begin < longestSettling else {
        throw world.violation(
          "no agreement after \(longestSettling):\n  " + agreement.complaints.joined(separator: "\n  "))
      }
    }
  }

  /// Once all agree, they stay agreed, and nothing is built anew.
  private static func holdStill(_ world: inout World, _ before: Agreement) throws(Violation) {
    try world.run(until: world.now + rest)
    let after = Agreement(world)
    guard after.complaints.isEmpty else {
      throw world.violation("agreement did not last:\n  " + after.complaints.joined(separator: "\n  "))
    }
    for (name, count) in before.establishedCounts where after.establishedCounts[name] != count {
      throw world.violation("\(name) was established again although nothing happened")
    }
  }

  // MARK: End

  private static func shutDown(_ world: inout World) throws(Violation) {
    for site in world.nodes.indices {
      // Now and then the peers die first, and nobody acknowledges anything.
      if world.random.chance(0.1) {
        for other in world.nodes.indices where other > site { try world.play(.kill(site: other)) }
      }
      guard world.nodes[site].process != nil else { continue }
      world.nodes[site].process?.isShuttingDown = true
      try world.give(.shutdown, to: site)
      try world.run(until: world.now + longestShutdown)
      try examineEnd(of: site, &world)
      try examinePeers(of: site, world)
      world.nodes[site].process = nil
    }
  }

  static func examineEnd(of site: Int, _ world: inout World) throws(Violation) {
    let node = world.nodes[site]
    guard node.process?.observer.hasStopped == true else {
      throw world.violation("site\(site) has not stopped \(longestShutdown) after it was told to")
    }
    let kernel = node.machine.kernel
    guard kernel.tunnels.isEmpty, kernel.sessions.isEmpty, kernel.wanted.isEmpty, kernel.kept.isEmpty else {
      throw world.violation(
        "site\(site) has stopped and leaves \(kernel.tunnels.count) tunnels, \(kernel.sessions.count) sessions, links of "
          + "\(kernel.wanted.keys), interfaces \(kernel.kept.keys)")
    }
    guard node.machine.sockets.sockets.isEmpty else {
      throw world.violation("site\(site) has stopped and leaves sockets open: \(node.machine.sockets.sockets.keys)")
    }
    guard node.process?.effectsUnderWay == 0 else {
      throw world.violation("site\(site) has stopped and waits for effects")
    }
  }

  /// The peer that was connected has heard of it.
  private static func examinePeers(of site: Int, _ world: World) throws(Violation) {
    for other in world.nodes where other.index != site {
      let established = other.status(at: world.now)?.tunnels.first {
        $0.name == "to\(site)" && $0.state.value == .established
      }
      if established != nil {
        throw world.violation("site\(other.index) does not know that site\(site) has shut down")
      }
    }
  }
}
