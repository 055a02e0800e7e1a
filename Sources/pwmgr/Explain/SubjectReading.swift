import PWCore

/// Reads the words after `pwmgr explain`: `CDN 24`, `cdn:24`, `Remote End ID`.
///
/// Upper and lower case are the same, and neither spaces nor colons nor other marks count.
extension ExplainedSubject {
  /// The subjects that the words name: of `CDN 2 error 8` the result and the error; none if they name nothing.
  static func named(by words: [String]) -> [ExplainedSubject] {
    let key = key(of: words.joined(separator: " "))
    let found = coded(key).filter { $0.text != nil }
    return found.isEmpty ? byName(key).map { [$0] } ?? [] : found
  }

  /// The names that a misspelt word is compared with.
  static let names: [String] = {
    let types = MessageType.registered
    let definitions = AVPCatalogue.ietf + AVPCatalogue.cisco
    return types.map(\.name) + types.map(MessageExplanations.title) + definitions.map(\.name)
      + EventExplanation.all.map(\.word)
  }()

  /// The complaint about words that name nothing, in one line.
  static func complaint(of words: [String]) -> String {
    let shown = words.joined(separator: " ")
    // The nearest name to a number would be chance.
    let hint = shown.contains(where: \.isNumber) ? "" : Spelling.hint(for: shown, among: names)
    return "nothing is known of '\(shown)'\(hint.isEmpty ? ";" : hint) 'pwmgr explain' lists what is known"
  }

  /// Letters, digits and the slash of `AVP 9/1`; names in parentheses, as `pwmgr status` has them, are left out.
  private static func key(of text: String) -> String {
    var depth = 0
    return text.lowercased().filter { letter in
      depth = max(0, depth + (letter == "(" ? 1 : letter == ")" ? -1 : 0))
      return depth == 0 && letter.isASCII && (letter.isLetter || letter.isNumber || letter == "/")
    }
  }

  // MARK: By number

  private static func coded(_ key: String) -> [ExplainedSubject] {
    let rest = Substring(key)
    if let numbers = rest.numbers(after: ["stopccnresult", "stopccn"], divider: "error") {
      return stopped(numbers)
    }
    if let numbers = rest.numbers(after: ["cdnresult", "cdn"], divider: "error") { return called(numbers) }
    if let numbers = rest.numbers(after: ["resultcode", "result"], divider: "error") {
      return stopped(numbers) + called(numbers)
    }
    if let number = rest.number(after: ["generalerror", "errorcode", "error"]) {
      return [.error(GeneralError(rawValue: number))]
    }
    if let number = rest.number(after: ["messagetype", "message"]) {
      return [.message(MessageType(rawValue: number))]
    }
    if let number = rest.number(after: ["ciscoavp", "avpcisco"]) {
      return [.avp(vendorID: AVPCatalogue.ciscoVendorID, type: number)]
    }
    if let numbers = rest.numbers(after: ["avp", "attribute"], divider: "/") {
      return [.avp(vendorID: numbers.count > 1 ? numbers[0] : 0, type: numbers[numbers.count - 1])]
    }
    let ppp = ["pppdisconnectcausecode", "pppdisconnectcause", "disconnectcode", "pppcause", "pppcode", "ppp"]
    if let number = rest.number(after: ppp) { return [.pppCause(number)] }
    return []
  }

  private static func stopped(_ numbers: [UInt16]) -> [ExplainedSubject] {
    let code = StopCode(rawValue: numbers[0])
    guard numbers.count > 1 else { return [.stop(code)] }
    return complete([
      .stop(code),
      code == .versionNotSupported ? .version(numbers[1]) : .error(GeneralError(rawValue: numbers[1])),
    ])
  }

  private static func called(_ numbers: [UInt16]) -> [ExplainedSubject] {
    let code = CallCode(rawValue: numbers[0])
    guard numbers.count > 1 else { return [.call(code)] }
    return complete([
      .call(code),
      code == .tdmParameters
        ? .tdmError(TDMError(rawValue: numbers[1])) : .error(GeneralError(rawValue: numbers[1])),
    ])
  }

  /// A pair of which either half is unknown is unknown.
  private static func complete(_ subjects: [ExplainedSubject]) -> [ExplainedSubject] {
    subjects.allSatisfy { $0.text != nil } ? subjects : []
  }

  // MARK: By name

  private static func byName(_ key: String) -> ExplainedSubject? {
    let key = aliases[key] ?? key
    if let type = MessageType.registered.first(where: { type in
      [type.name, MessageExplanations.title(of: type)].contains { self.key(of: $0) == key }
    }) {
      return .message(type)
    }
    let bare = key.hasPrefix("avp") ? String(key.dropFirst(3)) : key.hasSuffix("avp") ? String(key.dropLast(3)) : key
    let definition = (AVPCatalogue.ietf + AVPCatalogue.cisco).first { self.key(of: $0.name) == bare }
    return definition.map { .avp(vendorID: $0.vendorID, type: $0.type) }
  }

  /// Other names of the RFCs for what has one of its own here.
  private static let aliases = [
    "zlb": "ack", "sessiontiebreaker": "tiebreaker", "controlconnectiontiebreaker": "tiebreaker",
    "ccds": "controlconnectiondscp", "sds": "sessiondscp", "agi": "attachmentgroupidentifier",
    "localendidentifier": "localendid", "remoteendidentifier": "remoteendid", "callserialnumber": "serialnumber",
    "authenticationnonce": "controlmessageauthenticationnonce", "nonce": "controlmessageauthenticationnonce",
    "response": "challengeresponse", "callerrors": "circuiterrors",
  ]
}

extension Substring {
  /// The number behind one of the words, if there is nothing else.
  fileprivate func number(after words: [String]) -> UInt16? {
    numbers(after: words, divider: "/").flatMap { $0.count == 1 ? $0[0] : nil }
  }

  /// One number behind one of the words, or two with a divider between them; a slash always divides.
  fileprivate func numbers(after words: [String], divider: String) -> [UInt16]? {
    guard let word = words.first(where: hasPrefix) else { return nil }
    let rest = dropFirst(word.count)
    let parts = String(rest).split(separator: rest.contains("/") ? "/" : divider, omittingEmptySubsequences: false)
    let numbers = parts.compactMap { UInt16($0) }
    return numbers.count == parts.count && parts.count <= 2 ? numbers : nil
  }
}
