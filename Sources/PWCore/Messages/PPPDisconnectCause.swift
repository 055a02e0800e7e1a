/// The value of the PPP Disconnect Cause Code AVP (RFC 3145 section 2): why the PPP link of a session ended.
public struct PPPDisconnectCause: Equatable, Sendable {
  /// Disconnect Code.
  public var code: UInt16
  /// Control Protocol Number: the PPP protocol that it is about; 0 is none.
  public var protocolNumber: UInt16
  /// Direction: whose error it was; of some codes, who did what.
  public var direction: UInt8
  /// The sender's own words about it; may be empty.
  public var text: String

  /// Reads an AVP's value, which the caller has found long enough.
  init(_ raw: [UInt8]) {
    code = raw.span.number16(at: 0)
    protocolNumber = raw.span.number16(at: 2)
    direction = raw[4]
    text = String(decoding: raw[5...], as: UTF8.self)
  }

  /// Code, protocol and direction, in words; the text is the peer's, and not in it.
  var words: String {
    let meaning = Self.codes[code].map { " (\($0))" } ?? ""
    let about =
      protocolNumber == 0
      ? [] : ["protocol 0x\(hex(protocolNumber))" + (Self.protocols[protocolNumber].map { " (\($0))" } ?? "")]
    let whose = Self.particulars[code]?[direction] ?? Self.directions[direction] ?? "direction \(direction)"
    return (["code \(code)\(meaning)"] + about + [whose]).joined(separator: ", ")
  }

  // Of either end of L2TP: "local" is the sender of the AVP, and "peer" is the other end of its PPP link.
  private static let directions: [UInt8: String] = [
    0: "a global error", 1: "at the sender's PPP peer", 2: "at the sender",
  ]

  /// The meaning of a direction beside codes that give it one of their own (the registry of RFC 3145's codes).
  private static let particulars: [UInt16: [UInt8: String]] = [
    3: [1: "sent by the sender's PPP peer", 2: "sent by the sender"],
    4: demands, 12: demands,
    15: [
      1: "the PPP peer rejected all that the sender asked for",
      2: "the sender rejected all that the PPP peer asked for",
    ],
    16: [1: "the PPP peer did not prove its identity", 2: "the sender did not prove its identity"],
    19: [1: "too many Configure-Naks from the PPP peer", 2: "too many Configure-Naks from the sender"],
    20: [
      1: "the PPP peer does not accept the sender's address", 2: "the sender does not accept the PPP peer's address",
    ],
  ]

  private static let demands: [UInt8: String] = [
    1: "demanded by the sender, refused by its PPP peer", 2: "demanded by the PPP peer, refused by the sender",
  ]

  private static let protocols: [UInt16: String] = [
    0xC021: "LCP", 0xC023: "PAP", 0xC223: "CHAP", 0xC227: "EAP", 0x8021: "IPCP", 0x8057: "IPV6CP", 0x80FD: "CCP",
    0x8053: "ECP", 0x8029: "ATCP", 0x802B: "IPXCP",
  ]

  /// RFC 3145 sections 2.1 to 2.4.
  static let codes: [UInt16: String] = [
    0: "no information", 1: "administrative disconnect",
    2: "LCP renegotiation is disabled at the LNS, and the LAC sent no proxy LCP",
    3: "normal disconnection by LCP Terminate-Request", 4: "encryption that one end demands was refused",
    5: "LCP timed out", 6: "no LCP packet that could be recognised", 7: "LCP magic number: looped back",
    8: "LCP echo timed out", 9: "unexpected Endpoint Discriminator for the bundle",
    10: "unexpected MRRU for the bundle", 11: "unexpected Short Sequence Number option for the bundle",
    12: "call-back that one end demands was refused", 13: "authentication timed out",
    14: "unexpected authenticated name for the bundle", 15: "authentication protocol not acceptable",
    16: "authentication failed", 17: "network control protocol timed out", 18: "no network control protocol left",
    19: "no addresses that both accept", 20: "the user may not use any address",
  ]
}
