public import PWCore

/// The path to a peer as the routes have it.
public struct PathReading: Equatable, Sendable {
  /// The largest packet, outer IP header included, that it is known to pass, in octets.
  public var mtuOctets: Int
  /// The MTU of the interface that it begins with, in octets; nil while it is not known. The routes may say less of the
  /// path, for what an ICMP message has told them, and that may be forged.
  public var firstLinkOctets: Int?
  /// The interface that it begins with, and the router there; nil while it is not known.
  public var firstHop: FirstHop?

  /// Makes a reading of which nothing but the MTU is known, in octets.
  public init(mtuOctets: Int) { self.mtuOctets = mtuOctets }
}
