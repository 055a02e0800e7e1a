/// The form of an AVP's value: its lengths, and how a reader is shown it.
public enum AVPValueType: Equatable, Sendable {
  /// No octets: being there is the value.
  case presence
  /// 2 octets, a number.
  case number16
  /// 2 octets, a number that must not be 0.
  case nonZero16
  /// 2 octets, a mask.
  case bits16
  /// 4 octets, a number.
  case number32
  /// 4 octets, a number that must not be 0.
  case nonZero32
  /// 4 octets, an opaque identifier.
  case identifier32
  /// 8 octets, a number.
  case number64
  /// Text, at least so many octets.
  case text(minimum: UInt16)
  /// Opaque octets, from so many to so many.
  case octets(minimum: UInt16, maximum: UInt16)
  /// One 16-bit number or more.
  case list16
  /// One 32-bit number or more.
  case list32
  /// A result code, perhaps an error code, perhaps text (RFC 3931 section 5.4.2).
  case result
  /// 0, 4 or 8 octets (RFC 3931 section 5.4.4).
  case cookie
  /// Counters: 18 octets as RFC 3931 section 5.4.5 draws them, 26 as it counts them.
  case circuitErrors
  /// A digest type and 16 or 20 octets (RFC 3931 section 5.4.1).
  case digest
  /// A 32-bit vendor, an attribute and its value (RFC 3931 section 5.1).
  case extendedVendor
}

/// The use that a receiver of ours has for an AVP.
public enum AVPStanding: Sendable {
  /// It has a field in the typed messages, or a step of its own on the way to them: its M bit is never looked at.
  case understood
  /// Recognised and without effect, mostly because another AVP says the same: its M bit is never looked at.
  case superseded
  /// Known by name only, for people to read: its M bit decides.
  case named
}

/// One line of the catalogue.
public struct AVPDefinition: Sendable {
  /// Vendor ID, 0 is the IETF's.
  public let vendorID: UInt16
  /// Attribute Type.
  public let type: UInt16
  /// The name in its RFC.
  public let name: String
  /// The M bit that we send.
  public let isMandatory: Bool
  /// Whether its value may be hidden (RFC 3931 section 5.3).
  public let isHideable: Bool
  /// The shape of its value.
  public let value: AVPValueType
  /// Our use for it when it arrives.
  public let standing: AVPStanding
  /// Of a vendor's: the IETF's AVP that says the same, which it stands for where the vendor's are spoken.
  public let successor: AVPType?
  /// Of a vendor's: whether we write it beside its successor to a peer that speaks so.
  public let isWritten: Bool

  /// An AVP of the IETF's that the engine calls by its name.
  init(
    _ type: AVPType, _ name: String, mandatory: Bool, hideable: Bool, _ value: AVPValueType, _ standing: AVPStanding
  ) {
    self.init(type.rawValue, name, mandatory: mandatory, hideable: hideable, value, standing)
  }

  /// Any other.
  init(
    _ type: UInt16, _ name: String, mandatory: Bool, hideable: Bool, _ value: AVPValueType,
    _ standing: AVPStanding, vendorID: UInt16 = 0, successor: AVPType? = nil, isWritten: Bool = false
  ) {
    self.vendorID = vendorID
    self.type = type
    self.name = name
    isMandatory = mandatory
    isHideable = hideable
    self.value = value
    self.standing = standing
    self.successor = successor
    self.isWritten = isWritten
  }
}

/// Whose numbers the AVPs of a control connection have, where both the IETF and a vendor have given one.
public enum AVPDialect: String, Codable, Sendable {
  /// The IETF's alone count, and are written (RFC 3931 section 5.4).
  case rfc
  /// Those of Cisco count too, where the IETF's are not in the message, and are written beside the IETF's; these then have no
  /// M bit, so that a router that has never heard of them passes them over.
  case cisco
}

/// Every AVP that pwmgr can name: M-bit rule, hiding, length checks and `pwmgr decode` come from here.
public enum AVPCatalogue {
  /// The IANA number of Cisco, whose routers sent these AVPs before the IETF numbered them.
  public static let ciscoVendorID: UInt16 = 9

  /// The longest value that fits an AVP, in octets (RFC 3931 section 5.1).
  public static let maximumValueOctets: UInt16 = 1017

  /// The AVPs of RFC 3931 section 5.4 and its extensions, by number.
  public static let ietf: [AVPDefinition] = [
    AVPDefinition(.messageType, "Message Type", mandatory: true, hideable: false, .number16, .understood),
    AVPDefinition(.resultCode, "Result Code", mandatory: true, hideable: false, .result, .understood),
    AVPDefinition(
      .tieBreaker, "Tie Breaker", mandatory: true, hideable: false, .octets(minimum: 8, maximum: 8), .understood),
    AVPDefinition(.hostName, "Host Name", mandatory: true, hideable: false, .text(minimum: 1), .understood),
    AVPDefinition(.vendorName, "Vendor Name", mandatory: false, hideable: true, .text(minimum: 0), .understood),
    AVPDefinition(.receiveWindowSize, "Receive Window Size", mandatory: true, hideable: false, .nonZero16, .understood),
    AVPDefinition(.serialNumber, "Serial Number", mandatory: false, hideable: true, .number32, .understood),
    AVPDefinition(.physicalChannelID, "Physical Channel ID", mandatory: false, hideable: true, .number32, .understood),
    AVPDefinition(.circuitErrors, "Circuit Errors", mandatory: false, hideable: true, .circuitErrors, .understood),
    AVPDefinition(
      .randomVector, "Random Vector", mandatory: true, hideable: false, .octets(minimum: 0, maximum: 1017),
      .understood),
    AVPDefinition(
      .extendedVendorID, "Extended Vendor ID", mandatory: false, hideable: true, .extendedVendor, .understood),
    AVPDefinition(.messageDigest, "Message Digest", mandatory: true, hideable: false, .digest, .understood),
    AVPDefinition(.routerID, "Router ID", mandatory: true, hideable: false, .identifier32, .understood),
    AVPDefinition(
      .assignedControlConnectionID, "Assigned Control Connection ID", mandatory: true, hideable: true, .nonZero32,
      .understood),
    AVPDefinition(
      .pseudowireCapabilities, "Pseudowire Capabilities List", mandatory: true, hideable: true, .list16, .understood),
    AVPDefinition(.localSessionID, "Local Session ID", mandatory: true, hideable: true, .nonZero32, .understood),
    AVPDefinition(.remoteSessionID, "Remote Session ID", mandatory: true, hideable: true, .identifier32, .understood),
    AVPDefinition(.assignedCookie, "Assigned Cookie", mandatory: true, hideable: true, .cookie, .understood),
    AVPDefinition(
      .remoteEndID, "Remote End ID", mandatory: true, hideable: true, .octets(minimum: 0, maximum: 1017), .understood),
    AVPDefinition(.pseudowireType, "Pseudowire Type", mandatory: true, hideable: true, .number16, .understood),
    AVPDefinition(.sublayer, "L2-Specific Sublayer", mandatory: true, hideable: true, .number16, .understood),
    AVPDefinition(.dataSequencing, "Data Sequencing", mandatory: true, hideable: true, .number16, .understood),
    AVPDefinition(.circuitStatus, "Circuit Status", mandatory: true, hideable: true, .bits16, .understood),
    AVPDefinition(
      .preferredLanguage, "Preferred Language", mandatory: false, hideable: true, .text(minimum: 0), .understood),
    AVPDefinition(
      .nonce, "Control Message Authentication Nonce", mandatory: true, hideable: false,
      .octets(minimum: 1, maximum: 1017),
      .understood),
    AVPDefinition(.transmitSpeed, "Tx Connect Speed", mandatory: false, hideable: true, .number64, .understood),
    AVPDefinition(.receiveSpeed, "Rx Connect Speed", mandatory: false, hideable: true, .number64, .understood),

    // RFC 3308: Differentiated Services.
    AVPDefinition(.controlDSCP, "Control Connection DSCP", mandatory: false, hideable: true, .bits16, .understood),
    AVPDefinition(.sessionDSCP, "Session DSCP", mandatory: false, hideable: true, .bits16, .understood),

    // RFC 4667: Layer 2 VPN extensions.
    AVPDefinition(
      .attachmentGroup, "Attachment Group Identifier", mandatory: false, hideable: true,
      .octets(minimum: 0, maximum: 1017),
      .understood),
    AVPDefinition(
      .localEndID, "Local End ID", mandatory: false, hideable: true, .octets(minimum: 0, maximum: 1017), .understood),
    AVPDefinition(.interfaceMTU, "Interface MTU", mandatory: false, hideable: true, .number16, .understood),

    // RFC 2661's tunnel authentication.
    AVPDefinition(
      .challenge, "Challenge", mandatory: true, hideable: true, .octets(minimum: 1, maximum: 1017), .understood),
    AVPDefinition(
      .challengeResponse, "Challenge Response", mandatory: true, hideable: true, .octets(minimum: 16, maximum: 16),
      .understood),

    // RFC 2661's, which routers that speak both versions put beside their successors.
    AVPDefinition(2, "Protocol Version", mandatory: true, hideable: false, .number16, .superseded),
    AVPDefinition(3, "Framing Capabilities", mandatory: true, hideable: true, .number32, .superseded),
    AVPDefinition(4, "Bearer Capabilities", mandatory: true, hideable: true, .number32, .superseded),
    AVPDefinition(6, "Firmware Revision", mandatory: false, hideable: true, .number16, .superseded),
    AVPDefinition(39, "Sequencing Required", mandatory: true, hideable: false, .presence, .superseded),
    AVPDefinition(9, "Assigned Tunnel ID", mandatory: true, hideable: true, .number16, .named),
    AVPDefinition(12, "Q.931 Cause Code", mandatory: true, hideable: false, .octets(minimum: 3, maximum: 1017), .named),
    AVPDefinition(14, "Assigned Session ID", mandatory: true, hideable: true, .number16, .named),

    // Extensions that we can name.
    AVPDefinition(
      .pppDisconnectCause, "PPP Disconnect Cause Code", mandatory: false, hideable: true,
      .octets(minimum: 5, maximum: 1017), .named),
    AVPDefinition(76, "Failover Capability", mandatory: false, hideable: true, .octets(minimum: 6, maximum: 6), .named),
    AVPDefinition(77, "Tunnel Recovery", mandatory: true, hideable: false, .octets(minimum: 10, maximum: 10), .named),
    AVPDefinition(
      78, "Suggested Control Sequence", mandatory: false, hideable: true, .octets(minimum: 6, maximum: 6), .named),
    AVPDefinition(
      79, "Failover Session State", mandatory: true, hideable: true, .octets(minimum: 10, maximum: 10), .named),
    AVPDefinition(85, "Frame Relay Header Length", mandatory: false, hideable: true, .number16, .named),
    AVPDefinition(86, "ATM Maximum Concatenated Cells", mandatory: false, hideable: true, .number16, .named),
    AVPDefinition(87, "OAM Emulation Required", mandatory: false, hideable: true, .presence, .named),
    AVPDefinition(88, "ATM Alarm Status", mandatory: false, hideable: true, .octets(minimum: 4, maximum: 4), .named),
    AVPDefinition(92, "FCS Retention", mandatory: false, hideable: true, .number16, .named),
    AVPDefinition(94, "MRU", mandatory: false, hideable: true, .number16, .named),
    AVPDefinition(95, "MRRU", mandatory: false, hideable: true, .number16, .named),
    AVPDefinition(96, "VCCV Capability", mandatory: false, hideable: true, .bits16, .named),
    AVPDefinition(
      97, "Connect Speed Update", mandatory: false, hideable: false, .octets(minimum: 20, maximum: 20), .named),
    AVPDefinition(98, "Connect Speed Update Enable", mandatory: false, hideable: false, .presence, .named),
    AVPDefinition(99, "TDM Pseudowire", mandatory: false, hideable: true, .octets(minimum: 6, maximum: 6), .named),
    AVPDefinition(100, "RTP", mandatory: false, hideable: true, .octets(minimum: 10, maximum: 10), .named),
    AVPDefinition(
      101, "Pseudowire Switching Point", mandatory: false, hideable: true, .octets(minimum: 0, maximum: 1017), .named),
    AVPDefinition(102, "S-BFD Target Discriminator ID", mandatory: false, hideable: false, .list32, .named),
  ]

  /// Cisco's (Vendor ID 9): IETF AVPs under other numbers. Where `AVPDialect.rfc` is spoken they change nothing: where they
  /// stand alone, the successor is missing and is reported so. Where `AVPDialect.cisco` is spoken they stand for their
  /// successors, and all of them are recognised.
  ///
  /// Of the digest nobody has said what it covers: it stands for nothing. The nonce does, because it tells that
  /// the peer wants digests; we write neither.
  public static let cisco: [AVPDefinition] = [
    .cisco(1, "Assigned Connection ID", .number32, .superseded, of: .assignedControlConnectionID),
    .cisco(2, "Pseudowire Capabilities List", .list16, .superseded, of: .pseudowireCapabilities),
    .cisco(3, "Local Session ID", .number32, .superseded, of: .localSessionID),
    .cisco(4, "Remote Session ID", .number32, .superseded, of: .remoteSessionID),
    .cisco(5, "Assigned Cookie", .cookie, .named, of: .assignedCookie),
    .cisco(6, "Remote End ID", .octets(minimum: 0, maximum: 1017), .named, of: .remoteEndID),
    .cisco(7, "Pseudowire Type", .number16, .superseded, of: .pseudowireType),
    .cisco(8, "Circuit Status", .bits16, .superseded, of: .circuitStatus),
    .cisco(9, "Session Tie Breaker", .octets(minimum: 8, maximum: 8), .superseded, of: .tieBreaker),
    .cisco(ciscoDraftVersion, "Draft AVP Version", .number16, .superseded),
    .cisco(11, "ATM Maximum Concatenated Cells", .octets(minimum: 0, maximum: 1017), .named),
    .cisco(ciscoMessageDigest, "Message Digest", .octets(minimum: 0, maximum: 1017), .named),
    .cisco(
      13, "Control Message Authentication Nonce", .octets(minimum: 0, maximum: 1017), .named, of: .nonce,
      isWritten: false),
    .cisco(14, "Interface MTU", .octets(minimum: 0, maximum: 1017), .named),
    .cisco(108, "OAM Emulation Required", .octets(minimum: 0, maximum: 1017), .named),
    .cisco(109, "ATM Alarm Status", .octets(minimum: 0, maximum: 1017), .named),
  ]

  /// Cisco's digest, which nobody checks.
  static let ciscoMessageDigest: UInt16 = 12
  /// Cisco's AVP without a successor that its routers put into SCCRQ and SCCRP.
  static let ciscoDraftVersion: UInt16 = 10
  /// The value that they give it in every message that we have seen; what other values mean is not known.
  static let ciscoDraftVersionValue: UInt16 = 1

  /// The IETF's AVPs that a router from before RFC 3931 may do without and cannot know by another number: Router ID.
  static let newToCisco: AVPSet = [.routerID]

  /// The line for an AVP, if it has one. For people: reading a message goes by `formats`.
  public static func definition(vendorID: UInt16, type: UInt16) -> AVPDefinition? {
    switch vendorID {
    case 0: ietf.first { $0.type == type }
    case ciscoVendorID: cisco.first { $0.type == type }
    default: nil
    }
  }
}

extension AVPDefinition {
  fileprivate static func cisco(
    _ type: UInt16, _ name: String, _ value: AVPValueType, _ standing: AVPStanding, of successor: AVPType? = nil,
    isWritten: Bool = true
  ) -> AVPDefinition {
    AVPDefinition(
      type, name, mandatory: false, hideable: false, value, standing, vendorID: AVPCatalogue.ciscoVendorID,
      successor: successor, isWritten: isWritten && successor != nil)
  }
}
