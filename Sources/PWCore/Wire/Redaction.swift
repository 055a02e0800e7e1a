extension ControlCodec {
  /// A control message without whatever was computed from a shared secret: the octets of its digests, a Challenge
  /// Response, and the values of hidden AVPs are zero, and everything else is as it was, lengths and Digest Types
  /// included. Nobody can try out secrets on what is left.
  ///
  /// Where the AVPs become unreadable, the rest stays: nobody reads anything there.
  ///
  /// - Parameter message: from the flags word on.
  public static func withoutSecrets(_ message: [UInt8]) -> [UInt8] {
    guard let envelope = try? header(of: message.span, allowsVersion2: true) else { return message }
    var redacted = message
    var cursor = AVPCursor(messageOctets: envelope.lengthOctets)
    while let avp = try? cursor.next(in: message.span) {
      guard avp.isDigest || avp.isMasked || avp.isResponse else { continue }
      // A digest's first octet is its type.
      let first = avp.valueOffset + (avp.isDigest ? min(1, avp.valueOctets) : 0)
      for index in first..<(avp.valueOffset + avp.valueOctets) { redacted[index] = 0 }
    }
    return redacted
  }
}

extension AVPView {
  /// Whether its value is a Digest Type and a digest: ours, or that of Cisco's, of whose secret it is made as well.
  fileprivate var isDigest: Bool {
    switch vendorID {
    case 0: type == AVPType.messageDigest.rawValue
    case AVPCatalogue.ciscoVendorID: type == AVPCatalogue.ciscoMessageDigest
    default: false
    }
  }

  /// Whether it is RFC 2661's response to a challenge.
  fileprivate var isResponse: Bool { vendorID == 0 && type == AVPType.challengeResponse.rawValue }

  /// Whether `AVPHiding` reads it.
  fileprivate var isMasked: Bool { isHidden && AVPCatalogue.format(vendorID: vendorID, type: type).isHideable }
}
