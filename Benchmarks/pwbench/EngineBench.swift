import PWCore

/// The engine alone: how many sessions a second, what each holds, and whether anything grows.
enum EngineBench {
  private static let tunnels = 400
  private static let sessionsPerTunnel = 250
  private static var sessions: Int { tunnels * sessionsPerTunnel }
  private static let connections = 2_000
  /// How often the speed is measured, each time with a pair of its own.
  private static let rounds = 45
  private static let repetitions = 30
  /// Tables of many sizes reach their size in the rounds before these.
  private static let countedRepetitions = 5
  private static let repeatedSessionsPerTunnel = 25

  static func measureSpeed(_ table: inout Table) {
    var seconds: [Double] = []
    var declaring: [Double] = []
    var messages = 0
    for _ in 0..<rounds {
      var pair = EnginePair(tunnels: tunnels, sessionsPerTunnel: sessionsPerTunnel)
      seconds.append(Clock.measure { pair.run(virtualSeconds: 5) { _ in true } })
      requireAll(pair)
      declaring.append(pair.declaring)
      messages = pair.messages
    }
    // Other work of this machine only makes a round slower: the fastest tells most of the engine.
    let (fastest, slowest) = (seconds.min() ?? 0, seconds.max() ?? 0)
    table.add(
      "sessions set up a second, \(sessions.grouped) in \(tunnels) control connections",
      Int(Double(sessions) / fastest).grouped, wanted: "at least 200,000")
    table.add("  that was the fastest of \(rounds) rounds; the slowest", Int(Double(sessions) / slowest).grouped)
    table.add("  control messages a second, both engines", Int(Double(messages) / fastest).grouped)
    table.add(
      "  before that: the site of \(sessions.grouped) pseudowires, taken in by one engine",
      "\(((declaring.min() ?? 0) * 500).short) ms")
  }

  static func measureMemory(_ table: inout Table) {
    // A first small pair allocates everything that stays allocated for good.
    _ = octets(tunnels: 2, sessionsPerTunnel: 2)
    holdSessions(&table)
    holdConnections(&table)
    repeatSessions(&table)
  }

  private static func requireAll(_ pair: EnginePair) {
    let established = [pair.establishedSessions(0), pair.establishedSessions(1)]
    precondition(established == [sessions, sessions], "not all sessions are established: \(established)")
  }

  private static func holdSessions(_ table: inout Table) {
    guard Allocations.areCounted else { return }
    let all = octets(tunnels: tunnels, sessionsPerTunnel: sessionsPerTunnel)
    let connectionsOnly = octets(tunnels: tunnels, sessionsPerTunnel: 0)
    table.add(
      "octets held by an established session, of \(sessions.grouped)",
      ((all - connectionsOnly) / sessions / 2).grouped, wanted: "at most 1,024")
  }

  private static func holdConnections(_ table: inout Table) {
    guard Allocations.areCounted else { return }
    let perConnection = octets(tunnels: connections, sessionsPerTunnel: 0) / connections / 2
    table.add(
      "octets held by an established control connection, of \(connections.grouped)", perConnection.grouped,
      wanted: "at most 8,192")
  }

  /// The octets that two engines hold once everything is established.
  private static func octets(tunnels: Int, sessionsPerTunnel: Int) -> Int {
    let before = Allocations.liveOctets ?? 0
    var pair = EnginePair(tunnels: tunnels, sessionsPerTunnel: sessionsPerTunnel)
    // More at once than may be half open: the rest comes with its retransmissions.
    pair.run(virtualSeconds: 60) { $0.establishedConnections(1) == tunnels }
    precondition(pair.establishedConnections(1) == tunnels, "not all control connections are established")
    let after = Allocations.liveOctets ?? 0
    withExtendedLifetime(pair) {}
    return after - before
  }

  /// Sessions come and go; what is held afterwards does not grow.
  private static func repeatSessions(_ table: inout Table) {
    guard Allocations.areCounted else { return }
    var pair = EnginePair(tunnels: tunnels, sessionsPerTunnel: 0)
    pair.run(virtualSeconds: 5) { _ in true }
    var held: [Int] = []
    for _ in 0..<repetitions {
      pair.declare(tunnels: tunnels, sessionsPerTunnel: repeatedSessionsPerTunnel)
      pair.run(virtualSeconds: 20) { $0.establishedSessions(1) == tunnels * repeatedSessionsPerTunnel }
      precondition(pair.establishedSessions(0) == tunnels * repeatedSessionsPerTunnel, "sessions do not come back")
      pair.declare(tunnels: tunnels, sessionsPerTunnel: 0)
      // Longer than the time that a set-up may take: what waits for its deadline is gone by then.
      pair.run(virtualSeconds: 130) { _ in false }
      if let octets = Allocations.liveOctets { held.append(octets) }
    }
    let growth = Double(held[held.count - 1] - held[held.count - 1 - countedRepetitions])
    let count = tunnels * repeatedSessionsPerTunnel * countedRepetitions * 2
    let before = tunnels * repeatedSessionsPerTunnel * (repetitions - countedRepetitions) * 2
    table.add(
      "octets of growth per session, \(count.grouped) set up and torn down after \(before.grouped)",
      (growth / Double(count)).short, wanted: "0")
  }
}
