import PWCore
import Testing

/// Messages of other implementations, read as the vectors say.
@Suite struct VectorTests {
  @Test(arguments: try Vector.all().filter { $0.meaning.contains("AVPs (M=mandatory") })
  func readsAsTheMeaningSays(_ vector: Vector) throws {
    let description = MessageDescription(of: vector.octets.span)
    let header = try #require(description.header)
    // The message type is the name's, not an entry of the list, and a mask is not needed to read it.
    let words = vector.meaning.split(separator: " ")
    let list = vector.meaning.split(separator: "): ", maxSplits: 1).dropFirst().joined()
    let name = try #require(words.first)
    #expect(description.malformation == nil)
    #expect(description.name == name)
    let identifier = String(header.connectionID.rawValue, radix: 16)
    let digits = String(repeating: "0", count: 8 - identifier.count) + identifier
    #expect(words[1...3].joined(separator: " ") == "ccid=0x\(digits) ns=\(header.ns) nr=\(header.nr);")
    let avps = description.avps.map { avp in
      (avp.isMandatory ? "M" : "m") + (avp.vendorID == 0 ? "" : "\(avp.vendorID):") + "\(avp.type)"
    }
    #expect(avps.joined(separator: " ") == list)
  }

  @Test(arguments: try Vector.all().filter { $0.name.hasPrefix("digest-md5-") })
  func messagesWithDigests(_ vector: Vector) throws {
    let name = try #require(vector.name.split(separator: "-").last)
    let description = MessageDescription(of: vector.octets.span)
    #expect(description.malformation == nil)
    #expect(description.name == name)
    #expect(try ControlCodec.decode(vector.octets.span).message?.messageType.name == String(name))
    #expect(ControlCodec.digests(of: vector.octets.span).first?.octets == 27..<43)
  }

  @Test func proL2TP() throws {
    let vector = try Vector.named("prol2tp-SCCRQ")
    guard case .startRequest(let request) = try ControlCodec.decode(vector.octets.span).message else {
      Issue.record("not an SCCRQ")
      return
    }
    #expect(request.parameters.hostName == "openv3")
    #expect(request.parameters.vendorName == "prol2tp 1.7.3 Linux-3.13.0-30-generic (x86_64)")
    #expect(request.parameters.assignedConnectionID.rawValue == 0x2846_F181)
    #expect(request.parameters.pseudowireCapabilities.map(\.rawValue) == [7, 5, 4])
    #expect(request.parameters.receiveWindowSize == 10)
    #expect(request.others.isEmpty)
  }

  @Test func ciscoIOS() throws {
    let vector = try Vector.named("cisco-ios-SCCRQ")
    guard case .startRequest(let request) = try ControlCodec.decode(vector.octets.span).message else {
      Issue.record("not an SCCRQ")
      return
    }
    #expect(request.parameters.hostName == "ar1.bru1")
    #expect(request.parameters.vendorName == "Cisco Systems, Inc.")
    #expect(request.parameters.pseudowireCapabilities.map(\.rawValue) == [5, 4, 6, 7, 1, 3, 10, 9, 11])
    #expect(request.tieBreaker == 0x3C1A_508B_77F2_71DE)
    // RFC 2661's and Cisco's own beside their successors: nothing to object to, and nothing lost.
    #expect(request.others.map(\.type) == [2, 3, 6, 56, 57, 1, 2, 10, 110, 111])
  }

  static let cableLabs: [(String, UInt16, UInt16, UInt32, UInt32)] = [
    ("cisco-ICRQ-from-uBR10K", 4491, 2, 0x4AA0_F134, 0),
    ("cisco-ICRP-from-RFGW10", 4491, 3, 0x4006_0044, 0x4AA0_F134),
    ("cisco-ICCN-from-uBR10K", 4491, 107, 0x4AA0_F134, 0x4006_0044),
  ]

  @Test(arguments: cableLabs)
  func cableLabsMandatoryAVPsEndTheSession(
    _ name: String, _ vendor: UInt16, _ type: UInt16, _ local: UInt32, _ remote: UInt32
  ) throws {
    let vector = try Vector.named(name)
    let error = try #require(throws: MessageError.self) { try ControlCodec.decode(vector.octets.span) }
    #expect(error.fault == .unrecognised(vendorID: vendor, type: type))
    #expect(error.consequence == .disconnectCall)
    #expect(
      error.sessionIdentifiers
        == SessionIdentifiers(local: SessionID(rawValue: local), remote: SessionID(rawValue: remote)))
    #expect(error.callResult.error == .unknownMandatoryAVP)
    #expect(error.callResult.text == "unknown mandatory AVP: vendor 4491, attribute \(type)")
    #expect(MessageDescription(of: vector.octets.span).avps.contains { $0.remark?.contains("CDN 2/8") == true })
  }

  @Test(arguments: ["data-packetlife_icmp_in_l2tpv3-1", "data-packetlife_arp_l2tpv3-1"])
  func dataIsNoControlMessage(_ name: String) throws {
    let vector = try Vector.named(name)
    #expect(throws: HeaderError.dataMessage) { try ControlCodec.header(of: vector.octets.span) }
  }

  @Test func lengthZeroIsRefusedAndDoesNotLoop() throws {
    let vector = try Vector.named("neg-avp-length-zero")
    let error = try #require(throws: MessageError.self) { try ControlCodec.decode(vector.octets.span) }
    #expect(error.fault == .framing(.lengthTooSmall(offset: 12, length: 0)))
    #expect(error.offset == 12)
    #expect(MessageDescription(of: vector.octets.span).malformation == error)
  }

  /// RFC 2661 had such AVPs treated as unrecognised; RFC 3931 section 5.1 has the bits ignored.
  @Test(arguments: ["neg-icrq-reserved-bits-130", "neg-icrq-reserved-bits-206"])
  func reservedBitsAreIgnored(_ name: String) throws {
    let vector = try Vector.named(name)
    guard case .incomingCallRequest(let request) = try ControlCodec.decode(vector.octets.span).message else {
      Issue.record("not an ICRQ")
      return
    }
    #expect(request.pseudowireType.rawValue == 12)
    #expect(request.dataPath.circuitStatus == .new)
    #expect(request.remoteEndID.octets.count == 34)
    #expect(request.others.allSatisfy { $0.vendorID == 4491 })
  }

  @Test(arguments: try Vector.all().filter { $0.encap == "avp" })
  func hiddenAVPsOfNobodyWeKnowStayRawOrEndTheMessage(_ vector: Vector) throws {
    // In a HELLO with the Random Vector before it; with the M bit, then without. A Host Name must not be hidden.
    let head = octets("8008000000000006" + "801600000024101112131415161718191a1b1c1d1e1f")
    var avp = vector.octets
    let type = UInt16(avp[4]) << 8 | UInt16(avp[5])
    let fault = MessageError.Fault.hidden(vendorID: 0, type: type, type == 7 ? .mustBeClear : .noSecret)
    let error = try #require(throws: MessageError.self) { try decode(head + avp) }
    #expect(error.consequence == .stopConnection)
    #expect(error.fault == fault)
    #expect(MessageDescription(of: message(head + avp).span).malformation == (type == 7 ? error : nil))
    avp[0] &= 0x7F
    let received = try decode(head + avp)
    guard case .hello(let hello) = received.message else {
      Issue.record("not a HELLO")
      return
    }
    #expect(received.ignored.map(\.fault) == [fault])
    #expect(hello.others.map(\.isHidden) == [true])
    #expect(hello.others.last?.value == Array(avp.dropFirst(6)))
  }
}

/// A message of these AVPs, its header for connection 1, Ns 2, Nr 3.
func message(_ avps: [UInt8]) -> [UInt8] {
  let length = 12 + avps.count
  return [0xC8, 3, UInt8(length >> 8), UInt8(length & 255), 0, 0, 0, 1, 0, 2, 0, 3] + avps
}

func decode(_ avps: [UInt8]) throws(MessageError) -> ReceivedMessage {
  try ControlCodec.decode(message(avps).span)
}
