/// How a value is written in words, and read again.
struct StatusWords<Value>: Sendable {
  let write: @Sendable (Value) -> String
  let read: @Sendable (String) -> Value?

  func value(_ text: String, _ key: StatusKey, in container: KeyedDecodingContainer<StatusKey>) throws -> Value {
    guard let value = read(text) else {
      throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: "'\(text)' is not known")
    }
    return value
  }
}

extension StatusWords where Value: Sendable {
  /// One of few values.
  fileprivate init(of values: [Value], write: @escaping @Sendable (Value) -> String) {
    self.write = write
    read = { text in values.first { write($0) == text } }
  }
}

extension StatusWords<Encapsulation> {
  static let encapsulation = StatusWords(of: Encapsulation.allCases, write: \.siteFileText)
}

extension Encapsulation {
  /// As the site file has it.
  public var siteFileText: String {
    switch self {
    case .udp: "udp"
    case .ip: "ip"
    }
  }
}

extension StatusWords<Authentication.Digest> {
  static let digest = StatusWords(of: [.md5, .sha1], write: \.siteFileText)
}

extension Authentication.Digest {
  /// As the site file has it.
  public var siteFileText: String {
    switch self {
    case .md5: "md5"
    case .sha1: "sha1"
    }
  }
}

extension StatusWords<PseudowireDeclaration.Sublayer> {
  static let sublayer = StatusWords(of: [.none, .standard]) { $0 == .none ? "none" : "default" }
}

extension StatusWords<UInt32> {
  /// A Router ID, dotted.
  static let routerID = StatusWords(
    write: { IPAddress.v4($0).description },
    read: { text in
      guard case .v4(let number) = IPAddress(text) else { return nil }
      return number
    })
}

extension StatusWords<Endpoint> {
  /// `192.0.2.1:1701`, `[2001:db8::1]:1701`, or the address alone over IP.
  static let endpoint = StatusWords(write: \.description, read: Endpoint.init(shown:))
}

extension Endpoint {
  fileprivate init?(shown text: String) {
    if let address = IPAddress(shown: text) {
      self.init(address: address)
      return
    }
    let parts = text.lastIndex(of: ":").map { (text[..<$0], text[$0...].dropFirst()) }
    guard let (host, digits) = parts, let port = UInt16(digits) else { return nil }
    let isBracketed = host.first == "[" && host.last == "]"
    guard let address = IPAddress(shown: String(isBracketed ? host.dropFirst().dropLast() : host)) else { return nil }
    self.init(address: address, port: port)
  }
}

extension StatusWords<RemoteEndID> {
  static let endID = StatusWords(write: \.siteFileText, read: RemoteEndID.init(siteFileText:))
}

extension RemoteEndID {
  /// As the site file has it: a number for 4 octets that are not text, text where it is, in quotation marks where it is
  /// digits, else hex.
  public var siteFileText: String {
    let isText = !octets.isEmpty && octets.allSatisfy { (0x21...0x7E).contains($0) }
    if isText {
      let text = String(decoding: octets, as: UTF8.self)
      return UInt32(text) == nil ? text : "\"\(text)\""
    }
    if octets.count == 4 { return String(octets.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }) }
    return "0x" + octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  fileprivate init?(siteFileText words: String) {
    if let number = UInt32(words) {
      self.init(number: number)
    } else if words.hasPrefix("0x"), let octets = OctetText(digits: words.utf8.dropFirst(2))?.octets {
      self.init(octets: octets)
    } else if words.count > 2, words.first == "\"", words.last == "\"", UInt32(words.dropFirst().dropLast()) != nil {
      self.init(text: String(words.dropFirst().dropLast()))
    } else {
      self.init(text: words)
    }
  }
}
