/// The largest segment that TCP connections through a pseudowire may use, as a site file says it with `mss`: what the
/// MSS option of segments with SYN is lowered to on their way (RFC 9293 section 3.7.1).
public enum SegmentLimit: Equatable, Codable, Sendable {
  /// The size that the MTU of the session's interface leaves.
  case automatic
  /// So many octets of payload.
  case octets(UInt16)

  /// The sizes that may be declared: from the one that every host takes over IPv4 (RFC 9293 section 3.7.1) to the
  /// largest that IPv4 can carry.
  public static let range = 536...65_495
  /// The headers that are not payload, without options: IPv4's and TCP's, and IPv6's and TCP's.
  private static let headerOctets = (v4: 20 + 20, v6: 40 + 20)
  /// The octets of each further 802.1Q tag.
  private static let tagOctets = 4
  /// No MTU makes it less: a segment of nothing would carry nothing.
  private static let leastOctets = 28

  /// The limit for a connection.
  ///
  /// - Parameters:
  ///   - mtuOctets: the MTU of the session's interface, nil where nobody knows it.
  ///   - isIPv6: whether IPv6 carries the connection, or IPv4.
  ///   - tagCount: 802.1Q tags before the packet. An MTU does not count the first one.
  /// - Returns: octets of payload; nil where there is none.
  public func octets(mtuOctets: Int?, isIPv6: Bool, tagCount: Int) -> UInt16? {
    switch self {
    case .octets(let octets): return octets
    case .automatic:
      guard let mtuOctets else { return nil }
      let headers = isIPv6 ? Self.headerOctets.v6 : Self.headerOctets.v4
      let left = mtuOctets - headers - max(0, tagCount - 1) * Self.tagOctets
      return UInt16(clamping: max(left, Self.leastOctets))
    }
  }
}
