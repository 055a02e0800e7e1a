import PPPoE
import Testing

/// RFC 2516 section 4: octets to packets and back, and octets that are not a packet.
struct DiscoveryPacketTests {
  @Test("A packet is what was written", arguments: DiscoveryPacket.Code.allCases)
  func roundTrip(code: DiscoveryPacket.Code) throws {
    let packet = DiscoveryPacket(
      code, sessionID: 0xABCD, tags: [.init(.serviceName, []), .init(.hostUnique, [1, 2, 3]), .init(.cookie, [0xFF])])
    #expect(try DiscoveryPacket(packet.octets.span) == packet)
    #expect(packet.first(.hostUnique) == [1, 2, 3])
    #expect(packet.first(.relaySessionID) == nil)
  }

  @Test("The octets are those of RFC 2516 appendix B: a PADI")
  func wire() throws {
    #expect(
      DiscoveryPacket(.initiation, tags: [.init(.serviceName, [])]).octets
        == [0x11, 0x09, 0x00, 0x00, 0x00, 0x04, 0x01, 0x01, 0x00, 0x00])
  }

  @Test("Padding, and octets after an End-Of-List, are ignored")
  func padding() throws {
    let octets: [UInt8] =
      [0x11, 0x09, 0, 0, 0, 12, 0x01, 0x01, 0, 0, 0, 0, 0, 0, 0xEE, 0xEE, 0xEE, 0xEE] + Array(repeating: 0, count: 30)
    #expect(try DiscoveryPacket(octets.span).tags == [.init(.serviceName, [])])
  }

  @Test(
    "Octets that are not a packet",
    arguments: [
      ([], .tooShort), ([0x11, 0x09, 0, 0, 0], .tooShort), ([0x21, 0x09, 0, 0, 0, 0], .otherVersion),
      ([0x11, 0x00, 0, 0, 0, 0], .unknownCode), ([0x11, 0x09, 0, 0, 0, 1], .tooShort),
      ([0x11, 0x09, 0, 0, 0, 4, 1, 1, 0, 1], .tooShort), ([0x11, 0x09, 0, 0, 0, 3, 1, 1, 0], .tooShort),
    ] as [([UInt8], DiscoveryFault)])
  func faults(octets: [UInt8], fault: DiscoveryFault) {
    #expect(throws: fault) { try DiscoveryPacket(octets.span) }
  }

  @Test("Tags without end are not read")
  func manyTags() {
    let tags = Array(repeating: DiscoveryPacket.Tag(.serviceName, []), count: DiscoveryPacket.maximumTags + 1)
    let octets = DiscoveryPacket(.initiation, tags: tags).octets
    #expect(throws: DiscoveryFault.tooManyTags) { try DiscoveryPacket(octets.span) }
  }

  @Test("Every beginning of a packet is read or refused")
  func beginnings() {
    let octets = DiscoveryPacket(.request, tags: [.init(.cookie, [1, 2]), .init(.serviceName, [3])]).octets
    for count in 0..<octets.count {
      #expect(throws: DiscoveryFault.tooShort) { try DiscoveryPacket(Array(octets.prefix(count)).span) }
    }
  }
}
