/// Why something that was sent to a peer did not get there, as the system or a router on the way says.
public struct Unreachable: Equatable, Codable, Sendable {
  /// One line, with what can be done about it.
  public var reason: String
  /// Whether waiting is no use: the peer's host says that nobody listens there, or our own address is gone.
  public var isFinal: Bool

  /// Our own address is gone.
  public static let withoutAddress = Unreachable(
    "our address is no longer on any interface, or it has moved into another VRF (see `ip address`)", isFinal: true)
  /// The link that the route leads to is switched off.
  public static let linkDown = Unreachable("the link to it is down (see `ip link`)")
  /// A packet could not be sent in pieces; that says nothing of the peer.
  public static let inPieces = Unreachable("this machine cannot send a packet in pieces")

  /// Whether this machine knows by itself that nothing leaves: no message of the network's says so, hence nobody can
  /// have forged it.
  var isCertain: Bool { self == .withoutAddress || self == .linkDown }

  /// A reason in words.
  public init(_ reason: String, isFinal: Bool = false) {
    self.reason = reason
    self.isFinal = isFinal
  }
}
