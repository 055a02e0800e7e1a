/// The Attribute Type of an IETF AVP (Vendor ID 0); unknown numbers survive.
public struct AVPType: RawRepresentable, Hashable, Sendable {
  /// The number on the wire.
  public var rawValue: UInt16
  /// Wraps any number.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Message Type.
  public static let messageType = AVPType(rawValue: 0)
  /// Result Code.
  public static let resultCode = AVPType(rawValue: 1)
  /// Control Connection Tie Breaker in SCCRQ, Session Tie Breaker in ICRQ and OCRQ.
  public static let tieBreaker = AVPType(rawValue: 5)
  /// Host Name.
  public static let hostName = AVPType(rawValue: 7)
  /// Vendor Name.
  public static let vendorName = AVPType(rawValue: 8)
  /// Receive Window Size.
  public static let receiveWindowSize = AVPType(rawValue: 10)
  /// Challenge (RFC 2661).
  public static let challenge = AVPType(rawValue: 11)
  /// Challenge Response (RFC 2661).
  public static let challengeResponse = AVPType(rawValue: 13)
  /// Serial Number.
  public static let serialNumber = AVPType(rawValue: 15)
  /// Physical Channel ID.
  public static let physicalChannelID = AVPType(rawValue: 25)
  /// Circuit Errors.
  public static let circuitErrors = AVPType(rawValue: 34)
  /// Random Vector.
  public static let randomVector = AVPType(rawValue: 36)
  /// PPP Disconnect Cause Code (RFC 3145).
  public static let pppDisconnectCause = AVPType(rawValue: 46)
  /// Control Connection DS (RFC 3308).
  public static let controlDSCP = AVPType(rawValue: 47)
  /// Session DS (RFC 3308).
  public static let sessionDSCP = AVPType(rawValue: 48)
  /// Extended Vendor ID.
  public static let extendedVendorID = AVPType(rawValue: 58)
  /// Message Digest.
  public static let messageDigest = AVPType(rawValue: 59)
  /// Router ID.
  public static let routerID = AVPType(rawValue: 60)
  /// Assigned Control Connection ID.
  public static let assignedControlConnectionID = AVPType(rawValue: 61)
  /// Pseudowire Capabilities List.
  public static let pseudowireCapabilities = AVPType(rawValue: 62)
  /// Local Session ID.
  public static let localSessionID = AVPType(rawValue: 63)
  /// Remote Session ID.
  public static let remoteSessionID = AVPType(rawValue: 64)
  /// Assigned Cookie.
  public static let assignedCookie = AVPType(rawValue: 65)
  /// Remote End ID.
  public static let remoteEndID = AVPType(rawValue: 66)
  /// Pseudowire Type.
  public static let pseudowireType = AVPType(rawValue: 68)
  /// L2-Specific Sublayer.
  public static let sublayer = AVPType(rawValue: 69)
  /// Data Sequencing.
  public static let dataSequencing = AVPType(rawValue: 70)
  /// Circuit Status.
  public static let circuitStatus = AVPType(rawValue: 71)
  /// Preferred Language.
  public static let preferredLanguage = AVPType(rawValue: 72)
  /// Control Message Authentication Nonce.
  public static let nonce = AVPType(rawValue: 73)
  /// Tx Connect Speed.
  public static let transmitSpeed = AVPType(rawValue: 74)
  /// Rx Connect Speed.
  public static let receiveSpeed = AVPType(rawValue: 75)
  /// Attachment Group Identifier (RFC 4667).
  public static let attachmentGroup = AVPType(rawValue: 89)
  /// Local End ID (RFC 4667).
  public static let localEndID = AVPType(rawValue: 90)
  /// Interface MTU (RFC 4667).
  public static let interfaceMTU = AVPType(rawValue: 91)
}

/// A set of IETF Attribute Types below 128, as bits: what a message requires, allows, or had.
public struct AVPSet: Equatable, Sendable, ExpressibleByArrayLiteral {
  var low: UInt64 = 0
  var high: UInt64 = 0

  /// The first number that does not fit.
  public static let limit: UInt16 = 128

  /// The empty set.
  public init() {}

  /// The given types, each below `limit`.
  public init(arrayLiteral types: AVPType...) {
    for type in types { insert(type.rawValue) }
  }

  /// The given numbers, each below `limit`.
  public init(numbers: [UInt16]) {
    for number in numbers { insert(number) }
  }

  /// Whether `number` is in the set; numbers from `limit` on never are.
  @inline(__always)
  public func contains(_ number: UInt16) -> Bool {
    number < 64
      ? low & (1 &<< UInt64(number)) != 0
      : number < Self.limit && high & (1 &<< UInt64(number &- 64)) != 0
  }

  /// Adds `number`, which must be below `limit`.
  @inline(__always)
  public mutating func insert(_ number: UInt16) {
    precondition(number < Self.limit)
    if number < 64 { low |= 1 &<< UInt64(number) } else { high |= 1 &<< UInt64(number &- 64) }
  }

  /// Everything in either set.
  public func union(_ other: AVPSet) -> AVPSet {
    var all = self
    all.low |= other.low
    all.high |= other.high
    return all
  }

  /// The lowest number that is in this set and not in `other`.
  @inline(__always)
  public func firstMissing(from other: AVPSet) -> UInt16? {
    let low = low & ~other.low
    if low != 0 { return UInt16(low.trailingZeroBitCount) }
    let high = high & ~other.high
    return high != 0 ? UInt16(64 + high.trailingZeroBitCount) : nil
  }

  /// The numbers, ascending.
  public var numbers: [UInt16] {
    (0..<Self.limit).filter { contains($0) }
  }
}
