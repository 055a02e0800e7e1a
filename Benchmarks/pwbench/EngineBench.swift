import PWCore

/// The engine alone: how many sessions a second, what each holds, and whether anything grows.
enum EngineBench {
  private static let tunnels = 400
  private static let sessionsPerTunnel = 250
  private static var sessions: Int { tunnels * sessionsPerTunnel }
  private static let connections = 2_000
  private static let repetitions = 6
  private static let repeatedSessionsPerTunnel = 25

  static func run(_ table: inout Table) {
    setUp(&table)
    holdConnections(&table)
    repeatSessions(&table)
  }

  private static func setUp(_ table: inout Table) {
    // What stays allocated for good is allocated by a first small pair.
    var small = EnginePair(tunnels: 2, sessionsPerTunnel: 2)
    small.run(virtualSeconds: 5) { $0.establishedSessions(1) == 4 }
    let emptyOctets = Allocations.liveOctets
    var pair = EnginePair(tunnels: tunnels, sessionsPerTunnel: sessionsPerTunnel)
    let seconds = Clock.measure { pair.run(virtualSeconds: 5) { _ in true } }
    let established = [pair.establishedSessions(0), pair.establishedSessions(1)]
    precondition(established == [sessions, sessions], "not all sessions are established: \(established)")
    table.add(
      "sessions set up a second, \(sessions.grouped) in \(tunnels) control connections",
      Int(Double(sessions) / seconds).grouped, wanted: "at least 200,000")
    table.add("  control messages a second, both engines", Int(Double(pair.messages) / seconds).grouped)
    table.add(
      "  before that: a site of \(sessions.grouped) pseudowires read by an engine", "\((pair.declaring * 500).short) ms"
    )
    guard let emptyOctets, let fullOctets = Allocations.liveOctets else { return }
    let connectionsOnly = octets(tunnels: tunnels, sessionsPerTunnel: 0)
    let perSession = (fullOctets - emptyOctets - connectionsOnly) / sessions / 2
    table.add("octets held by an established session", perSession.grouped, wanted: "at most 1,024")
    withExtendedLifetime(pair) {}
  }

  private static func holdConnections(_ table: inout Table) {
    guard Allocations.liveOctets != nil else { return }
    let perConnection = octets(tunnels: connections, sessionsPerTunnel: 0) / connections / 2
    table.add(
      "octets held by an established control connection, of \(connections.grouped)", perConnection.grouped,
      wanted: "at most 8,192")
  }

  /// What two engines hold once everything is established.
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
    guard held.count > 3 else { return }
    // The first rounds grow tables to the size that they need.
    let growth = Double(held[held.count - 1] - held[1])
    let count = tunnels * repeatedSessionsPerTunnel * (repetitions - 2) * 2
    table.add(
      "octets of growth per session, \(count.grouped) set up and torn down", (growth / Double(count)).short,
      wanted: "0.0")
  }
}
