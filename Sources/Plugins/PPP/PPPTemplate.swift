import PWCore

/// The addresses that the peers of many sessions get, one each: `10.0.0.2-10.0.0.101`.
struct AddressPool: Equatable {
  /// The first and the last, as numbers.
  var range: ClosedRange<UInt32>

  /// Reads a range of addresses that hosts may have; nil for anything else, a single address among it.
  init?(_ text: String) {
    let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard ends.count == 2, case .v4(let first)? = PPPOptions.hostAddress(String(ends[0])),
      case .v4(let last)? = PPPOptions.hostAddress(String(ends[1])), first <= last
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

/// What `sessions` makes of one declaration.
enum PPPTemplate {
  static let keys = [
    KeyDescription(
      "sessions", "number, 1 to 1000", absent: "one, without a number",
      "So many pseudowires, named `NAME/1`, `NAME/2` and so on, with end-ids `END-ID/1`, `END-ID/2` and so on: the same number at both "
        + "ends. They are there when they are asked for: the end with `pppoe` calls, and the end where PPP ends waits. An `interface` has "
        + "`%d` where the number goes."),
    KeyDescription(
      "pppoe", "mapping", absent: "PPP ends here",
      "PPP does not end here but at the peer: clients on a link of ours begin it by PPPoE (RFC 2516), each with a pseudowire of its own. "
        + "Only `sessions` stands beside it."),
  ]

  /// The number behind `sessions`.
  static func sessionCount(_ text: String) -> Int? {
    PPPOptions.number(text, in: 1...PseudowireTemplate.maximumSessions)
  }

  /// The pseudowires that options stand for; nil where there are no `sessions`.
  static func template(of options: OptionValue) -> PseudowireTemplate? {
    guard case .scalar(let text)? = options["sessions"], let count = sessionCount(text) else { return nil }
    guard options["pppoe"] == nil else {
      return PseudowireTemplate(calling: .onDemand, options: Array(repeating: options, count: count))
    }
    guard case .scalar(let text)? = options["peer-address"], let pool = AddressPool(text), pool.count >= count else {
      return PseudowireTemplate(calling: .never, options: Array(repeating: options, count: count))
    }
    return PseudowireTemplate(
      calling: .never, options: (0..<count).map { options.replacing("peer-address", with: "\(pool[$0])") })
  }
}

extension OptionValue {
  /// The same mapping with another value behind one of its keys.
  fileprivate func replacing(_ key: String, with text: String) -> OptionValue {
    guard case .mapping(let pairs) = self else { return self }
    return .mapping(pairs.map { $0.key == key ? (key: key, value: .scalar(text)) : $0 })
  }
}
