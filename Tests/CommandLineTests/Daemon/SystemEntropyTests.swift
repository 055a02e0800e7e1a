import Testing

@testable import pwmgr

@Suite struct SystemEntropyTests {
  /// Cookies, nonces and tie breakers are made of it: one start's tell nothing of the next's (RFC 3931 section 8.2).
  @Test func noTwoDrawsAreAlike() {
    let (one, other) = (SystemEntropy(), SystemEntropy())
    let draws = (0..<64).flatMap { _ in [one.next(), other.next()] }
    #expect(Set(draws).count == draws.count)
  }
}
