import Foundation
import Logging
import PWCore

/// What people read: one line for each event, on standard error.
///
/// Under systemd (JOURNAL_STREAM is set) a line begins with its priority, as sd-daemon(3) describes, and the journal adds the
/// time; at a terminal it begins with the time and the level.
struct Journal: LogHandler {
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]
  private let isUnderJournal: Bool

  /// A handler that lets through what is at least as important as `level`.
  init(level: Logger.Level, environment: [String: String] = ProcessInfo.processInfo.environment) {
    logLevel = level
    isUnderJournal = environment["JOURNAL_STREAM"] != nil
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let line = Self.line(
      level: event.level, message: event.message.description, isUnderJournal: isUnderJournal, now: Date())
    FileHandle.standardError.write(Data((line + "\n").utf8))
  }

  /// One line, without its newline; a message never breaks it.
  static func line(level: Logger.Level, message: String, isUnderJournal: Bool, now: Date) -> String {
    let flat = message.utf8.contains(UInt8(ascii: "\n")) ? message.replacing("\n", with: " ") : message
    if isUnderJournal { return "<\(priority(of: level))>\(flat)" }
    let name = level.rawValue
    let padding = String(repeating: " ", count: max(0, longestUsualName - name.utf8.count))
    return "\(text(of: now)) \(name)\(padding) \(flat)"
  }

  /// Octets of "warning".
  private static let longestUsualName = 7

  /// A moment in UTC as ISO 8601 has it, to the millisecond. Thousands of sessions come up at once, each with its lines, and
  /// Foundation's formatting takes longer than all that a line is about.
  private static func text(of moment: Date) -> String {
    let milliseconds = Int((moment.timeIntervalSince1970 * 1000).rounded(.down))
    var seconds = time_t(milliseconds / 1000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func digits(_ number: some BinaryInteger, _ count: Int) -> String {
      let text = String(Int(number))
      return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
    let date = "\(digits(parts.tm_year + 1900, 4))-\(digits(parts.tm_mon + 1, 2))-\(digits(parts.tm_mday, 2))"
    let time = "\(digits(parts.tm_hour, 2)):\(digits(parts.tm_min, 2)):\(digits(parts.tm_sec, 2))"
    return "\(date)T\(time).\(digits(milliseconds % 1000, 3))Z"
  }

  /// syslog(3)'s numbers.
  private static func priority(of level: Logger.Level) -> Int {
    switch level {
    case .trace, .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }
}

extension Logger {
  /// Writes one of the engine's events, with whom it is about in front.
  func write(_ event: Event) {
    let level: Logger.Level =
      switch event.level {
      case .debug: .debug
      case .info: .info
      case .notice: .notice
      case .warning: .warning
      case .error: .error
      }
    log(level: level, "\(Self.subject(of: event))\(event.message)")
  }

  private static func subject(of event: Event) -> String {
    switch (event.tunnel, event.pseudowire) {
    case (let tunnel?, let pseudowire?): "\(tunnel)/\(pseudowire): "
    case (let tunnel?, nil): "\(tunnel): "
    case (nil, let pseudowire?): "\(pseudowire): "
    case (nil, nil): ""
    }
  }
}
