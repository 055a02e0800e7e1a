import Testing

@testable import PWCore

@Suite("SCCRQ of version 2 (RFC 3931 section 4.7.3)")
struct EngineVersion2Tests {
  /// Version 2's Protocol Version, Framing Capabilities, Assigned Tunnel ID and Challenge, all mandatory.
  private static let version2 =
    "8008000000020100" + "800a0000000300000003" + "8008000000090007" + "800a0000000b01020304"
  /// Assigned Control Connection ID, Router ID and Pseudowire Capabilities, none of them mandatory.
  private static let version3 = "000a0000003d0000004d" + "000a0000003c00000001" + "00080000003e0005"
  private static let head = "8008000000000001" + "8007000000076c"

  /// A message of version 2.
  private func message(_ avps: String) -> [UInt8] {
    var octets = PWCoreTests.message(octets(avps))
    octets[1] = 2
    return octets
  }

  @Test("one that has what version 3 wants is answered in version 3, whatever else it has")
  func both() {
    let peer = HandPeer()
    peer.say(octets: message(Self.head + Self.version2 + Self.version3))
    #expect(peer.connectionID != .unknown)
    peer.say(.startConnected(StartConnected()))
    #expect(peer.record?.machine.state == .established)
    #expect(peer.record?.peer.hostName == "l")
  }

  @Test("one that has not is dropped without an answer, and counted; people are told what to do")
  func version2Alone() {
    let peer = HandPeer()
    peer.say(octets: message(Self.head + Self.version2))
    #expect(peer.heard.isEmpty)
    #expect(peer.engine.status.dropped.version2 == 1 && peer.engine.status.dropped.malformed == 0)
    #expect(peer.engine.engine.connections.count == 0)
    #expect(peer.engine.status.tunnels[0].lastError?.value.contains("set its tunnel to L2TPv3") == true)
  }

  @Test("an AVP that neither version knows is still an unknown AVP")
  func unknown() {
    let peer = HandPeer()
    peer.say(octets: message(Self.head + Self.version2 + Self.version3 + "800703840001ff"))
    #expect(peer.stops.map(\.result.error) == [.unknownMandatoryAVP])
  }

  @Test("no other message of version 2 has an effect")
  func others() {
    let peer = HandPeer()
    peer.connect()
    peer.say(octets: message("8008000000000004" + "8008000000010001" + "800a0000003d0000004d"))
    #expect(peer.record?.machine.state == .established)
    #expect(peer.engine.events.contains { $0.message.contains("version is 2") })
  }

  @Test("its digest is that of the message as it came")
  func digest() {
    let authenticator = ChecksumAuthenticator()
    let digest = "80170000003b00" + String(repeating: "00", count: 16)
    var octets = message("8008000000000001" + digest + "8007000000076c" + Self.version2 + Self.version3)
    let code = authenticator.authenticationCode(.md5, key: [1], prefix: [], message: octets.span)
    octets.replaceSubrange(27..<43, with: code)
    func verifies(_ octets: [UInt8]) -> Bool {
      MessageDigest.verify(octets.span, keys: [[1]], senderNonce: [], receiverNonce: [], using: authenticator)
    }
    #expect(verifies(octets))
    octets[1] = 3
    #expect(!verifies(octets))
  }
}
