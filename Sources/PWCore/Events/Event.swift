/// Something that an operator may want to know of: a line of the log, and an entry in the stream of events.
///
/// People read the message, whose words may change. Programs read the kind and the fields, which keep their names.
public struct Event: Equatable, Codable, Sendable {
  /// The importance, by which a log can be filtered.
  public var level: Level
  /// Which kind of thing has happened.
  public var kind: EventKind
  /// The tunnel that it is about.
  public var tunnel: String?
  /// The pseudowire that it is about.
  public var pseudowire: String?
  /// More about it, for programs; the message has it in words.
  public var fields: [EventField]
  /// The event in words, for people to read.
  public var message: String

  /// An event in words, and the tunnel and pseudowire that it is about, if there are any.
  public init(
    _ level: Level, _ kind: EventKind, tunnel: String? = nil, pseudowire: String? = nil, fields: [EventField] = [],
    _ message: String
  ) {
    self.level = level
    self.kind = kind
    self.tunnel = tunnel
    self.pseudowire = pseudowire
    self.fields = fields
    self.message = message
  }

  /// Reads one of a recording. In the oldest ones there was neither a kind nor a field.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    level = try container.decode(Level.self, forKey: .level)
    kind = try container.decodeIfPresent(EventKind.self, forKey: .kind) ?? .protocolStep
    tunnel = try container.decodeIfPresent(String.self, forKey: .tunnel)
    pseudowire = try container.decodeIfPresent(String.self, forKey: .pseudowire)
    fields = try container.decodeIfPresent([EventField].self, forKey: .fields) ?? []
    message = try container.decode(String.self, forKey: .message)
  }

  /// As swift-log has them, without its extremes.
  public enum Level: Int, Codable, CaseIterable, Sendable {
    /// For somebody who is looking for a fault.
    case debug
    /// Something changed, as it should.
    case info
    /// Something changed that an operator cares about.
    case notice
    /// Something is wrong and may mend itself.
    case warning
    /// Something is wrong and needs somebody.
    case error

    /// Whether something is wrong.
    var isWarning: Bool { rawValue >= Level.warning.rawValue }
  }
}
