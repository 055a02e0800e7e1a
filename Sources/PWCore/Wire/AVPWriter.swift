/// Builds a control message AVP by AVP: in place, without an array, as long as it has a usual length.
struct AVPWriter: ~Copyable {
  /// The beginning of the message.
  private var room = InlineArray<192, UInt8>(repeating: 0)
  /// Octets of `room`, which holds an ICRQ with everything that pwmgr sends, and a SHA-1 digest. Asking the array itself copies it.
  private static let roomOctets = 192
  /// Octets written in `room`.
  private var count = 0
  /// The first octets that no longer fitted, and everything after them.
  private var rest: [UInt8] = []
  private let digest: Authentication.Digest?
  private let digestCount: Int
  private let dialect: AVPDialect
  private let isSessionMessage: Bool
  private let formats = AVPCatalogue.formats

  /// A header, the Message Type AVP and, right after it (RFC 3931 section 5.4.1), room for one digest or for two.
  init(
    _ type: MessageType, isMandatory: Bool = true, vendorID: UInt16 = 0, digest: Authentication.Digest?,
    digestCount: Int = 1, dialect: AVPDialect = .rfc, isSessionMessage: Bool = false
  ) {
    self.digest = digest
    self.digestCount = digestCount
    self.dialect = dialect
    self.isSessionMessage = isSessionMessage
    append(0xC803_0000_0000_0000 as UInt64)
    append(0 as UInt32)
    append(
      Self.header(.messageType, isMandatory: isMandatory, valueOctets: 2, vendorID: vendorID) | UInt64(type.rawValue))
    guard let digest else { return }
    for _ in 0..<digestCount {
      appendHeader(.messageDigest, isMandatory: true, valueOctets: digest.octetCount + 1)
      append(digest.rawValue)
      for _ in 0..<digest.octetCount { append(0 as UInt8) }
    }
  }

  /// The message, its Length field filled in.
  mutating func finish() -> EncodedMessage {
    let length = count + rest.count
    precondition(length <= Int(UInt16.max), "a control message has at most 65535 octets")
    room[2] = UInt8(truncatingIfNeeded: length &>> 8)
    room[3] = UInt8(truncatingIfNeeded: length)
    var octets = room.span.octets(at: 0, count: count)
    if !rest.isEmpty { octets += rest }
    return EncodedMessage(octets: octets, digest: digest, digestCount: digestCount)
  }

  mutating func number16(_ type: AVPType, _ value: UInt16) {
    append(Self.header(type, isMandatory: mandatory(type), valueOctets: 2) | UInt64(value))
    guard let own = ciscoNumber(of: type) else { return }
    appendHeader(own, isMandatory: false, valueOctets: 2, vendorID: AVPCatalogue.ciscoVendorID)
    append(value)
  }

  mutating func number32(_ type: AVPType, _ value: UInt32) {
    append(Self.header(type, isMandatory: mandatory(type), valueOctets: 4) | UInt64(value &>> 16))
    append(UInt16(truncatingIfNeeded: value))
    guard let own = ciscoNumber(of: type) else { return }
    appendHeader(own, isMandatory: false, valueOctets: 4, vendorID: AVPCatalogue.ciscoVendorID)
    append(value)
  }

  mutating func number64(_ type: AVPType, _ value: UInt64) {
    append(Self.header(type, isMandatory: mandatory(type), valueOctets: 8) | value &>> 48)
    append(UInt32(truncatingIfNeeded: value &>> 16))
    append(UInt16(truncatingIfNeeded: value))
    guard let own = ciscoNumber(of: type) else { return }
    appendHeader(own, isMandatory: false, valueOctets: 8, vendorID: AVPCatalogue.ciscoVendorID)
    append(value)
  }

  mutating func octets(_ type: AVPType, _ value: [UInt8]) {
    appendHeader(type, isMandatory: mandatory(type), valueOctets: value.count)
    append(octets: value)
    guard let own = ciscoNumber(of: type) else { return }
    appendHeader(own, isMandatory: false, valueOctets: value.count, vendorID: AVPCatalogue.ciscoVendorID)
    append(octets: value)
  }

  mutating func cookie(_ type: AVPType, _ value: Cookie) {
    switch value.lengthOctets {
    case 4: number32(type, UInt32(truncatingIfNeeded: value.number))
    case 8: number64(type, value.number)
    case _: octets(type, [])
    }
  }

  mutating func text(_ type: AVPType, _ value: String) {
    let value = value.utf8
    appendHeader(type, isMandatory: mandatory(type), valueOctets: value.count)
    append(octets: value)
  }

  mutating func list16(_ type: AVPType, _ values: [UInt16]) {
    appendHeader(type, isMandatory: mandatory(type), valueOctets: values.count * 2)
    for value in values { append(value) }
    guard let own = ciscoNumber(of: type) else { return }
    appendHeader(own, isMandatory: false, valueOctets: values.count * 2, vendorID: AVPCatalogue.ciscoVendorID)
    for value in values { append(value) }
  }

  /// The draft version that Cisco's routers add to SCCRQ and SCCRP, where their AVPs are spoken.
  mutating func ciscoDraftVersion() {
    guard dialect == .cisco else { return }
    appendHeader(
      AVPType(rawValue: AVPCatalogue.ciscoDraftVersion), isMandatory: false, valueOctets: 2,
      vendorID: AVPCatalogue.ciscoVendorID)
    append(AVPCatalogue.ciscoDraftVersionValue)
  }

  /// A Result Code AVP; text that is too long for one is cut between two characters.
  mutating func result(code: UInt16, error: UInt16?, text: String?) {
    guard error != nil || text != nil else { return number16(.resultCode, code) }
    var text = text ?? ""
    while text.utf8.count > Int(AVPCatalogue.maximumValueOctets) - 4 { text.removeLast() }
    appendHeader(.resultCode, isMandatory: mandatory(.resultCode), valueOctets: 4 + text.utf8.count)
    append(UInt32(code) &<< 16 | UInt32(error ?? 0))
    append(octets: text.utf8)
  }

  mutating func raw(_ avps: [RawAVP]) {
    for avp in avps {
      appendHeader(
        AVPType(rawValue: avp.type), isMandatory: avp.isMandatory, valueOctets: avp.value.count, vendorID: avp.vendorID,
        isHidden: avp.isHidden)
      append(octets: avp.value)
    }
  }
}

extension AVPWriter {
  /// Six octets of AVP header in the upper part of eight; a 16-bit value, or the beginning of a longer one, fits below.
  @inline(__always)
  private static func header(
    _ type: AVPType, isMandatory: Bool, valueOctets: Int, vendorID: UInt16 = 0, isHidden: Bool = false
  ) -> UInt64 {
    let bits =
      UInt64(isMandatory ? 0x8000 : 0) | UInt64(isHidden ? 0x4000 : 0) | UInt64(AVPView.headerOctets &+ valueOctets)
    return bits &<< 48 | UInt64(vendorID) &<< 32 | UInt64(type.rawValue) &<< 16
  }

  @inline(__always)
  private func mandatory(_ type: AVPType) -> Bool {
    dialect == .rfc
      ? formats[Int(type.rawValue)].isMandatory
      : formats[Int(type.rawValue)].isMandatoryToCisco || type == .tieBreaker && !isSessionMessage
  }

  /// The number of the AVP of Cisco's that goes beside one of the IETF's; nil for none, and where they are not spoken.
  @inline(__always)
  private func ciscoNumber(of type: AVPType) -> AVPType? {
    dialect == .rfc ? nil : Self.ciscoNumber(of: type, formats, isSessionMessage: isSessionMessage)
  }

  /// Of the type and not of a writer, which would be copied for the call even where it is not made.
  @inline(never)
  private static func ciscoNumber(of type: AVPType, _ formats: [AVPFormat], isSessionMessage: Bool) -> AVPType? {
    let number = UInt16(formats[Int(type.rawValue)].counterpart)
    // Of this one both tables have two meanings: Cisco's is of sessions alone.
    return number == 0 || type == .tieBreaker && !isSessionMessage ? nil : AVPType(rawValue: number)
  }

  private mutating func appendHeader(
    _ type: AVPType, isMandatory: Bool, valueOctets: Int, vendorID: UInt16 = 0, isHidden: Bool = false
  ) {
    precondition(
      valueOctets <= Int(AVPCatalogue.maximumValueOctets), "the value of an AVP has at most 1017 octets")
    let header = Self.header(
      type, isMandatory: isMandatory, valueOctets: valueOctets, vendorID: vendorID, isHidden: isHidden)
    append(UInt32(truncatingIfNeeded: header &>> 32))
    append(UInt16(truncatingIfNeeded: header &>> 16))
  }

  @inline(__always)
  private mutating func append(_ number: some FixedWidthInteger & BitwiseCopyable) {
    let size = number.bitWidth / 8
    guard Self.roomOctets &- count >= size, rest.isEmpty else { return appendToRest(number) }
    var span = room.mutableSpan
    span.withUnsafeMutableBytes { $0.storeBytes(of: number.bigEndian, toByteOffset: count, as: type(of: number)) }
    count &+= size
  }

  @inline(never)
  private mutating func appendToRest(_ number: some FixedWidthInteger & BitwiseCopyable) {
    withUnsafeBytes(of: number.bigEndian) { rest.append(contentsOf: $0) }
  }

  private mutating func append(octets more: some Collection<UInt8>) {
    guard Self.roomOctets &- count >= more.count, rest.isEmpty else { return rest.append(contentsOf: more) }
    for octet in more {
      room[count] = octet
      count &+= 1
    }
  }
}
