import FoundationEssentials
import Glibc
import Logging
import PWCore
import PWLinux
import Synchronization

/// The log for people: one line for each event, on standard error.
///
/// Under systemd (JOURNAL_STREAM is set) an event goes to the journal with its fields. If that does not take it, and
/// for any other line, the line begins with its priority, as sd-daemon(3) describes, and the journal adds the time; at
/// a terminal it begins with the time and the level.
///
/// All copies of a handler have one level, which may change while the daemon runs, and one ring of events.
struct LogWriter: LogHandler {
  var metadata: Logger.Metadata = [:]
  private let threshold: Threshold
  private let isUnderJournal: Bool
  private let journal: JournalSocket?
  /// The events, those too that are not important enough for the log.
  let ring = EventRing()

  var logLevel: Logger.Level {
    get { threshold.level.withLock { $0 } }
    nonmutating set { threshold.level.withLock { $0 = newValue } }
  }

  private final class Threshold: Sendable {
    let level: Mutex<Logger.Level>

    init(_ level: Logger.Level) { self.level = Mutex(level) }
  }

  /// A handler that lets through what is at least as important as `level`.
  init(level: Logger.Level, environment: [String: String] = ProcessInfo.processInfo.environment) {
    threshold = Threshold(level)
    isUnderJournal = environment["JOURNAL_STREAM"] != nil
    journal = JournalSocket(stream: environment["JOURNAL_STREAM"])
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    write(event.level, event.message.description, milliseconds: isUnderJournal ? 0 : Self.now())
  }

  /// Writes an event, with its subject in front, and keeps it for those who read events.
  func write(_ event: Event) {
    let now = Self.now()
    if event.level.rawValue >= Self.leastKeptLevel.rawValue { ring.append(event, milliseconds: now) }
    guard event.level.logLevel >= logLevel else { return }
    let message = "\(Logger.subject(of: event))\(event.message)"
    if let journal, journal.send(JournalEntry.fields(of: event, message: message)) { return }
    write(event.level.logLevel, message, milliseconds: now)
  }

  /// The least important events that are kept, whatever the log's level is.
  static let leastKeptLevel = Event.Level.info

  /// The least important events that somebody has a use for: the log, or those who read events.
  static func leastEventLevel(of level: LogLevel) -> Event.Level {
    level.eventLevel.rawValue < leastKeptLevel.rawValue ? level.eventLevel : leastKeptLevel
  }

  private func write(_ level: Logger.Level, _ message: String, milliseconds: Int) {
    var line = Self.line(
      level: level, message: message, isUnderJournal: isUnderJournal, milliseconds: milliseconds)
    line.append("\n")
    line.withUTF8 { Self.write($0) }
  }

  /// A reader that has gone, or a full disk, is not a reason to end: the line is lost.
  private static func write(_ octets: UnsafeBufferPointer<UInt8>) {
    var rest = UnsafeRawBufferPointer(octets)
    while !rest.isEmpty {
      let count = Glibc.write(STDERR_FILENO, rest.baseAddress, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  /// Milliseconds since 1970 by the kernel's coarse clock: a few of them late at most, and quick to read on every
  /// machine.
  private static func now() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME_COARSE, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  }

  /// One line, without its newline; a message never breaks it.
  ///
  /// - Parameter milliseconds: the moment, since 1970 in UTC.
  static func line(level: Logger.Level, message: String, isUnderJournal: Bool, milliseconds: Int) -> String {
    let flat = message.utf8.contains(UInt8(ascii: "\n")) ? message.replacing("\n", with: " ") : message
    if isUnderJournal { return "<\(priority(of: level))>\(flat)" }
    return Self.line(label: level.rawValue, message: flat, milliseconds: milliseconds)
  }

  /// The same at a terminal, with anything in the level's place.
  static func line(label name: String, message flat: String, milliseconds: Int) -> String {
    line(label: name, message: flat, time: text(of: milliseconds))
  }

  /// The same with a moment in words.
  static func line(label name: String, message flat: String, time: String) -> String {
    let padding = String(repeating: " ", count: max(0, longestUsualName - name.utf8.count))
    return "\(time) \(name)\(padding) \(flat)"
  }

  /// Octets of "warning".
  private static let longestUsualName = 7

  /// A moment in UTC as ISO 8601 has it, to the millisecond. Thousands of sessions come up at once, each with its
  /// lines, and Foundation's formatting takes longer than all that a line is about.
  static func text(of milliseconds: Int) -> String {
    let second = milliseconds / 1000
    let beginning = lastSecond.withLock { last in
      if last.second != second { last = (second, text(ofSecond: second)) }
      return last.text
    }
    return "\(beginning).\(digits(milliseconds % 1000, 3))Z"
  }

  /// The second that was written down last: most lines are of the same one.
  private static let lastSecond = Mutex((second: Int.min, text: ""))

  private static func text(ofSecond second: Int) -> String {
    var seconds = time_t(second)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    let date = [(parts.tm_year + 1900, 4), (parts.tm_mon + 1, 2), (parts.tm_mday, 2)].map { digits(Int($0), $1) }
    let time = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { digits(Int($0), 2) }
    return "\(date.joined(separator: "-"))T\(time.joined(separator: ":"))"
  }

  private static func digits(_ number: Int, _ count: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
  }

  /// syslog(3)'s numbers.
  private static func priority(of level: Logger.Level) -> Int {
    level == .critical ? 2 : LogLevel(level).eventLevel.syslogPriority
  }
}

extension Logger {
  /// Writes one of the engine's events, with whom it is about in front.
  func write(_ event: Event) {
    guard let writer = handler as? LogWriter else {
      return log(level: event.level.logLevel, "\(Self.subject(of: event))\(event.message)")
    }
    writer.write(event)
  }

  /// Writes an event about the daemon itself.
  func tell(_ level: Event.Level, _ kind: EventKind, _ message: String) { write(Event(level, kind, message)) }

  /// The events that were written; nil where this is another program's log.
  var ring: EventRing? { (handler as? LogWriter)?.ring }

  fileprivate static func subject(of event: Event) -> String {
    switch (event.tunnel, event.pseudowire) {
    case (let tunnel?, let pseudowire?): "\(tunnel)/\(pseudowire): "
    case (let tunnel?, nil): "\(tunnel): "
    case (nil, let pseudowire?): "\(pseudowire): "
    case (nil, nil): ""
    }
  }
}

extension LogWriter {
  /// The line of one of the engine's events at a terminal.
  static func line(of event: Event, milliseconds: Int) -> String {
    line(
      level: event.level.logLevel, message: "\(Logger.subject(of: event))\(event.message)", isUnderJournal: false,
      milliseconds: milliseconds)
  }
}

extension Event.Level {
  /// swift-log's name for it.
  fileprivate var logLevel: Logger.Level { LogLevel(self).level }
}
