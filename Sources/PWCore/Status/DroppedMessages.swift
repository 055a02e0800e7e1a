/// Control messages that led to nothing, by why, since the start: what an attack looks like, and what a wrong secret or
/// a forgotten tunnel looks like.
public struct DroppedMessages: Equatable, Codable, Sendable {
  /// Datagrams that cannot be read as control messages, and SCCRQs that cannot be taken as they are.
  public var malformed = 0
  /// Control messages of L2TPv2: SCCRQs without what version 3 wants (RFC 3931 section 4.7.3), and all others.
  public var version2 = 0
  /// Messages whose digest is missing or wrong (RFC 3931 section 4.3).
  public var unauthentic = 0
  /// SCCRQs that no tunnel of the site takes: by address, Host Name, Router ID, or because it serves another peer.
  public var notAllowed = 0
  /// SCCRQs beyond the limit of those that are read in a second.
  public var rateLimited = 0
  /// SCCRQs for which no half-open connection could be made.
  public var noPlace = 0
  /// Half-open connections that gave way to a newer SCCRQ.
  public var displaced = 0
  /// Messages for a control connection that is not ours, or not their sender's.
  public var misaddressed = 0
  /// Messages of sessions that name no session of ours.
  public var misnamed = 0

  /// Counts that are all zero, as at the start of a run.
  public init() {}

  /// Reads counts; a daemon of an earlier version knows fewer kinds.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func count(_ key: CodingKeys) throws -> Int { try container.decodeIfPresent(Int.self, forKey: key) ?? 0 }
    malformed = try count(.malformed)
    version2 = try count(.version2)
    unauthentic = try count(.unauthentic)
    notAllowed = try count(.notAllowed)
    rateLimited = try count(.rateLimited)
    noPlace = try count(.noPlace)
    displaced = try count(.displaced)
    misaddressed = try count(.misaddressed)
    misnamed = try count(.misnamed)
  }

  private enum CodingKeys: String, CodingKey {
    case malformed
    case version2 = "l2tpv2"
    case unauthentic, notAllowed, rateLimited, noPlace, displaced, misaddressed, misnamed
  }
}
