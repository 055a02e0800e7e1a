/// Writes down the course of one engine, so that `Replay` can run it again.
///
/// It makes the engine, and is told of everything that its driver does with it, in the order in which the driver does it:
/// `takes` before `Engine.handle`, `gave` after each `Engine.nextOutput`. Of a course it holds one step.
public final class EngineRecorder {
  private let write: (RecordedStep) -> Void
  private let tape = RecordingTape()
  private var step: RecordedStep?
  private var now = Instant(nanoseconds: 0)
  /// Secrets that were seen, and their numbers.
  private var numbers: [[UInt8]: Int] = [:]

  /// A recorder that hands over each step as soon as it is complete.
  public init(write: @escaping (RecordedStep) -> Void) {
    self.write = write
  }

  /// An engine whose entropy and whose authenticator's answers are written down; otherwise as `Engine.init` makes it.
  ///
  /// - Parameter leastEventLevel: `Engine.leastEventLevel`, which counts after the engine has been made, here as there.
  public func makeEngine(
    site: Site, secrets: [String: TunnelSecrets], plugins: [PluginDescription], entropy: any EntropySource,
    authenticator: any MessageAuthenticator, leastEventLevel: Event.Level, at now: Instant
  ) -> Engine {
    let start = RecordedStep.Start(
      site: site, secrets: placeholders(for: secrets), plugins: plugins, leastEventLevel: leastEventLevel)
    begin(.start(start), at: now)
    var engine = Engine(
      site: site, secrets: secrets, plugins: plugins,
      entropy: RecordingEntropy(source: entropy, tape: tape),
      authenticator: RecordingAuthenticator(authenticator: authenticator, tape: tape), at: now)
    engine.leastEventLevel = leastEventLevel
    return engine
  }

  /// The engine is going to handle an input.
  public func takes(_ input: Input, at now: Instant) {
    begin(.input(withoutSecrets(input)), at: now)
  }

  /// The engine was asked for an output, and gave this.
  public func gave(_ output: Output?, isMoreThere: Bool) {
    if step == nil {
      guard output != nil else { return }
      begin(.nothing, at: now)
    }
    step?.calls.append(RecordedStep.Call(output, isMoreThere: isMoreThere))
  }

  /// The driver has done for now: hands over what there is.
  public func finishStep() {
    guard var finished = step else { return }
    (finished.drawn, finished.answers) = tape.take()
    step = nil
    write(finished)
  }

  private func begin(_ cause: RecordedStep.Cause, at now: Instant) {
    finishStep()
    self.now = now
    step = RecordedStep(at: now, cause: cause)
  }

  /// An input without secrets, and without what was computed from one.
  private func withoutSecrets(_ input: Input) -> Input {
    switch input {
    case .datagram(var datagram):
      datagram.octets = ControlCodec.withoutSecrets(datagram.octets)
      return .datagram(datagram)
    case .site(let site, let secrets): return .site(site, secrets: placeholders(for: secrets))
    case let other: return other
    }
  }

  private func placeholders(for secrets: [String: TunnelSecrets]) -> [String: TunnelSecrets] {
    secrets.mapValues { TunnelSecrets(placeholder(for: $0.secret), previous: $0.previous.map(placeholder)) }
  }

  /// The number of a secret as octets, which is the same wherever the secret is the same.
  private func placeholder(for secret: [UInt8]) -> [UInt8] {
    let number = numbers[secret] ?? numbers.count + 1
    numbers[secret] = number
    return (0..<Self.placeholderOctets).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  private static let placeholderOctets = 4
}

/// The numbers and answers of an engine's entropy and authenticator since they were taken last.
///
/// Unchecked, because an authenticator has to be Sendable: an engine and its recorder are used by one thread.
private final class RecordingTape: @unchecked Sendable {
  var drawn: [UInt64] = []
  var answers: [RecordedStep.Answer] = []

  func take() -> ([UInt64], [RecordedStep.Answer]) {
    defer { (drawn, answers) = ([], []) }
    return (drawn, answers)
  }
}

/// Entropy that is written down.
private struct RecordingEntropy: EntropySource {
  var source: any EntropySource
  let tape: RecordingTape

  mutating func next() -> UInt64 {
    let bits = source.next()
    tape.drawn.append(bits)
    return bits
  }
}

/// An authenticator of which only what the engine decides by is written down: no code, no hash, no key.
private struct RecordingAuthenticator: MessageAuthenticator {
  let authenticator: any MessageAuthenticator
  let tape: RecordingTape

  func authenticationCode(
    _ digest: Authentication.Digest, key: [UInt8], prefix: [UInt8], message: Span<UInt8>
  ) -> [UInt8] {
    authenticator.authenticationCode(digest, key: key, prefix: prefix, message: message)
  }

  func md5(_ octets: [UInt8]) -> [UInt8] { authenticator.md5(octets) }

  func hiding(_ clear: [UInt8], type: UInt16, key: [UInt8], randomVector: [UInt8]) -> [UInt8] {
    authenticator.hiding(clear, type: type, key: key, randomVector: randomVector)
  }

  func revealing(_ hidden: [UInt8], type: UInt16, key: [UInt8], randomVector: [UInt8]) -> [UInt8] {
    let clear = authenticator.revealing(hidden, type: type, key: key, randomVector: randomVector)
    tape.answers.append(.revealed(OctetText(clear)))
    return clear
  }

  func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    let isRight = authenticator.isEqual(left, right)
    tape.answers.append(.isRight(isRight))
    return isRight
  }
}
