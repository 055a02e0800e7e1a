/// The engine's knowledge of a site at a moment; the driver adds what only it knows, such as counters.
///
/// Each property stands under one key in what `pwmgr status --json` prints, in the form that ``StatusField`` gives it.
public struct SiteStatus: Equatable, Sendable {
  /// Every declared tunnel, in the order of the file.
  public var tunnels: [TunnelStatus]
  /// The faults of bridges, by name.
  public var bridges: [BridgeStatus]
  /// The faults of the site as a whole, one line each: listeners that are not open, and those that the driver adds.
  public var problems: [String]
  /// Messages that led to nothing, since the start.
  public var dropped: DroppedMessages
  /// Connections that have answered an SCCRQ and wait for SCCCN.
  public var halfOpenConnections: Int

  /// The status of a site; without the last two, no message was dropped and no connection is half open.
  public init(
    tunnels: [TunnelStatus], bridges: [BridgeStatus], problems: [String],
    dropped: DroppedMessages = DroppedMessages(), halfOpenConnections: Int = 0
  ) {
    self.tunnels = tunnels
    self.bridges = bridges
    self.problems = problems
    self.dropped = dropped
    self.halfOpenConnections = halfOpenConnections
  }
}

extension SiteStatus: Codable {
  private static let fields = StatusFields<SiteStatus>(
    .value("tunnels", \.tunnels), .value("bridges", \.bridges), .value("problems", \.problems),
    .value("controlMessagesDropped", \.dropped), .value("halfOpenConnections", \.halfOpenConnections))

  /// Reads what was written.
  public init(from decoder: any Decoder) throws {
    self = try Self.fields.read(SiteStatus(tunnels: [], bridges: [], problems: []), from: decoder)
  }

  /// Writes every property under its key in the document.
  public func encode(to encoder: any Encoder) throws { try Self.fields.write(self, to: encoder) }
}

/// A bridge and what is wrong with it.
public struct BridgeStatus: Equatable, Codable, Sendable {
  /// The name of the bridge's network interface.
  public var name: String
  /// One line each, with the cure; empty when it is as declared.
  public var problems: [String]

  /// The status of a bridge by its interface name; without problems it is as declared.
  public init(name: String, problems: [String]) {
    self.name = name
    self.problems = problems
  }
}

/// A state, and since when.
public struct Since<Value: Equatable & Sendable>: Equatable, Sendable {
  /// The state that holds, or the message of an error.
  public var value: Value
  /// The moment when the state began, or when the error happened.
  public var since: Instant

  /// A state since a moment.
  public init(_ value: Value, since: Instant) {
    self.value = value
    self.since = since
  }
}

/// An error as it is shown: the message, and when it was.
extension Since: Codable where Value == String {
  private enum CodingKeys: String, CodingKey {
    case value = "message"
    case since = "at"
  }
}
