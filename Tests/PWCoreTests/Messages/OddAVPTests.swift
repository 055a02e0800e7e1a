import Testing

@testable import PWCore

/// AVPs at the edges of what RFC 3931 section 5.1 allows.
@Suite struct OddAVPTests {
  private static let icrq = "800800000000000a" + "800a0000003f00000064" + "800a0000004000000000"
  private static let call = "800a0000000f00000001" + "8008000000440005" + "8008000000470001"

  @Test("an AVP without a value is right where a value may be empty", arguments: [8, 72] as [UInt8])
  func emptyText(type: UInt8) throws {
    let start = "8008000000000001" + "800700000007" + "61" + "800a0000003c00000001" + "800a0000003d0000004d"
    let empty = "0006000000" + String(type, radix: 16).padded
    guard case .startRequest(let request) = try decoded(start + "80080000003e0005" + empty) else {
      Issue.record("no SCCRQ")
      return
    }
    #expect((type == 8 ? request.parameters.vendorName : request.parameters.preferredLanguage) == "")
  }

  @Test("an empty Remote End ID, Local End ID and Attachment Group Identifier are values; an empty cookie is none")
  func emptyOctets() throws {
    let empty = "800600000042" + "000600000059" + "00060000005a" + "800600000041"
    guard case .incomingCallRequest(let request) = try decoded(Self.icrq + Self.call + empty) else {
      Issue.record("no ICRQ")
      return
    }
    #expect(request.remoteEndID == RemoteEndID(octets: []))
    #expect(request.attachmentGroup == [] && request.localEndID == [])
    #expect(request.dataPath.cookie == Cookie())
  }

  @Test("an empty Host Name, Router ID or Session ID is malformed", arguments: [7, 60, 61, 62] as [UInt8])
  func emptyIsWrong(type: UInt8) {
    let hex = String(type, radix: 16).padded
    #expect(throws: MessageError.self) { try decoded("8008000000000001" + "8006000000" + hex) }
    #expect(throws: MessageError.self) {
      try decoded(Self.icrq + Self.call + "8006000000" + "42" + "8006000000" + "3f")
    }
  }

  @Test("AVPs of vendors with numbers of 32 bits are passed over, M or not, one or several", arguments: ["00", "80"])
  func extendedVendor(flags: String) throws {
    let extended = flags + "0e0000003a" + "00012345" + "0007" + "abcd"
    let received = try ControlCodec.decode(message(octets("8008000000000006" + extended + extended)).span)
    guard case .hello(let hello) = received.message else {
      Issue.record("no HELLO")
      return
    }
    #expect(hello.others.map(\.type) == [58, 58])
    #expect(received.ignored.isEmpty)
  }

  @Test("people are shown whose AVP an extended one is")
  func extendedVendorShown() {
    let octets = message(octets("8008000000000006" + "000e0000003a" + "00012345" + "0007" + "abcd"))
    let description = MessageDescription(of: octets.span)
    #expect(description.malformation == nil)
    #expect(description.avps[1].value == .extended(vendorID: 0x12345, type: 7, octets: [0xAB, 0xCD]))
  }

  @Test("octets behind the message, and reserved bits of every AVP, change nothing")
  func trailingAndReserved() throws {
    let plain = Self.icrq + Self.call + "800a0000004200000001"
    var octets = message(octets(plain))
    let expected = try ControlCodec.decode(octets.span).message
    var offset = 12
    while offset < octets.count {
      let length = Int(octets[offset] & 3) << 8 | Int(octets[offset + 1])
      octets[offset] |= 0x3C
      offset += length
    }
    octets += [0xDE, 0xAD, 0xBE, 0xEF, 0x80, 0x06]
    #expect(try ControlCodec.decode(octets.span).message == expected)
  }

  @Test("a message of Cisco's AVPs alone is shown as whole, and that it is read by them")
  func ciscoAlone() {
    let start = "8008000000000001" + "800900000007612e62" + "800a0009000100000007" + "8008000900020005"
    let description = MessageDescription(of: message(octets(start)).span)
    #expect(description.malformation == nil && description.dialect == .cisco)
    #expect(description.description.contains("by Cisco's numbers"))
    let both = start + "800a0000003d00000007" + "80080000003e0005" + "800a0000003c00000001"
    #expect(MessageDescription(of: message(octets(both)).span).dialect == .rfc)
    let broken = "8008000000000001" + "800a0009000100000007"
    let missing = MessageDescription(of: message(octets(broken)).span)
    #expect(missing.malformation != nil && missing.dialect == .rfc)
  }

  private func decoded(_ avps: String) throws -> ControlMessage? {
    try ControlCodec.decode(message(octets(avps)).span).message
  }
}

extension String {
  /// An octet in two digits.
  fileprivate var padded: String { count < 2 ? "0" + self : self }
}
