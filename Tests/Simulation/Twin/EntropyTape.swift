import PWCore

/// The random numbers that an engine has drawn since its twin began, for the twin.
final class EntropyTape {
  private var numbers: [UInt64] = []
  private var isHeard = false
  private var hasRunDry = false

  /// Whether the twin has drawn all that there are, and no more.
  var isThrough: Bool { numbers.isEmpty && !hasRunDry }

  func begin() {
    numbers = []
    isHeard = true
    hasRunDry = false
  }

  func end() { isHeard = false }

  func write(_ number: UInt64) { if isHeard { numbers.append(number) } }

  /// The oldest number; 0 where the twin draws more than the other one has.
  func read() -> UInt64 {
    guard numbers.isEmpty else { return numbers.removeFirst() }
    hasRunDry = true
    return 0
  }
}

/// Entropy whose numbers go on a tape, too.
struct AudibleEntropy: EntropySource {
  var source: SeededEntropy
  let tape: EntropyTape

  mutating func next() -> UInt64 {
    let number = source.next()
    tape.write(number)
    return number
  }
}

/// Entropy whose numbers come from a tape.
struct TapedEntropy: EntropySource {
  let tape: EntropyTape

  mutating func next() -> UInt64 { tape.read() }
}
