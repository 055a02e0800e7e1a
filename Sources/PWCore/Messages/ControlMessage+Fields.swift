/// From the AVPs that were found in a message to its struct: the counterpart of `MessageEncoding.swift`.
extension ControlMessage {
  /// Nil only if the message's spec does not require what its struct needs.
  init?(_ type: MessageType, _ fields: borrowing MessageFields, _ others: [RawAVP], _ octets: Span<UInt8>) {
    let message: ControlMessage? =
      switch type {
      case .startRequest: StartRequest(fields, others, octets).map(ControlMessage.startRequest)
      case .startReply: StartReply(fields, others, octets).map(ControlMessage.startReply)
      case .startConnected: .startConnected(StartConnected(fields, others, octets))
      case .stopNotification: StopNotification(fields, others, octets).map(ControlMessage.stopNotification)
      case .hello: .hello(Hello(others))
      case .acknowledgement: .acknowledgement(Acknowledgement(others))
      default: ControlMessage(session: type, fields, others, octets)
      }
    guard let message else { return nil }
    self = message
  }

  private init?(session type: MessageType, _ fields: borrowing MessageFields, _ others: [RawAVP], _ octets: Span<UInt8>)
  {
    guard let identifiers = SessionIdentifiers(fields, octets) else { return nil }
    let message: ControlMessage? =
      switch type {
      case .incomingCallRequest:
        IncomingCallRequest(identifiers, fields, others, octets).map(ControlMessage.incomingCallRequest)
      case .incomingCallReply: .incomingCallReply(IncomingCallReply(identifiers, fields, others, octets))
      case .incomingCallConnected: .incomingCallConnected(IncomingCallConnected(identifiers, fields, others, octets))
      case .outgoingCallRequest:
        OutgoingCallRequest(identifiers, fields, others, octets).map(ControlMessage.outgoingCallRequest)
      case .outgoingCallReply: .outgoingCallReply(OutgoingCallReply(identifiers, fields, others, octets))
      case .outgoingCallConnected: .outgoingCallConnected(OutgoingCallConnected(identifiers, fields, others, octets))
      case .callDisconnect: CallDisconnect(identifiers, fields, others, octets).map(ControlMessage.callDisconnect)
      case .wanError: WANError(identifiers, fields, others, octets).map(ControlMessage.wanError)
      case .setLinkInfo: .setLinkInfo(SetLinkInfo(identifiers, fields, others, octets))
      default: nil
      }
    guard let message else { return nil }
    self = message
  }
}

extension StartParameters {
  fileprivate init?(_ fields: borrowing MessageFields, _ octets: Span<UInt8>) {
    guard let hostName = fields.text(.hostName, in: octets),
      let connectionID = fields.number32(.assignedControlConnectionID, in: octets),
      let capabilities = fields.list16(.pseudowireCapabilities, in: octets)
    else { return nil }
    // Only where it may be missing (`AVPCatalogue.newToCisco`) is it missing here.
    let routerID = fields.number32(.routerID, in: octets) ?? 0
    self.init(
      hostName: hostName, routerID: routerID, assignedConnectionID: ControlConnectionID(rawValue: connectionID),
      pseudowireCapabilities: capabilities.map { PseudowireType(rawValue: $0) })
    nonce = fields.octets(.nonce, in: octets)
    vendorName = fields.text(.vendorName, in: octets)
    receiveWindowSize = fields.number16(.receiveWindowSize, in: octets)
    preferredLanguage = fields.text(.preferredLanguage, in: octets)
    controlPHB = fields.number16(.controlDSCP, in: octets)
    challenge = fields.octets(.challenge, in: octets)
    challengeResponse = fields.octets(.challengeResponse, in: octets)
  }
}

extension StartRequest {
  fileprivate init?(_ fields: borrowing MessageFields, _ others: [RawAVP], _ octets: Span<UInt8>) {
    guard let parameters = StartParameters(fields, octets) else { return nil }
    self.init(parameters: parameters, tieBreaker: fields.number64(.tieBreaker, in: octets))
    self.others = others
  }
}

extension StartReply {
  fileprivate init?(_ fields: borrowing MessageFields, _ others: [RawAVP], _ octets: Span<UInt8>) {
    guard let parameters = StartParameters(fields, octets) else { return nil }
    self.init(parameters: parameters)
    self.others = others
  }
}

extension StartConnected {
  fileprivate init(_ fields: borrowing MessageFields, _ others: [RawAVP], _ octets: Span<UInt8>) {
    challengeResponse = fields.octets(.challengeResponse, in: octets)
    self.others = others
  }
}

extension Hello {
  fileprivate init(_ others: [RawAVP]) { self.others = others }
}

extension Acknowledgement {
  fileprivate init(_ others: [RawAVP]) { self.others = others }
}

extension StopNotification {
  fileprivate init?(_ fields: borrowing MessageFields, _ others: [RawAVP], _ octets: Span<UInt8>) {
    guard let result: StopResult = fields.result(in: octets) else { return nil }
    self.init(
      result: result,
      assignedConnectionID: fields.number32(.assignedControlConnectionID, in: octets).map(
        ControlConnectionID.init(rawValue:)))
    self.others = others
  }
}

extension SessionIdentifiers {
  fileprivate init?(_ fields: borrowing MessageFields, _ octets: Span<UInt8>) {
    guard let local = fields.number32(.localSessionID, in: octets),
      let remote = fields.number32(.remoteSessionID, in: octets)
    else { return nil }
    self.init(local: SessionID(rawValue: local), remote: SessionID(rawValue: remote))
  }
}

extension DataPathParameters {
  fileprivate init(_ fields: borrowing MessageFields, _ octets: Span<UInt8>) {
    self.init()
    cookie = fields.cookie(.assignedCookie, in: octets)
    sublayer = fields.number16(.sublayer, in: octets)
    dataSequencing = fields.number16(.dataSequencing, in: octets)
    circuitStatus = fields.number16(.circuitStatus, in: octets).map(CircuitStatus.init(rawValue:))
    transmitSpeed = fields.number64(.transmitSpeed, in: octets)
    receiveSpeed = fields.number64(.receiveSpeed, in: octets)
    physicalChannel = fields.number32(.physicalChannelID, in: octets)
    interfaceMTUOctets = fields.number16(.interfaceMTU, in: octets)
    sessionPHB = fields.number16(.sessionDSCP, in: octets)
  }
}

extension IncomingCallRequest {
  fileprivate init?(
    _ identifiers: SessionIdentifiers, _ fields: borrowing MessageFields, _ others: [RawAVP], _ octets: Span<UInt8>
  ) {
    guard let type = fields.number16(.pseudowireType, in: octets),
      let remoteEndID = fields.octets(.remoteEndID, in: octets)
    else { return nil }
    self.init(
      identifiers: identifiers, serialNumber: fields.number32(.serialNumber, in: octets),
      pseudowireType: PseudowireType(rawValue: type), remoteEndID: RemoteEndID(octets: remoteEndID),
      dataPath: DataPathParameters(fields, octets))
    tieBreaker = fields.number64(.tieBreaker, in: octets)
    localEndID = fields.octets(.localEndID, in: octets)
    attachmentGroup = fields.octets(.attachmentGroup, in: octets)
    self.others = others
  }
}

extension OutgoingCallRequest {
  fileprivate init?(
    _ identifiers: SessionIdentifiers, _ fields: borrowing MessageFields, _ others: [RawAVP], _ octets: Span<UInt8>
  ) {
    guard let type = fields.number16(.pseudowireType, in: octets),
      let remoteEndID = fields.octets(.remoteEndID, in: octets)
    else { return nil }
    self.init(
      identifiers: identifiers, serialNumber: fields.number32(.serialNumber, in: octets),
      pseudowireType: PseudowireType(rawValue: type), remoteEndID: RemoteEndID(octets: remoteEndID),
      dataPath: DataPathParameters(fields, octets))
    tieBreaker = fields.number64(.tieBreaker, in: octets)
    self.others = others
  }
}

extension IncomingCallReply {
  fileprivate init(
    _ identifiers: SessionIdentifiers, _ fields: borrowing MessageFields, _ others: [RawAVP], _ octets: Span<UInt8>
  ) {
    self.init(identifiers: identifiers, dataPath: DataPathParameters(fields, octets))
    self.others = others
  }
}

extension IncomingCallConnected {
  fileprivate init(
    _ identifiers: SessionIdentifiers, _ fields: borrowing MessageFields, _ others: [RawAVP], _ octets: Span<UInt8>
  ) {
    self.init(identifiers: identifiers, dataPath: DataPathParameters(fields, octets))
    self.others = others
  }
}

extension OutgoingCallReply {
  fileprivate init(
    _ identifiers: SessionIdentifiers, _ fields: borrowing MessageFields, _ others: [RawAVP], _ octets: Span<UInt8>
  ) {
    self.init(identifiers: identifiers, dataPath: DataPathParameters(fields, octets))
    self.others = others
  }
}

extension OutgoingCallConnected {
  fileprivate init(
    _ identifiers: SessionIdentifiers, _ fields: borrowing MessageFields, _ others: [RawAVP], _ octets: Span<UInt8>
  ) {
    self.init(identifiers: identifiers, dataPath: DataPathParameters(fields, octets))
    self.others = others
  }
}

extension CallDisconnect {
  fileprivate init?(
    _ identifiers: SessionIdentifiers, _ fields: borrowing MessageFields, _ others: [RawAVP], _ octets: Span<UInt8>
  ) {
    guard let result: CallResult = fields.result(in: octets) else { return nil }
    self.init(result: result, identifiers: identifiers)
    self.others = others
  }
}

extension WANError {
  fileprivate init?(
    _ identifiers: SessionIdentifiers, _ fields: borrowing MessageFields, _ others: [RawAVP], _ octets: Span<UInt8>
  ) {
    guard let errors = fields.circuitErrors(in: octets) else { return nil }
    self.init(identifiers: identifiers, errors: errors)
    self.others = others
  }
}

extension SetLinkInfo {
  fileprivate init(
    _ identifiers: SessionIdentifiers, _ fields: borrowing MessageFields, _ others: [RawAVP], _ octets: Span<UInt8>
  ) {
    self.init(
      identifiers: identifiers,
      circuitStatus: fields.number16(.circuitStatus, in: octets).map(CircuitStatus.init(rawValue:)))
    self.others = others
  }
}
