import PWCore

/// SplitMix64: everything that is random in a run comes from one seed, so that the seed alone repeats the run.
struct SeededRandom {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  /// A generator of its own, so that what one part of the world draws does not shift what another draws.
  mutating func fork() -> SeededRandom {
    SeededRandom(seed: next())
  }

  /// True in `probability` of all cases.
  mutating func chance(_ probability: Double) -> Bool {
    fraction() < probability
  }

  /// Evenly in 0..<1.
  mutating func fraction() -> Double {
    Double(next() >> 11) / Double(1 << 53)
  }

  mutating func integer(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next() % UInt64(range.count))
  }

  mutating func duration(_ range: ClosedRange<Duration>) -> Duration {
    range.lowerBound + (range.upperBound - range.lowerBound) * fraction()
  }

  /// One of `choices`, which are not empty.
  mutating func pick<Element>(_ choices: [Element]) -> Element {
    choices[integer(0...(choices.count - 1))]
  }
}

/// The source of an engine's identifiers, cookies and tie breakers.
struct SeededEntropy: EntropySource {
  private var random: SeededRandom
  /// A planted fault: the generator begins anew after so many draws.
  private let periodDraws: Int?
  private var draws = 0
  private let origin: SeededRandom

  init(seed: UInt64, periodDraws: Int? = nil) {
    random = SeededRandom(seed: seed)
    origin = random
    self.periodDraws = periodDraws
  }

  mutating func next() -> UInt64 {
    if let periodDraws {
      if draws == periodDraws {
        random = origin
        draws = 0
      }
      draws += 1
    }
    return random.next()
  }
}
