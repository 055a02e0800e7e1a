import Synchronization

/// An answer of the daemon that all clients share who ask at about the same time.
///
/// One thread asks, the others wait for it: clients of the exporter, who are strangers, cannot have the daemon work
/// more than once in a while, and take the places at its control socket that operators need.
final class SharedAnswer<Answer: Sendable>: Sendable {
  /// How long an answer is good for others.
  static var lifetime: Duration { .seconds(1) }

  private let last = Mutex<(at: ContinuousClock.Instant, answer: Answer)?>(nil)
  private let ask: @Sendable () -> Answer

  /// - Parameter ask: asks the daemon; only one thread does at a time.
  init(_ ask: @escaping @Sendable () -> Answer) { self.ask = ask }

  /// The answer, which may be a second old.
  func get() -> Answer {
    last.withLock { last in
      if let last, ContinuousClock.now - last.at < Self.lifetime { return last.answer }
      let answer = ask()
      last = (ContinuousClock.now, answer)
      return answer
    }
  }
}
