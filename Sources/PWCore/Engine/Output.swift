/// Everything that the engine asks of the world. Large parts of it are indirect, so that moving it is cheap.
public enum Output: Equatable, Codable, Sendable {
  /// Send a control message.
  case send(Transmission)
  /// Do something; answer with `Input.completed`.
  case perform(Effect)
  /// Ask a plugin; answer with `Input.answered`.
  indirect case consult(ConsultationID, PluginQuestion)
  /// Report an event to the operator.
  case event(Event)
  /// Everything is down after `Input.shutdown`: the process may end.
  case stopped
}

/// A control message on its way out.
public struct Transmission: Equatable, Sendable {
  /// From the flags word on (over IP the kernel, or the driver, puts the four zero octets before it).
  public var octets: [UInt8]
  /// The socket to send from.
  public var socket: SocketID
  /// The address and port to send to.
  public var destination: Endpoint
  /// Whether it may be cut on its way, as nearly everything may. A message that may not be cut finds out what the path
  /// passes: it is sent whatever the routes say of the path's MTU, and it has not failed where it is too large.
  public var isFragmentable: Bool
  /// Whether it is sent in two fragments, however short it is.
  public var isCut: Bool

  /// A message to send.
  public init(
    octets: [UInt8], socket: SocketID, destination: Endpoint, isFragmentable: Bool = true, isCut: Bool = false
  ) {
    self.octets = octets
    self.socket = socket
    self.destination = destination
    self.isFragmentable = isFragmentable
    self.isCut = isCut
  }
}
