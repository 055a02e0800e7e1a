import PWCore

/// A million forged SCCRQs: what they cost, what stays of them, and whether what was there goes on.
enum FloodBench {
  private static let tunnels = 101
  private static let forged = 1_000_000
  /// Nanoseconds between two of them.
  private static let interval: UInt64 = 100_000
  private static let perSample = 10_000
  /// Octets that a half-open connection holds at most, with its place in every table: the bound that is stated.
  private static let octetsPerHalfOpen = 8192

  static func measure(_ table: inout Table) {
    _ = EnginePair(tunnels: 2, sessionsPerTunnel: 2)
    var pair = EnginePair(tunnels: tunnels, sessionsPerTunnel: 1)
    pair.run(virtualSeconds: 10) { _ in false }
    precondition(pair.establishedSessions(1) == tunnels, "not all sessions are established")
    let before = held(by: pair)
    pair.begin(leavingOut: 1)
    var most = 0
    var mostHalfOpen = 0
    var seconds = 0.0
    for sample in 0..<(forged / perSample) {
      // One peer starts again in the middle of it.
      if sample == forged / perSample / 2 { pair.begin(leavingOut: 0) }
      seconds += Clock.measure { pair.flood(perSample, interval: interval, declaredPeers: tunnels) }
      most = max(most, held(by: pair) - before)
      mostHalfOpen = max(mostHalfOpen, pair.halfOpen(1))
    }
    precondition(pair.establishedSessions(1) == tunnels, "\(pair.establishedSessions(1)) sessions under the flood")
    table.add("forged SCCRQs a second that one engine takes", Int(Double(forged) / seconds).grouped)
    table.add("half-open connections at most, while \(forged.grouped) arrived", mostHalfOpen.grouped)
    pair.run(virtualSeconds: 200) { _ in false }
    precondition(pair.halfOpen(1) == 0, "half-open connections are left")
    guard Allocations.areCounted else { return }
    table.add(
      "octets that both engines hold more, at most", most.grouped,
      wanted: "at most \((mostHalfOpen * octetsPerHalfOpen).grouped)")
    table.add("octets 200 s after it", (held(by: pair) - before).grouped)
  }

  /// Octets that both engines hold, besides what else there is.
  private static func held(by pair: EnginePair) -> Int { (Allocations.liveOctets ?? 0) - pair.socketOctets }
}
