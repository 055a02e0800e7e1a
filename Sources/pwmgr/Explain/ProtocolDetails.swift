import PWCore

/// Facts about messages and AVPs that the protocol's own tables give, in words.
extension MessageSpec {
  /// Its AVPs.
  var details: [String] {
    var details = [isSessionMessage ? "Belongs to a session." : "Belongs to the control connection."]
    if !required.numbers.isEmpty { details.append("Not accepted without: \(Self.names(required)).") }
    if !optional.numbers.isEmpty { details.append("May carry: \(Self.names(optional)).") }
    return details
  }

  private static func names(_ set: AVPSet) -> String {
    set.numbers.map { number in
      "\(AVPCatalogue.definition(vendorID: 0, type: number)?.name ?? "AVP") (\(number))"
    }.joined(separator: ", ")
  }
}

extension AVPDefinition {
  /// Its messages, its value, its bits, and our use for it.
  var details: [String] {
    var details: [String] = []
    if let messages { details.append("Carried by: \(messages).") }
    details.append("Value: \(value.words).")
    if vendorID == 0 {
      details.append(
        "M bit (mandatory): normally \(isMandatory ? 1 : 0). \(isHideable ? "May" : "Must not") be hidden.")
    }
    details.append("pwmgr \(standingWords).")
    return details
  }

  /// The messages of RFC 3931 that may carry it; nil where the table does not say.
  private var messages: String? {
    guard vendorID == 0 else { return nil }
    if [.messageType, .randomVector, .messageDigest].contains(AVPType(rawValue: type)) { return "every message" }
    let specs = MessageSpec.all.filter { $0.required.contains(type) || $0.optional.contains(type) }
    guard !specs.isEmpty else { return nil }
    return specs.map { $0.name + ($0.required.contains(type) ? " (required)" : "") }.joined(separator: ", ")
  }

  private var standingWords: String {
    guard vendorID == 0 else {
      guard let successor else { return "makes no use of it" }
      return """
        reads it in place of AVP \(successor.rawValue) if that is missing, and `compatibility` is `cisco`, or `auto` \
        has chosen that
        """
    }
    return switch standing {
    case .understood: "understands it, whatever its M bit"
    case .superseded: "accepts it, whatever its M bit, and makes no use of it"
    case .named: "knows its name alone: with the M bit it refuses the message (error 8), without it passes it over"
    }
  }
}

extension AVPValueType {
  /// Its form, in words.
  fileprivate var words: String {
    switch self {
    case .presence: "none; its presence says everything"
    case .number16: "a number, 2 octets"
    case .nonZero16: "a number other than 0, 2 octets"
    case .bits16: "16 bits, 2 octets"
    case .number32: "a number, 4 octets"
    case .nonZero32: "a number other than 0, 4 octets"
    case .identifier32: "an identifier, 4 octets"
    case .number64: "a number, 8 octets"
    case .text(let minimum): minimum == 0 ? "text" : "text, not empty"
    case .octets(let minimum, let maximum):
      minimum == maximum ? "\(minimum) octets" : minimum == 0 ? "any octets" : "octets, at least \(minimum)"
    case .list16: "numbers of 2 octets, at least one"
    case .list32: "numbers of 4 octets, at least one"
    case .result: "a result code; then, if the sender likes, an error code, and then text"
    case .cookie: "0, 4 or 8 octets"
    case .circuitErrors: "counters of 4 octets each: 26 octets, or 18 from senders without the first two counters"
    case .digest: "the type of the digest, 1 octet, and the digest: 16 octets for MD5 (type 0), 20 for SHA-1 (type 1)"
    case .extendedVendor: "a vendor of 4 octets, an attribute of 2, and its value"
    }
  }
}
