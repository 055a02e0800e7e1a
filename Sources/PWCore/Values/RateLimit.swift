/// So many of something in any second of the caller's clock. A window that begins anew with each second needs three numbers,
/// however many there are.
public struct RateLimit: Equatable, Codable, Sendable {
  /// How many a second are let through.
  public let perSecond: Int
  private var second: UInt64 = 0
  private var count = 0
  private var excess = 0

  /// A limit of which nothing is used.
  public init(perSecond: Int) {
    self.perSecond = perSecond
  }

  /// Whether one more is within the limit; it counts either way.
  public mutating func allows(at now: Instant) -> Bool {
    let current = now.nanoseconds / 1_000_000_000
    if second != current { (second, count) = (current, 0) }
    guard count < perSecond else {
      excess += 1
      return false
    }
    count += 1
    return true
  }

  /// How many were beyond the limit since this was asked last: what there is to tell of them.
  public mutating func takeExcess() -> Int {
    defer { excess = 0 }
    return excess
  }
}
