/// Where the engine gets random octets from: the system's generator, a simulator's seed, a recording.
public protocol EntropySource {
  /// The next 64 random bits. Identifiers, cookies, tie breakers, nonces and jitter are made of them.
  mutating func next() -> UInt64
}
