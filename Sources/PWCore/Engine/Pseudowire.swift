typealias PseudowireReference = SlotTable<Pseudowire>.Reference

/// One declared pseudowire, and what outlives its sessions.
struct Pseudowire: Codable {
  /// As declared: every question to its plugin holds it, too.
  var sharedDeclaration: Shared<PseudowireDeclaration>
  /// The tunnel that it is declared in.
  var tunnel: TunnelReference
  /// Its session, from the call on.
  var session: SessionReference?
  /// The session state machine (RFC 3931 sections 7.3 and 7.4).
  var machine = CallMachine()
  /// As declared, where it is looked at often.
  var calling = PseudowireDeclaration.Calling.always
  /// Whether the attachment circuit wants the session, where it must.
  var isDemanded = false
  /// Failures, and sessions that fell soon, since one that stood: the exponent of the back-off.
  var failures: UInt8 = 0
  /// Whether a call of ours has won a tie, and no session has come of it.
  var hasWonTie = false
  /// The sublayer between header and frame in this session's data packets, or the one that the next call asks for: as
  /// declared, or as the peer wants it.
  var sublayer = PseudowireDeclaration.Sublayer.none
  /// Whether we assign no cookie, whatever is declared, because the peer ignores it.
  var assignsNoCookie = false
  /// Whether the peer is called by the other form of its end-id (`RemoteEndID.otherForms`).
  var usesOtherEndID = false
  /// Whether the peer has said of one form of its end-id that it knows no such end, and no session has followed.
  var isOneEndIDRefused = false
  /// How the peer spells our end where that is not as declared, as far as its call for this session, or what it was
  /// called by, says.
  var calledBy: RemoteEndID?
  /// The attachment circuit's place in the engine's table; none is always active.
  var circuit: CircuitTable.Index?
  /// Since when the session has been in its state.
  var since: Instant
  /// Whether frames pass, as last worked out.
  var isForwarding = false
  /// Since when `isForwarding` has had its value.
  var forwardingSince: Instant
  /// How often the session has been established.
  var establishedCount: UInt32 = 0
  /// The last error, and when it was; nil where there has been none.
  var lastError: Since<String>?
  /// The lines of the log about it, warnings left aside.
  var lines = LineLimit()
  /// The warnings about it.
  var warnings = LineLimit()
  /// When the session is tried again; nil when nothing is waited for.
  var retryAt: Instant?

  /// The declaration in `sharedDeclaration`, lent to a reader and not copied.
  var declaration: PseudowireDeclaration {
    @inline(__always) _read { yield sharedDeclaration.value }
    set { sharedDeclaration = Shared(newValue) }
  }
}

extension Pseudowire {
  /// The placeholder in free slots of the table.
  static func vacant(at now: Instant) -> Pseudowire {
    Pseudowire(
      declaration: PseudowireDeclaration(
        name: "", type: .ethernet, remoteEndID: RemoteEndID(octets: []), interfaceName: ""),
      tunnel: TunnelReference(rawValue: 0), at: now)
  }

  /// A pseudowire without a session.
  init(declaration: PseudowireDeclaration, tunnel: TunnelReference, at now: Instant) {
    sharedDeclaration = Shared(declaration)
    self.tunnel = tunnel
    calling = declaration.calling
    sublayer = declaration.sublayer
    since = now
    forwardingSince = now
  }
}
