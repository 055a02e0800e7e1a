import PWCore
import PWLinux

/// Takes samples of each session's data packets out of the counters: large enough ones to say something (RFC 4719 section 5).
struct LossMeter {
  private struct Sample {
    /// The counters when it began.
    var start: TrafficCounters
    /// Whether some were lost in the one before: then this one is told whatever it brings.
    var isSuspect = false
  }

  /// One for each session that is there.
  private var samples: [SessionKey: Sample] = [:]

  /// Takes the counters of all sessions.
  ///
  /// - Returns: of each sample that is complete what has become of its packets, if any are lost, or were in the one before.
  mutating func take(_ counters: [SessionKey: TrafficCounters]) -> [(key: SessionKey, loss: PacketLoss)] {
    var losses: [(key: SessionKey, loss: PacketLoss)] = []
    var next: [SessionKey: Sample] = [:]
    next.reserveCapacity(counters.count)
    for (key, traffic) in counters {
      guard let sample = samples[key], sample.start.receivedPackets <= traffic.receivedPackets else {
        next[key] = Sample(start: traffic)
        continue
      }
      let loss = traffic.loss(since: sample.start)
      if let loss, loss.total < EngineLimits.lossSamplePackets {
        next[key] = sample
        continue
      }
      if let loss, loss.lost > 0 || sample.isSuspect { losses.append((key, loss)) }
      next[key] = Sample(start: traffic, isSuspect: (loss?.lost ?? 0) > 0 || (loss == nil && sample.isSuspect))
    }
    samples = next
    return losses
  }
}
