import PWCore
import Testing

/// Messages that are wrong: the error, its place, and its consequence.
@Suite struct MalformedTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    /// AVPs in hexadecimal.
    var avps: String
    var fault: MessageError.Fault
    var offset: Int
    var consequence: MessageError.Consequence
    var error: GeneralError
    var testDescription: String { name }
  }

  static let sccrq = "8008000000000001"
  static let start = "80070000000761" + "800a0000003cc0000201" + "800a0000003d11223344" + "80080000003e0005"
  static let icrq = "800800000000000a"
  static let session = "800a0000003fa0000001" + "800a0000004000000000"
  static let call = "800a0000000f00000001" + "8008000000440005" + "800a0000004200000064" + "8008000000470003"

  static let cases: [Case] = [
    Case(
      name: "no Message Type", avps: "80070000000761", fault: .messageTypeNotFirst, offset: 12,
      consequence: .stopConnection, error: .valueOutOfRange),
    Case(
      name: "hidden Message Type", avps: "c008000000000001", fault: .messageTypeMalformed, offset: 12,
      consequence: .stopConnection, error: .wrongLength),
    Case(
      name: "long Message Type", avps: "800a00000000000000010000", fault: .messageTypeMalformed, offset: 12,
      consequence: .stopConnection, error: .wrongLength),
    Case(
      name: "half an AVP header", avps: sccrq + start + "8008000000",
      fault: .framing(.truncatedHeader(offset: 55, octetsLeft: 5)),
      offset: 55, consequence: .stopConnection, error: .wrongLength),
    Case(
      name: "AVP of 5 octets", avps: sccrq + "800500000000", fault: .framing(.lengthTooSmall(offset: 20, length: 5)),
      offset: 20, consequence: .stopConnection, error: .wrongLength),
    Case(
      name: "AVP past the end, though optional", avps: icrq + session + "000900000008",
      fault: .framing(.lengthPastEnd(offset: 40, length: 9, octetsLeft: 6)), offset: 40,
      consequence: .stopConnection, error: .wrongLength),
    Case(
      name: "empty Host Name", avps: sccrq + "800600000007" + start,
      fault: .wrongLength(type: .hostName, valueOctets: 0),
      offset: 20, consequence: .stopConnection, error: .wrongLength),
    Case(
      name: "odd capabilities", avps: sccrq + "80090000003e000500" + start,
      fault: .wrongLength(type: .pseudowireCapabilities, valueOctets: 3), offset: 20, consequence: .stopConnection,
      error: .wrongLength),
    Case(
      name: "Assigned Control Connection ID 0", avps: sccrq + "800a0000003d00000000" + start,
      fault: .outOfRange(type: .assignedControlConnectionID), offset: 20, consequence: .stopConnection,
      error: .valueOutOfRange),
    Case(
      name: "window 0", avps: sccrq + start + "80080000000a0000", fault: .outOfRange(type: .receiveWindowSize),
      offset: 55, consequence: .stopConnection, error: .valueOutOfRange),
    Case(
      name: "no Host Name", avps: sccrq + String(start.dropFirst(14)), fault: .missing(.hostName), offset: 48,
      consequence: .stopConnection, error: .valueOutOfRange),
    Case(
      name: "unknown mandatory AVP", avps: sccrq + start + "800603840001", fault: .unrecognised(vendorID: 900, type: 1),
      offset: 55, consequence: .stopConnection, error: .unknownMandatoryAVP),
    Case(
      name: "Tunnel Recovery, which we know by name only", avps: sccrq + start + "80100000004d00000000000000000000",
      fault: .unrecognised(vendorID: 0, type: 77), offset: 55, consequence: .stopConnection,
      error: .unknownMandatoryAVP),
    Case(
      name: "RFC 2661's Assigned Session ID", avps: sccrq + start + "80080000000e0001",
      fault: .unrecognised(vendorID: 0, type: 14), offset: 55, consequence: .stopConnection,
      error: .unknownMandatoryAVP),
    Case(
      name: "Challenge Response of 15 octets",
      avps: "8008000000000002" + start + "80150000000d" + String(repeating: "11", count: 15),
      fault: .wrongLength(type: .challengeResponse, valueOctets: 15), offset: 55, consequence: .stopConnection,
      error: .wrongLength),
    Case(
      name: "unknown mandatory AVP before the session's identifiers", avps: icrq + "800603840001" + session + call,
      fault: .unrecognised(vendorID: 900, type: 1), offset: 20, consequence: .disconnectCall,
      error: .unknownMandatoryAVP),
    Case(
      name: "cookie of 5 octets", avps: icrq + session + call + "800b000000410102030405",
      fault: .wrongLength(type: .assignedCookie, valueOctets: 5), offset: 76, consequence: .disconnectCall,
      error: .wrongLength),
    Case(
      name: "no Remote End ID", avps: icrq + session + String(call.prefix(36)) + "8008000000470003",
      fault: .missing(.remoteEndID), offset: 66, consequence: .disconnectCall, error: .valueOutOfRange),
    Case(
      name: "no Circuit Status", avps: icrq + session + String(call.prefix(56)), fault: .missing(.circuitStatus),
      offset: 68, consequence: .disconnectCall, error: .valueOutOfRange),
    Case(
      name: "no Local Session ID: no session to end", avps: icrq + "800a0000004000000000" + call,
      fault: .missing(.localSessionID), offset: 66, consequence: .stopConnection, error: .valueOutOfRange),
    Case(
      name: "Local Session ID 0, optional, hence missing",
      avps: icrq + "000a0000003f00000000" + call + "800a0000004000000000",
      fault: .missing(.localSessionID), offset: 76, consequence: .stopConnection, error: .valueOutOfRange),
    Case(
      name: "Local Session ID 0 in SLI", avps: "8008000000000010" + "800a0000003f00000000" + "800a0000004000000001",
      fault: .outOfRange(type: .localSessionID), offset: 20, consequence: .stopConnection, error: .valueOutOfRange),
    Case(
      name: "CDN without a Local Session ID",
      avps: "800800000000000e" + "800800000001000d" + "800a0000004000000001",
      fault: .missing(.localSessionID), offset: 38, consequence: .stopConnection, error: .valueOutOfRange),
    Case(
      name: "result with half an error code", avps: "800800000000000e" + session + "800900000001000200",
      fault: .wrongLength(type: .resultCode, valueOctets: 3), offset: 40, consequence: .disconnectCall,
      error: .wrongLength),
    Case(
      name: "Circuit Errors of 20 octets",
      avps: "800800000000000f" + session + "801a00000022" + String(repeating: "00", count: 20),
      fault: .wrongLength(type: .circuitErrors, valueOctets: 20), offset: 40, consequence: .disconnectCall,
      error: .wrongLength),
    Case(
      name: "too many AVPs", avps: "8008000000000006" + String(repeating: "000600010001", count: 512),
      fault: .tooManyAVPs, offset: 20 + 511 * 6, consequence: .stopConnection, error: .insufficientResources),
  ]

  @Test(arguments: cases) func refused(_ wrong: Case) throws {
    let octets = message(octets(wrong.avps))
    let error = try #require(throws: MessageError.self) { try ControlCodec.decode(octets.span) }
    #expect(error.fault == wrong.fault)
    #expect(error.offset == wrong.offset)
    #expect(error.consequence == wrong.consequence)
    #expect(error.stopResult.error == wrong.error)
    #expect(error.callResult.error == wrong.error)
    #expect(
      (error.sessionIdentifiers != nil)
        == (wrong.avps.hasPrefix("800800000000000") && wrong.avps.contains("3fa0000001")))
    #expect(throws: error) { try ControlCodec.validate(octets.span) }
    let description = MessageDescription(of: octets.span)
    #expect(description.malformation == (error.isMalformation ? error : nil))
    #expect(!description.description.isEmpty)
  }

  static let headers: [(String, HeaderError, Int)] = [
    ("", HeaderError.tooShort(octets: 0), 0), ("c8", .tooShort(octets: 1), 1), ("c803000c", .tooShort(octets: 4), 4),
    ("00030000000000010000", .dataMessage, 0), ("c802000c0000000000000000", .l2tpv2, 1),
    ("c801000c0000000000000000", .version(1), 1), ("8003000c0000000000000000", .missingBits(flags: 0x8003), 0),
    ("c003000c0000000000000000", .missingBits(flags: 0xC003), 0),
    ("c803000b0000000000000000", .lengthTooSmall(length: 11), 2),
    ("c803000d0000000000000000", .lengthPastEnd(length: 13, octets: 12), 2),
  ]

  @Test(arguments: headers)
  func header(_ hex: String, _ expected: HeaderError, _ offset: Int) throws {
    let octets = octets(hex)
    let error = try #require(throws: HeaderError.self) { try ControlCodec.header(of: octets.span) }
    #expect(error == expected)
    #expect(error.offset == offset)
    let wrapped = try #require(throws: MessageError.self) { try ControlCodec.decode(octets.span) }
    #expect(wrapped.consequence == .dropSilently)
    #expect(wrapped.fault == .header(expected))
    #expect(MessageDescription(of: octets.span).malformation == wrapped)
    #expect(ControlCodec.digests(of: octets.span) == ControlCodec.Digests())
  }

  @Test func reservedHeaderBitsAndTrailingOctetsAreIgnored() throws {
    var octets = message(octets("8008000000000006"))
    octets[0] |= 0x37
    octets[1] |= 0xF0
    #expect(try ControlCodec.decode((octets + [1, 2, 3]).span).message == .hello(Hello()))
  }

  @Test func malformedOptionalAVPsAreIgnoredAndKept() throws {
    // Rx Connect Speed in 4 octets: RFC 3931 section 7.1's own example.
    let avps = octets(Self.icrq + Self.session + Self.call + "000a0000004b00000009")
    let received = try decode(avps)
    guard case .incomingCallRequest(let request) = received.message else {
      Issue.record("not an ICRQ")
      return
    }
    #expect(request.dataPath.receiveSpeed == nil)
    #expect(request.others == [RawAVP(vendorID: 0, type: 75, isMandatory: false, value: [0, 0, 0, 9])])
    #expect(received.ignored.map(\.fault) == [.wrongLength(type: .receiveSpeed, valueOctets: 4)])
    #expect(received.ignored.map(\.consequence) == [.ignoreAVP])
    let description = MessageDescription(of: message(avps).span)
    #expect(description.malformation == nil)
    #expect(description.avps.last?.remark == "ignored: Rx Connect Speed (attribute 75) has a value of 4 octets")
  }

  @Test func theFirstOfTwoCountsAndOrderDoesNot() throws {
    let received = try decode(octets(Self.icrq + Self.call + "8008000000440004" + Self.session))
    guard case .incomingCallRequest(let request) = received.message else {
      Issue.record("not an ICRQ")
      return
    }
    #expect(request.pseudowireType == .ethernet)
    #expect(request.others == [RawAVP(vendorID: 0, type: 68, isMandatory: true, value: [0, 4])])
  }

  @Test(arguments: ["800a0000003f00000000", "000a0000003f00000000"])
  func aDisconnectNeedNotNameTheSendersSession(_ identifier: String) throws {
    let avps = octets("800800000000000e" + "800800000001000d" + identifier + "800a0000004000000058")
    let received = try decode(avps)
    let identifiers = SessionIdentifiers(local: .unknown, remote: SessionID(rawValue: 0x58))
    #expect(
      received.message == .callDisconnect(CallDisconnect(result: CallResult(.lostTie), identifiers: identifiers)))
    #expect(received.ignored.isEmpty)
    #expect(MessageDescription(of: message(avps).span).malformation == nil)
  }

  @Test func anAVPOfAnotherMessageIsKeptAndHasNoEffect() throws {
    let received = try decode(octets("8008000000000006" + "800a0000003d11223344"))
    guard case .hello(let hello) = received.message else {
      Issue.record("not a HELLO")
      return
    }
    #expect(hello.others.map(\.type) == [61])
  }

  @Test(arguments: [("8008000000000063", true), ("0008000000000015", false), ("8008000900000000", true)])
  func unknownMessagesAreNotErrors(_ hex: String, _ isMandatory: Bool) throws {
    let received = try decode(octets(hex + "80061234ffff"))
    guard case .unknown(let message) = received.message else {
      Issue.record("known")
      return
    }
    #expect(message.isMandatory == isMandatory)
    #expect(message.others == [RawAVP(vendorID: 0x1234, type: 0xFFFF, isMandatory: true, value: [])])
  }
}
