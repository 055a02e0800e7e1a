/// A question to the machine: are the packets between two places protected?
public struct ProtectionQuestion: Hashable, Codable, Sendable {
  /// UDP or IP protocol 115.
  public var encapsulation: Encapsulation
  /// Our address, and over UDP our port.
  public var local: Endpoint
  /// The peer's address, and over UDP its port.
  public var remote: Endpoint
  /// The interface that the socket is bound to; nil for none.
  public var device: String?

  /// A question about the packets of one socket.
  public init(encapsulation: Encapsulation, local: Endpoint, remote: Endpoint, device: String?) {
    self.encapsulation = encapsulation
    self.local = local
    self.remote = remote
    self.device = device
  }
}
