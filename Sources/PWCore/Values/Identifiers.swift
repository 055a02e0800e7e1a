/// A Control Connection ID: chosen by the side that receives with it, never 0 once assigned (RFC 3931 section 4.1, 5.4.3).
public struct ControlConnectionID: RawRepresentable, Hashable, Codable, Sendable {
  /// The 4 octets on the wire as a number.
  public var rawValue: UInt32

  /// Wraps the number from the wire.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// The value of SCCRQ's header, and of StopCCN to a peer whose identifier is not known.
  public static let unknown = ControlConnectionID(rawValue: 0)
}

/// A Session ID: chosen by the side that receives data with it; 0 marks control messages over IP (RFC 3931 section 4.1).
public struct SessionID: RawRepresentable, Hashable, Codable, Sendable {
  /// The 4 octets on the wire as a number.
  public var rawValue: UInt32

  /// Wraps the number from the wire.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// "Not known yet": the Remote Session ID of an ICRQ, and of SLI or CDN before the peer's identifier is known.
  public static let unknown = SessionID(rawValue: 0)
}

/// A pseudowire type as the IANA registry numbers it; unknown numbers survive.
public struct PseudowireType: RawRepresentable, Hashable, Codable, Sendable {
  /// The 16-bit number of AVPs 62 and 68.
  public var rawValue: UInt16

  /// Wraps any number, registered or not.
  public init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  /// Ethernet VLAN (RFC 4719).
  public static let ethernetVLAN = PseudowireType(rawValue: 0x0004)
  /// Ethernet port (RFC 4719).
  public static let ethernet = PseudowireType(rawValue: 0x0005)
  /// PPP: used by Linux, not in the registry.
  public static let ppp = PseudowireType(rawValue: 0x0007)
}

/// The value of a Remote End ID AVP (RFC 3931 section 5.4.4): opaque octets, equal at both ends of a pseudowire.
///
/// RFC 4719 section 2.2 obliges everybody to support the 4-octet form; text is the other form that people write.
public struct RemoteEndID: Hashable, Sendable {
  /// The octets on the wire.
  public var octets: [UInt8]

  /// A Remote End ID of these octets, in whichever form they are.
  public init(octets: [UInt8]) {
    self.octets = octets
  }

  /// The 4-octet form of a number, most significant octet first.
  public init(number: UInt32) {
    octets = [
      UInt8(truncatingIfNeeded: number >> 24), UInt8(truncatingIfNeeded: number >> 16),
      UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number),
    ]
  }

  /// The text form: its UTF-8 octets, without a terminator.
  public init(text: String) {
    octets = Array(text.utf8)
  }

  /// The same end-id as a peer may spell it that writes numbers where we have text, or text where we have numbers: of
  /// the decimal text of a number that number, and of four octets their number's decimal text. Four digits are both,
  /// and mean the text first.
  var otherForms: [RemoteEndID] {
    var forms: [RemoteEndID] = []
    if let number = UInt32(decimalDigits: octets) { forms.append(RemoteEndID(number: number)) }
    if octets.count == 4 {
      forms.append(RemoteEndID(text: String(octets.reduce(UInt32(0)) { $0 << 8 | UInt32($1) })))
    }
    return forms
  }
}

extension UInt32 {
  /// The number that decimal digits say, as people write it: without sign, space or leading zero.
  fileprivate init?(decimalDigits octets: [UInt8]) {
    guard let first = octets.first, octets.count == 1 || first != UInt8(ascii: "0"),
      octets.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    self.init(String(decoding: octets, as: UTF8.self))
  }
}
