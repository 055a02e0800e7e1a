/// Where packets to a peer go first, as the routes say (RTM_GETROUTE of rtnetlink(7)).
public struct FirstHop: Equatable, Codable, Sendable {
  /// The index of the interface that they leave by.
  public var interfaceIndex: Int32
  /// The router that they are handed to; nil where the peer is on that interface's own link.
  public var gateway: IPAddress?

  /// - Parameters:
  ///   - interfaceIndex: the interface's index.
  ///   - gateway: the router's address, if there is a router.
  public init(interfaceIndex: Int32, gateway: IPAddress?) {
    self.interfaceIndex = interfaceIndex
    self.gateway = gateway
  }
}
