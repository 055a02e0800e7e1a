import PWCore

/// The keys of `retransmit`: the reliable delivery of control messages (RFC 3931 section 4.2).
struct RetransmitKeys: KeySet {
  static let title = "retransmit"
  static let declared = RetransmitKeys()
  static let schema = SchemaSection(of: declared)

  private static let usual = Reliability()

  let initial = Key<Duration>(
    "initial", .duration(.milliseconds(10) ... .seconds(60)), default: Self.usual.initialTimeout, change: .inPlace,
    "The wait before the first repetition; each further one doubles.")
  let maximum = Key<Duration>(
    "maximum", .duration(.milliseconds(10) ... .seconds(600)), default: Self.usual.maximumTimeout, change: .inPlace,
    "The longest wait between two repetitions; RFC 3931 section 4.2 asks for at least 8 seconds.")
  let count = Key<Int>(
    "count", .number(1...100), default: Self.usual.maximumRetransmissions, change: .inPlace,
    "Repetitions before the peer is considered lost.")
  let requestCount = Key<Int>(
    "request-count", .number(1...100), default: Self.usual.maximumRequestRetransmissions, change: .inPlace,
    "Repetitions of the first message of an attempt.")
}
