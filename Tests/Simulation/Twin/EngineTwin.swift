import Foundation
import PWCore

/// An engine that was read back from what another one had written out. From then on it is given all that the other is
/// given, for a while, and all that comes out of it must be the same.
final class EngineTwin {
  /// How many inputs it is given.
  static let inputs = 60
  /// After how many inputs of a run the first one is made, and then the next: writing out and reading back takes as
  /// long as hundreds of inputs.
  static let firstInput = 1...100
  static let inputsBetween = 1...2000

  private var engine: Engine
  private let tape: EntropyTape
  private(set) var inputsLeft = EngineTwin.inputs

  /// - Parameters:
  ///   - other: an engine all of whose outputs have been taken.
  ///   - tape: where the random numbers of the other one are found from now on.
  ///   - alter: a planted fault; changes what was written out.
  init(
    of other: Engine, tape: EntropyTape, authenticator: SimulatedAuthenticator, alter: ([UInt8]) throws -> [UInt8]
  ) throws {
    let written = try alter(Array(JSONEncoder().encode(other.state)))
    let state = try JSONDecoder().decode(EngineState.self, from: Data(written))
    self.tape = tape
    tape.begin()
    engine = Engine(
      state, plugins: Node.plugins, entropy: TapedEntropy(tape: tape), authenticator: authenticator)
  }

  /// Takes what the other one has handled just now.
  func handle(_ input: Input, at now: Instant) {
    inputsLeft -= 1
    engine.handle(input, at: now)
  }

  /// Gives its next output, which is to be the other's.
  func check(_ output: Output?) throws(Breach) {
    let own = engine.nextOutput()
    guard own == output else {
      throw Breach("was written out and read back, and then did otherwise: \(words(own)), not \(words(output))")
    }
  }

  /// Compares the rest, when all outputs have been taken.
  func check(_ other: Engine, at now: Instant) throws(Breach) {
    guard engine.nextDeadline == other.nextDeadline else {
      throw Breach("was written out and read back, and then waits for another moment")
    }
    guard tape.isThrough else {
      throw Breach("was written out and read back, and then drew fewer random numbers, or more")
    }
    let isFirstOrLast = inputsLeft == EngineTwin.inputs - 1 || inputsLeft <= 0
    guard !isFirstOrLast || engine.status(at: now) == other.status(at: now) else {
      throw Breach("was written out and read back, and then says otherwise of itself")
    }
  }

  private func words(_ output: Output?) -> String { output.map { "\($0)" } ?? "nothing" }
}
