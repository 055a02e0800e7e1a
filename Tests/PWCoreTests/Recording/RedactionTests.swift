import Testing

@testable import PWCore

@Suite("Messages without what was computed from a secret")
struct RedactionTests {
  /// Every message of two sites with a secret that hide all that they may, over both encapsulations' connections.
  private static func messages() -> [[UInt8]] {
    let pair = EnginePair(pseudowires: 2, secret: Array("secret".utf8)) { tunnel, _ in
      tunnel.authentication?.hiding = .all
    }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    return pair.wire.map(\.datagram.octets)
  }

  @Test("digests and hidden values are zero, and nothing else is another")
  func onlySecretsGo() throws {
    var (digests, hidden) = (0, 0)
    for message in Self.messages() {
      let redacted = ControlCodec.withoutSecrets(message)
      #expect(redacted.count == message.count)
      var expected = message
      for avp in try Hidden.avps(of: message) {
        var value = avp.valueOffset..<(avp.valueOffset + avp.valueOctets)
        if avp.type == AVPType.messageDigest.rawValue {
          value = (value.lowerBound + 1)..<value.upperBound
          digests += 1
        } else if avp.isHidden {
          hidden += 1
        } else {
          continue
        }
        #expect(message[value].contains { $0 != 0 })
        for index in value { expected[index] = 0 }
      }
      #expect(redacted == expected)
      #expect(ControlCodec.withoutSecrets(redacted) == redacted)
    }
    #expect(digests > 5 && hidden > 5)
  }

  @Test("unreadable octets stay as they are: no header, an AVP that is cut off, one that must not be hidden")
  func whatIsUnreadableStays() {
    for octets: [UInt8] in [[], [0xC8], [0xC8, 3, 0, 12], Array(repeating: 0xFF, count: 40)] {
      #expect(ControlCodec.withoutSecrets(octets) == octets)
    }
    let header: [UInt8] = [0xC8, 3, 0, 22, 0, 0, 0, 1, 0, 0, 0, 0]
    // A digest whose Length reaches past the end; a Message Type with the H bit.
    let cutOff: [UInt8] = header + [0x80, 27, 0, 0, 0, 59, 1, 7, 7, 7]
    let hiddenType: [UInt8] = header + [0xC0, 10, 0, 0, 0, 0, 1, 2, 3, 4]
    for message in [cutOff, hiddenType] { #expect(ControlCodec.withoutSecrets(message) == message) }
    // Without even a Digest Type, and Cisco's digest.
    let noType: [UInt8] = [0xC8, 3, 0, 18] + header[4...] + [0x80, 6, 0, 0, 0, 59]
    #expect(ControlCodec.withoutSecrets(noType) == noType)
    let cisco: [UInt8] = header + [0x80, 10, 0, 9, 0, 12, 1, 7, 7, 7]
    #expect(ControlCodec.withoutSecrets(cisco) == header + [0x80, 10, 0, 9, 0, 12, 1, 0, 0, 0])
  }
}
