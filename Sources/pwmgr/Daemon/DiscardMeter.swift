import PWCore
import PWLinux

/// Finds the sessions of which every data packet that arrives is discarded.
struct DiscardMeter {
  /// Packets of which it takes so many, and none that is passed on: one or two may be late ones of an earlier session.
  private static let leastDiscards: UInt64 = 3
  /// Packets out of sequence, where none is passed on: the kernel's driver discards five after each gap.
  private static let leastOutOfSequence: UInt64 = 8

  private struct Sample {
    /// The counters when a packet was last passed on, or the session was first seen.
    var start: TrafficCounters
    /// How many were told to be discarded; 0 is none.
    var told: UInt64 = 0
  }

  /// One for each session that is there.
  private var samples: [SessionKey: Sample] = [:]

  /// Takes the counters of all sessions.
  ///
  /// - Returns: the sessions of which nothing is passed on, as long as more arrives, and those of which something is
  ///   passed on again.
  mutating func take(
    _ counters: [SessionKey: TrafficCounters]
  ) -> [(key: SessionKey, packets: DiscardedPackets)] {
    var told: [(key: SessionKey, packets: DiscardedPackets)] = []
    var next: [SessionKey: Sample] = [:]
    next.reserveCapacity(counters.count)
    for (key, traffic) in counters {
      var sample = samples[key] ?? Sample(start: TrafficCounters())
      let packets = traffic.discards(since: sample.start)
      if packets.passedOn > 0 {
        // Of one that is seen for the first time nobody knows here what was told: a reading may have lacked it.
        if sample.told > 0 || samples[key] == nil { told.append((key, packets)) }
        sample = Sample(start: traffic)
      } else if Self.isTelling(packets), packets.discarded > sample.told {
        sample.told = packets.discarded
        told.append((key, packets))
      }
      next[key] = sample
    }
    samples = next
    return told
  }

  private static func isTelling(_ packets: DiscardedPackets) -> Bool {
    packets.outOfSequence >= leastOutOfSequence || packets.withWrongCookie + packets.malformed >= leastDiscards
  }
}
