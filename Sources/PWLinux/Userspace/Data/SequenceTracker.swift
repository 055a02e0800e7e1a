/// The receiver's side of data sequencing (RFC 3931 section 4.6 and appendix C).
///
/// A newer packet is taken at once, whatever was lost before it; an older one is dropped. When several old packets in a row are in
/// sequence among themselves, the sender has started again, and the receiver follows it.
struct SequenceTracker: Equatable {
  /// How many old packets in sequence make the receiver follow them: what the kernel's driver does (l2tp_core.c).
  private static let oldPacketsBeforeReset = 4
  /// Half of the number space: the default window of appendix C.
  private static let window: UInt32 = 0x80_0000

  /// The largest gap that is counted as loss: after a larger one the sender numbers anew, or there was no path at all for a while.
  private static let largestGap: UInt32 = 0x1_0000

  /// Numbers that were passed over because a later one came.
  private(set) var missing: UInt64 = 0

  private var expected: UInt32?
  private var nextOld: UInt32 = 0
  private var oldInSequence = 0

  /// Decides on a packet by its number.
  ///
  /// - Returns: whether it is passed on.
  @inline(__always)
  mutating func accept(_ number: UInt32) -> Bool {
    let next = (number &+ 1) & DataHeader.sequenceMask
    guard let expected else {
      self.expected = next
      return true
    }
    let distance = (number &- expected) & DataHeader.sequenceMask
    guard distance >= SequenceTracker.window else {
      if distance <= SequenceTracker.largestGap { missing &+= UInt64(distance) }
      self.expected = next
      oldInSequence = 0
      return true
    }
    oldInSequence = number == nextOld ? oldInSequence + 1 : 1
    nextOld = next
    guard oldInSequence > SequenceTracker.oldPacketsBeforeReset else { return false }
    self.expected = next
    oldInSequence = 0
    return true
  }
}
