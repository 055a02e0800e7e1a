/// The two Session IDs that every session message carries (RFC 3931 section 5.4.4).
public struct SessionIdentifiers: Equatable, Sendable {
  /// AVP 63: the sender's identifier.
  public var local: SessionID
  /// AVP 64: the receiver's identifier, 0 while the sender has not learnt it.
  public var remote: SessionID

  /// The pair, as the sender sees it.
  public init(local: SessionID, remote: SessionID) {
    self.local = local
    self.remote = remote
  }
}

/// The demands of a session's data path on what it receives (AVPs 65, 69, 70), and the state of its circuit.
///
/// The small ones stand where the large ones leave room: a message is moved often, and 8 octets more can be felt.
public struct DataPathParameters: Equatable, Sendable {
  /// AVP 65: what the sender wants in data packets sent to it; nil is none.
  public var cookie: Cookie?
  /// AVP 69; 0 when absent.
  public var sublayer: UInt16?
  /// AVP 70; 0 when absent.
  public var dataSequencing: UInt16?
  /// AVP 71.
  public var circuitStatus: CircuitStatus?
  /// AVP 74, bit/s.
  public var transmitSpeed: UInt64?
  /// AVP 91 (RFC 4667), octets.
  public var interfaceMTUOctets: UInt16?
  /// AVP 75, bit/s.
  public var receiveSpeed: UInt64?
  /// AVP 48 (RFC 3308): a PHB code.
  public var sessionPHB: UInt16?
  /// AVP 25.
  public var physicalChannel: UInt32?

  /// Parameters of which the message gives none.
  public init() {}
}

/// The Circuit Status AVP (RFC 3931 section 5.4.5, RFC 5641 section 2); unknown bits survive.
public struct CircuitStatus: OptionSet, Hashable, Sendable {
  /// The 16 bits on the wire.
  public var rawValue: UInt16
  /// A circuit status with these 16 bits, unknown ones included.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// A: the circuit is up.
  public static let active = CircuitStatus(rawValue: 0x0001)
  /// N: new circuit; deprecated, ignored on receipt.
  public static let new = CircuitStatus(rawValue: 0x0002)
  /// R: receive fault of the attachment circuit.
  public static let receiveFault = CircuitStatus(rawValue: 0x0004)
  /// T: transmit fault of the attachment circuit.
  public static let transmitFault = CircuitStatus(rawValue: 0x0008)
  /// I: receive fault on the side of the network.
  public static let networkReceiveFault = CircuitStatus(rawValue: 0x0010)
  /// E: transmit fault on the side of the network.
  public static let networkTransmitFault = CircuitStatus(rawValue: 0x0020)
  /// S: standby.
  public static let standby = CircuitStatus(rawValue: 0x0040)
}

/// ICRQ (RFC 3931 section 6.6).
public struct IncomingCallRequest: Equatable, Sendable {
  /// AVPs 63 and 64 (64 is 0 here).
  public var identifiers: SessionIdentifiers
  /// AVP 15; nil when absent.
  public var serialNumber: UInt32?
  /// AVP 68.
  public var pseudowireType: PseudowireType
  /// AVP 66.
  public var remoteEndID: RemoteEndID
  /// AVP 5: 8 octets as a number; the lower wins.
  public var tieBreaker: UInt64?
  /// AVP 90 (RFC 4667).
  public var localEndID: [UInt8]?
  /// AVP 89 (RFC 4667).
  public var attachmentGroup: [UInt8]?
  /// AVPs 65, 69, 70, 71, 74, 75, 25, 91.
  public var dataPath: DataPathParameters
  /// AVPs that the catalogue does not give to this message, in order.
  public var others: [RawAVP] = []

  /// An ICRQ.
  public init(
    identifiers: SessionIdentifiers, serialNumber: UInt32?, pseudowireType: PseudowireType,
    remoteEndID: RemoteEndID, dataPath: DataPathParameters
  ) {
    self.identifiers = identifiers
    self.serialNumber = serialNumber
    self.pseudowireType = pseudowireType
    self.remoteEndID = remoteEndID
    self.dataPath = dataPath
  }
}

/// ICRP (RFC 3931 section 6.7).
public struct IncomingCallReply: Equatable, Sendable {
  /// AVPs 63 and 64.
  public var identifiers: SessionIdentifiers
  /// AVPs 65, 69, 70, 71, 74, 75, 25, 91.
  public var dataPath: DataPathParameters
  /// AVPs that the catalogue does not give to this message, in order.
  public var others: [RawAVP] = []

  /// An ICRP.
  public init(identifiers: SessionIdentifiers, dataPath: DataPathParameters) {
    self.identifiers = identifiers
    self.dataPath = dataPath
  }
}

/// ICCN (RFC 3931 section 6.8).
public struct IncomingCallConnected: Equatable, Sendable {
  /// AVPs 63 and 64.
  public var identifiers: SessionIdentifiers
  /// AVPs 69, 70, 71, 74, 75.
  public var dataPath: DataPathParameters
  /// AVPs that the catalogue does not give to this message, in order.
  public var others: [RawAVP] = []

  /// An ICCN.
  public init(identifiers: SessionIdentifiers, dataPath: DataPathParameters = DataPathParameters()) {
    self.identifiers = identifiers
    self.dataPath = dataPath
  }
}

/// CDN (RFC 3931 section 6.12).
public struct CallDisconnect: Equatable, Sendable {
  /// AVP 1.
  public var result: CallResult
  /// AVPs 63 and 64. AVP 63 is ``SessionID/unknown`` where the sender never gave the session an identifier: section 5.4.4
  /// asks for another value than 0, but not every peer draws one for a call that it refuses.
  public var identifiers: SessionIdentifiers
  /// AVPs that the catalogue does not give to this message, in order.
  public var others: [RawAVP] = []

  /// A CDN.
  public init(result: CallResult, identifiers: SessionIdentifiers) {
    self.result = result
    self.identifiers = identifiers
  }
}

/// SLI (RFC 3931 section 6.14).
public struct SetLinkInfo: Equatable, Sendable {
  /// AVPs 63 and 64.
  public var identifiers: SessionIdentifiers
  /// AVP 71.
  public var circuitStatus: CircuitStatus?
  /// AVPs that the catalogue does not give to this message, in order.
  public var others: [RawAVP] = []

  /// An SLI.
  public init(identifiers: SessionIdentifiers, circuitStatus: CircuitStatus?) {
    self.identifiers = identifiers
    self.circuitStatus = circuitStatus
  }
}

/// WEN (RFC 3931 section 6.13) with its Circuit Errors AVP (section 5.4.5).
public struct WANError: Equatable, Sendable {
  /// AVPs 63 and 64.
  public var identifiers: SessionIdentifiers
  /// AVP 34.
  public var errors: CircuitErrors
  /// AVPs that the catalogue does not give to this message, in order.
  public var others: [RawAVP] = []

  /// A WEN.
  public init(identifiers: SessionIdentifiers, errors: CircuitErrors) {
    self.identifiers = identifiers
    self.errors = errors
  }
}

/// Counters of a circuit since it came up (RFC 3931 section 5.4.5; the first two are RFC 2661's).
public struct CircuitErrors: Equatable, Codable, Sendable {
  /// CRC errors; zero where the AVP has its short form, which does not count them.
  public var crc: UInt32 = 0
  /// Framing errors; zero where the AVP has its short form, which does not count them.
  public var framing: UInt32 = 0
  /// Receive buffer overruns in hardware.
  public var hardwareOverruns: UInt32 = 0
  /// Buffer overruns detected since the call was established.
  public var bufferOverruns: UInt32 = 0
  /// Timeouts since the call was established.
  public var timeouts: UInt32 = 0
  /// Alignment errors since the call was established.
  public var alignment: UInt32 = 0

  /// Counters that are all zero.
  public init() {}
}

/// OCRQ (RFC 3931 section 6.9).
public struct OutgoingCallRequest: Equatable, Sendable {
  /// AVPs 63 and 64 (64 is 0 here).
  public var identifiers: SessionIdentifiers
  /// AVP 15; nil when absent.
  public var serialNumber: UInt32?
  /// AVP 68.
  public var pseudowireType: PseudowireType
  /// AVP 66.
  public var remoteEndID: RemoteEndID
  /// AVP 5: 8 octets as a number; the lower wins.
  public var tieBreaker: UInt64?
  /// AVPs 65, 69, 70, 71, 74, 75.
  public var dataPath: DataPathParameters
  /// AVPs that the catalogue does not give to this message, in order.
  public var others: [RawAVP] = []

  /// An OCRQ.
  public init(
    identifiers: SessionIdentifiers, serialNumber: UInt32?, pseudowireType: PseudowireType,
    remoteEndID: RemoteEndID, dataPath: DataPathParameters
  ) {
    self.identifiers = identifiers
    self.serialNumber = serialNumber
    self.pseudowireType = pseudowireType
    self.remoteEndID = remoteEndID
    self.dataPath = dataPath
  }
}

/// OCRP (RFC 3931 section 6.10).
public struct OutgoingCallReply: Equatable, Sendable {
  /// AVPs 63 and 64.
  public var identifiers: SessionIdentifiers
  /// AVPs 65, 69, 70, 71, 74, 75, 25.
  public var dataPath: DataPathParameters
  /// AVPs that the catalogue does not give to this message, in order.
  public var others: [RawAVP] = []

  /// An OCRP.
  public init(identifiers: SessionIdentifiers, dataPath: DataPathParameters) {
    self.identifiers = identifiers
    self.dataPath = dataPath
  }
}

/// OCCN (RFC 3931 section 6.11).
public struct OutgoingCallConnected: Equatable, Sendable {
  /// AVPs 63 and 64.
  public var identifiers: SessionIdentifiers
  /// AVPs 69, 70, 71, 74, 75.
  public var dataPath: DataPathParameters
  /// AVPs that the catalogue does not give to this message, in order.
  public var others: [RawAVP] = []

  /// An OCCN.
  public init(identifiers: SessionIdentifiers, dataPath: DataPathParameters = DataPathParameters()) {
    self.identifiers = identifiers
    self.dataPath = dataPath
  }
}
