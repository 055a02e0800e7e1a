/// The worlds that can be simulated.
enum SimulatedWorld: String, CaseIterable, Sendable {
  /// Sites of ours, with each other.
  case sites
  /// A site of ours and a scripted peer with habits.
  case habits

  /// One run.
  ///
  /// - Returns: the steps that it took, and how long it took until all was as it must be, once everything behaved.
  @discardableResult
  func run(
    seed: UInt64, fault: (any PlantedFault)? = nil
  ) throws(Violation) -> (steps: Int, settling: Duration) {
    switch self {
    case .sites:
      let summary = try Simulation.run(seed: seed, fault: fault)
      return (summary.steps, summary.settling)
    case .habits:
      let summary = try HabitSimulation.run(seed: seed, fault: fault)
      return (summary.steps, summary.settling)
    }
  }

  /// The tests that run it.
  var testSuite: String {
    switch self {
    case .sites: "SimulationTests"
    case .habits: "HabitTests"
    }
  }
}
