import PWCore

/// Something that is wrong on purpose between site 0's engine and its world. The simulation must find each one: a test
/// that nothing can fail proves nothing.
///
/// What does not say otherwise passes unchanged.
protocol PlantedFault: AnyObject {
  /// What a scenario must have, so that the fault can show.
  var wishes: Scenario.Wishes { get }
  /// What the engine is given in place of an input.
  func alter(_ input: Input) -> [Input]
  /// What the world is given in place of an output.
  func alter(_ output: Output) -> [Output]
  /// What is performed in place of a change of the data plane.
  func alter(_ change: PlaneChange) -> AlteredChange
  /// What is answered in place of a plugin's answer.
  func alter(_ answer: PluginAnswer, to question: PluginQuestion) -> PluginAnswer
  /// Whether every digest is taken for right.
  var believesEveryDigest: Bool { get }
  /// The generator begins anew after so many draws.
  var entropyPeriodDraws: Int? { get }
}

/// What becomes of a change of the data plane.
enum AlteredChange {
  /// This one is performed.
  case perform(PlaneChange)
  /// Nothing is performed, and it is said that it was.
  case pretend
}

extension PlantedFault {
  var wishes: Scenario.Wishes { Scenario.Wishes(isUnauthenticated: true) }
  func alter(_ input: Input) -> [Input] { [input] }
  func alter(_ output: Output) -> [Output] { [output] }
  func alter(_ change: PlaneChange) -> AlteredChange { .perform(change) }
  func alter(_ answer: PluginAnswer, to question: PluginQuestion) -> PluginAnswer { answer }
  var believesEveryDigest: Bool { false }
  var entropyPeriodDraws: Int? { nil }
}
