import PWCore

/// Something that is wrong on purpose between site 0's engine and its world. The simulation must find each one: a test
/// that nothing can fail proves nothing.
///
/// By default, everything passes unchanged.
protocol PlantedFault: AnyObject {
  /// The demands on a scenario, so that the fault can show.
  var wishes: Scenario.Wishes { get }
  /// The inputs that the engine is given in place of one.
  func alter(_ input: Input) -> [Input]
  /// The outputs that the world is given in place of one.
  func alter(_ output: Output) -> [Output]
  /// The change of the data plane that is performed in place of another.
  func alter(_ change: PlaneChange) -> AlteredChange
  /// The answer that the engine is given in place of a plugin's.
  func alter(_ answer: PluginAnswer, to question: PluginQuestion) -> PluginAnswer
  /// The state that is read back in place of the one that was written out.
  ///
  /// - Parameter state: as JSON.
  func alter(state: [UInt8]) throws -> [UInt8]
  /// Whether every digest is taken for right.
  var believesEveryDigest: Bool { get }
  /// The generator begins anew after so many draws.
  var entropyPeriodDraws: Int? { get }
}

/// The fate of a change of the data plane.
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
  func alter(state: [UInt8]) throws -> [UInt8] { state }
  var believesEveryDigest: Bool { false }
  var entropyPeriodDraws: Int? { nil }
}
