/// Why something that was sent to a peer did not get there, as the system or a router on the way says.
public struct Unreachable: Equatable, Codable, Sendable {
  /// One line, with what can be done about it.
  public var reason: String
  /// Whether waiting is no use: the peer's host says that nobody listens there, or our own address is gone.
  public var isFinal: Bool

  /// The largest packet that passes, in octets, as a router on the way says which has dropped a larger one; 0 where it
  /// does not say how large. The peer is not out of reach then. nil of any other report.
  public var passedOctets: Int?
  /// The address that packets to the peer would leave from, where our own is gone and another one is there.
  public internal(set) var otherAddress: IPAddress?

  /// Our own address is gone.
  public static let withoutAddress = Unreachable(
    "our address is no longer on any interface, or it has moved into another VRF (see `ip address`)", isFinal: true)
  /// Our own address is gone.
  ///
  /// - Parameter other: the address that packets to the peer would leave from now, if there is one.
  public static func withoutAddress(besides other: IPAddress?) -> Unreachable {
    var report = withoutAddress
    report.otherAddress = other
    return report
  }

  /// The link that the route leads to is switched off.
  public static let linkDown = Unreachable("the link to it is down (see `ip link`)")
  /// A packet could not be sent in pieces; that says nothing of the peer.
  public static let inPieces = Unreachable("this machine cannot send a packet in pieces")

  /// Whether this machine knows by itself that nothing leaves: no message of the network's says so, hence nobody can
  /// have forged it.
  var isCertain: Bool { isWithoutAddress || self == .linkDown }

  /// Whether our own address is gone, be another one there or not.
  var isWithoutAddress: Bool { reason == Unreachable.withoutAddress.reason }

  /// A reason in words.
  public init(_ reason: String, isFinal: Bool = false) {
    self.reason = reason
    self.isFinal = isFinal
  }

  /// A router has dropped a packet that is too large for its next link.
  ///
  /// - Parameters:
  ///   - octets: the link's MTU as the router says it; nil where it does not, as those before RFC 1191.
  ///   - message: the message in words: `ICMP fragmentation needed from 198.51.100.1`.
  public static func tooLarge(passing octets: Int?, message: String) -> Unreachable {
    let size = octets.map { "packets of at most \($0) octets pass" } ?? "a packet was too large to pass"
    var report = Unreachable("a router on the way says that \(size) (\(message))")
    report.passedOctets = octets ?? 0
    return report
  }
}
