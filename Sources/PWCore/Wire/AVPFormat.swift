/// The part of an AVP's line in the catalogue that checking needs, small enough to look up for every AVP that arrives.
public struct AVPFormat: Sendable {
  /// The shortest value, in octets.
  public let minimumOctets: UInt16
  /// The longest value, in octets.
  public let maximumOctets: UInt16
  /// Lengths between them come in steps of so many octets.
  public let stepOctets: UInt16
  /// The value has a rule beyond its length.
  public let hasRule: Bool
  /// The M bit that we send.
  public let isMandatory: Bool
  /// Whether the typed messages know it.
  public let isUnderstood: Bool
  /// Whether its value may be hidden (RFC 3931 section 5.3).
  public let isHideable: Bool
  /// Whether its M bit is looked at when it arrives (RFC 3931 section 5.2).
  public let isRecognised: Bool
  /// Whether the catalogue has it.
  let isNamed: Bool
  /// The M bit that we send where `AVPDialect.cisco` is spoken.
  let isMandatoryToCisco: Bool
  /// Of Cisco's: the number of its successor. Of the IETF's: the number of Cisco's that we write beside it. 0 is none.
  let counterpart: UInt8

  init(_ definition: AVPDefinition) {
    let lengths = definition.value.lengths
    minimumOctets = lengths.minimum
    maximumOctets = lengths.maximum
    stepOctets = lengths.step
    hasRule = [.nonZero16, .nonZero32, .result].contains(definition.value)
    isMandatory = definition.isMandatory
    // Of a vendor's own nobody says that they must not be.
    isHideable = definition.isHideable || definition.vendorID != 0
    switch definition.standing {
    case .understood: (isUnderstood, isRecognised) = (true, true)
    case .superseded: (isUnderstood, isRecognised) = (false, true)
    case .named: (isUnderstood, isRecognised) = (false, false)
    }
    isNamed = true
    if definition.vendorID == 0 {
      let predecessor = AVPCatalogue.cisco.first { $0.isWritten && $0.successor?.rawValue == definition.type }
      counterpart = UInt8(predecessor?.type ?? 0)
    } else {
      counterpart = UInt8(definition.successor?.rawValue ?? 0)
    }
    isMandatoryToCisco =
      definition.isMandatory && counterpart == 0 && !AVPCatalogue.newToCisco.contains(definition.type)
  }

  /// An AVP that the catalogue has not got: anything is right, and nobody understands it.
  private init() {
    minimumOctets = 0
    maximumOctets = AVPCatalogue.maximumValueOctets
    stepOctets = 1
    hasRule = false
    isMandatory = false
    isHideable = true
    isUnderstood = false
    isRecognised = false
    isNamed = false
    isMandatoryToCisco = false
    counterpart = 0
  }

  static let unknown = AVPFormat()

  /// Whether a value may have so many octets.
  @inline(__always)
  public func accepts(octets: UInt16) -> Bool {
    guard octets >= minimumOctets, octets <= maximumOctets else { return false }
    // A step of 1 is by far the most common, and a division is the dearest thing here.
    return stepOctets == 1 || (octets &- minimumOctets) & (stepOctets &- 1) == 0
  }
}

extension AVPCatalogue {
  /// The formats of the IETF's AVPs, by Attribute Type from 0 to `AVPSet.limit - 1`.
  public static let formats: [AVPFormat] = {
    var table = [AVPFormat](repeating: .unknown, count: Int(AVPSet.limit))
    for definition in ietf { table[Int(definition.type)] = AVPFormat(definition) }
    return table
  }()

  /// The formats of Cisco's, by Attribute Type likewise.
  static let ciscoFormats: [AVPFormat] = {
    var table = [AVPFormat](repeating: .unknown, count: Int(AVPSet.limit))
    for definition in cisco { table[Int(definition.type)] = AVPFormat(definition) }
    return table
  }()

  /// The format of any AVP of any vendor.
  @inline(__always)
  public static func format(vendorID: UInt16, type: UInt16) -> AVPFormat {
    guard type < AVPSet.limit else { return .unknown }
    if vendorID == 0 { return formats[Int(type)] }
    return vendorID == ciscoVendorID ? ciscoFormats[Int(type)] : .unknown
  }

  /// The IETF's AVP that one of Cisco's stands for in a message; nil if there is none.
  ///
  /// - Parameters:
  ///   - type: Attribute Type of an AVP of Cisco's.
  ///   - isSessionMessage: whether the message is about a session. Its tie breaker is of sessions alone, the IETF's is not.
  static func successor(ofCisco type: UInt16, isSessionMessage: Bool) -> AVPType? {
    let successor = AVPType(rawValue: UInt16(format(vendorID: ciscoVendorID, type: type).counterpart))
    return successor.rawValue == 0 || successor == .tieBreaker && !isSessionMessage ? nil : successor
  }
}

extension AVPValueType {
  /// The lengths in octets; `step` is a power of two.
  var lengths: (minimum: UInt16, maximum: UInt16, step: UInt16) {
    let most = AVPCatalogue.maximumValueOctets
    return switch self {
    case .presence: (0, 0, 1)
    case .number16, .nonZero16, .bits16: (2, 2, 1)
    case .number32, .nonZero32, .identifier32: (4, 4, 1)
    case .number64: (8, 8, 1)
    case .text(let minimum): (minimum, most, 1)
    case .octets(let minimum, let maximum): (minimum, maximum, 1)
    case .list16: (2, most, 2)
    case .list32: (4, most, 4)
    case .result: (2, most, 1)
    case .cookie: (0, 8, 4)
    case .circuitErrors: (18, 26, 8)
    case .digest: (17, 21, 4)
    case .extendedVendor: (6, most, 1)
    }
  }
}
