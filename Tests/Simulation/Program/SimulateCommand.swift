import ArgumentParser
import Glibc
import PWCore

/// Engines in a world that misbehaves as its seed says, run on all processors; then the simulation itself is checked.
@main
struct SimulateCommand: AsyncParsableCommand {
  /// Seeds of an ordinary run, of each world: a few milliseconds each.
  static let usualRuns: UInt64 = 4000

  static let configuration = CommandConfiguration(
    commandName: "pwsimulate",
    abstract: "Runs sites in a simulated world that misbehaves as its seed says.",
    discussion: """
      A seed is one run, always the same. A run fails when an engine breaks a rule of the protocol, or when the sites do \
      not agree once everything behaves. In the world `habits` a site has a scripted peer that bends the protocol in ways \
      that are got along with. Without a first seed, the simulation itself is then checked: it must find every fault that \
      is planted. Exit code 1: a seed or a check has failed.
      """)

  @Option(help: "What is simulated: sites, or habits. All of it, if nothing is said; with a first seed, sites.")
  var world: SimulatedWorld?

  @Option(help: "The first seed; if nothing says how many there are, it is run alone.")
  var seed: UInt64?

  @Option(help: "How many seeds are run; \(Self.usualRuns) if nothing is said.")
  var runs: UInt64?

  @Option(help: "Seconds for which seeds are run, in place of --runs.")
  var seconds: UInt64?

  func validate() throws {
    if runs == 0 { throw ValidationError("--runs is at least 1") }
    if seconds == 0 { throw ValidationError("--seconds is at least 1") }
  }

  func run() async throws {
    let worlds = world.map { [$0] } ?? (seed == nil ? SimulatedWorld.allCases : [.sites])
    let campaigns = worlds.map {
      Campaign(world: $0, firstSeed: seed, runs: runs, seconds: seconds, usualRuns: Self.usualRuns)
    }
    // The checks are left out for a single seed: its outcome says nothing of the simulation.
    let checks = seed == nil ? SelfCheck.all.filter { worlds.contains($0.world) } : []
    UnderWay.watch(shards: Int(Campaign.shards))
    let (badSeeds, badChecks) = await withTaskGroup(of: (seeds: Int, checks: Int).self) { group in
      for shard in 0..<Campaign.shards {
        group.addTask { (campaigns.reduce(0) { $0 + Self.run($1, shard) }, Self.run(checks, shard)) }
      }
      return await group.reduce((0, 0)) { ($0.0 + $1.seeds, $0.1 + $1.checks) }
    }
    // That every seed ends well is one check.
    let failed = badChecks + (badSeeds > 0 ? 1 : 0)
    print("\(checks.count + 1 - failed) passed, \(failed) failed")
    guard failed == 0 else { throw ExitCode(1) }
  }

  /// Runs a shard's seeds.
  ///
  /// - Returns: how many of them failed.
  private static func run(_ campaign: Campaign, _ shard: UInt64) -> Int {
    let underWay = UnderWay(shard: shard)
    let outcome = campaign.run(
      shard: shard, begins: { underWay.note("seed \($0) of \(campaign.world)") }, tell: { say($0.description) })
    if !outcome.failed.isEmpty { say("seeds of \(campaign.world) that fail: \(outcome.failed)") }
    say(outcome.summary)
    return outcome.failed.count
  }

  /// Makes a shard's part of the checks.
  ///
  /// - Returns: how many of them failed.
  private static func run(_ checks: [SelfCheck], _ shard: UInt64) -> Int {
    let underWay = UnderWay(shard: shard)
    var failed = 0
    for index in stride(from: Int(shard), to: checks.count, by: Int(Campaign.shards)) {
      underWay.note("the check \(checks[index].name)")
      guard let fault = checks[index].fault() else { continue }
      failed += 1
      say("\(checks[index].name): \(fault)")
    }
    return failed
  }

  /// Prints at once: a trap loses text that waits in a buffer.
  private static func say(_ text: String) {
    print(text)
    fflush(nil)
  }
}

extension SimulatedWorld: ExpressibleByArgument {}
