import ArgumentParser

/// Where `--until` ends a replay: after an input, or before the first one that is later than a moment.
enum ReplayLimit: Equatable, ExpressibleByArgument {
  /// The number of an input; the start is 0.
  case input(Int)
  /// Milliseconds of a day, UTC: the first such moment in the recording.
  case timeOfDay(Int)

  private static let millisecondsOfDay = 86_400_000

  /// `217`, `12:03`, `12:03:04`, `12:03:04.2`.
  init?(argument: String) {
    if let number = Int(argument), number >= 0 {
      self = .input(number)
      return
    }
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count), let hours = Self.number(parts[0], below: 24),
      let minutes = Self.number(parts[1], below: 60)
    else { return nil }
    guard let milliseconds = parts.count == 3 ? Self.milliseconds(parts[2]) : 0 else { return nil }
    self = .timeOfDay((hours * 60 + minutes) * 60_000 + milliseconds)
  }

  /// Whether a step is beyond it.
  ///
  /// - Parameters:
  ///   - step: its number.
  ///   - milliseconds: when it was, since 1970.
  ///   - begin: when the recording began.
  func excludes(step: Int, at milliseconds: Int, begin: Int) -> Bool {
    switch self {
    case .input(let last): return step > last
    case .timeOfDay(let time):
      let midnight = begin - begin % Self.millisecondsOfDay
      let today = midnight + time
      return milliseconds > (today >= begin ? today : today + Self.millisecondsOfDay)
    }
  }

  private static func number(_ text: Substring, below limit: Int) -> Int? {
    guard (1...2).contains(text.utf8.count), let number = Int(text), (0..<limit).contains(number) else { return nil }
    return number
  }

  /// Seconds, and perhaps up to three places behind the point.
  private static func milliseconds(_ text: Substring) -> Int? {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let seconds = number(parts[0], below: 60) else { return nil }
    guard parts.count == 2 else { return seconds * 1000 }
    let places = parts[1]
    guard (1...3).contains(places.utf8.count), places.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let fraction = Int(places + String(repeating: "0", count: 3 - places.utf8.count))
    else { return nil }
    return seconds * 1000 + fraction
  }
}
