/// The fields of the outer IP header of a tunnel's packets that the site file sets; nil leaves a field to the kernel.
public struct OuterHeader: Hashable, Sendable {
  /// The code point (RFC 2474).
  public var dscp: DSCP?
  /// IPv4's Time to Live, or IPv6's Hop Limit: how many routers may pass a packet on.
  public var hopLimit: UInt8?

  /// A header that the kernel fills in but for these fields.
  public init(dscp: DSCP? = nil, hopLimit: UInt8? = nil) {
    self.dscp = dscp
    self.hopLimit = hopLimit
  }
}
