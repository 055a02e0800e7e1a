import PWCore

/// Ports that are disabled in their bridge though both are up. Between the moment at which a link is up and the one at
/// which its bridge takes notice every port is, so that counts only once it has lasted.
struct DisabledPorts {
  /// How long it has to last.
  static let delay = Duration.seconds(1)

  /// When each was seen first, of those that have not lasted yet.
  private var waiting: [Int32: Instant] = [:]
  private var lasting: Set<Int32> = []

  /// When to look again; nil where nothing is waited for.
  var next: Instant? { waiting.values.min().map { $0 + DisabledPorts.delay } }

  /// Whether a port has been disabled for long enough.
  func contains(_ port: Int32) -> Bool { lasting.contains(port) }

  /// Takes in whether a port is disabled now.
  mutating func note(_ port: Int32, isDisabled: Bool, at now: Instant) {
    if !isDisabled {
      forget(port)
    } else if waiting[port] == nil, !lasting.contains(port) {
      waiting[port] = now
    }
  }

  /// Forgets a port: it is another link's from now on, or nobody's.
  mutating func forget(_ port: Int32) {
    waiting[port] = nil
    lasting.remove(port)
  }

  /// The ports that have been disabled for long enough by now, and had not before.
  mutating func takeRipe(at now: Instant) -> Set<Int32> {
    let ripe = Set(waiting.filter { $0.value + DisabledPorts.delay <= now }.keys)
    for port in ripe { waiting[port] = nil }
    lasting.formUnion(ripe)
    return ripe
  }
}
