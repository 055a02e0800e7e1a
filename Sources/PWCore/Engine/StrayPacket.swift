/// A data packet of a session that came over UDP from another address than its control connection's, or from or to
/// another port: the sockets that carry data have one place at each end, and do not take it.
public struct StrayPacket: Equatable, Codable, Sendable {
  /// The Session ID in its header, which is one of ours.
  public var session: SessionID
  /// Where it came from.
  public var source: Endpoint
  /// Where it arrived.
  public var local: Endpoint
  /// The octets behind its header, as many as the longest cookie has if there are so many; nil where nobody has looked.
  public var following: [UInt8]?

  /// A packet that arrived at an end of ours.
  public init(session: SessionID, source: Endpoint, local: Endpoint, following: [UInt8]? = nil) {
    self.session = session
    self.source = source
    self.local = local
    self.following = following
  }

  /// The octets of a data packet's header over UDP (RFC 3931 section 4.1.2.1).
  package static let leastOctets = 8
  /// The octets of the longest cookie (RFC 3931 section 4.1).
  package static let cookieOctets = 8

  /// A packet by its first octets; nil where they are no data packet's of version 3.
  package init?(datagram octets: [UInt8], source: Endpoint, local: Endpoint) {
    guard octets.count >= Self.leastOctets, octets[0] & 0x80 == 0, octets[1] & 0x0F == 3 else { return nil }
    let session = octets[4..<8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    self.init(
      session: SessionID(rawValue: session), source: source, local: local,
      following: Array(octets.dropFirst(Self.leastOctets).prefix(Self.cookieOctets)))
  }
}
