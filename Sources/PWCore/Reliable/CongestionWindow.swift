/// Slow start and congestion avoidance of one control connection (RFC 3931 Appendix A).
struct CongestionWindow: Equatable, Codable {
  /// The most messages that may be unacknowledged now.
  private(set) var size = 1
  /// The peer's Receive Window Size: never exceeded.
  private(set) var limit: Int
  private var threshold: Int
  /// Acknowledged messages since `size` last grew, while avoiding congestion.
  private var credit = 0

  /// One message at first, growing to the peer's window.
  init(limit: Int) {
    self.limit = max(1, limit)
    threshold = self.limit
  }

  /// The peer said how much it takes.
  mutating func setLimit(_ limit: Int) {
    self.limit = max(1, limit)
    threshold = self.limit
    size = min(size, self.limit)
  }

  /// So many messages were acknowledged: one more each in slow start, one more a window after it.
  mutating func acknowledged(_ count: Int) {
    for _ in 0..<min(count, limit) {
      if size < threshold {
        size += 1
      } else {
        credit += 1
        if credit >= size {
          credit = 0
          size += 1
        }
      }
    }
    size = min(size, limit)
  }

  /// A message had to be sent again: the threshold halves, and slow start begins anew.
  mutating func lost() {
    threshold = max(1, size / 2)
    size = 1
    credit = 0
  }
}
