import PWCore

/// The keys of `reconnect`: the back-off between attempts to reach the peer.
struct ReconnectKeys: KeySet {
  static let title = "reconnect"
  static let declared = ReconnectKeys()
  static let schema = SchemaSection(of: declared)

  private static let usual = Reconnection()

  let initial = Key<Duration>(
    "initial", .duration(.milliseconds(10) ... .seconds(3_600)), default: Self.usual.initialDelay, change: .inPlace,
    "The first wait; each further one doubles.")
  let maximum = Key<Duration>(
    "maximum", .duration(.milliseconds(10) ... .seconds(86_400)), default: Self.usual.maximumDelay, change: .inPlace,
    "The longest wait.")
}
