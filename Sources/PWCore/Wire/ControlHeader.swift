/// The L2TPv3 control message header (RFC 3931 section 3.2.1), from the flags word on.
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// |T|L|x|x|S|x|x|x|x|x|x|x|  Ver  |             Length            |
/// |                     Control Connection ID                     |
/// |               Ns              |               Nr              |
/// ```
/// Over IP four zero octets stand before it (section 4.1.1); they count neither in Length nor in a digest.
public struct ControlHeader: Equatable, Sendable {
  /// The recipient's identifier.
  public var connectionID: ControlConnectionID
  /// This message's number.
  public var ns: UInt16
  /// The next number expected from the peer.
  public var nr: UInt16

  /// Octets of the header.
  public static let lengthOctets = 12

  /// A header; flags, version and length are the codec's business.
  public init(connectionID: ControlConnectionID, ns: UInt16, nr: UInt16) {
    self.connectionID = connectionID
    self.ns = ns
    self.nr = nr
  }
}
