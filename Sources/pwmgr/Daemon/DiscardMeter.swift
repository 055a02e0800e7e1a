import PWCore
import PWLinux

/// Finds the sessions of which every data packet that arrives is discarded.
struct DiscardMeter {
  /// Packets of which it takes so many, and none that is passed on: one or two may be late ones of an earlier session.
  private static let leastDiscards: UInt64 = 3

  private struct Sample {
    /// The counters when a packet was last passed on, or the session was first seen.
    var start: TrafficCounters
    /// Whether it was told that nothing is passed on.
    var isTold = false
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
        if sample.isTold { told.append((key, packets)) }
        sample = Sample(start: traffic)
      } else if packets.discarded >= Self.leastDiscards {
        sample.isTold = true
        told.append((key, packets))
      }
      next[key] = sample
    }
    samples = next
    return told
  }
}
