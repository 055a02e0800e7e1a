import Testing

@testable import PWCore

@Suite("Hidden AVPs that cannot be read, and those that are read in spite of something")
struct HidingFaultTests {
  typealias Fault = MessageError.Fault

  private func decode(_ avps: [UInt8], hiding: AVPHiding? = Hidden.hiding) throws(MessageError) -> ReceivedMessage {
    try ControlCodec.decode(message(avps).span, hiding: hiding)
  }

  /// The fault of an ICRQ whose Remote End ID is these octets, once with M and once without.
  private func faults(_ vector: [UInt8], hiding: AVPHiding?, _ make: (Bool) -> [UInt8]) throws -> [MessageError] {
    try [true, false].map { mandatory in
      try #require(throws: MessageError.self) {
        try decode(Hidden.call + vector + make(mandatory) + Hidden.callRest, hiding: hiding)
      }
    }
  }

  /// A required AVP that cannot be read ends the session with M, and without M too, because then it is missing.
  private func expect(
    _ fault: HidingFault, _ code: GeneralError, vector: [UInt8] = Hidden.avp(.randomVector, Hidden.vector),
    hiding: AVPHiding? = Hidden.hiding, _ make: (Bool) -> [UInt8]
  ) throws {
    for error in try faults(vector, hiding: hiding, make) {
      #expect(error.fault == .hidden(vendorID: 0, type: 66, fault))
      #expect(error.consequence == .disconnectCall)
      #expect(error.sessionIdentifiers?.local.rawValue == 0xA000_0001)
      #expect(error.offset == 12 + Hidden.call.count + vector.count)
      #expect(error.generalError == code)
      #expect(error.description.contains("Remote End ID"))
      #expect(error.description.contains(fault.description))
    }
  }

  private func endID(_ mandatory: Bool) -> [UInt8] {
    Hidden.hidden(.remoteEndID, [0, 0, 0, 100], vector: Hidden.vector, mandatory: mandatory)
  }

  @Test("it can be read") func right() throws {
    let avps = Hidden.call + Hidden.avp(.randomVector, Hidden.vector) + endID(true) + Hidden.callRest
    guard case .incomingCallRequest(let request) = try decode(avps).message else {
      Issue.record("not an ICRQ")
      return
    }
    #expect(request.remoteEndID == RemoteEndID(number: 100))
    #expect(request.others.isEmpty)
  }

  @Test("without a secret") func noSecret() throws {
    try expect(.noSecret, .unknownMandatoryAVP, hiding: nil, endID)
  }

  @Test("without a Random Vector, or with one only after it") func noVector() throws {
    try expect(.noRandomVector, .valueOutOfRange, vector: [], endID)
    let late = Hidden.avp(.randomVector, Hidden.vector)
    try expect(.noRandomVector, .valueOutOfRange, vector: []) { endID($0) + late }
  }

  @Test("with another secret the length gives it away") func wrongSecret() throws {
    let vector = Hidden.avp(.randomVector, Hidden.vector)
    for error in try faults(vector, hiding: Hidden.stranger, endID) {
      guard case .hidden(0, 66, .wrongLength(let claimed, 4)) = error.fault else {
        Issue.record("\(error.fault)")
        continue
      }
      #expect(claimed > 4)
      #expect(error.generalError == .wrongLength)
      #expect(error.description.contains("is the secret the same at both ends?"))
    }
  }

  @Test("with no room for a length, and with a length that is not there") func lengths() throws {
    for count in 0...1 {
      try expect(.noLength(octets: count), .wrongLength) {
        Hidden.avp(.remoteEndID, [UInt8](repeating: 0, count: count), mandatory: $0, hidden: true)
      }
    }
    // The last octet is cut off: 4 octets are claimed, 3 are there.
    try expect(.wrongLength(claimed: 4, octets: 3), .wrongLength) { mandatory in
      let whole = Hidden.hiding.hidden([1, 2, 3, 4], type: 66, randomVector: Hidden.vector, padding: [])
      return Hidden.avp(.remoteEndID, Array(whole.dropLast()), mandatory: mandatory, hidden: true)
    }
  }

  @Test("a value that is wrong in clear is wrong when it was hidden") func wrongValue() throws {
    let vector = Hidden.avp(.randomVector, Hidden.vector)
    let short = Hidden.hidden(.assignedCookie, [1, 2, 3], vector: Hidden.vector, padding: [9, 9, 9])
    var error = try #require(throws: MessageError.self) {
      try decode(Hidden.call + vector + endID(true) + short + Hidden.callRest)
    }
    #expect(error.fault == .wrongLength(type: .assignedCookie, valueOctets: 3))
    let zero = Hidden.hidden(.assignedControlConnectionID, [0, 0, 0, 0], vector: Hidden.vector)
    error = try #require(throws: MessageError.self) {
      try decode(octets(MalformedTests.sccrq) + vector + zero + octets(MalformedTests.start))
    }
    #expect(error.fault == .outOfRange(type: .assignedControlConnectionID))
    // Without M it is passed over, and remarked on.
    let speed = Hidden.hidden(.transmitSpeed, [1, 2, 3, 4], vector: Hidden.vector, mandatory: false)
    let received = try decode(Hidden.call + vector + endID(true) + speed + Hidden.callRest)
    #expect(received.ignored.map(\.fault) == [.wrongLength(type: .transmitSpeed, valueOctets: 4)])
  }

  @Test(
    "one that must not be hidden, though it could be read",
    arguments: [.hostName, .routerID, .receiveWindowSize, .randomVector] as [AVPType])
  func mustBeClear(_ type: AVPType) throws {
    let vector = Hidden.avp(.randomVector, Hidden.vector)
    func avp(_ mandatory: Bool) -> [UInt8] {
      Hidden.hidden(type, [0, 1, 0, 1], vector: Hidden.vector, mandatory: mandatory)
    }
    let error = try #require(throws: MessageError.self) { try decode(Hidden.hello + vector + avp(true)) }
    #expect(error.fault == .hidden(vendorID: 0, type: type.rawValue, .mustBeClear))
    #expect(error.consequence == .stopConnection)
    #expect(error.generalError == .valueOutOfRange)
    let received = try decode(Hidden.hello + vector + avp(false))
    #expect(received.ignored.map(\.fault) == [.hidden(vendorID: 0, type: type.rawValue, .mustBeClear)])
    #expect(!received.hadHiddenAVPs)
  }

  @Test("each applies from where it stands to the next", arguments: [[0, 1], [1, 0], [0, 0], [1, 1]])
  func severalVectors(_ used: [Int]) throws {
    let vectors = [Hidden.vector, Array(UInt8(0x80)...0x97)]
    let avps =
      Hidden.call + Hidden.avp(.randomVector, vectors[0])
      + Hidden.hidden(.remoteEndID, [0, 0, 0, 100], vector: vectors[used[0]]) + Hidden.avp(.randomVector, vectors[1])
      + Hidden.hidden(.assignedCookie, [1, 2, 3, 4], vector: vectors[used[1]]) + Hidden.callRest
    guard used == [0, 1] else {
      #expect(throws: MessageError.self) { try decode(avps) }
      return
    }
    guard case .incomingCallRequest(let request) = try decode(avps).message else {
      Issue.record("not an ICRQ")
      return
    }
    #expect(request.remoteEndID == RemoteEndID(number: 100))
    #expect(request.dataPath.cookie == Cookie(octets: [1, 2, 3, 4]))
  }

  @Test("a Random Vector of any length, hidden values of any number of chunks")
  func longAndShort() throws {
    for vectorOctets in [0, 1, 15, 16, 17, 1017] {
      let vector = (0..<vectorOctets).map { UInt8(truncatingIfNeeded: $0) }
      for count in [0, 13, 14, 15, 30, 31, 300, 1015] {
        let value = [UInt8](repeating: 0x5A, count: count)
        let avps = Hidden.call + Hidden.avp(.randomVector, vector) + Hidden.hidden(.remoteEndID, value, vector: vector)
        guard case .incomingCallRequest(let request) = try decode(avps + Hidden.callRest).message else {
          Issue.record("not an ICRQ")
          return
        }
        #expect(request.remoteEndID.octets == value)
      }
    }
  }

  @Test("the session is named though its identifiers are hidden") func hiddenIdentifiers() throws {
    let vector = Hidden.avp(.randomVector, Hidden.vector)
    let identifiers =
      Hidden.hidden(.localSessionID, [0, 0, 0, 7], vector: Hidden.vector)
      + Hidden.hidden(.remoteSessionID, [0, 0, 0, 8], vector: Hidden.vector)
    let unknown = octets("800603840001")
    let head = octets("800800000000000b")
    let error = try #require(throws: MessageError.self) { try decode(head + unknown + vector + identifiers) }
    #expect(error.consequence == .disconnectCall)
    #expect(
      error.sessionIdentifiers
        == SessionIdentifiers(local: SessionID(rawValue: 7), remote: SessionID(rawValue: 8)))
    // A receiver that cannot read them ends the connection.
    let blind = try #require(throws: MessageError.self) {
      try decode(head + unknown + vector + identifiers, hiding: nil)
    }
    #expect(blind.consequence == .stopConnection)
  }

  @Test("an AVP that nobody here understands is kept as it is, hidden or not") func unknownOnes() throws {
    let other = RawAVP(vendorID: 4491, type: 7, isMandatory: false, isHidden: true, value: [1, 2, 3])
    var hello = Hello()
    hello.others = [other]
    let received = try ControlCodec.decode(
      ControlMessage.hello(hello).encoded().octets.span, hiding: Hidden.hiding)
    #expect(received.message == .hello(hello))
    #expect(received.ignored.isEmpty)
    // Understood, and no field of the message: read, and kept in clear.
    let avps = Hidden.hello + Hidden.avp(.randomVector, Hidden.vector)
    let vendor = Hidden.hidden(.vendorName, Array("x".utf8), vector: Hidden.vector, mandatory: false)
    guard case .hello(let read) = try decode(avps + vendor).message else {
      Issue.record("not a HELLO")
      return
    }
    #expect(read.others == [RawAVP(vendorID: 0, type: 8, isMandatory: false, value: Array("x".utf8))])
  }

  @Test("a description shows the value with the secret, and says why not without") func descriptions() throws {
    let octets = Hidden.message(RoundTripTests.calls()[0]).octets
    let read = MessageDescription(of: octets.span, hiding: Hidden.hiding)
    #expect(read.malformation == nil)
    let cookie = try #require(read.avps.first { $0.type == AVPType.assignedCookie.rawValue })
    #expect(cookie.isHidden && !cookie.isUnread && cookie.value == .octets([1, 2, 3, 4, 5, 6, 7, 8]))
    #expect(cookie.remark == nil)
    #expect(read.description.contains("Local Session ID (63, mandatory, hidden): 2684354561 (0xa0000001)"))
    let unread = MessageDescription(of: octets.span)
    #expect(unread.malformation == nil)
    #expect(unread.avps.first { $0.type == AVPType.assignedCookie.rawValue }?.isUnread == true)
    #expect(unread.description.contains("[hidden: readable with the secret]"))
    let mistaken = MessageDescription(of: octets.span, hiding: Hidden.stranger)
    #expect(mistaken.malformation?.description.contains("is the secret the same") == true)
    #expect(mistaken.avps.count == read.avps.count)
  }

  @Test("no damage to a message with hidden AVPs traps the codec", arguments: 0..<20) func mutants(seed: Int) {
    var dice = SeededEntropy(state: UInt64(seed))
    let samples = RoundTripTests.messages().map { Hidden.message($0).octets }
    for round in 0..<400 {
      var octets = samples[round % samples.count]
      for _ in 0...(dice.next() % 4) {
        let index = 4 + Int(dice.next() % UInt64(octets.count - 4))
        octets[index] = UInt8(truncatingIfNeeded: dice.next())
      }
      do {
        let message = try ControlCodec.decode(octets.span, hiding: Hidden.hiding).message
        let again = try message.flatMap { try ControlCodec.decode($0.encoded().octets.span).message }
        #expect(again == message)
      } catch let error as MessageError {
        #expect(error.offset <= octets.count)
      } catch { Issue.record(error) }
      _ = MessageDescription(of: octets.span, hiding: Hidden.hiding).description
      _ = ControlCodec.hasHiddenAVPs(octets.span)
      _ = ControlCodec.presentedIdentity(of: octets.span)
    }
  }
}
