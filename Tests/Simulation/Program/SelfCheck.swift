import PWCore

/// A check of the simulation itself: a test that nothing can fail proves nothing.
struct SelfCheck: Sendable {
  let name: String
  /// What is wrong, or nil.
  let fault: @Sendable () -> String?

  /// Every planted fault is found, without one nothing is, a seed is one run, and outgoing calls are among the runs.
  static let all: [SelfCheck] =
    CataloguedFault.all.map(isFound) + [nothingIsFoundWithoutAFault, oneSeedIsOneRun, someCallsAreOutgoing]

  private static func isFound(_ planted: CataloguedFault) -> SelfCheck {
    SelfCheck(name: planted.name) {
      let seeds = CataloguedFault.seeds
      return planted.firstViolation(in: seeds) == nil ? "\(planted.name) passes \(seeds.count) seeds" : nil
    }
  }

  static let nothingIsFoundWithoutAFault = SelfCheck(name: "nothingIsFoundWithoutAFault") {
    CataloguedFault.none.firstViolation(in: CataloguedFault.seeds)?.description
  }

  static let oneSeedIsOneRun = SelfCheck(name: "oneSeedIsOneRun") {
    do throws(Violation) {
      let (first, second) = (try Simulation.run(seed: 77), try Simulation.run(seed: 77))
      guard first == second else { return "seed 77 is two runs: \(first), \(second)" }
      guard first.establishedSessions > 0 else { return "seed 77 establishes no session" }
      return try Simulation.run(seed: 78).digest == first.digest ? "seeds 77 and 78 are the same run" : nil
    } catch {
      return error.description
    }
  }

  static let someCallsAreOutgoing = SelfCheck(name: "someCallsAreOutgoing") {
    let seeds: ClosedRange<UInt64> = 1...40
    do throws(Violation) {
      for seed in seeds where try Simulation.run(seed: seed).outgoingCalls > 0 { return nil }
      return "no call of seeds \(seeds) is an outgoing one"
    } catch {
      return error.description
    }
  }
}
