/// Why a datagram is not an L2TPv3 control message; all but `l2tpv2` are dropped without an answer (RFC 3931 section 7.1).
public enum HeaderError: Error, Equatable, Sendable {
  /// Less than the 12 octets of a control header.
  case tooShort(octets: Int)
  /// The T bit is 0: a data message over UDP.
  case dataMessage
  /// Version 2: the peer speaks, or also speaks, L2TPv2 (RFC 3931 section 4.7).
  case l2tpv2
  /// Another version.
  case version(UInt8)
  /// The L or the S bit is 0.
  case missingBits(flags: UInt16)
  /// The Length field is less than the header.
  case lengthTooSmall(length: Int)
  /// The Length field is more than what arrived.
  case lengthPastEnd(length: Int, octets: Int)

  /// The octet, from the flags word, that is wrong.
  public var offset: Int {
    switch self {
    case .tooShort(let octets): octets
    case .dataMessage, .missingBits: 0
    case .l2tpv2, .version: 1
    case .lengthTooSmall, .lengthPastEnd: 2
    }
  }
}

extension HeaderError: CustomStringConvertible {
  /// The error in words.
  public var description: String {
    switch self {
    case .tooShort(let octets):
      "\(octets) octets are less than the \(ControlHeader.lengthOctets) of a control message header"
    case .dataMessage: "the T bit is 0: a data message, not a control message"
    case .l2tpv2: "the version is 2: L2TPv2, not L2TPv3"
    case .version(let version): "the version is \(version), not 3"
    case .missingBits(let flags): "the flags are 0x\(hex(flags)): the L and S bits of a control message must be 1"
    case .lengthTooSmall(let length):
      "the Length is \(length), less than the \(ControlHeader.lengthOctets) octets of the header"
    case .lengthPastEnd(let length, let octets): "the Length is \(length), but only \(octets) octets are there"
    }
  }
}
