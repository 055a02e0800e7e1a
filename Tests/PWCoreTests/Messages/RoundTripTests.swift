import PWCore
import Testing

/// Every message, bare and full, through octets and back.
@Suite struct RoundTripTests {
  static var fullDataPath: DataPathParameters {
    var path = DataPathParameters()
    path.cookie = Cookie(octets: [1, 2, 3, 4, 5, 6, 7, 8])
    path.sublayer = 1
    path.dataSequencing = 2
    path.circuitStatus = [.active, .standby]
    path.transmitSpeed = 1_000_000_000
    path.receiveSpeed = .max
    path.physicalChannel = 7
    path.interfaceMTUOctets = 1500
    path.sessionPHB = 0xB800
    return path
  }

  /// A full data path, less the fields that a message's spec does not allow.
  static func dataPath(_ allowed: [AVPType]) -> DataPathParameters {
    var path = fullDataPath
    if !allowed.contains(.assignedCookie) { path.cookie = nil }
    if !allowed.contains(.physicalChannelID) { path.physicalChannel = nil }
    if !allowed.contains(.interfaceMTU) { path.interfaceMTUOctets = nil }
    if !allowed.contains(.sessionDSCP) { path.sessionPHB = nil }
    return path
  }

  static let other = RawAVP(vendorID: 4491, type: 900, isMandatory: false, value: [1, 2, 3])
  static let identifiers = SessionIdentifiers(
    local: SessionID(rawValue: 0xA000_0001), remote: SessionID(rawValue: 0xB000_0002))

  static var parameters: StartParameters {
    var parameters = StartParameters(
      hostName: "lcce-a", routerID: 0xC000_0201, assignedConnectionID: ControlConnectionID(rawValue: 0x1122_3344),
      pseudowireCapabilities: [.ethernetVLAN, .ethernet, PseudowireType(rawValue: 0xFFFF)])
    parameters.nonce = Array(0..<16)
    parameters.vendorName = "pwmgr é"
    parameters.receiveWindowSize = 8
    parameters.preferredLanguage = "en"
    parameters.controlPHB = 0xB800
    return parameters
  }

  static var bareParameters: StartParameters {
    StartParameters(
      hostName: "x", routerID: 0, assignedConnectionID: ControlConnectionID(rawValue: 1),
      pseudowireCapabilities: [.ethernet])
  }

  static func calls() -> [ControlMessage] {
    var status = DataPathParameters()
    status.circuitStatus = []
    var incoming = IncomingCallRequest(
      identifiers: identifiers, serialNumber: 9, pseudowireType: .ethernet, remoteEndID: RemoteEndID(number: 100),
      dataPath: fullDataPath)
    let bareIncoming = IncomingCallRequest(
      identifiers: identifiers, serialNumber: 0, pseudowireType: .ppp, remoteEndID: RemoteEndID(octets: []),
      dataPath: status)
    incoming.tieBreaker = 0x0102_0304_0506_0708
    incoming.localEndID = [9]
    incoming.attachmentGroup = [1, 2]
    incoming.others = [other]
    var outgoing = OutgoingCallRequest(
      identifiers: identifiers, serialNumber: .max, pseudowireType: .ethernetVLAN,
      remoteEndID: RemoteEndID(text: "lan"), dataPath: dataPath([.assignedCookie]))
    outgoing.tieBreaker = 1
    var errors = CircuitErrors()
    (errors.crc, errors.framing, errors.alignment) = (1, .max, 6)
    (errors.hardwareOverruns, errors.bufferOverruns, errors.timeouts) = (3, 4, 5)
    return [
      .incomingCallRequest(incoming), .incomingCallRequest(bareIncoming),
      .incomingCallReply(
        IncomingCallReply(
          identifiers: identifiers, dataPath: dataPath([.assignedCookie, .physicalChannelID, .interfaceMTU]))),
      .incomingCallReply(IncomingCallReply(identifiers: identifiers, dataPath: status)),
      .incomingCallConnected(IncomingCallConnected(identifiers: identifiers, dataPath: dataPath([]))),
      .incomingCallConnected(IncomingCallConnected(identifiers: identifiers)),
      .outgoingCallRequest(outgoing),
      .outgoingCallReply(
        OutgoingCallReply(identifiers: identifiers, dataPath: dataPath([.assignedCookie, .physicalChannelID]))),
      .outgoingCallConnected(OutgoingCallConnected(identifiers: identifiers, dataPath: dataPath([]))),
      .callDisconnect(CallDisconnect(result: CallResult(.administrative), identifiers: identifiers)),
      .callDisconnect(
        CallDisconnect(
          result: CallResult(.generalError, error: .unknownMandatoryAVP, text: "attribute 900"),
          identifiers: identifiers)),
      .wanError(WANError(identifiers: identifiers, errors: errors)),
      .setLinkInfo(SetLinkInfo(identifiers: identifiers, circuitStatus: .active)),
      .setLinkInfo(SetLinkInfo(identifiers: identifiers, circuitStatus: nil)),
    ]
  }

  static func messages() -> [ControlMessage] {
    var request = StartRequest(parameters: parameters, tieBreaker: .max)
    request.parameters.challenge = [7]
    var reply = StartReply(parameters: parameters)
    reply.parameters.challenge = [UInt8](0..<255)
    reply.parameters.challengeResponse = [UInt8](16..<32)
    var connected = StartConnected()
    connected.challengeResponse = [UInt8](0..<16)
    request.others = [other, RawAVP(vendorID: 4491, type: 8, isMandatory: false, isHidden: true, value: [1, 2, 3])]
    var hello = Hello()
    hello.others = [other]
    return calls() + [
      .startRequest(request), .startRequest(StartRequest(parameters: bareParameters)),
      .startReply(StartReply(parameters: parameters)), .startReply(StartReply(parameters: bareParameters)),
      .startReply(reply), .startConnected(connected), .startConnected(StartConnected()), .hello(hello), .hello(Hello()),
      .acknowledgement(Acknowledgement()),
      .stopNotification(StopNotification(result: StopResult(.shuttingDown))),
      .stopNotification(
        StopNotification(
          result: StopResult(.versionNotSupported, error: GeneralError(rawValue: 3)),
          assignedConnectionID: ControlConnectionID(rawValue: 5))),
      .unknown(UnknownMessage(vendorID: 9, type: 0, isMandatory: false, others: [other])),
      .unknown(UnknownMessage(vendorID: 0, type: 21, isMandatory: false, others: [])),
    ]
  }

  struct Sample: Sendable, CustomTestStringConvertible {
    var message: ControlMessage
    var testDescription: String { message.messageType.name }
  }

  @Test(arguments: messages().map(Sample.init)) func survives(_ sample: Sample) throws {
    let message = sample.message
    let header = ControlHeader(connectionID: ControlConnectionID(rawValue: 0x5566_7788), ns: 0xFFFE, nr: 0x0102)
    for digest in [nil, Authentication.Digest.md5, .sha1] {
      var encoded = message.encoded(reservingDigest: digest)
      encoded.setHeader(connectionID: header.connectionID, ns: header.ns, nr: header.nr)
      #expect(encoded.header == header)
      let received = try ControlCodec.decode(encoded.octets.span)
      #expect(received.message == message)
      #expect(received.header == header)
      #expect(received.ignored.isEmpty)
      try ControlCodec.validate(encoded.octets.span)
      let digests = ControlCodec.digests(of: encoded.octets.span)
      #expect(digests.first?.octets.lowerBound == encoded.digestOffset)
      #expect(digests.first?.type == digest)
    }
  }

  @Test("a message that is called full has every field set: one that nobody writes or reads would not show otherwise")
  func fullIsFull() {
    var full: [Any] = [Self.fullDataPath]
    for message in Self.messages() {
      switch message {
      case .startReply(let reply) where reply.parameters.challengeResponse != nil: full.append(reply.parameters)
      case .incomingCallRequest(let request) where request.tieBreaker != nil: full.append(request)
      default: break
      }
    }
    #expect(full.count == 3)
    for child in full.flatMap({ Mirror(reflecting: $0).children }) {
      let value = Mirror(reflecting: child.value)
      #expect(value.displayStyle != .optional || !value.children.isEmpty, "\(child.label ?? "") is not set")
    }
  }

  @Test func everyMessageOfTheSpecIsAmongThem() {
    let covered = Set(Self.messages().map(\.messageType))
    #expect(MessageSpec.all.allSatisfy { covered.contains($0.type) })
  }

  @Test func zeroLengthBody() throws {
    var encoded = EncodedMessage.zeroLengthBody()
    encoded.setHeader(connectionID: ControlConnectionID(rawValue: 1), ns: 2, nr: 3)
    #expect(encoded.octets == [0xC8, 3, 0, 12, 0, 0, 0, 1, 0, 2, 0, 3])
    let received = try ControlCodec.decode(encoded.octets.span)
    #expect(received.message == nil)
    #expect(received.header.nr == 3)
    #expect(encoded.digestOffset == nil)
  }

  @Test("a message of any length is written whole, however its AVPs lie across the room that is there at first")
  func anyLength() throws {
    for length in 1...260 {
      var parameters = StartParameters(
        hostName: String(repeating: "h", count: length), routerID: 1,
        assignedConnectionID: ControlConnectionID(rawValue: 2), pseudowireCapabilities: [.ethernet, .ppp])
      parameters.vendorName = "vendor"
      let message = ControlMessage.startRequest(StartRequest(parameters: parameters, tieBreaker: 3))
      let encoded = message.encoded(reservingDigest: .sha1)
      #expect(try ControlCodec.decode(encoded.octets.span).message == message)
    }
  }

  @Test func longTextIsCutBetweenCharacters() throws {
    let text = String(repeating: "é", count: 600)
    let message = ControlMessage.stopNotification(
      StopNotification(result: StopResult(.generalError, error: .vendorSpecific, text: text)))
    let received = try ControlCodec.decode(message.encoded().octets.span)
    guard case .stopNotification(let stop) = received.message else {
      Issue.record("not a StopCCN")
      return
    }
    #expect(stop.result.text == String(repeating: "é", count: 506))
  }
}
