import Glibc
public import PWCore

extension TrafficCounters {
  /// The fate of the numbered packets since an earlier reading of the same counters; nil when they do not say.
  ///
  /// A packet that is not surely lost does not count as lost, for a session may end by it: a packet that comes late, or
  /// twice, is discarded and was not lost; of a discarded one that was not missed nobody knows which it is.
  ///
  /// - Parameter earlier: the reading before, of which nothing is larger than here.
  public func loss(since earlier: TrafficCounters) -> PacketLoss? {
    let received = receivedPackets.subtracting(earlier.receivedPackets)
    let discarded = sequenceDiscards.subtracting(earlier.sequenceDiscards)
    guard let missingPackets else { return Self.lossSeenByKernel(received: received, discarded: discarded) }
    let missing = missingPackets.subtracting(earlier.missingPackets ?? 0)
    let late = min(missing, discarded)
    return PacketLoss(lost: missing - late, received: received + late)
  }

  /// Works out from what the kernel's driver has discarded how many were lost before (l2tp_core.c, without a reorder timeout).
  ///
  /// It passes on a packet whose number is the next one. After a gap it discards all, until of those that arrive five one after the
  /// other each had the number after the one before: one lost packet costs five more. So of those that arrive it passes on the part
  /// q^5, if each is followed by its successor with the probability q; of n that arrive, n/q were sent. Loss in bursts comes out as
  /// less than it is, and never as more; a packet that another one overtakes, as one lost.
  ///
  /// - Returns: nil when all are discarded: that is not a loss, the peer does not number what it sends.
  private static func lossSeenByKernel(received: UInt64, discarded: UInt64) -> PacketLoss? {
    guard discarded > 0 else { return PacketLoss(lost: 0, received: received) }
    guard received > 0 else { return nil }
    let arrived = Double(received) + Double(discarded)
    let inOrder = pow(Double(received) / arrived, 1 / packetsToResume)
    return PacketLoss(lost: UInt64(arrived / inOrder - arrived), received: received + discarded)
  }

  /// Packets in sequence after one that was not, which the driver discards before it goes on: `nr_oos_count_max` and one.
  private static let packetsToResume = 5.0
}

extension UInt64 {
  /// The difference, 0 where it is less.
  func subtracting(_ other: UInt64) -> UInt64 { self >= other ? self - other : 0 }
}
