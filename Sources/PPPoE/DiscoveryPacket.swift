/// A packet of PPPoE's discovery stage (RFC 2516 section 4): what follows the Ethernet header.
public struct DiscoveryPacket: Equatable, Sendable {
  /// The purpose of the packet: the CODE field.
  public var code: Code
  /// SESSION_ID; 0 until one is assigned.
  public var sessionID: UInt16
  /// Its tags, in the order of the wire, up to an End-Of-List.
  public var tags: [Tag]

  /// Makes a packet with its tags in the order of the wire.
  public init(_ code: Code, sessionID: UInt16 = 0, tags: [Tag] = []) {
    self.code = code
    self.sessionID = sessionID
    self.tags = tags
  }

  /// The first tag of a type, if there is one.
  public func first(_ type: TagType) -> [UInt8]? { tags.first { $0.type == type.rawValue }?.value }

  /// The purpose of a packet (RFC 2516 section 5).
  public enum Code: UInt8, CaseIterable, Sendable {
    /// PADI: a client looks for concentrators.
    case initiation = 0x09
    /// PADO: a concentrator offers itself.
    case offer = 0x07
    /// PADR: the client chooses it.
    case request = 0x19
    /// PADS: the session is there, or is refused (SESSION_ID 0).
    case confirmation = 0x65
    /// PADT: the session is over.
    case termination = 0xA7
  }

  /// A tag: type and value (RFC 2516 appendix A).
  public struct Tag: Equatable, Sendable {
    /// The type, also one that we do not know.
    public var type: UInt16
    /// The octets of the value, without type and length.
    public var value: [UInt8]

    /// Makes a tag of a known type.
    public init(_ type: TagType, _ value: [UInt8]) {
      self.type = type.rawValue
      self.value = value
    }

    init(number: UInt16, _ value: [UInt8]) {
      type = number
      self.value = value
    }
  }

  /// The types of tags that we read or write.
  public enum TagType: UInt16, CaseIterable, Sendable {
    /// End-Of-List: the tags end here.
    case endOfList = 0x0000
    /// Service-Name: the service that the client wants, and the concentrator has; empty for any.
    case serviceName = 0x0101
    /// AC-Name: the name of the concentrator.
    case concentratorName = 0x0102
    /// Host-Uniq: the client tells its attempts apart by it; sent back as it is.
    case hostUnique = 0x0103
    /// AC-Cookie: the client has to send it back to prove that it is where it says.
    case cookie = 0x0104
    /// Relay-Session-Id: relays between need it to find the way back; sent back as it is.
    case relaySessionID = 0x0110
    /// The largest PPP payload (RFC 4638), two octets.
    case maximumPayload = 0x0120
    /// The service cannot be had.
    case serviceNameError = 0x0201
    /// The concentrator cannot serve anybody else.
    case systemError = 0x0202
    /// Anything else; text.
    case genericError = 0x0203
  }
}

/// Why a packet cannot be read; whoever gets it says nothing.
public enum DiscoveryFault: Error, Equatable, Sendable {
  /// It ends before what it announces.
  case tooShort
  /// Version or type is another one than 1 (RFC 2516 section 4).
  case otherVersion
  /// A code that is none of discovery's.
  case unknownCode
  /// More tags than anybody has a use for.
  case tooManyTags
}

extension DiscoveryPacket {
  /// The EtherType of discovery packets (RFC 2516 section 4).
  public static let etherType: UInt16 = 0x8863
  /// Version 1 and type 1, in one octet.
  private static let version: UInt8 = 0x11
  private static let headerOctets = 6
  /// The room for tags in an Ethernet frame, besides our header.
  public static let maximumTagOctets = 1500 - headerOctets
  /// Tags of one packet that are read.
  public static let maximumTags = 64

  /// Reads what follows an Ethernet header; octets behind the announced length are padding.
  public init(_ octets: Span<UInt8>) throws(DiscoveryFault) {
    guard octets.count >= Self.headerOctets else { throw .tooShort }
    guard octets[0] == Self.version else { throw .otherVersion }
    guard let code = Code(rawValue: octets[1]) else { throw .unknownCode }
    self.init(code, sessionID: Self.number(octets, at: 2))
    let end = Self.headerOctets + Int(Self.number(octets, at: 4))
    guard end <= octets.count else { throw .tooShort }
    var place = Self.headerOctets
    while place < end {
      guard place + 4 <= end else { throw .tooShort }
      let (type, length) = (Self.number(octets, at: place), Int(Self.number(octets, at: place + 2)))
      if type == TagType.endOfList.rawValue { return }
      place += 4
      guard place + length <= end else { throw .tooShort }
      guard tags.count < Self.maximumTags else { throw .tooManyTags }
      tags.append(Tag(number: type, (place..<place + length).map { octets[$0] }))
      place += length
    }
  }

  /// The session that a PADT ends; nil for any other packet. As the kernel reads it, which ends the session whatever its version is and
  /// whatever follows: one that we did not understand would leave us with a session that is none.
  public static func terminatedSession(_ octets: Span<UInt8>) -> UInt16? {
    guard octets.count >= headerOctets, octets[1] == Code.termination.rawValue else { return nil }
    return number(octets, at: 2)
  }

  /// The octets that follow an Ethernet header. Tags that would not fit into a frame are a fault of ours.
  public var octets: [UInt8] {
    let length = tags.reduce(0) { $0 + 4 + $1.value.count }
    precondition(length <= Self.maximumTagOctets, "a discovery packet of \(length) octets of tags fits no frame")
    var octets = [Self.version, code.rawValue]
    octets.reserveCapacity(Self.headerOctets + length)
    for number in [sessionID, UInt16(length)] { Self.append(number, to: &octets) }
    for tag in tags {
      Self.append(tag.type, to: &octets)
      Self.append(UInt16(tag.value.count), to: &octets)
      octets += tag.value
    }
    return octets
  }

  private static func number(_ octets: Span<UInt8>, at place: Int) -> UInt16 {
    UInt16(octets[place]) << 8 | UInt16(octets[place + 1])
  }

  private static func append(_ number: UInt16, to octets: inout [UInt8]) {
    octets.append(UInt8(truncatingIfNeeded: number >> 8))
    octets.append(UInt8(truncatingIfNeeded: number))
  }
}
