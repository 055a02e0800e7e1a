/// The counters of a session, or of all of a tunnel's together, that linux/l2tp.h names (L2TP_ATTR_STATS).
public struct TrafficCounters: Equatable, Codable, Sendable {
  /// Packets that we sent.
  public var transmittedPackets: UInt64 = 0
  /// Octets that we sent.
  public var transmittedOctets: UInt64 = 0
  /// Packets that could not be sent.
  public var transmitErrors: UInt64 = 0
  /// Packets that we received.
  public var receivedPackets: UInt64 = 0
  /// Octets that we received.
  public var receivedOctets: UInt64 = 0
  /// Packets with a fault.
  public var receiveErrors: UInt64 = 0
  /// Packets whose cookie was wrong.
  public var cookieDiscards: UInt64 = 0
  /// Packets out of sequence that were dropped.
  public var sequenceDiscards: UInt64 = 0
  /// Sequence numbers that were missing when a later one came, nil where nobody counts them: the kernel's driver does
  /// not.
  public var missingPackets: UInt64?

  /// Counters that are all zero, without a count of missing packets.
  public init() {}
}
