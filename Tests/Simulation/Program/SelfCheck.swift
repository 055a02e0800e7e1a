import PWCore

/// A check of the simulation itself: a test that nothing can fail proves nothing.
struct SelfCheck: Sendable {
  let name: String
  /// Which simulation it is about.
  let world: SimulatedWorld
  /// The fault that the check finds, in words; nil when there is none.
  let fault: @Sendable () -> String?

  /// Every planted fault is found, without one nothing is, a seed is one run, and outgoing calls are among the runs.
  static let all: [SelfCheck] =
    CataloguedFault.all.map(isFound) + [nothingIsFoundWithoutAFault, oneSeedIsOneRun, someCallsAreOutgoing]
    + CataloguedFault.ofHabits.map(isFound) + [everyHabitHasItsTurn, oneSeedIsOneRunWithHabits]

  private static func isFound(_ planted: CataloguedFault) -> SelfCheck {
    SelfCheck(name: planted.name, world: planted.world) {
      let seeds = CataloguedFault.seeds
      return planted.firstViolation(in: seeds) == nil ? "\(planted.name) passes \(seeds.count) seeds" : nil
    }
  }

  static let nothingIsFoundWithoutAFault = SelfCheck(name: "nothingIsFoundWithoutAFault", world: .sites) {
    CataloguedFault.none.firstViolation(in: CataloguedFault.seeds)?.description
  }

  static let oneSeedIsOneRun = SelfCheck(name: "oneSeedIsOneRun", world: .sites) {
    do throws(Violation) {
      let (first, second) = (try Simulation.run(seed: 77), try Simulation.run(seed: 77))
      guard first == second else { return "seed 77 is two runs: \(first), \(second)" }
      guard first.establishedSessions > 0 else { return "seed 77 establishes no session" }
      return try Simulation.run(seed: 78).digest == first.digest ? "seeds 77 and 78 are the same run" : nil
    } catch {
      return error.description
    }
  }

  static let someCallsAreOutgoing = SelfCheck(name: "someCallsAreOutgoing", world: .sites) {
    let seeds: ClosedRange<UInt64> = 1...40
    do throws(Violation) {
      for seed in seeds where try Simulation.run(seed: seed).outgoingCalls > 0 { return nil }
      return "no call of seeds \(seeds) is an outgoing one"
    } catch {
      return error.description
    }
  }
  /// Each habit alone, and every pair, in each pairing, within so many seeds as the enumeration takes.
  static let everyHabitHasItsTurn = SelfCheck(name: "everyHabitHasItsTurn", world: .habits) {
    var turns: [HabitScenario.Pairing: Set<Habits>] = [:]
    for seed in 1...UInt64(2 * HabitScenario.enumerated) where seed.isMultiple(of: 2) {
      let scenario = HabitScenario(seed: seed)
      turns[scenario.pairing, default: []].insert(scenario.habits)
    }
    for pairing in HabitScenario.Pairing.all {
      for habits in Habits.singlesAndPairs where turns[pairing]?.contains(habits) != true {
        return "\(pairing): never met one that \(habits)"
      }
    }
    return nil
  }

  static let oneSeedIsOneRunWithHabits = SelfCheck(name: "oneSeedIsOneRunWithHabits", world: .habits) {
    do throws(Violation) {
      let (first, second) = (try HabitSimulation.run(seed: 78), try HabitSimulation.run(seed: 78))
      guard first == second else { return "seed 78 is two runs: \(first), \(second)" }
      return try HabitSimulation.run(seed: 79).digest == first.digest ? "seeds 78 and 79 are the same run" : nil
    } catch {
      return error.description
    }
  }
}
