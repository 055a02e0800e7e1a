import PWCore

/// The engine's randomness in production: the system's generator (getrandom(2)).
struct SystemEntropy: EntropySource {
  private var generator = SystemRandomNumberGenerator()

  mutating func next() -> UInt64 {
    generator.next()
  }
}
