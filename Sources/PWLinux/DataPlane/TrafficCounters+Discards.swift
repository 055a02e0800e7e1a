public import PWCore

extension TrafficCounters {
  /// The packets discarded, by cause, and those passed on, since an earlier reading of the same counters.
  ///
  /// The kernel's driver counts every packet that it discards as a receive error, whatever else it counts it as
  /// (l2tp_core.c); the userspace data plane counts each once. Either way the rest of them are malformed.
  ///
  /// - Parameter earlier: the reading before, of which nothing is larger than here.
  public func discards(since earlier: TrafficCounters) -> DiscardedPackets {
    let cookie = cookieDiscards.subtracting(earlier.cookieDiscards)
    let sequence = sequenceDiscards.subtracting(earlier.sequenceDiscards)
    let errors = receiveErrors.subtracting(earlier.receiveErrors)
    return DiscardedPackets(
      withWrongCookie: cookie, outOfSequence: sequence, malformed: errors.subtracting(cookie + sequence),
      passedOn: receivedPackets.subtracting(earlier.receivedPackets), hasPassedOn: earlier.receivedPackets > 0)
  }
}
