import PWCore
import Testing

@testable import pwsimulate

/// A site of ours and a scripted peer with habits: a few seeds, and those that somebody asks for, as in
/// `SimulationTests`.
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

  /// The peer drops our SCCRQs while it has the connection of before, and keeps that as long as anything comes from us.
  @Test(arguments: 0..<20 as Range<UInt64>) func aCrashOfOursIsOverWithinTwoMinutes(seed: UInt64) throws {
    // All three silences are among these seeds.
    let wishes = Scenario.Wishes(
      isCalm: true,
      habits: (habits: .keepsDeadConnection, pairings: HabitScenario.Pairing.all.filter { $0.peer == .waits }))
    var world = World(HabitScenario(seed: seed, wishes: wishes), fault: nil)
    world.endScript()
    try world.start(0)
    try world.play(.oddPeer(.start))
    try world.run(until: world.now + .seconds(60))
    try world.play(.kill(site: 0))
    try world.play(.start(site: 0))
    try world.run(until: world.now + .seconds(120))
    let tunnel = world.nodes[0].status(at: world.now)?.tunnels.first
    #expect(tunnel?.state.value == .established && tunnel?.pseudowires.first?.state.value == .established)
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
