import Foundation
import PWCore
import Testing

/// Engines in a world that misbehaves as its seed says. `PWMGR_SIMULATION_SEED=n` runs one seed,
/// `PWMGR_SIMULATION_SEEDS=first-last` a range.
@Suite struct SimulationTests {
  /// Seeds of an ordinary run, each in well under a second.
  private static let usualSeeds: ClosedRange<UInt64> = 1...600
  /// Seeds are spread over so many tests, which run side by side.
  private static let shards: UInt64 = 4

  private static var seeds: ClosedRange<UInt64> {
    let environment = ProcessInfo.processInfo.environment
    if let seed = environment["PWMGR_SIMULATION_SEED"].flatMap({ UInt64($0) }) { return seed...seed }
    let bounds = environment["PWMGR_SIMULATION_SEEDS"]?.split(separator: "-").compactMap { UInt64($0) } ?? []
    guard bounds.count == 2, bounds[0] <= bounds[1] else { return usualSeeds }
    return bounds[0]...bounds[1]
  }

  /// Violations that one test reports in full; more of them say nothing new.
  private static let shownViolations = 2

  @Test(arguments: 0..<shards) func everySeedEndsWell(shard: UInt64) {
    var failed: [UInt64] = []
    for seed in Self.seeds where seed % Self.shards == shard {
      do throws(Violation) {
        _ = try Simulation.run(seed: seed)
      } catch {
        failed.append(seed)
        if failed.count <= Self.shownViolations { Issue.record(Comment(rawValue: error.description)) }
      }
    }
    #expect(failed.isEmpty, "seeds that fail: \(failed)")
  }

  @Test func oneSeedIsOneRun() throws {
    let first = try Simulation.run(seed: 77)
    let second = try Simulation.run(seed: 77)
    #expect(first == second)
    #expect(first.establishedSessions > 0)
    #expect(try Simulation.run(seed: 78).digest != first.digest)
  }
}
