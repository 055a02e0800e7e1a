/// One line per control message (RFC 3931 section 6): what it must carry and what it may.
///
/// Every message may also carry Random Vector (36) and Message Digest (59); the Message Type (0) goes without saying.
public struct MessageSpec: Sendable {
  /// The number of its Message Type AVP.
  public let type: MessageType
  /// The short name of RFC 3931 section 3.1.
  public let name: String
  /// The long name of RFC 3931 section 3.1, such as `Start-Control-Connection-Request`.
  public let title: String
  /// Whether it belongs to a session (a fault in it ends the session) or to the control connection.
  public let isSessionMessage: Bool
  /// AVPs without which it cannot be taken. RFC 3931 demands a Serial Number of ICRQ and OCRQ besides (sections 6.6 and
  /// 6.9); it is for people who look for faults, and there are peers that send none.
  public let required: AVPSet
  /// AVPs that it may carry and that the typed message has a field for.
  public let optional: AVPSet

  /// Every message of RFC 3931, by number.
  public static let all: [MessageSpec] = [
    MessageSpec(
      .startRequest, "SCCRQ", "Start-Control-Connection-Request", session: false,
      required: [.hostName, .routerID, .assignedControlConnectionID, .pseudowireCapabilities],
      optional: [.nonce, .tieBreaker, .vendorName, .receiveWindowSize, .preferredLanguage, .controlDSCP, .challenge]),
    MessageSpec(
      .startReply, "SCCRP", "Start-Control-Connection-Reply", session: false,
      required: [.hostName, .routerID, .assignedControlConnectionID, .pseudowireCapabilities],
      optional: [
        .nonce, .vendorName, .receiveWindowSize, .preferredLanguage, .controlDSCP, .challenge, .challengeResponse,
      ]),
    MessageSpec(
      .startConnected, "SCCCN", "Start-Control-Connection-Connected", session: false, optional: [.challengeResponse]),
    MessageSpec(
      .stopNotification, "StopCCN", "Stop-Control-Connection-Notification", session: false,
      required: [.resultCode], optional: [.assignedControlConnectionID]),
    MessageSpec(.hello, "HELLO", "Hello", session: false),
    MessageSpec(
      .outgoingCallRequest, "OCRQ", "Outgoing-Call-Request", session: true,
      required: [.localSessionID, .remoteSessionID, .pseudowireType, .remoteEndID, .circuitStatus],
      optional: [
        .serialNumber, .assignedCookie, .transmitSpeed, .receiveSpeed, .tieBreaker, .sublayer, .dataSequencing,
        .sessionDSCP,
      ]),
    MessageSpec(
      .outgoingCallReply, "OCRP", "Outgoing-Call-Reply", session: true,
      required: [.localSessionID, .remoteSessionID, .circuitStatus],
      optional: [
        .assignedCookie, .sublayer, .transmitSpeed, .receiveSpeed, .dataSequencing, .physicalChannelID, .sessionDSCP,
      ]),
    MessageSpec(
      .outgoingCallConnected, "OCCN", "Outgoing-Call-Connected", session: true,
      required: [.localSessionID, .remoteSessionID],
      optional: [.sublayer, .transmitSpeed, .receiveSpeed, .dataSequencing, .circuitStatus]),
    MessageSpec(
      .incomingCallRequest, "ICRQ", "Incoming-Call-Request", session: true,
      required: [.localSessionID, .remoteSessionID, .pseudowireType, .remoteEndID, .circuitStatus],
      optional: [
        .serialNumber, .assignedCookie, .tieBreaker, .sublayer, .dataSequencing, .transmitSpeed, .receiveSpeed,
        .physicalChannelID, .attachmentGroup, .localEndID, .interfaceMTU, .sessionDSCP,
      ]),
    MessageSpec(
      .incomingCallReply, "ICRP", "Incoming-Call-Reply", session: true,
      required: [.localSessionID, .remoteSessionID, .circuitStatus],
      optional: [
        .assignedCookie, .sublayer, .dataSequencing, .transmitSpeed, .receiveSpeed, .physicalChannelID,
        .interfaceMTU, .sessionDSCP,
      ]),
    MessageSpec(
      .incomingCallConnected, "ICCN", "Incoming-Call-Connected", session: true,
      required: [.localSessionID, .remoteSessionID],
      optional: [.sublayer, .dataSequencing, .transmitSpeed, .receiveSpeed, .circuitStatus]),
    MessageSpec(
      .callDisconnect, "CDN", "Call-Disconnect-Notify", session: true,
      required: [.resultCode, .localSessionID, .remoteSessionID]),
    MessageSpec(
      .wanError, "WEN", "WAN-Error-Notify", session: true,
      required: [.localSessionID, .remoteSessionID, .circuitErrors]),
    MessageSpec(
      .setLinkInfo, "SLI", "Set-Link-Info", session: true, required: [.localSessionID, .remoteSessionID],
      optional: [.circuitStatus]),
    MessageSpec(.acknowledgement, "ACK", "Explicit-Acknowledgement", session: false),
  ]

  private init(
    _ type: MessageType, _ name: String, _ title: String, session: Bool, required: AVPSet = [],
    optional: AVPSet = []
  ) {
    self.type = type
    self.name = name
    self.title = title
    isSessionMessage = session
    self.required = required
    self.optional = optional
  }

  /// The line of a message type, if RFC 3931 has it.
  public static func of(_ type: MessageType) -> MessageSpec? {
    all.first { $0.type == type }
  }
}

extension MessageType {
  /// The short name, or the number of one that RFC 3931 does not have.
  public var name: String {
    MessageSpec.of(self)?.name ?? Self.extensionNames[rawValue] ?? "message \(rawValue)"
  }

  /// Messages of later RFCs (3573, 3817, 4951, 4045, 5515), for people to read.
  static let extensionNames: [UInt16: String] = [
    17: "MDMST", 18: "SRRQ", 19: "SRRP", 21: "FSQ", 22: "FSR", 23: "MSRQ", 24: "MSRP", 25: "MSE", 26: "MSI",
    27: "MSEN", 28: "CSUN", 29: "CSURQ",
  ]
}

/// The part of a message's line that checking needs, small enough to look up for every message that arrives.
struct MessageRule {
  var isKnown = false
  var isSessionMessage = false
  var required = AVPSet()
  var fields = AVPSet()

  /// By message type, from 0.
  static let table: [MessageRule] = {
    var table = [MessageRule](repeating: MessageRule(), count: 32)
    for spec in MessageSpec.all {
      table[Int(spec.type.rawValue)] = MessageRule(
        isKnown: true, isSessionMessage: spec.isSessionMessage, required: spec.required,
        fields: spec.required.union(spec.optional))
    }
    return table
  }()

  @inline(__always)
  static func of(_ type: MessageType) -> MessageRule {
    let number = Int(type.rawValue)
    return number < table.count ? table[number] : MessageRule()
  }
}
