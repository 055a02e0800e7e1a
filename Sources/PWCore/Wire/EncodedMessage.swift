/// A control message as octets: what waits in the retransmission queue, and goes out.
public struct EncodedMessage: Equatable, Codable, Sendable {
  /// The octets, from the flags word; over IP the transport puts four zero octets before them.
  public private(set) var octets: [UInt8]
  /// The digest that has room in it, if any: `MessageDigest.seal` fills it in.
  public let digest: Authentication.Digest?
  /// For how many of them: two, one right after the other, while a secret is being replaced (RFC 3931 section 5.4.1).
  let digestCount: Int

  /// Where the first digest's octets begin in a message that has one: after the header, the Message Type AVP, and the header
  /// and type of the Message Digest AVP.
  static let sealOffset = ControlHeader.lengthOctets + 8 + AVPView.headerOctets + 1

  /// A finished message; its Length field must be right.
  init(octets: [UInt8], digest: Authentication.Digest?, digestCount: Int = 1) {
    precondition(octets.count <= Int(UInt16.max), "a control message has at most 65535 octets")
    self.octets = octets
    self.digest = digest
    self.digestCount = digest == nil ? 0 : digestCount
  }

  /// The header alone, a "ZLB" (RFC 3931 section 3.2.1): an acknowledgement where messages carry no digest.
  public static func zeroLengthBody() -> EncodedMessage {
    EncodedMessage(octets: [0xC8, 0x03, 0, UInt8(ControlHeader.lengthOctets), 0, 0, 0, 0, 0, 0, 0, 0], digest: nil)
  }

  /// The octets, and nothing left of the message: what goes out is moved and not shared.
  consuming func takeOctets() -> [UInt8] { octets }

  /// Where the digest octets of AVP 59 begin; nil if there are none.
  public var digestOffset: Int? { digest == nil ? nil : Self.sealOffset }

  /// The header, read from the octets.
  public var header: ControlHeader {
    let octets = octets.span
    return ControlHeader(
      connectionID: ControlConnectionID(rawValue: octets.number32(at: 4)), ns: octets.number16(at: 8),
      nr: octets.number16(at: 10))
  }

  /// Writes the header's changing fields, at each transmission; a digest must be sealed again afterwards.
  public mutating func setHeader(connectionID: ControlConnectionID, ns: UInt16, nr: UInt16) {
    // All at once: each octet written alone would ask anew whether the array is shared.
    octets.withUnsafeMutableBytes { octets in
      octets.storeBytes(of: connectionID.rawValue.bigEndian, toByteOffset: 4, as: UInt32.self)
      octets.storeBytes(of: ns.bigEndian, toByteOffset: 8, as: UInt16.self)
      octets.storeBytes(of: nr.bigEndian, toByteOffset: 10, as: UInt16.self)
    }
  }

  /// Puts a digest where there is room for it, or zeroes for nil.
  mutating func setDigest(_ value: [UInt8]?, number: Int) {
    guard let digest, number < digestCount else { return }
    precondition(value == nil || value?.count == digest.octetCount, "a digest has the length of its type")
    let offset = Self.sealOffset + number * (AVPView.headerOctets + 1 + digest.octetCount)
    for index in 0..<digest.octetCount {
      octets[offset + index] = value?[index] ?? 0
    }
  }
}
