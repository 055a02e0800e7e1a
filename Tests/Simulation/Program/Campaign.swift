import Foundation
import PWCore

/// Which seeds are run, and how they are spread over the processors.
struct Campaign: Sendable {
  /// The simulation that is run.
  let world: SimulatedWorld
  /// Side by side, one for each processor: each shard has every so many-th seed.
  static let shards = UInt64(ProcessInfo.processInfo.activeProcessorCount)
  /// Violations of one shard that are told in full; more of them say nothing new.
  private static let toldViolations = 2

  let firstSeed: UInt64
  private let runs: UInt64
  private let time: Duration?

  /// The results of one shard's seeds.
  struct Outcome: Sendable {
    var failed: [UInt64] = []
    /// Its line of the summary.
    var summary = ""
  }

  /// - Parameters:
  ///   - world: the world that each seed runs.
  ///   - firstSeed: the seed to begin with; one that is given is run alone, if nothing else says how many there are.
  ///   - runs: how many seeds there are.
  ///   - seconds: goes on from the first seed until so much time is over, in place of `runs`.
  ///   - usualRuns: how many seeds there are where nothing is said.
  init(world: SimulatedWorld, firstSeed: UInt64?, runs: UInt64?, seconds: UInt64?, usualRuns: UInt64) {
    self.world = world
    self.firstSeed = firstSeed ?? 1
    self.runs = seconds != nil ? .max : runs ?? (firstSeed != nil ? 1 : usualRuns)
    time = seconds.map { Duration.seconds($0) }
  }

  /// Runs the seeds of one shard, one after the other.
  ///
  /// - Parameters:
  ///   - begins: hears of each seed before it is run.
  ///   - tell: hears of the first violations.
  func run(shard: UInt64, begins: (UInt64) -> Void = { _ in }, tell: (Violation) -> Void) -> Outcome {
    let clock = ContinuousClock()
    let end = time.map { clock.now + $0 }
    var outcome = Outcome()
    var (seeds, steps) = (0, 0)
    var slowest = (settling: Duration.zero, seed: firstSeed)
    for index in stride(from: shard, to: runs, by: Int(Self.shards)) {
      if let end, clock.now >= end { break }
      let seed = firstSeed &+ index
      begins(seed)
      seeds += 1
      do throws(Violation) {
        let summary = try world.run(seed: seed)
        steps += summary.steps
        if summary.settling > slowest.settling { slowest = (summary.settling, seed) }
      } catch {
        outcome.failed.append(seed)
        if outcome.failed.count <= Self.toldViolations { tell(error) }
      }
    }
    outcome.summary =
      "simulation of \(world), \(shard + 1) of \(Self.shards): \(seeds) seeds from \(firstSeed), \(steps) steps, "
      + "\(outcome.failed.count) failed; all settled within \(slowest.settling), seed \(slowest.seed)"
    return outcome
  }
}
