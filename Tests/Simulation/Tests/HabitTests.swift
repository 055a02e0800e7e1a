import PWCore
import Testing

@testable import pwsimulate

/// A site of ours and a scripted peer with habits: a few seeds, and those that somebody asks for, as in `SimulationTests`.
@Suite struct HabitTests {
  /// Seeds of an ordinary run.
  private static let usualRuns: UInt64 = 40

  private static let campaign = Campaign(asked: .habits, usualRuns: usualRuns)

  /// The shards run side by side.
  @Test(arguments: 0..<Campaign.shards) func everySeedEndsWell(shard: UInt64) {
    let outcome = Self.campaign.run(shard: shard) { Issue.record(Comment(rawValue: $0.description)) }
    #expect(outcome.failed.isEmpty, "seeds that fail: \(outcome.failed)")
    print(outcome.summary)
  }

  @Test func everyHabitHasItsTurn() {
    #expect(SelfCheck.everyHabitHasItsTurn.fault() == nil)
  }

  @Test func oneSeedIsOneRun() {
    #expect(SelfCheck.oneSeedIsOneRunWithHabits.fault() == nil)
  }

  @Test(arguments: CataloguedFault.ofHabits) func isFound(fault: CataloguedFault) {
    let seeds = CataloguedFault.seeds
    #expect(fault.firstViolation(in: seeds) != nil, "\(fault.name) passes \(seeds.count) seeds")
  }
}
