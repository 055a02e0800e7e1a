/// Runs an engine through a recorded course, and notices the first step at which it does something else than it did then.
///
/// A class, as it is not copied: a structure that holds an engine has tens of kilobytes of code to copy it.
public final class Replay {
  /// The engine as far as it has come; nil before the first step.
  public private(set) var engine: Engine?
  /// The moment of the last step.
  public private(set) var now = Instant(nanoseconds: 0)
  private let tape = ReplayTape()

  /// Nothing has been played.
  public init() {}

  /// Plays one step.
  ///
  /// - Throws: the first difference between what the engine does and what it did; playing on from there has no meaning.
  public func play(_ step: RecordedStep) throws(ReplayDifference) {
    tape.insert(step)
    now = max(now, step.at)
    try cause(step)
    for (index, call) in step.calls.enumerated() {
      let output = engine?.nextOutput(isMoreThere: call.isMoreThere)
      let given = RecordedStep.Call(output, isMoreThere: call.isMoreThere)
      guard given == call else {
        throw .output(number: index + 1, now: given.output, then: call.output)
      }
    }
    if let surprise = tape.surprise { throw surprise }
  }

  private func cause(_ step: RecordedStep) throws(ReplayDifference) {
    switch step.cause {
    case .start(let start):
      guard engine == nil else { throw .disorder("it starts a second time") }
      var engine = Engine(
        site: start.site, secrets: start.secrets, plugins: start.plugins, entropy: ReplayEntropy(tape: tape),
        authenticator: ReplayAuthenticator(tape: tape), at: step.at)
      engine.leastEventLevel = start.leastEventLevel
      self.engine = engine
    case .input(let input):
      guard engine != nil else { throw .disorder("it does not begin with a start") }
      engine?.handle(input, at: step.at)
    case .nothing:
      guard engine != nil else { throw .disorder("it does not begin with a start") }
    }
  }
}

/// A difference between an engine's behaviour now and when it was recorded.
public enum ReplayDifference: Error, Equatable, Sendable {
  /// An output of a step, counted from 1; nil where there is none.
  case output(number: Int, now: Output?, then: Output?)
  /// It draws entropy more or less often.
  case entropy(now: Int, then: Int)
  /// It asks its authenticator something else, or more or less often.
  case authenticator
  /// The steps are not those of one engine.
  case disorder(String)
}

/// The answers of a step's entropy and authenticator, to be given again.
///
/// Unchecked, because an authenticator has to be Sendable: a replay is used by one thread.
private final class ReplayTape: @unchecked Sendable {
  private var drawn: [UInt64] = []
  private var draws = 0
  private var answers: [RecordedStep.Answer] = []
  private var questions = 0
  private var isConfused = false

  func insert(_ step: RecordedStep) {
    (drawn, draws) = (step.drawn, 0)
    (answers, questions) = (step.answers, 0)
    isConfused = false
  }

  /// The difference in the numbers and answers that the engine asked for; nil for none.
  var surprise: ReplayDifference? {
    if draws != drawn.count { return .entropy(now: draws, then: drawn.count) }
    return isConfused || questions != answers.count ? .authenticator : nil
  }

  /// The next bits; past the last, numbers that are none yet, so that an engine that looks for an unused one finds it.
  func draw() -> UInt64 {
    draws += 1
    return draws <= drawn.count ? drawn[draws - 1] : UInt64(draws)
  }

  func isRight() -> Bool {
    guard case .isRight(let isRight)? = next() else {
      isConfused = true
      return false
    }
    return isRight
  }

  func revealed(octets: Int) -> [UInt8] {
    guard case .revealed(let clear)? = next(), clear.octets.count == octets else {
      isConfused = true
      return [UInt8](repeating: 0, count: octets)
    }
    return clear.octets
  }

  private func next() -> RecordedStep.Answer? {
    questions += 1
    return questions <= answers.count ? answers[questions - 1] : nil
  }
}

/// The entropy of then.
private struct ReplayEntropy: EntropySource {
  let tape: ReplayTape

  mutating func next() -> UInt64 { tape.draw() }
}

/// The answers of then. Nothing is computed: codes and keys are placeholders, and masks are zero.
private struct ReplayAuthenticator: MessageAuthenticator {
  let tape: ReplayTape

  /// Of a placeholder, itself: keys of different secrets differ. In messages they are not compared.
  func authenticationCode(
    _ digest: Authentication.Digest, key: [UInt8], prefix: [UInt8], message: Span<UInt8>
  ) -> [UInt8] {
    let beginning = key.prefix(digest.octetCount)
    return beginning + [UInt8](repeating: 0, count: digest.octetCount - beginning.count)
  }

  func md5(_ octets: [UInt8]) -> [UInt8] {
    [UInt8](repeating: 0, count: Authentication.Digest.md5.octetCount)
  }

  func hiding(_ clear: [UInt8], type: UInt16, key: [UInt8], randomVector: [UInt8]) -> [UInt8] {
    [UInt8](repeating: 0, count: clear.count)
  }

  func revealing(_ hidden: [UInt8], type: UInt16, key: [UInt8], randomVector: [UInt8]) -> [UInt8] {
    tape.revealed(octets: hidden.count)
  }

  func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool { tape.isRight() }
}
