/// Names of registered numbers, for people (RFC 3931 section 10 and the registry that it began).
enum Names {
  /// The registered meaning of a 16-bit number in an AVP; nil if there is none.
  static func meaning(of definition: AVPDefinition, _ number: UInt16) -> String? {
    guard definition.vendorID == 0 else {
      return definition.name == "Pseudowire Type" ? PseudowireType(rawValue: number).name : nil
    }
    switch AVPType(rawValue: definition.type) {
    case .messageType: return MessageType(rawValue: number).name
    case .pseudowireType: return PseudowireType(rawValue: number).name
    case .sublayer: return sublayers[number]
    case .dataSequencing: return sequencing[number]
    default: return nil
    }
  }

  /// The names of the bits that are set in a mask.
  static func bits(of definition: AVPDefinition, _ bits: UInt16) -> [String] {
    guard definition.name == "Circuit Status" else { return [] }
    return circuitStatus.filter { bits & $0.mask != 0 }.map(\.name)
  }

  /// The faults that a status names.
  static func faults(in status: CircuitStatus) -> [String] {
    let faults: CircuitStatus = [.receiveFault, .transmitFault, .networkReceiveFault, .networkTransmitFault]
    return circuitStatus.filter { status.intersection(faults).rawValue & $0.mask != 0 }.map(\.name)
  }

  private static let sublayers: [UInt16: String] = [
    0: "none", 1: "default", 2: "ATM", 3: "DOCSIS MPT", 4: "DOCSIS PSP",
  ]
  private static let sequencing: [UInt16: String] = [
    0: "none", 1: "all but IP packets", 2: "all packets",
  ]
  private static let circuitStatus: [(mask: UInt16, name: String)] = [
    (0x0001, "active"), (0x0002, "new"), (0x0004, "receive fault"), (0x0008, "transmit fault"),
    (0x0010, "network receive fault"), (0x0020, "network transmit fault"), (0x0040, "standby"),
  ]

  /// StopCCN result codes (RFC 3931 section 5.4.2, RFC 3308).
  static let stopCodes: [UInt16: String] = [
    1: "general request to clear the control connection", 2: "general error", 3: "control connection already exists",
    4: "not authorised", 5: "protocol version not supported", 6: "shutting down",
    7: "state machine error or timeout", 8: "control DSCP mismatch",
  ]

  /// CDN result codes (RFC 3931 section 5.4.2 and the registry).
  static let callCodes: [UInt16: String] = [
    1: "loss of carrier or circuit disconnect", 2: "general error", 3: "administrative reasons",
    4: "no facilities for now", 5: "no facilities for good", 6: "invalid destination", 7: "no carrier detected",
    8: "busy", 9: "no dial tone", 10: "timeout", 11: "no framing detected", 12: "session DSCP mismatch",
    13: "lost a tie", 14: "pseudowire type not supported", 15: "sequencing without a valid sublayer",
    16: "state machine error or timeout", 17: "Frame Relay circuit deleted", 18: "Frame Relay circuit inactive",
    19: "Frame Relay header length mismatch", 20: "HDLC link deleted", 21: "HDLC link inactive",
    22: "OAM emulation not supported", 23: "interface MTU mismatch", 24: "no such forwarder",
    25: "forwarder not authorised", 26: "loop detected", 27: "circuit bound to another PE",
    28: "circuit bound to another remote circuit", 30: "TDM parameters", 31: "sequencing not supported",
  ]

  /// An error code beside a StopCCN result, in words: with "version not supported" it is a version (RFC 3931 section
  /// 5.4.2).
  static func errorWords(_ error: GeneralError, ofStop code: StopCode) -> String? {
    code == .versionNotSupported ? "version \(error.rawValue) is the highest" : errorCodes[error.rawValue]
  }

  /// An error code beside a CDN result, in words: "TDM parameters" has codes of its own (RFC 5611 section 3).
  static func errorWords(_ error: GeneralError, ofCall code: CallCode) -> String? {
    code == .tdmParameters ? tdmErrors[error.rawValue] : errorCodes[error.rawValue]
  }

  /// Error codes beside the CDN result "TDM parameters" (RFC 5611 and the registry).
  static let tdmErrors: [UInt16: String] = [
    0: "no error", 1: "bit rate", 2: "trunk type", 3: "payload size", 4: "RTP header", 5: "clock source",
  ]

  /// General error codes (RFC 3931 section 5.4.2).
  static let errorCodes: [UInt16: String] = [
    0: "no general error", 1: "no control connection for this pair yet", 2: "wrong length",
    3: "value out of range or reserved field not zero", 4: "insufficient resources", 5: "invalid Session ID",
    6: "vendor's own error", 7: "try another", 8: "unknown mandatory AVP", 9: "try another, directed",
  ]
}

extension PseudowireType {
  /// The registered name, if there is one (RFC 4719, 4349, 4454, 4591, 5611).
  public var name: String? {
    Self.names[rawValue]
  }

  private static let names: [UInt16: String] = [
    0x0001: "Frame Relay", 0x0002: "ATM AAL5", 0x0003: "ATM cell, port", 0x0004: "Ethernet VLAN",
    0x0005: "Ethernet", 0x0006: "HDLC", 0x0007: "PPP", 0x0009: "ATM cell, VCC", 0x000A: "ATM cell, VPC",
    0x000B: "IP", 0x000C: "DOCSIS MPT", 0x000D: "DOCSIS PSP", 0x0011: "E1", 0x0012: "T1", 0x0013: "E3",
    0x0014: "T3", 0x0015: "CESoPSN", 0x0017: "CESoPSN with CAS",
  ]
}

extension StopCode {
  /// The meaning of the result code, in words; the number of one that is not registered.
  public var name: String { Names.stopCodes[rawValue] ?? "result \(rawValue)" }
}

extension CallCode {
  /// The meaning of the result code, in words; the number of one that is not registered.
  public var name: String { Names.callCodes[rawValue] ?? "result \(rawValue)" }
}

extension GeneralError {
  /// The meaning of the error code, in words; the number of one that is not registered.
  public var name: String { Names.errorCodes[rawValue] ?? "error \(rawValue)" }
}
