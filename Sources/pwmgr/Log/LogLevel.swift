import ArgumentParser
import Logging
import PWCore

/// The importance of messages, by which those of less are left out of the log.
enum LogLevel: String, CaseIterable, ExpressibleByArgument {
  case debug, info, notice, warning, error

  /// swift-log's word for it, which is the same.
  var level: Logger.Level { Logger.Level(rawValue: rawValue) ?? .info }

  /// The engine's word for it.
  var eventLevel: Event.Level {
    switch self {
    case .debug: .debug
    case .info: .info
    case .notice: .notice
    case .warning: .warning
    case .error: .error
    }
  }

  init(_ level: Event.Level) { self = Self.allCases.first { $0.eventLevel == level } ?? .info }

  init(_ level: Logger.Level) {
    switch level {
    case .trace, .debug: self = .debug
    case .info: self = .info
    case .notice: self = .notice
    case .warning: self = .warning
    case .error, .critical: self = .error
    }
  }

  /// All of them, for messages.
  static var words: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
