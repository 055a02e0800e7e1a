import Foundation
import PWCore
import Testing

@testable import pwsimulate

/// Engines in a world that misbehaves as its seed says: a few seeds, and those that somebody asks for; `pwsimulate` runs
/// thousands. `PWMGR_SIMULATION_SEED` is the first seed, `PWMGR_SIMULATION_RUNS` how many there are (with a first seed, one),
/// `PWMGR_SIMULATION_SECONDS` goes on from it until that time is over.
@Suite struct SimulationTests {
  /// Seeds of an ordinary run, each in well under a second.
  private static let usualRuns: UInt64 = 40

  private static let campaign = Campaign(asked: .sites, usualRuns: usualRuns)

  /// The shards run side by side.
  @Test(arguments: 0..<Campaign.shards) func everySeedEndsWell(shard: UInt64) {
    let outcome = Self.campaign.run(shard: shard) { Issue.record(Comment(rawValue: $0.description)) }
    #expect(outcome.failed.isEmpty, "seeds that fail: \(outcome.failed)")
    print(outcome.summary)
  }

  @Test func someCallsAreOutgoing() {
    #expect(SelfCheck.someCallsAreOutgoing.fault() == nil)
  }

  @Test func oneSeedIsOneRun() {
    #expect(SelfCheck.oneSeedIsOneRun.fault() == nil)
  }
}

extension Campaign {
  /// The runs that the environment asks for.
  init(asked world: SimulatedWorld, usualRuns: UInt64) {
    func number(_ name: String) -> UInt64? {
      ProcessInfo.processInfo.environment["PWMGR_SIMULATION_\(name)"].flatMap { UInt64($0) }
    }
    self.init(
      world: world, firstSeed: number("SEED"), runs: number("RUNS"), seconds: number("SECONDS"), usualRuns: usualRuns)
  }
}
