/// The counters of a session, or of all of a tunnel's together, that linux/l2tp.h names (L2TP_ATTR_STATS).
public struct TrafficCounters: Equatable, Sendable {
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

extension TrafficCounters: Codable {
  private static let fields = StatusFields<TrafficCounters>(
    .value("transmittedPackets", \.transmittedPackets), .value("transmittedOctets", \.transmittedOctets),
    .value("transmitErrors", \.transmitErrors), .value("receivedPackets", \.receivedPackets),
    .value("receivedOctets", \.receivedOctets), .value("receiveErrors", \.receiveErrors),
    .value("cookieDiscards", \.cookieDiscards), .value("sequenceDiscards", \.sequenceDiscards),
    .optional("missingPackets", \.missingPackets))

  /// Reads what was written.
  public init(from decoder: any Decoder) throws {
    self = try Self.fields.read(TrafficCounters(), from: decoder)
  }

  /// Writes every property under its key in the document.
  public func encode(to encoder: any Encoder) throws { try Self.fields.write(self, to: encoder) }
}
