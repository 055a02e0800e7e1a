import PWCore

/// The random numbers that an engine has drawn since its twin began, for the twin.
final class EntropyTape {
  private var numbers: [UInt64] = []
  private var isHeard = false

  /// Whether the twin has drawn all that there are.
  var isThrough: Bool { numbers.isEmpty }

  func begin() {
    numbers = []
    isHeard = true
  }

  func end() { isHeard = false }

  func write(_ number: UInt64) { if isHeard { numbers.append(number) } }

  /// The oldest number; 0 where the twin draws more than the other one has, which shows in what it does.
  func read() -> UInt64 { numbers.isEmpty ? 0 : numbers.removeFirst() }
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
