import FoundationEssentials
import PWCore

/// The time of day at the engine's moments.
struct WallClock {
  /// A moment on the engine's clock.
  var now: Instant
  /// The date at that moment.
  var date: Date

  /// The same clock, unless the time of day was set meanwhile: the date of a moment that has passed
  /// stays the same then, to the last digit. Two readings of two clocks would give another one each time.
  func kept(at now: Instant, date: Date) -> WallClock {
    let isSet = abs(date.timeIntervalSince(self.date(of: now))) > Self.smallestStepSeconds
    return isSet ? WallClock(now: now, date: date) : self
  }

  /// How far two readings may be apart by chance, or by clocks that do not run alike.
  private static let smallestStepSeconds = 0.25

  /// The clock whose moments are nanoseconds since 1970.
  static let sinceEpoch = WallClock(now: Instant(nanoseconds: 0), date: Date(timeIntervalSince1970: 0))

  /// The date at another moment.
  func date(of instant: Instant) -> Date { date.addingTimeInterval((instant - now).inSeconds) }

  /// The moment of a date.
  func instant(of date: Date) -> Instant { now + .seconds(date.timeIntervalSince(self.date)) }

  /// Moments as dates, in whatever form the encoder or the decoder has those.
  var coding: InstantCoding {
    InstantCoding(
      encode: { instant, encoder in
        var container = encoder.singleValueContainer()
        try container.encode(date(of: instant))
      },
      decode: { decoder in instant(of: try decoder.singleValueContainer().decode(Date.self)) })
  }
}

extension Duration {
  /// Seconds and their fraction.
  var inSeconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}
