/// Reads control messages: the steps that come before a message is decoded are here, decoding is with the messages.
public enum ControlCodec {
  /// AVPs that a message may hold before it is refused; the longest that we know of has 31.
  public static let maximumAVPs = 512

  /// The content of the first 12 octets.
  public struct Envelope: Equatable, Sendable {
    /// Identifier and sequence numbers.
    public var header: ControlHeader
    /// Octets of the message, header included; what arrived after them is not part of it.
    public var lengthOctets: Int
  }

  /// Checks the first 12 octets of a datagram (RFC 3931 section 3.2.1), which begin with the flags word: over IP the four
  /// zero octets are the transport's.
  ///
  /// - Parameters:
  ///   - octets: the datagram.
  ///   - allowsVersion2: whether version 2 is taken, whose header is the same where tunnel and session are 0 (section 4.7.3).
  public static func header(
    of octets: Span<UInt8>, allowsVersion2: Bool = false
  ) throws(HeaderError) -> Envelope {
    guard octets.count >= 2 else { throw .tooShort(octets: octets.count) }
    let flags = octets.number16(at: 0)
    // The version comes first: what the other bits mean depends on it (section 4.1.2.1).
    switch UInt8(flags & 0x000F) {
    case 3: break
    case 2 where allowsVersion2: break
    case 2: throw .l2tpv2
    case let other: throw .version(other)
    }
    guard flags & 0x8000 != 0 else { throw .dataMessage }
    guard flags & 0x4800 == 0x4800 else { throw .missingBits(flags: flags) }
    guard octets.count >= ControlHeader.lengthOctets else { throw .tooShort(octets: octets.count) }
    let length = Int(octets.number16(at: 2))
    guard length >= ControlHeader.lengthOctets else { throw .lengthTooSmall(length: length) }
    guard length <= octets.count else { throw .lengthPastEnd(length: length, octets: octets.count) }
    let header = ControlHeader(
      connectionID: ControlConnectionID(rawValue: octets.number32(at: 4)), ns: octets.number16(at: 8),
      nr: octets.number16(at: 10))
    return Envelope(header: header, lengthOctets: length)
  }

  /// The parts of a message that the authentication step needs, found without decoding (RFC 3931 section 4.3).
  public struct Digests: Equatable, Sendable {
    /// The Message Type, if the first AVP is one of the IETF's.
    public var messageType: MessageType?
    /// Whether the Message Type is Cisco's, which has one message alone: an acknowledgement.
    public var isCiscoAcknowledgement = false
    /// The first Message Digest AVP, right after the Message Type.
    public var first: Place?
    /// The second, right after the first.
    public var second: Place?
    /// Where the nonce's octets are, in SCCRQ and SCCRP.
    public var nonce: Range<Int>?

    /// Nothing found.
    public init() {}

    /// Where a digest is.
    public struct Place: Equatable, Sendable {
      /// Its Digest Type; nil for a number that we do not know, which never verifies.
      public var type: Authentication.Digest?
      /// Its octets, from the flags word; they count as zero in the digest's computation.
      public var octets: Range<Int>
    }
  }

  /// Finds the Message Digest AVPs (59) and, in SCCRQ and SCCRP, the nonce (73). Where the AVPs become unreadable the search
  /// ends with what it has; decoding will say why. Octets that are not a control message have none.
  public static func digests(of octets: Span<UInt8>) -> Digests {
    var digests = Digests()
    guard let envelope = try? header(of: octets, allowsVersion2: true) else { return digests }
    var cursor = AVPCursor(messageOctets: envelope.lengthOctets)
    guard let first = try? cursor.next(in: octets), first.type == AVPType.messageType.rawValue,
      !first.isHidden, first.valueOctets == 2
    else { return digests }
    let messageType =
      first.vendorID == 0 ? MessageType(rawValue: octets.number16(at: first.valueOffset)) : nil
    digests.messageType = messageType
    digests.isCiscoAcknowledgement = first.vendorID == AVPCatalogue.ciscoVendorID
    let mayHaveNonce = messageType == .startRequest || messageType == .startReply
    var position = 1
    while position < maximumAVPs, let avp = try? cursor.next(in: octets) {
      if avp.vendorID == 0, !avp.isHidden {
        if avp.type == AVPType.messageDigest.rawValue {
          digests.add(avp, position: position, in: octets)
        } else if mayHaveNonce, digests.nonce == nil, avp.type == AVPType.nonce.rawValue, avp.valueOctets > 0 {
          digests.nonce = avp.valueOffset..<(avp.valueOffset + avp.valueOctets)
        }
      }
      if position >= 2, !mayHaveNonce { break }
      position += 1
    }
    return digests
  }

  /// Whether the sender has hidden AVPs in a message (RFC 3931 section 5.3).
  public static func hasHiddenAVPs(_ octets: Span<UInt8>) -> Bool {
    guard let envelope = try? header(of: octets) else { return false }
    var cursor = AVPCursor(messageOctets: envelope.lengthOctets)
    var count = 0
    while count < maximumAVPs, let avp = try? cursor.next(in: octets) {
      if avp.isHidden { return true }
      count += 1
    }
    return false
  }

  /// Whether a message has AVPs of Cisco's that the catalogue knows: its sender speaks so.
  static func hasCiscoAVPs(_ octets: Span<UInt8>) -> Bool {
    guard let envelope = try? header(of: octets) else { return false }
    var cursor = AVPCursor(messageOctets: envelope.lengthOctets)
    var count = 0
    while count < maximumAVPs, let avp = try? cursor.next(in: octets) {
      if avp.isCisco { return true }
      count += 1
    }
    return false
  }

  /// The Host Name and the Router ID of an SCCRQ, which tell whose secret reads what else it hides; nil when it has no Host Name
  /// that can be read. A Router ID that is not there counts as 0: only ``AVPDialect/cisco`` does without.
  public static func presentedIdentity(of octets: Span<UInt8>) -> (hostName: String, routerID: UInt32)? {
    guard let envelope = try? header(of: octets) else { return nil }
    var cursor = AVPCursor(messageOctets: envelope.lengthOctets)
    var hostName: String?
    var routerID: UInt32?
    var count = 0
    while count < maximumAVPs, let avp = try? cursor.next(in: octets) {
      count += 1
      guard avp.vendorID == 0, !avp.isHidden else { continue }
      if avp.type == AVPType.hostName.rawValue, hostName == nil, avp.valueOctets > 0 {
        hostName = String(decoding: octets.octets(at: avp.valueOffset, count: avp.valueOctets), as: UTF8.self)
      } else if avp.type == AVPType.routerID.rawValue, routerID == nil, avp.valueOctets == 4 {
        routerID = octets.number32(at: avp.valueOffset)
      }
    }
    return hostName.map { ($0, routerID ?? 0) }
  }

  /// The Assigned Control Connection ID of a message that cannot be decoded, so that its sender can be told; nil when there
  /// is none before the AVPs become unreadable.
  public static func assignedConnectionID(of octets: Span<UInt8>) -> ControlConnectionID? {
    guard let envelope = try? header(of: octets, allowsVersion2: true) else { return nil }
    var cursor = AVPCursor(messageOctets: envelope.lengthOctets)
    var count = 0
    while count < maximumAVPs, let avp = try? cursor.next(in: octets) {
      count += 1
      let type =
        avp.vendorID == 0
        ? AVPType(rawValue: avp.type)
        : avp.isCisco ? AVPCatalogue.successor(ofCisco: avp.type, isSessionMessage: false) : nil
      guard type == .assignedControlConnectionID, !avp.isHidden, avp.valueOctets == 4 else { continue }
      let identifier = ControlConnectionID(rawValue: octets.number32(at: avp.valueOffset))
      return identifier == .unknown ? nil : identifier
    }
    return nil
  }
}

extension AVPView {
  /// Whether it is one of Cisco's that the catalogue knows.
  var isCisco: Bool {
    vendorID == AVPCatalogue.ciscoVendorID && AVPCatalogue.format(vendorID: vendorID, type: type).isNamed
  }
}

extension ControlCodec.Digests {
  /// Only the second and the third AVP of a message can be its digests (RFC 3931 section 5.4.1).
  fileprivate mutating func add(_ avp: AVPView, position: Int, in octets: Span<UInt8>) {
    guard avp.valueOctets >= 1 else { return }
    let place = Place(
      type: Authentication.Digest(rawValue: octets[avp.valueOffset]),
      octets: (avp.valueOffset + 1)..<(avp.valueOffset + avp.valueOctets))
    let checked = place.type.map { $0.octetCount == place.octets.count } ?? false
    let usable = checked ? place : Place(type: nil, octets: place.octets)
    if position == 1 { first = usable } else if position == 2, first != nil { second = usable }
  }
}

extension Authentication.Digest {
  /// Octets of the digest itself.
  public var octetCount: Int {
    switch self {
    case .md5: 16
    case .sha1: 20
    }
  }
}
