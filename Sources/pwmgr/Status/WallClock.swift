import Foundation
import PWCore

/// The time of day at the engine's moments.
struct WallClock {
  /// A moment on the engine's clock.
  var now: Instant
  /// The date at that moment.
  var date: Date

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
