/// A moment on a monotonic clock that the caller owns: nanoseconds since an origin of the caller's choosing.
///
/// PWCore reads no clock; the daemon passes CLOCK_BOOTTIME here, the simulator its virtual time.
public struct Instant: Comparable, Hashable, Sendable {
  /// Nanoseconds since the origin.
  public var nanoseconds: UInt64

  /// A moment `nanoseconds` after the origin.
  public init(nanoseconds: UInt64) {
    self.nanoseconds = nanoseconds
  }

  /// Whether `left` is the earlier moment.
  public static func < (left: Instant, right: Instant) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// The moment `duration` later (or earlier, if negative); it stays within the representable range.
  public static func + (instant: Instant, duration: Duration) -> Instant {
    let (seconds, attoseconds) = duration.components
    let (fromSeconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    guard !overflow else { return Instant(nanoseconds: seconds < 0 ? 0 : .max) }
    let delta = fromSeconds + attoseconds / 1_000_000_000
    if delta >= 0 {
      let (sum, past) = instant.nanoseconds.addingReportingOverflow(UInt64(delta))
      return Instant(nanoseconds: past ? .max : sum)
    }
    let (sum, below) = instant.nanoseconds.subtractingReportingOverflow(delta.magnitude)
    return Instant(nanoseconds: below ? 0 : sum)
  }

  /// The moment so many nanoseconds later: what a `Duration` is turned into once where it is added often.
  func advanced(nanoseconds delta: UInt64) -> Instant {
    let (sum, past) = nanoseconds.addingReportingOverflow(delta)
    return Instant(nanoseconds: past ? .max : sum)
  }

  /// The time from `earlier` to `later`.
  public static func - (later: Instant, earlier: Instant) -> Duration {
    later.nanoseconds >= earlier.nanoseconds
      ? .nanoseconds(Int64(clamping: later.nanoseconds - earlier.nanoseconds))
      : .nanoseconds(-Int64(clamping: earlier.nanoseconds - later.nanoseconds))
  }
}

extension Duration {
  /// Its nanoseconds, at least 0.
  var wholeNanoseconds: UInt64 { (Instant(nanoseconds: 0) + self).nanoseconds }

  /// Its seconds, begun ones included, at least 0: how people are told that something follows.
  var begunSeconds: UInt64 { (wholeNanoseconds + 999_999_999) / 1_000_000_000 }
}
