import Testing

@testable import PWCore

@Suite("AVPs by Cisco's numbers")
struct DialectTests {
  private static let hostName = "800900000007612e62"  // "a.b"
  private static let start = "8008000000000001" + hostName + "800a0000003cc0000201"

  private func decoded(_ avps: String, _ dialect: AVPDialect = .cisco) throws -> ReceivedMessage {
    try ControlCodec.decode(message(octets(avps)).span, dialect: dialect)
  }

  private func parameters(_ avps: String) throws -> StartParameters {
    let received = try decoded(avps)
    guard case .startRequest(let request) = received.message else { throw Unexpected() }
    #expect(received.hasCiscoAVPs)
    return request.parameters
  }

  private struct Unexpected: Error {}

  @Test("they stand for what is missing, and count for nothing where the IETF's are, before or behind them")
  func ietfCounts() throws {
    let (own, ietf) = ("800a0009000100000007" + "8008000900020005", "000a0000003d00000008" + "00080000003e0004")
    let alone = try parameters(Self.start + own)
    #expect(alone.assignedConnectionID.rawValue == 7 && alone.pseudowireCapabilities == [.ethernet])
    for both in [own + ietf, ietf + own] {
      let parameters = try parameters(Self.start + both)
      #expect(parameters.assignedConnectionID.rawValue == 8)
      #expect(parameters.pseudowireCapabilities.map(\.rawValue) == [4])
    }
  }

  @Test("where RFC 3931 alone is spoken they stand for nothing")
  func rfcMisses() throws {
    let avps = Self.start + "800a0009000100000007" + "8008000900020005"
    let error = try #require(throws: MessageError.self) { try decoded(avps, .rfc) }
    #expect(error.fault == .missing(.assignedControlConnectionID))
  }

  @Test("one that cannot be is fatal with M, and passed over without")
  func malformed() throws {
    let rest = "8008000900020005"
    for (avp, fault): (String, MessageError.Fault) in [
      ("8008000900010007", .wrongLength(type: .assignedControlConnectionID, valueOctets: 2)),
      ("800a0009000100000000", .outOfRange(type: .assignedControlConnectionID)),
      ("0008000900010007", .missing(.assignedControlConnectionID)),
    ] {
      let error = try #require(throws: MessageError.self) { try decoded(Self.start + avp + rest) }
      #expect(error.fault == fault && error.consequence == .stopConnection)
    }
  }

  @Test("a session message that cannot be taken still names its session by them")
  func namesSession() throws {
    // ICRQ without a Pseudowire Type, and with M on what nobody knows.
    let avps = "800800000000000a" + "800a000900030000000a" + "800a0009000400000000" + "8006000903e7"
    let error = try #require(throws: MessageError.self) { try decoded(avps) }
    #expect(error.fault == .unrecognised(vendorID: 9, type: 999) && error.consequence == .disconnectCall)
    #expect(error.sessionIdentifiers == SessionIdentifiers(local: SessionID(rawValue: 10), remote: .unknown))
  }

  @Test("the session's tie breaker is not one of a control connection")
  func tieBreakers() throws {
    let own = "800a0009000100000007" + "8008000900020005" + "800e00090009" + "0000000000000001"
    guard case .startRequest(let request) = try decoded(Self.start + own).message else { throw Unexpected() }
    #expect(request.tieBreaker == nil)
  }

  @Test("a message without them must have a Router ID, and one with them need not")
  func routerID() throws {
    let body = "8008000000000001" + Self.hostName + "800a0000003d00000007" + "80080000003e0005"
    #expect(throws: MessageError.self) { try decoded(body) }
    #expect(try parameters(body + "80080009000a0001").routerID == 0)
  }

  @Test("the SCCRQ recorded from a Cisco router is the same in either dialect, but for the AVPs that are passed over")
  func recorded() throws {
    let octets = try Vector.named("cisco-ios-SCCRQ").octets
    let (ours, theirs) = (
      try ControlCodec.decode(octets.span), try ControlCodec.decode(octets.span, dialect: .cisco)
    )
    guard case .startRequest(let one) = ours.message, case .startRequest(let other) = theirs.message else {
      throw Unexpected()
    }
    #expect(one.parameters == other.parameters && one.tieBreaker == other.tieBreaker)
    #expect(ours.hasCiscoAVPs && theirs.hasCiscoAVPs)
  }

  // MARK: Writing

  /// The AVPs of a message, as `M` or `m`, vendor and number.
  private func words(_ encoded: EncodedMessage) throws -> [String] {
    var cursor = AVPCursor(messageOctets: encoded.octets.count)
    var words: [String] = []
    while let avp = try cursor.next(in: encoded.octets.span) {
      words.append("\(avp.isMandatory ? "M" : "m")\(avp.vendorID == 0 ? "" : "\(avp.vendorID):")\(avp.type)")
    }
    return words
  }

  private func request() -> IncomingCallRequest {
    var dataPath = DataPathParameters()
    dataPath.circuitStatus = .active
    dataPath.cookie = Cookie(number: 1, lengthOctets: 8)
    dataPath.sublayer = 1
    dataPath.dataSequencing = 2
    var request = IncomingCallRequest(
      identifiers: SessionIdentifiers(local: SessionID(rawValue: 5), remote: .unknown), serialNumber: 1,
      pseudowireType: .ethernet, remoteEndID: RemoteEndID(number: 100), dataPath: dataPath)
    request.tieBreaker = 3
    return request
  }

  @Test("each goes beside the IETF's, and neither of the two with M")
  func writes() throws {
    var parameters = StartParameters(
      hostName: "a", routerID: 1, assignedConnectionID: ControlConnectionID(rawValue: 7),
      pseudowireCapabilities: [.ethernet])
    parameters.nonce = [1]
    let start = ControlMessage.startRequest(StartRequest(parameters: parameters, tieBreaker: 2))
    #expect(
      try words(start.encoded(reservingDigest: .md5, dialect: .cisco)) == [
        "M0", "M59", "M73", "M7", "m60", "m61", "m9:1", "m62", "m9:2", "m9:10", "M5",
      ])
    #expect(
      try words(ControlMessage.incomingCallRequest(request()).encoded(dialect: .cisco)) == [
        "M0", "m63", "m9:3", "m64", "m9:4", "m15", "m68", "m9:7", "m66", "m9:6", "m5", "m9:9", "m71", "m9:8", "m65",
        "m9:5", "M69", "M70",
      ])
    let stop = StopNotification(
      result: StopResult(.generalRequest), assignedConnectionID: ControlConnectionID(rawValue: 7))
    #expect(
      try words(ControlMessage.stopNotification(stop).encoded(dialect: .cisco)) == ["M0", "M1", "m61", "m9:1"])
  }

  @Test("a reader of Cisco's alone finds in them what the IETF's say")
  func saysTheSame() throws {
    let encoded = ControlMessage.incomingCallRequest(request()).encoded(dialect: .cisco)
    var cursor = AVPCursor(messageOctets: encoded.octets.count)
    var kept = Array(encoded.octets[..<ControlHeader.lengthOctets])
    while let avp = try cursor.next(in: encoded.octets.span) {
      let format = AVPCatalogue.format(vendorID: avp.vendorID, type: avp.type)
      guard avp.vendorID == AVPCatalogue.ciscoVendorID || format.counterpart == 0 else { continue }
      kept += encoded.octets[avp.offset..<(avp.valueOffset + avp.valueOctets)]
    }
    kept[3] = UInt8(kept.count)
    let received = try ControlCodec.decode(kept.span, dialect: .cisco)
    #expect(received.message == .incomingCallRequest(request()))
    let whole = try ControlCodec.decode(encoded.octets.span, dialect: .cisco)
    #expect(whole.message == received.message)
  }

  private func lengths(_ format: AVPFormat) -> [UInt16] {
    [format.minimumOctets, format.maximumOctets, format.stepOctets]
  }

  @Test("every one that is written beside another has its lengths, and no two stand for one")
  func successors() {
    let successors = AVPCatalogue.cisco.compactMap(\.successor)
    #expect(Set(successors).count == successors.count)
    for definition in AVPCatalogue.cisco {
      guard let successor = definition.successor else { continue }
      let format = AVPCatalogue.format(vendorID: 0, type: successor.rawValue)
      #expect(format.isUnderstood, "\(definition.name)")
      if definition.isWritten { #expect(lengths(AVPFormat(definition)) == lengths(format), "\(definition.name)") }
      #expect(format.counterpart == (definition.isWritten ? UInt8(definition.type) : 0), "\(definition.name)")
    }
  }
}
