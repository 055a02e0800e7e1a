import Foundation
import PWCore
import Testing

/// Engines in a world that misbehaves as its seed says. `PWMGR_SIMULATION_SEED` is the first seed, `PWMGR_SIMULATION_RUNS`
/// how many there are (with a first seed, one), `PWMGR_SIMULATION_SECONDS` goes on from it until that time is over.
@Suite struct SimulationTests {
  /// Seeds of an ordinary run, each in well under a second.
  private static let usualRuns: UInt64 = 600
  /// Seeds are spread over so many tests, which run side by side: one for each processor, or those that come second would only
  /// begin when the time of the first is over.
  private static let shards = UInt64(ProcessInfo.processInfo.activeProcessorCount)

  private static let firstSeed = number("SEED") ?? 1
  private static let time = number("SECONDS").map { Duration.seconds($0) }
  private static let runs = time != nil ? .max : number("RUNS") ?? (number("SEED") != nil ? 1 : usualRuns)

  private static func number(_ name: String) -> UInt64? {
    ProcessInfo.processInfo.environment["PWMGR_SIMULATION_\(name)"].flatMap { UInt64($0) }
  }

  /// Violations that one test reports in full; more of them say nothing new.
  private static let shownViolations = 2

  @Test(arguments: 0..<shards) func everySeedEndsWell(shard: UInt64) {
    let clock = ContinuousClock()
    let end = Self.time.map { clock.now + $0 }
    var failed: [UInt64] = []
    var (seeds, steps) = (0, 0)
    for index in stride(from: shard, to: Self.runs, by: Int(Self.shards)) {
      if let end, clock.now >= end { break }
      seeds += 1
      do throws(Violation) {
        steps += try Simulation.run(seed: Self.firstSeed &+ index).steps
      } catch {
        failed.append(error.seed)
        if failed.count <= Self.shownViolations { Issue.record(Comment(rawValue: error.description)) }
      }
    }
    #expect(failed.isEmpty, "seeds that fail: \(failed)")
    print(
      "simulation \(shard + 1) of \(Self.shards): \(seeds) seeds from \(Self.firstSeed), \(steps) steps, \(failed.count) failed"
    )
  }

  @Test func someCallsAreOutgoing() throws {
    let isFound = try (1...40).contains { try Simulation.run(seed: $0).outgoingCalls > 0 }
    #expect(isFound)
  }

  @Test func oneSeedIsOneRun() throws {
    let first = try Simulation.run(seed: 77)
    let second = try Simulation.run(seed: 77)
    #expect(first == second)
    #expect(first.establishedSessions > 0)
    #expect(try Simulation.run(seed: 78).digest != first.digest)
  }
}
