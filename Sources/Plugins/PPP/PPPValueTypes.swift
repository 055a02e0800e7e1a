import PWCore

extension KeyType {
  /// A value that is right or wrong, with one cure for all that is wrong.
  ///
  /// - Parameters:
  ///   - cure: what to write instead.
  ///   - candidates: words that a misspelt one may be meant for.
  static func checked(
    _ words: String, _ cure: String, near candidates: [String] = [], fileUse: FileUse? = nil,
    written: @escaping @Sendable (Value) -> String = { "`\($0)`" }, _ value: @escaping @Sendable (String) -> Value?
  ) -> KeyType {
    KeyType(words, fileUse: fileUse, written: written) { (scalar) throws(ValueFault) in
      if let value = value(scalar.text) { return value }
      throw ValueFault(
        "'\(scalar.text)' is not a valid value; \(cure)" + Spelling.hint(for: scalar.text, among: candidates))
    }
  }
}

extension KeyType where Value == Bool {
  /// A switch: `true` or `false`.
  static var onOrOff: KeyType { checked("`true` or `false`", "write 'true' or 'false'") { Switch.value(of: $0) } }
}

extension KeyType where Value == Int {
  /// A number within a range.
  static func count(_ range: ClosedRange<Int>) -> KeyType {
    let (least, most) = (range.lowerBound, range.upperBound)
    return checked("number, \(least) to \(most)", "write a number from \(least) to \(most)") {
      PPPValue.number($0, in: range)
    }
  }

  /// Whole seconds within a range, or none.
  static func seconds(_ range: ClosedRange<Int>) -> KeyType {
    let (shortest, longest) = (
      DurationText.text(.seconds(range.lowerBound)), DurationText.text(.seconds(range.upperBound))
    )
    return checked(
      "duration, \(shortest) to \(longest) in whole seconds, or 0s",
      "write '0s', or whole seconds, minutes or an hour from \(shortest) to \(longest), like 10s",
      written: { "`\(DurationText.text(.seconds($0)))`" }
    ) { text in
      guard let (seconds, rest) = try? DurationText.duration(text).components, rest == 0 else { return nil }
      return seconds == 0 || range.contains(Int(seconds)) ? Int(seconds) : nil
    }
  }
}

extension KeyType where Value == PPPOptions.MTU {
  /// `fit`, or a number within a range.
  static func fitOrOctets(_ range: ClosedRange<Int>) -> KeyType {
    let (least, most) = (range.lowerBound, range.upperBound)
    return checked(
      "`fit` or a number, \(least) to \(most)", "write 'fit', or a number from \(least) to \(most)",
      written: { mtu in
        switch mtu {
        case .fit: "`fit`"
        case .octets(let octets): "\(octets)"
        }
      }
    ) { text in text == "fit" ? .fit : PPPValue.number(text, in: range).map(PPPOptions.MTU.octets) }
  }
}

extension KeyType where Value == IPAddress {
  /// An IPv4 address that a host may have.
  static var host: KeyType {
    checked("IPv4 address", "write the IPv4 address of a host, like 10.9.0.1") { PPPValue.hostAddress($0) }
  }
}

extension KeyType where Value == PPPOptions.PeerAddresses {
  /// One address, or one for each of many sessions.
  static var hosts: KeyType {
    checked(
      "IPv4 address, or a range of them",
      "write the IPv4 address of a host, like 10.9.0.1, or with 'sessions' 10.9.0.2-10.9.0.101"
    ) { text in PPPValue.hostAddress(text).map { .one($0) } ?? AddressPool(text).map { .pool($0) } }
  }
}

extension KeyType where Value == LinkRequest.PPPTermination.Demand.Method? {
  /// How the peer shows who it is; or it need not.
  static var method: KeyType {
    let words = ["none"] + LinkRequest.PPPTermination.Demand.Method.allCases.map(\.rawValue)
    let shown = words.map { "`\($0)`" }
    let written = words.map { "'\($0)'" }
    return KeyType(Words.alternatives(shown), written: { "`\($0?.rawValue ?? words[0])`" }) {
      (scalar) throws(ValueFault) in
      if scalar.text == words[0] { return nil }
      if let method = LinkRequest.PPPTermination.Demand.Method(rawValue: scalar.text) { return method }
      throw ValueFault(
        "'\(scalar.text)' is not a valid value; write \(Words.alternatives(written))"
          + Spelling.hint(for: scalar.text, among: words))
    }
  }
}

extension KeyType where Value == String {
  /// The name of an end in authentication.
  static func endName(_ octets: ClosedRange<Int>) -> KeyType {
    checked(
      "text, up to \(octets.upperBound) characters",
      "write \(octets.lowerBound) to \(octets.upperBound) ASCII characters without spaces, and not '*'"
    ) { PPPValue.isName($0, octets) ? $0 : nil }
  }

  /// The file with the secret of an end.
  static var linkSecretFile: KeyType {
    checked(
      "full path of a file", "write the full path of a file, like /etc/pwmgr/secrets/berlin-ppp", fileUse: .secret
    ) { FilePath.isFull($0) ? $0 : nil }
  }

  /// The full path of a program that is run for a link.
  static var program: KeyType {
    checked(
      "full path of a program", "write the full path of a program, like /etc/pwmgr/berlin-routes", fileUse: .program
    ) {
      FilePath.isFull($0) ? $0 : nil
    }
  }
}

/// Checks of texts that are to be values of the PPP options.
enum PPPValue {
  /// An IPv4 address that a host may have.
  static func hostAddress(_ text: String) -> IPAddress? {
    guard case .v4(let number)? = IPAddress(text), number >> 24 != 0, number >> 24 != 127, number >> 28 < 0xE else {
      return nil
    }
    return .v4(number)
  }

  /// Characters that print and are ASCII: what every implementation compares alike.
  static func isName(_ text: String, _ octets: ClosedRange<Int>) -> Bool {
    octets.contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) } && text != "*"
  }

  static func number(_ text: String, in range: ClosedRange<Int>) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text),
      range.contains(number)
    else { return nil }
    return number
  }
}
