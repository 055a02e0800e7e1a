import PWCore
import PWPluginWire

/// The messages of a plugin for people, bounded: so many lines a second, each of so many octets.
struct PluginLog {
  private var error = LineBuffer(maximumOctets: PluginLimits.errorLineOctets)
  private var limit = RateLimit(perSecond: PluginLimits.logLinesPerSecond)

  /// A level by its name; unknown ones are as the usual one.
  static func level(_ name: String) -> Event.Level {
    switch name {
    case "debug": .debug
    case "notice": .notice
    case "warning": .warning
    case "error": .error
    default: .info
    }
  }

  /// A line of its own for the log: none where there are too many, and with the next that is written, how many there were.
  mutating func lines(_ level: Event.Level, _ text: String, at now: Instant) -> [(Event.Level, String)] {
    guard limit.allows(at: now) else { return [] }
    let missing = limit.takeExcess()
    let remark = missing > 0 ? [(Event.Level.warning, "\(missing) of its lines are not shown: it writes too many")] : []
    return remark + [(level, text.asPluginText)]
  }

  /// The lines of octets that arrived on its standard error.
  mutating func errorLines(_ more: [UInt8], at now: Instant) -> [(Event.Level, String)] {
    var found: [(Event.Level, String)] = []
    error.append(more)
    while let line = error.nextLine() { found += shown(line, at: now) }
    if error.isTooLong { found += shown(error.takeRest(), at: now) }
    return found
  }

  /// The last line that it wrote, if no newline followed.
  mutating func rest() -> [(Event.Level, String)] {
    let line = error.takeRest()
    return line.isEmpty ? [] : [(.info, String(decoding: line, as: UTF8.self).asPluginText)]
  }

  private mutating func shown(_ line: [UInt8], at now: Instant) -> [(Event.Level, String)] {
    line.isEmpty ? [] : lines(.info, String(decoding: line, as: UTF8.self), at: now)
  }
}
