import PWCore

/// The keys of `connection-ids`: the identifiers of a tunnel without signalling.
struct ConnectionIDKeys: KeySet {
  static let title = "connection-ids"
  static let declared = ConnectionIDKeys()
  static let schema = SchemaSection(of: declared)

  let local = Key<UInt32?>(
    "local", .number(1...UInt32.max), change: .tunnel,
    "Ours: `tunnel_id` of `ip l2tp`. The kernel names the tunnel by it; no packet carries it.")
  let peer = Key<UInt32?>(
    "peer", .number(1...UInt32.max), change: .tunnel, "The peer's: `peer_tunnel_id`.")
}

/// The keys of `session-ids`: the identifiers of a session that both ends declare.
struct SessionIDKeys: KeySet {
  static let title = "session-ids"
  static let declared = SessionIDKeys()
  static let schema = SchemaSection(of: declared)

  let local = Key<UInt32?>(
    "local", .number(1...UInt32.max), change: .session,
    "The Session ID in the packets that arrive: `session_id` of `ip l2tp`. Unique in the site.")
  let peer = Key<UInt32?>(
    "peer", .number(1...UInt32.max), change: .session,
    "The Session ID in the packets that we send: `peer_session_id`.")
}

/// The keys of `cookies`: those of a session that both ends declare.
struct CookieKeys: KeySet {
  static let title = "cookies"
  static let declared = CookieKeys()
  static let schema = SchemaSection(of: declared)

  let local = Key<Cookie?>(
    "local", .cookieValue, absent: "no cookie", change: .session,
    "The cookie that packets must have that arrive: `peer_cookie` of `ip l2tp`, and the peer's own `cookies.peer`.")
  let peer = Key<Cookie?>(
    "peer", .cookieValue, absent: "no cookie", change: .session,
    "The cookie in the packets that we send: `cookie` of `ip l2tp`.")
}
