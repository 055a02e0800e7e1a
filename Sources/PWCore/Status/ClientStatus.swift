/// A PPPoE client that has a session.
public struct ClientStatus: Equatable, Codable, Sendable {
  /// Its MAC address.
  public var address: String
  /// Its SESSION_ID.
  public var sessionID: UInt16
  /// The Service-Name that it asked for; empty for any.
  public var serviceName: String
  /// Since when it has its session.
  public var since: Instant

  /// A client that has had its PPPoE session since a moment.
  public init(address: String, sessionID: UInt16, serviceName: String, since: Instant) {
    self.address = address
    self.sessionID = sessionID
    self.serviceName = serviceName
    self.since = since
  }
}
