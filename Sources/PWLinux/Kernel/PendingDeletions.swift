import PWCore

/// Sessions that the kernel was asked to delete and has not deleted yet, by identifier: over IP one identifier is one
/// session, whatever the tunnel.
///
/// A session that both ends have declared comes again under its identifier, which is free only once the old one is
/// gone.
struct PendingDeletions {
  private var counts: [SessionID: Int] = [:]

  /// Whether a session of that identifier is still to be deleted.
  func contains(_ session: SessionID) -> Bool { counts[session] != nil }

  /// The kernel will be asked to delete these.
  mutating func begin(_ sessions: Set<SessionID>) {
    for session in sessions { counts[session, default: 0] += 1 }
  }

  /// The kernel has answered for these.
  mutating func end(_ sessions: Set<SessionID>) {
    for session in sessions { counts[session] = counts[session].flatMap { $0 > 1 ? $0 - 1 : nil } }
  }
}
