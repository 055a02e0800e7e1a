/// The service that a PPPoE access concentrator (RFC 2516) offers on a link: the attachment circuit of the pseudowires
/// of one template.
public struct PPPoEService: Hashable, Codable, Sendable {
  /// The link that the clients are on.
  public var interface: String
  /// Our AC-Name.
  public var concentratorName: String
  /// The Service-Names that clients may ask for; empty for any.
  public var serviceNames: [String]
  /// Sessions that one client's address may have.
  public var sessionsPerClient: Int

  /// A service on a link.
  public init(interface: String, concentratorName: String, serviceNames: [String], sessionsPerClient: Int) {
    self.interface = interface
    self.concentratorName = concentratorName
    self.serviceNames = serviceNames
    self.sessionsPerClient = sessionsPerClient
  }
}
