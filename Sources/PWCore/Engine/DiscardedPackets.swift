/// Data packets of a session that the data plane has discarded for what they carry, or lack.
public struct DiscardedPackets: Equatable, Codable, Sendable {
  /// Those without the cookie that we assigned (RFC 3931 section 4.1).
  public var withWrongCookie: UInt64
  /// Those without a sequence number, or with one that is not due (section 4.6).
  public var outOfSequence: UInt64
  /// Those that are too short for what both ends agreed on.
  public var malformed: UInt64
  /// Those that were passed on meanwhile.
  public var passedOn: UInt64
  /// Whether any was passed on before, since the session was made.
  public var hasPassedOn: Bool

  /// So many of each.
  public init(
    withWrongCookie: UInt64 = 0, outOfSequence: UInt64 = 0, malformed: UInt64 = 0, passedOn: UInt64 = 0,
    hasPassedOn: Bool = false
  ) {
    self.withWrongCookie = withWrongCookie
    self.outOfSequence = outOfSequence
    self.malformed = malformed
    self.passedOn = passedOn
    self.hasPassedOn = hasPassedOn
  }

  /// All that were discarded.
  public var discarded: UInt64 { withWrongCookie &+ outOfSequence &+ malformed }

  /// The reason for which most of them were discarded.
  var cause: Cause {
    if withWrongCookie >= max(outOfSequence, malformed) { return .cookie }
    return outOfSequence >= malformed ? .sequence : .length
  }

  /// The reason for which a data packet is discarded.
  enum Cause: Equatable, Codable {
    /// The cookie is not the one that we assigned.
    case cookie
    /// The sequence number is missing, or is not due.
    case sequence
    /// The packet is too short for what both ends agreed on.
    case length
  }
}
