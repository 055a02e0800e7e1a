extension ControlMessage {
  /// The value of its Message Type AVP; of an unknown message, that in its vendor's numbering.
  public var messageType: MessageType {
    switch self {
    case .startRequest: .startRequest
    case .startReply: .startReply
    case .startConnected: .startConnected
    case .stopNotification: .stopNotification
    case .hello: .hello
    case .acknowledgement: .acknowledgement
    case .outgoingCallRequest: .outgoingCallRequest
    case .outgoingCallReply: .outgoingCallReply
    case .outgoingCallConnected: .outgoingCallConnected
    case .incomingCallRequest: .incomingCallRequest
    case .incomingCallReply: .incomingCallReply
    case .incomingCallConnected: .incomingCallConnected
    case .callDisconnect: .callDisconnect
    case .wanError: .wanError
    case .setLinkInfo: .setLinkInfo
    case .unknown(let message): MessageType(rawValue: message.type)
    }
  }

  /// The session that the message is about, as its sender identifies it; nil for those of the control connection.
  public var sessionIdentifiers: SessionIdentifiers? {
    switch self {
    case .startRequest, .startReply, .startConnected, .stopNotification, .hello, .acknowledgement, .unknown: nil
    case .outgoingCallRequest(let message): message.identifiers
    case .outgoingCallReply(let message): message.identifiers
    case .outgoingCallConnected(let message): message.identifiers
    case .incomingCallRequest(let message): message.identifiers
    case .incomingCallReply(let message): message.identifiers
    case .incomingCallConnected(let message): message.identifiers
    case .callDisconnect(let message): message.identifiers
    case .wanError(let message): message.identifiers
    case .setLinkInfo(let message): message.identifiers
    }
  }

  /// The message as octets, its identifier and sequence numbers zero (`EncodedMessage.setHeader`), with room for so many
  /// digests right after the Message Type AVP if any is wanted (`MessageDigest.seal`).
  ///
  /// Only AVPs that the message's spec allows are written; a value longer than an AVP can hold, and an ICRQ, ICRP, OCRQ or
  /// OCRP without Circuit Status, are the caller's mistake and trap.
  public func encoded(
    reservingDigest digest: Authentication.Digest? = nil, count: Int = 1, dialect: AVPDialect = .rfc
  ) -> EncodedMessage {
    let unknown: UnknownMessage? = if case .unknown(let message) = self { message } else { nil }
    var writer = AVPWriter(
      messageType, isMandatory: unknown?.isMandatory ?? true, vendorID: unknown?.vendorID ?? 0, digest: digest,
      digestCount: count, dialect: unknown == nil ? dialect : .rfc, isSessionMessage: sessionIdentifiers != nil)
    switch self {
    case .startRequest(let message): message.write(to: &writer)
    case .startReply(let message): message.write(to: &writer)
    case .startConnected(let message): message.write(to: &writer)
    case .stopNotification(let message): message.write(to: &writer)
    case .hello(let message): writer.raw(message.others)
    case .acknowledgement(let message): writer.raw(message.others)
    case .outgoingCallRequest(let message): message.write(to: &writer)
    case .outgoingCallReply(let message): message.write(to: &writer)
    case .outgoingCallConnected(let message): message.write(to: &writer)
    case .incomingCallRequest(let message): message.write(to: &writer)
    case .incomingCallReply(let message): message.write(to: &writer)
    case .incomingCallConnected(let message): message.write(to: &writer)
    case .callDisconnect(let message): message.write(to: &writer)
    case .wanError(let message): message.write(to: &writer)
    case .setLinkInfo(let message): message.write(to: &writer)
    case .unknown(let message): writer.raw(message.others)
    }
    return writer.finish()
  }
}

extension StartParameters {
  fileprivate func write(to writer: inout AVPWriter) {
    if let nonce { writer.octets(.nonce, nonce) }
    writer.text(.hostName, hostName)
    writer.number32(.routerID, routerID)
    writer.number32(.assignedControlConnectionID, assignedConnectionID.rawValue)
    writer.list16(.pseudowireCapabilities, pseudowireCapabilities.map(\.rawValue))
    if let receiveWindowSize { writer.number16(.receiveWindowSize, receiveWindowSize) }
    if let vendorName { writer.text(.vendorName, vendorName) }
    if let preferredLanguage { writer.text(.preferredLanguage, preferredLanguage) }
    if let controlPHB { writer.number16(.controlDSCP, controlPHB) }
    if let challenge { writer.octets(.challenge, challenge) }
    if let challengeResponse { writer.octets(.challengeResponse, challengeResponse) }
    writer.ciscoDraftVersion()
  }
}

extension StartRequest {
  fileprivate func write(to writer: inout AVPWriter) {
    parameters.write(to: &writer)
    if let tieBreaker { writer.number64(.tieBreaker, tieBreaker) }
    writer.raw(others)
  }
}

extension StartReply {
  fileprivate func write(to writer: inout AVPWriter) {
    parameters.write(to: &writer)
    writer.raw(others)
  }
}

extension StartConnected {
  fileprivate func write(to writer: inout AVPWriter) {
    if let challengeResponse { writer.octets(.challengeResponse, challengeResponse) }
    writer.raw(others)
  }
}

extension StopNotification {
  fileprivate func write(to writer: inout AVPWriter) {
    writer.result(code: result.code.rawValue, error: result.error?.rawValue, text: result.text)
    if let assignedConnectionID {
      writer.number32(.assignedControlConnectionID, assignedConnectionID.rawValue)
    }
    writer.raw(others)
  }
}

extension SessionIdentifiers {
  fileprivate func write(to writer: inout AVPWriter) {
    writer.number32(.localSessionID, local.rawValue)
    writer.number32(.remoteSessionID, remote.rawValue)
  }
}

extension DataPathParameters {
  /// Writes what the message's spec allows.
  fileprivate func write(of type: MessageType, to writer: inout AVPWriter) {
    let rule = MessageRule.of(type)
    func allows(_ type: AVPType) -> Bool { rule.fields.contains(type.rawValue) }
    precondition(
      circuitStatus != nil || !rule.required.contains(AVPType.circuitStatus.rawValue),
      "this message must carry Circuit Status (RFC 3931 section 6)")
    if let circuitStatus, allows(.circuitStatus) { writer.number16(.circuitStatus, circuitStatus.rawValue) }
    if let cookie, allows(.assignedCookie) { writer.cookie(.assignedCookie, cookie) }
    if let sublayer, allows(.sublayer) { writer.number16(.sublayer, sublayer) }
    if let dataSequencing, allows(.dataSequencing) { writer.number16(.dataSequencing, dataSequencing) }
    if let transmitSpeed, allows(.transmitSpeed) { writer.number64(.transmitSpeed, transmitSpeed) }
    if let receiveSpeed, allows(.receiveSpeed) { writer.number64(.receiveSpeed, receiveSpeed) }
    if let physicalChannel, allows(.physicalChannelID) { writer.number32(.physicalChannelID, physicalChannel) }
    if let interfaceMTUOctets, allows(.interfaceMTU) { writer.number16(.interfaceMTU, interfaceMTUOctets) }
    if let sessionPHB, allows(.sessionDSCP) { writer.number16(.sessionDSCP, sessionPHB) }
  }
}

extension IncomingCallRequest {
  fileprivate func write(to writer: inout AVPWriter) {
    identifiers.write(to: &writer)
    if let serialNumber { writer.number32(.serialNumber, serialNumber) }
    writer.number16(.pseudowireType, pseudowireType.rawValue)
    writer.octets(.remoteEndID, remoteEndID.octets)
    if let tieBreaker { writer.number64(.tieBreaker, tieBreaker) }
    if let attachmentGroup { writer.octets(.attachmentGroup, attachmentGroup) }
    if let localEndID { writer.octets(.localEndID, localEndID) }
    dataPath.write(of: .incomingCallRequest, to: &writer)
    writer.raw(others)
  }
}

extension OutgoingCallRequest {
  fileprivate func write(to writer: inout AVPWriter) {
    identifiers.write(to: &writer)
    if let serialNumber { writer.number32(.serialNumber, serialNumber) }
    writer.number16(.pseudowireType, pseudowireType.rawValue)
    writer.octets(.remoteEndID, remoteEndID.octets)
    if let tieBreaker { writer.number64(.tieBreaker, tieBreaker) }
    dataPath.write(of: .outgoingCallRequest, to: &writer)
    writer.raw(others)
  }
}

extension IncomingCallReply {
  fileprivate func write(to writer: inout AVPWriter) {
    identifiers.write(to: &writer)
    dataPath.write(of: .incomingCallReply, to: &writer)
    writer.raw(others)
  }
}

extension IncomingCallConnected {
  fileprivate func write(to writer: inout AVPWriter) {
    identifiers.write(to: &writer)
    dataPath.write(of: .incomingCallConnected, to: &writer)
    writer.raw(others)
  }
}

extension OutgoingCallReply {
  fileprivate func write(to writer: inout AVPWriter) {
    identifiers.write(to: &writer)
    dataPath.write(of: .outgoingCallReply, to: &writer)
    writer.raw(others)
  }
}

extension OutgoingCallConnected {
  fileprivate func write(to writer: inout AVPWriter) {
    identifiers.write(to: &writer)
    dataPath.write(of: .outgoingCallConnected, to: &writer)
    writer.raw(others)
  }
}

extension CallDisconnect {
  fileprivate func write(to writer: inout AVPWriter) {
    writer.result(code: result.code.rawValue, error: result.error?.rawValue, text: result.text)
    identifiers.write(to: &writer)
    writer.raw(others)
  }
}

extension WANError {
  fileprivate func write(to writer: inout AVPWriter) {
    identifiers.write(to: &writer)
    writer.octets(.circuitErrors, errors.octets)
    writer.raw(others)
  }
}

extension CircuitErrors {
  /// The long form: RFC 3931 section 5.4.5 counts 32 octets of AVP and draws 24; receivers take both.
  fileprivate var octets: [UInt8] {
    let counters = [crc, framing, hardwareOverruns, bufferOverruns, timeouts, alignment]
    return [0, 0] + counters.flatMap { counter in (0..<4).map { UInt8(truncatingIfNeeded: counter >> (24 - 8 * $0)) } }
  }
}

extension SetLinkInfo {
  fileprivate func write(to writer: inout AVPWriter) {
    identifiers.write(to: &writer)
    if let circuitStatus { writer.number16(.circuitStatus, circuitStatus.rawValue) }
    writer.raw(others)
  }
}
