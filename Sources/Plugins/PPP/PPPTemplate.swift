import PWCore

/// The addresses that the peers of many sessions get, one each: `10.0.0.2-10.0.0.101`.
struct AddressPool: Equatable, Sendable {
  /// The first and the last, as numbers.
  var range: ClosedRange<UInt32>

  /// Reads a range of addresses that hosts may have; nil for anything else, a single address among it.
  init?(_ text: String) {
    let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard ends.count == 2, case .v4(let first)? = PPPValue.hostAddress(String(ends[0])),
      case .v4(let last)? = PPPValue.hostAddress(String(ends[1])), first <= last
    else { return nil }
    range = first...last
  }

  /// How many there are.
  var count: Int { Int(range.upperBound - range.lowerBound) + 1 }

  /// The address of a session, counted from 0.
  subscript(index: Int) -> IPAddress { .v4(range.lowerBound + UInt32(index)) }

  /// Whether an address is one of them.
  func contains(_ address: IPAddress) -> Bool {
    guard case .v4(let number) = address else { return false }
    return range.contains(number)
  }
}

extension PPPOptions {
  /// The pseudowires that they stand for; nil where there are no `sessions`.
  var template: PseudowireTemplate? {
    switch self {
    case .carriage(let carriage):
      carriage.sessions.map { PseudowireTemplate(calling: .onDemand, count: $0) }
    case .termination(let termination):
      termination.sessions.map { count in
        PseudowireTemplate(
          calling: .never, count: count, ownValues: termination.peerAddresses?.ownValues(count) ?? [:])
      }
    }
  }
}

extension PPPOptions.PeerAddresses {
  /// The `peer-address` of each of many sessions, if there is one for each.
  fileprivate func ownValues(_ count: Int) -> [String: [String]]? {
    guard case .pool(let pool) = self, pool.count >= count else { return nil }
    return [PPPKeys.declared.peerAddress.name: (0..<count).map { "\(pool[$0])" }]
  }
}
