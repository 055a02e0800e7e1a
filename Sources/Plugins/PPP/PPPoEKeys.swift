import PWCore

/// The keys below `pppoe`, in the order of the reference page.
struct PPPoEKeys: Sendable {
  static let declared = PPPoEKeys()

  /// Names of PPPoE are printed as they are, and fit into one packet beside the others.
  static let nameOctets = 1...64
  static let maximumServiceNames = 8

  let interface = Key<String?>(
    "interface", .interfaceName, change: .session,
    "The link that the clients are on: an Ethernet card, a VLAN device, a bridge. It may appear later.")
  let concentratorName = Key<String>(
    "ac-name", .concentratorName, default: "pwmgr", change: .session,
    "The AC-Name that is sent to clients, by which they can choose us.")
  let serviceNames = NodeKey(
    "service-names", "list of text, up to \(Self.maximumServiceNames)", absent: "any", change: .session,
    "The Service-Names that clients may ask for. A client that asks for none in particular is offered these, and "
      + "served. Two declarations on one link must have different ones.")
  let sessionsPerClient = Key<Int>(
    "sessions-per-mac", .sessions(1...PseudowireTemplate.maximumSessions), default: 1, change: .session,
    "Sessions that one client's MAC address may have at once.")
}

extension PPPoEKeys {
  /// Why a text is not a name of PPPoE; nil if it is one. It prints, and every terminal shows it alike.
  static func fault(ofName name: String, _ key: String) -> ValueFault? {
    let isName = nameOctets.contains(name.utf8.count) && name.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    guard !isName else { return nil }
    return ValueFault(
      "'\(name)' cannot be one of '\(key)'; write \(nameOctets.lowerBound) to \(nameOctets.upperBound) "
        + "ASCII characters that print")
  }
}

extension KeyType where Value == String {
  /// The name of the concentrator.
  fileprivate static var concentratorName: KeyType {
    KeyType("text, up to \(PPPoEKeys.nameOctets.upperBound) characters") { (scalar) throws(ValueFault) in
      if let fault = PPPoEKeys.fault(ofName: scalar.text, "ac-name") { throw fault }
      return scalar.text
    }
  }
}

extension KeyType where Value == Int {
  /// A number of sessions within a range.
  fileprivate static func sessions(_ range: ClosedRange<Int>) -> KeyType {
    let (least, most) = (range.lowerBound, range.upperBound)
    return KeyType("number, \(least) to \(most)") { (scalar) throws(ValueFault) in
      guard let count = PPPValue.number(scalar.text, in: range) else {
        throw ValueFault("'\(scalar.text)' is not a number of sessions; write one from \(least) to \(most)")
      }
      return count
    }
  }
}
