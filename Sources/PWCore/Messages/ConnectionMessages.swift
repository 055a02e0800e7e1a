/// The parameters that SCCRQ and SCCRP have in common (RFC 3931 sections 6.1 and 6.2).
public struct StartParameters: Equatable, Sendable {
  /// AVP 7.
  public var hostName: String
  /// AVP 60: opaque.
  public var routerID: UInt32
  /// AVP 61: what the sender wants to be called.
  public var assignedConnectionID: ControlConnectionID
  /// AVP 62.
  public var pseudowireCapabilities: [PseudowireType]
  /// AVP 73: its presence switches authentication on.
  public var nonce: [UInt8]?
  /// AVP 8.
  public var vendorName: String?
  /// AVP 10; 4 when absent (section 5.4.3).
  public var receiveWindowSize: UInt16?
  /// AVP 47 (RFC 3308): a PHB code.
  public var controlPHB: UInt16?
  /// AVP 72.
  public var preferredLanguage: String?
  /// AVP 11 (RFC 2661): its sender wants a response to it.
  public var challenge: [UInt8]?
  /// AVP 13 (RFC 2661), in SCCRP alone.
  public var challengeResponse: [UInt8]?

  /// Parameters with the AVPs that RFC 3931 requires of both messages, and without the optional ones.
  public init(
    hostName: String, routerID: UInt32, assignedConnectionID: ControlConnectionID,
    pseudowireCapabilities: [PseudowireType]
  ) {
    self.hostName = hostName
    self.routerID = routerID
    self.assignedConnectionID = assignedConnectionID
    self.pseudowireCapabilities = pseudowireCapabilities
  }
}

/// SCCRQ (RFC 3931 section 6.1).
public struct StartRequest: Equatable, Sendable {
  /// The parameters that SCCRP carries too.
  public var parameters: StartParameters
  /// AVP 5: 8 octets as a number, most significant first; the lower wins.
  public var tieBreaker: UInt64?
  /// AVPs that the catalogue does not give to this message, in order.
  public var others: [RawAVP] = []

  /// An SCCRQ.
  public init(parameters: StartParameters, tieBreaker: UInt64? = nil) {
    self.parameters = parameters
    self.tieBreaker = tieBreaker
  }
}

/// SCCRP (RFC 3931 section 6.2).
public struct StartReply: Equatable, Sendable {
  /// The parameters that SCCRQ carries too.
  public var parameters: StartParameters
  /// AVPs that the catalogue does not give to this message, in order.
  public var others: [RawAVP] = []

  /// An SCCRP.
  public init(parameters: StartParameters) {
    self.parameters = parameters
  }
}

/// SCCCN (RFC 3931 section 6.3).
public struct StartConnected: Equatable, Sendable {
  /// AVP 13 (RFC 2661).
  public var challengeResponse: [UInt8]?
  /// AVPs that the catalogue does not give to this message, in order.
  public var others: [RawAVP] = []

  /// An SCCCN.
  public init() {}
}

/// StopCCN (RFC 3931 section 6.4).
public struct StopNotification: Equatable, Sendable {
  /// AVP 1.
  public var result: StopResult
  /// AVP 61: present when the sender has sent SCCRQ or SCCRP.
  public var assignedConnectionID: ControlConnectionID?
  /// AVPs that the catalogue does not give to this message, in order.
  public var others: [RawAVP] = []

  /// A StopCCN.
  public init(result: StopResult, assignedConnectionID: ControlConnectionID? = nil) {
    self.result = result
    self.assignedConnectionID = assignedConnectionID
  }
}

/// HELLO (RFC 3931 section 6.5).
public struct Hello: Equatable, Sendable {
  /// AVPs that the catalogue does not give to this message, in order.
  public var others: [RawAVP] = []

  /// A HELLO.
  public init() {}

  /// A HELLO that is longer by so many octets, for AVPs that say nothing: Random Vectors with nothing hidden after them
  /// (section 5.3), without M. Less than 6 octets have no room for an AVP.
  init(paddingOctets: Int) {
    var rest = paddingOctets
    while rest >= AVPView.headerOctets {
      var length = min(rest, AVPView.longestOctets)
      // The octets that are left must be none, or room for one more.
      if (1..<AVPView.headerOctets).contains(rest - length) { length -= AVPView.headerOctets }
      rest -= length
      others.append(
        RawAVP(
          vendorID: 0, type: AVPType.randomVector.rawValue, isMandatory: false,
          value: [UInt8](repeating: 0, count: length - AVPView.headerOctets)))
    }
  }
}

/// ACK (RFC 3931 section 6.15).
public struct Acknowledgement: Equatable, Sendable {
  /// AVPs that the catalogue does not give to this message, in order.
  public var others: [RawAVP] = []

  /// An explicit acknowledgement without further AVPs.
  public init() {}
}

/// A message whose type is not in RFC 3931 (or is a vendor's): it consumed an Ns and is acknowledged like any other.
public struct UnknownMessage: Equatable, Sendable {
  /// Vendor ID of its Message Type AVP.
  public var vendorID: UInt16
  /// The value of its Message Type AVP.
  public var type: UInt16
  /// The M bit of its Message Type AVP: set, the connection is cleared (section 5.4.1).
  public var isMandatory: Bool
  /// Every AVP after the Message Type.
  public var others: [RawAVP]

  /// A message of an unknown type.
  public init(vendorID: UInt16, type: UInt16, isMandatory: Bool, others: [RawAVP]) {
    self.vendorID = vendorID
    self.type = type
    self.isMandatory = isMandatory
    self.others = others
  }
}

/// The Result Code AVP of StopCCN and CDN, its error code and text (RFC 3931 section 5.4.2).
public struct ResultFields<Code: RawRepresentable & Hashable & Codable & Sendable>: Equatable, Codable, Sendable
where Code.RawValue == UInt16 {
  /// The Result Code, in the numbering of StopCCN or of CDN.
  public var code: Code
  /// The general error code, if the result is "general error" or another that has one.
  public var error: GeneralError?
  /// Text for people (UTF-8 on the wire).
  public var text: String?

  /// A result, its error code and its text.
  public init(_ code: Code, error: GeneralError? = nil, text: String? = nil) {
    self.code = code
    self.error = error
    self.text = text
  }
}

/// Why a control connection ends.
public typealias StopResult = ResultFields<StopCode>
/// Why a session ends.
public typealias CallResult = ResultFields<CallCode>

/// StopCCN result codes (RFC 3931 section 5.4.2, RFC 3308); unknown ones survive.
public struct StopCode: RawRepresentable, Hashable, Codable, Sendable {
  /// The number on the wire.
  public var rawValue: UInt16
  /// The result code of this number, whether it is known or not.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// General request to clear the control connection.
  public static let generalRequest = StopCode(rawValue: 1)
  /// General error, see the error code.
  public static let generalError = StopCode(rawValue: 2)
  /// The control connection already exists.
  public static let alreadyExists = StopCode(rawValue: 3)
  /// The requester is not authorised.
  public static let notAuthorised = StopCode(rawValue: 4)
  /// The protocol version is not supported.
  public static let versionNotSupported = StopCode(rawValue: 5)
  /// The requester is being shut down.
  public static let shuttingDown = StopCode(rawValue: 6)
  /// Finite state machine error or timeout.
  public static let stateMachineError = StopCode(rawValue: 7)
  /// The two ends want different code points for the control connection (RFC 3308).
  public static let controlDSCPMismatch = StopCode(rawValue: 8)
}

/// CDN result codes (RFC 3931 section 5.4.2 and the registry); unknown ones survive.
public struct CallCode: RawRepresentable, Hashable, Codable, Sendable {
  /// The number on the wire.
  public var rawValue: UInt16
  /// The result code of this number, whether it is known or not.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Loss of carrier or circuit disconnect.
  public static let lossOfCarrier = CallCode(rawValue: 1)
  /// See the error code.
  public static let generalError = CallCode(rawValue: 2)
  /// The session is disconnected for administrative reasons.
  public static let administrative = CallCode(rawValue: 3)
  /// No facilities, for now.
  public static let noFacilitiesTemporary = CallCode(rawValue: 4)
  /// No facilities, for good.
  public static let noFacilitiesPermanent = CallCode(rawValue: 5)
  /// The two ends want different code points for the session (RFC 3308).
  public static let sessionDSCPMismatch = CallCode(rawValue: 12)
  /// The session lost a tie.
  public static let lostTie = CallCode(rawValue: 13)
  /// The pseudowire type is not supported.
  public static let unsupportedPseudowireType = CallCode(rawValue: 14)
  /// Sequencing is required without a valid L2-Specific Sublayer.
  public static let sequencingWithoutSublayer = CallCode(rawValue: 15)
  /// Finite state machine error or timeout.
  public static let stateMachineError = CallCode(rawValue: 16)
  /// Interface MTU mismatch (RFC 4667).
  public static let mtuMismatch = CallCode(rawValue: 23)
  /// No such forwarder (RFC 4667).
  public static let noSuchForwarder = CallCode(rawValue: 24)
  /// Forwarder not authorised (RFC 4667).
  public static let forwarderNotAuthorised = CallCode(rawValue: 25)
}

/// General error codes (RFC 3931 section 5.4.2); unknown ones survive.
public struct GeneralError: RawRepresentable, Hashable, Codable, Sendable {
  /// The number on the wire.
  public var rawValue: UInt16
  /// The error code of this number, whether it is known or not.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// There was no general error.
  public static let none = GeneralError(rawValue: 0)
  /// No control connection for this pair yet.
  public static let noControlConnection = GeneralError(rawValue: 1)
  /// A length is wrong.
  public static let wrongLength = GeneralError(rawValue: 2)
  /// A value is out of range, or a reserved field is not zero.
  public static let valueOutOfRange = GeneralError(rawValue: 3)
  /// Not enough resources now.
  public static let insufficientResources = GeneralError(rawValue: 4)
  /// The Session ID is invalid in this context.
  public static let invalidSessionID = GeneralError(rawValue: 5)
  /// A vendor's own error.
  public static let vendorSpecific = GeneralError(rawValue: 6)
  /// The initiator should try another responder, if it knows of one.
  public static let tryAnother = GeneralError(rawValue: 7)
  /// An AVP with M set that is not known; the text names it.
  public static let unknownMandatoryAVP = GeneralError(rawValue: 8)
  /// Try one of the peers in the text.
  public static let tryAnotherDirected = GeneralError(rawValue: 9)
}
