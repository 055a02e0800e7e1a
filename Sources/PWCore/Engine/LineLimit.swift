/// Lines of the log about one thing, of which a peer can cause as many as it likes. The first few are told at once, and
/// the rest are counted: one line sums them up when their time is over, and says how the thing is by then, so that the
/// log never ends with a state that has passed.
struct LineLimit: Equatable, Codable {
  /// When the lines began that count together.
  private var begin = Instant(nanoseconds: 0)
  /// How many of them were not told.
  private var leftOut: UInt32 = 0
  /// How many of them were.
  private var told: UInt8 = 0
  /// The highest importance of those that were not.
  private var level = Event.Level.debug

  /// The treatment of a line.
  enum Verdict: Equatable {
    /// It is told.
    case told
    /// It is counted.
    case counted
    /// It is counted, and those that are counted from now on are to be summed up at a moment.
    ///
    /// - Parameter isSudden: whether the lines before it were told.
    case firstCounted(sumAt: Instant, isSudden: Bool)
  }

  /// The lines that were not told.
  struct Sum: Equatable {
    /// How many there were.
    var count: Int
    /// The highest importance among them.
    var level: Event.Level
    /// How long it has taken for all of them to come.
    var duration: Duration

    /// For people.
    var words: String {
      let events = level.isWarning ? "warning" : "event"
      return "\(count) more \(events)\(count == 1 ? "" : "s") in the last \(max(1, duration.components.seconds)) s"
    }
  }

  /// The line that tells that the limit is reached.
  static func words(ofTooMany events: String) -> String {
    "too many \(events): they are summed up every \(EngineLimits.toldLinesInterval.begunSeconds) s from now on"
  }

  /// Decides about one more line.
  ///
  /// - Parameter level: its importance.
  mutating func add(_ level: Event.Level, at now: Instant) -> Verdict {
    if leftOut == 0, told == 0 || now - begin >= EngineLimits.toldLinesInterval { (begin, told) = (now, 0) }
    guard told >= EngineLimits.toldLines else {
      told += 1
      return .told
    }
    leftOut = leftOut == .max ? .max : leftOut + 1
    if level.rawValue > self.level.rawValue { self.level = level }
    guard leftOut == 1 else { return .counted }
    // Of lines that were all counted, none has the number of one that was told.
    let isSudden = told == EngineLimits.toldLines
    return .firstCounted(sumAt: begin + EngineLimits.toldLinesInterval, isSudden: isSudden)
  }

  /// Sums up the lines that were not told, if there are any and their time is over, at least as something that an
  /// operator cares about. Where there were more of them than are told at once, the next ones are counted, too.
  ///
  /// - Parameter isLast: whether the thing goes, so that their time is over in any case.
  mutating func sum(at now: Instant, isLast: Bool) -> Sum? {
    guard leftOut > 0, isLast || now - begin >= EngineLimits.toldLinesInterval else { return nil }
    let level = level.isWarning ? level : .notice
    let sum = Sum(count: Int(leftOut), level: level, duration: now - begin)
    let goesOn = leftOut > UInt32(EngineLimits.toldLines)
    self = LineLimit()
    if goesOn { (begin, told) = (now, EngineLimits.toldLines + 1) }
    return sum
  }
}
