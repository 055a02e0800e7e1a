public import PWCore

/// How a plugin's process is: what `status` shows of it.
public struct PluginReport: Equatable, Codable, Sendable {
  /// The name in the site file's `type:`.
  public var name: String
  /// The path of its executable.
  public var path: String
  /// The state of its process.
  public var state: State
  /// The moment at which that state began.
  public var since: Instant
  /// Its own version, once it has said it.
  public var version: String?
  /// The identifier of its process; nil while there is none.
  public var processIdentifier: Int32?
  /// How often it has been started again.
  public var restarts: Int
  /// The faults, one line each.
  public var problems: [String]
  /// The last messages of the plugin for the log.
  public var messages: [Message]
  /// When it is started again, while it waits for that.
  public var nextStart: Instant?

  private enum CodingKeys: String, CodingKey {
    case name, path, state, since, version
    case processIdentifier = "processID"
    case restarts, problems, messages, nextStart
  }

  /// Writes every property under its key in the document: null for those that are nil.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(path, forKey: .path)
    try container.encode(state, forKey: .state)
    try container.encode(since, forKey: .since)
    try container.encode(version, forKey: .version)
    try container.encode(processIdentifier, forKey: .processIdentifier)
    try container.encode(restarts, forKey: .restarts)
    try container.encode(problems, forKey: .problems)
    try container.encode(messages, forKey: .messages)
    try container.encode(nextStart, forKey: .nextStart)
  }

  /// Something that it has said.
  public struct Message: Equatable, Codable, Sendable {
    /// The moment at which it was said.
    public var at: Instant
    /// The message, one line of text.
    public var text: String

    private enum CodingKeys: String, CodingKey {
      case at
      case text = "message"
    }
  }

  /// The state of a plugin's process.
  public enum State: String, Codable, Sendable {
    /// It has been started, and has not said what it is.
    case starting
    /// It has said what it is, and answers requests.
    case running
    /// It has ended, and is started again after a pause.
    case waiting
    /// It is told to end, or has ended for good.
    case stopped
  }
}
