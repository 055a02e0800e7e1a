/// SCCRQ of a peer that would speak either version (RFC 3931 section 4.7.3).
extension ControlCodec {
  /// The AVPs that RFC 2661 defines and RFC 3931 does not.
  static let version2AVPs = AVPSet(
    numbers: [2, 3, 4, 6, 9, 11, 12, 13, 14, 16, 17, 18, 19] + Array(21...24) + Array(26...33) + [35, 37, 38, 39])

  /// An SCCRQ of version 2 as version 3 would have it: without the AVPs that are version 2's alone, mandatory or not.
  ///
  /// - Returns: the message; nil for one that is not of version 2. Its digest is that of the original.
  static func version3Request(of octets: Span<UInt8>) -> [UInt8]? {
    guard octets.count >= ControlHeader.lengthOctets, octets[1] & 0x0F == 2,
      let envelope = try? header(of: octets, allowsVersion2: true)
    else { return nil }
    var request = octets.octets(at: 0, count: ControlHeader.lengthOctets)
    request[1] = request[1] & 0xF0 | 3
    var cursor = AVPCursor(messageOctets: envelope.lengthOctets)
    var count = 0
    while count < maximumAVPs, let avp = try? cursor.next(in: octets) {
      count += 1
      if avp.vendorID == 0, version2AVPs.contains(avp.type) { continue }
      request += octets.octets(at: avp.offset, count: AVPView.headerOctets + avp.valueOctets)
    }
    // AVPs that cannot be told apart stay as they are, for the decoder to object to.
    request += octets.octets(at: cursor.offset, count: envelope.lengthOctets - cursor.offset)
    request[2] = UInt8(truncatingIfNeeded: request.count >> 8)
    request[3] = UInt8(truncatingIfNeeded: request.count)
    return request
  }
}
