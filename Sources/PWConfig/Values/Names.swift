import PWCore

/// Names of things: our own, the kernel's, the network's.
enum Names {
  static let maximumNameOctets = 63
  static let maximumHostNameOctets = 253
  static let maximumLabelOctets = 63
  /// A Host Name AVP holds more (RFC 3931 section 5.4.3); nobody's does.
  static let maximumAVPTextOctets = 255
  /// A description that is longer belongs into another system.
  static let maximumLineCharacters = 200

  /// The name of a site, tunnel, pseudowire or split-horizon group.
  static func name(_ scalar: Scalar) throws(ValueFault) -> String {
    let text = scalar.text
    guard let first = text.utf8.first else { throw ValueFault("a name must not be empty; write letters and digits") }
    guard text.utf8.count <= maximumNameOctets else {
      throw ValueFault("'\(text)' has \(text.utf8.count) characters; a name may have \(maximumNameOctets)")
    }
    guard isAlphanumeric(first), text.utf8.allSatisfy({ isAlphanumeric($0) || "-_.".utf8.contains($0) }) else {
      throw ValueFault("'\(text)' is not a name; begin with a letter or digit, and use only those, '-', '_' and '.'")
    }
    return text
  }

  /// The name of a plugin in another process.
  static func plugin(_ scalar: Scalar) throws(ValueFault) -> String {
    guard PluginDeclaration.isName(scalar.text) else {
      throw ValueFault(
        "'\(scalar.text)' is not the name of a plugin; begin with a lower-case letter, and use only those, digits "
          + "and '-'")
    }
    return scalar.text
  }

  /// The name of an interface (``InterfaceName``).
  static func interface(_ scalar: Scalar) throws(ValueFault) -> String {
    if let fault = InterfaceName.fault(of: scalar.text) { throw ValueFault(fault) }
    return scalar.text
  }

  /// A name that the resolver can be asked for (RFC 1123 section 2.1).
  static func host(_ text: String) throws(ValueFault) -> String {
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    let relevant = labels.last == "" ? labels.dropLast() : labels[...]
    guard text.utf8.count <= maximumHostNameOctets, !relevant.isEmpty, relevant.allSatisfy(isLabel) else {
      throw ValueFault(
        "'\(text)' is neither an address nor a host name; write one like 192.0.2.2, 2001:db8::2 or gw.example.net")
    }
    return text
  }

  /// A line for people: any that prints.
  static func line(_ scalar: Scalar) throws(ValueFault) -> String {
    guard !scalar.text.isEmpty, scalar.text.count <= maximumLineCharacters,
      scalar.text.unicodeScalars.allSatisfy(\.isPrintableInALine)
    else { throw ValueFault("it does not fit; write 1 to \(maximumLineCharacters) characters of text in one line") }
    return scalar.text
  }

  /// The text of a Host Name AVP: any that prints.
  static func avpText(_ scalar: Scalar) throws(ValueFault) -> String {
    guard !scalar.text.isEmpty, scalar.text.utf8.count <= maximumAVPTextOctets,
      scalar.text.unicodeScalars.allSatisfy(\.isPrintableInALine)
    else {
      throw ValueFault(
        "'\(scalar.text)' is not a host name for the peer; write 1 to \(maximumAVPTextOctets) octets of text in one line"
      )
    }
    return scalar.text
  }

  /// A group of /etc/group.
  static func group(_ scalar: Scalar) throws(ValueFault) -> String {
    let text = scalar.text
    guard let first = text.utf8.first, isAlphanumeric(first) || first == UInt8(ascii: "_"), text.utf8.count <= 32,
      text.utf8.allSatisfy({ isAlphanumeric($0) || "-_.".utf8.contains($0) })
    else { throw ValueFault("'\(text)' is not the name of a group; write one that 'getent group' lists") }
    return text
  }

  /// A file by its full path (``FilePath``).
  static func path(_ scalar: Scalar) throws(ValueFault) -> String {
    guard FilePath.isFull(scalar.text) else {
      throw ValueFault(
        "'\(scalar.text)' is not the full path of a file; begin with '/', like /etc/pwmgr/secrets/berlin")
    }
    return scalar.text
  }

  private static func isLabel(_ label: Substring) -> Bool {
    guard let first = label.utf8.first, let last = label.utf8.last, label.utf8.count <= maximumLabelOctets else {
      return false
    }
    return (isAlphanumeric(first) || first == UInt8(ascii: "_")) && isAlphanumeric(last)
      && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
  }

  /// Whether an octet is a letter of the Latin alphabet, or a digit.
  static func isAlphanumeric(_ octet: UInt8) -> Bool {
    switch octet {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      true
    default: false
    }
  }
}

extension KeyType where Value == String {
  /// The name of a site, tunnel, pseudowire or split-horizon group.
  static var name: KeyType { KeyType("name", read: Names.name) }

  /// The name of a plugin (``PWCore/PluginDeclaration/isName(_:)``).
  static var pluginName: KeyType { KeyType("name", read: Names.plugin) }

  /// A line for people.
  static var line: KeyType { KeyType("text", read: Names.line) }

  /// The text of a Host Name AVP.
  static var hostName: KeyType { KeyType("text", read: Names.avpText) }

  /// A group of /etc/group.
  static var group: KeyType { KeyType("name of a group", read: Names.group) }

  /// A file by its full path.
  static var path: KeyType { KeyType("full path of a file", read: Names.path) }
}
