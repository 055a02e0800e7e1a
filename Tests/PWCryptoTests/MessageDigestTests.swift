import Foundation
import PWCore
import PWCrypto
import Testing

/// Digests of a whole exchange that an independent implementation accepts.
@Suite struct MessageDigestTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "PWCoreTests/Vectors")
  static let secret = Array("l2tp-test-secret".utf8)
  static let nonceA = Array(UInt8(0)...15)
  static let nonceB = Array(UInt8(0xF0)...0xFF)
  let authenticator = CryptoAuthenticator()

  /// Control messages of a capture of Ethernet or raw IPv4 frames, in order, with the last octet of their sender's address.
  static func messages(_ name: String) throws -> [(sender: UInt8, octets: [UInt8])] {
    let file = try [UInt8](Data(contentsOf: folder.appending(path: name)))
    var messages: [(sender: UInt8, octets: [UInt8])] = []
    var offset = 24
    while offset < file.count {
      let length = Int(file[offset + 8]) | Int(file[offset + 9]) << 8
      let packet = Array(file[(offset + 16)..<(offset + 16 + length)])
      offset += 16 + length
      let payload = Array(packet[(packet[9] == 17 ? 28 : 24)...])
      let isControl = packet[9] == 17 ? payload[0] & 0x80 != 0 : packet[20..<24].allSatisfy { $0 == 0 }
      if isControl { messages.append((packet[15], payload)) }
    }
    return messages
  }

  private func verifies(_ message: (sender: UInt8, octets: [UInt8]), _ secret: [UInt8]) -> Bool {
    let isRequest = ControlCodec.digests(of: message.octets.span).messageType == .startRequest
    let nonces = message.sender == 1 ? (Self.nonceA, Self.nonceB) : (Self.nonceB, Self.nonceA)
    return MessageDigest.verify(
      message.octets.span, keys: [MessageDigest.key(secret: secret, using: authenticator)],
      senderNonce: isRequest ? [] : nonces.0, receiverNonce: isRequest ? [] : nonces.1, using: authenticator)
  }

  @Test(arguments: ["example-ip-md5.pcap", "example-udp-sha1.pcap"]) func exchangeVerifies(_ name: String) throws {
    let messages = try Self.messages(name)
    #expect(messages.count == 16)
    for message in messages {
      #expect(verifies(message, Self.secret))
      #expect(!verifies(message, Array("l2tp-test-secres".utf8)))
      for index in [4, 9, 11, message.octets.count - 1] {
        var changed = message
        changed.octets[index] ^= 1
        #expect(!verifies(changed, Self.secret), "octet \(index)")
      }
    }
  }

  private func verifiesWithoutNonces(_ octets: [UInt8], _ key: [UInt8]) -> Bool {
    MessageDigest.verify(octets.span, keys: [key], senderNonce: [], receiverNonce: [], using: authenticator)
  }

  @Test func noncesHaveAnOrder() throws {
    let reply = try #require(try Self.messages("example-ip-md5.pcap").first { $0.sender == 2 })
    let key = MessageDigest.key(secret: Self.secret, using: authenticator)
    func verify(_ sender: [UInt8], _ receiver: [UInt8]) -> Bool {
      MessageDigest.verify(
        reply.octets.span, keys: [key], senderNonce: sender, receiverNonce: receiver, using: authenticator)
    }
    #expect(verify(Self.nonceB, Self.nonceA))
    #expect(!verify(Self.nonceA, Self.nonceB))
    #expect(!verify([], []))
  }

  @Test func integrityAlone() throws {
    let key = MessageDigest.key(secret: [], using: authenticator)
    #expect(key == octets("7b6085fbf45933670abcb07a27fcea5e"))
    let messages = try Self.messages("example-ip-integrity.pcap")
    #expect(messages.count == 16)
    for message in messages {
      #expect(verifiesWithoutNonces(message.octets, key))
    }
  }

  @Test func keys() {
    let digestKey = MessageDigest.key(secret: Self.secret, using: authenticator)
    #expect(digestKey == octets("1f914133d1d42c073bdefb201268993e"))
    let hidingKey = MessageDigest.hidingKey(secret: Self.secret, using: authenticator)
    #expect(hidingKey == octets("6965bc2d6dffc1a863031e4a20c9745c"))
  }

  @Test(arguments: [Authentication.Digest.md5, .sha1]) func sealingAgainAfterANewHeader(_ digest: Authentication.Digest)
  {
    let key = MessageDigest.key(secret: Self.secret, using: authenticator)
    var message = ControlMessage.hello(Hello()).encoded(reservingDigest: digest)
    func verifies(_ keys: [[UInt8]]) -> Bool {
      MessageDigest.verify(
        message.octets.span, keys: keys, senderNonce: Self.nonceA, receiverNonce: Self.nonceB, using: authenticator)
    }
    for nr in UInt16(0)..<3 {
      message.setHeader(connectionID: ControlConnectionID(rawValue: 7), ns: 1, nr: nr)
      #expect(!verifies([key]))
      MessageDigest.seal(
        &message, keys: [key], senderNonce: Self.nonceA, receiverNonce: Self.nonceB, using: authenticator)
      #expect(verifies([key]))
      #expect(verifies([[1, 2, 3], key]))
      #expect(!verifies([[1, 2, 3]]))
      #expect(!verifies([]))
    }
  }

  @Test func sealReproducesTheExample() throws {
    let first = try #require(try Self.messages("example-udp-sha1.pcap").last)
    let received = try ControlCodec.decode(first.octets.span)
    var message = try #require(received.message).encoded(reservingDigest: .sha1)
    message.setHeader(connectionID: received.header.connectionID, ns: received.header.ns, nr: received.header.nr)
    MessageDigest.seal(
      &message, keys: [MessageDigest.key(secret: Self.secret, using: authenticator)], senderNonce: Self.nonceB,
      receiverNonce: Self.nonceA, using: authenticator)
    #expect(message.octets == first.octets)
  }

  @Test func twoDigestsEitherOfWhichMayBeRight() throws {
    // The first for an old secret, the second for the new one; each is computed with both fields zero.
    let old = MessageDigest.key(secret: Array("old".utf8), using: authenticator)
    let new = MessageDigest.key(secret: Array("new".utf8), using: authenticator)
    var octets: [UInt8] = [0xC8, 3, 0, 70, 0, 0, 0, 7, 0, 1, 0, 2, 0x80, 8, 0, 0, 0, 0, 0, 6]
    octets += [0x80, 0x17, 0, 0, 0, 59, 0] + [UInt8](repeating: 0, count: 16)
    octets += [0x80, 0x1B, 0, 0, 0, 59, 1] + [UInt8](repeating: 0, count: 20)
    let first = authenticator.authenticationCode(.md5, key: old, prefix: Self.nonceA, message: octets.span)
    let second = authenticator.authenticationCode(.sha1, key: new, prefix: Self.nonceA, message: octets.span)
    octets.replaceSubrange(27..<43, with: first)
    octets.replaceSubrange(50..<70, with: second)
    func verifies(_ octets: [UInt8], _ keys: [[UInt8]]) -> Bool {
      MessageDigest.verify(octets.span, keys: keys, senderNonce: Self.nonceA, receiverNonce: [], using: authenticator)
    }
    #expect(verifies(octets, [old]))
    #expect(verifies(octets, [new]))
    #expect(!verifies(octets, [Array("other".utf8)]))
    octets[69] ^= 1
    #expect(verifies(octets, [old]))
    #expect(!verifies(octets, [new]))
  }

  @Test(arguments: [Authentication.Digest.md5, .sha1]) func sealingWithTwoKeys(_ digest: Authentication.Digest) {
    let keys = ["new", "old"].map { MessageDigest.key(secret: Array($0.utf8), using: authenticator) }
    func sealed(room count: Int, _ keys: [[UInt8]]) -> [UInt8] {
      var message = ControlMessage.hello(Hello()).encoded(reservingDigest: digest, count: count)
      message.setHeader(connectionID: ControlConnectionID(rawValue: 7), ns: 1, nr: 2)
      MessageDigest.seal(
        &message, keys: keys, senderNonce: Self.nonceA, receiverNonce: Self.nonceB, using: authenticator)
      return message.octets
    }
    func verifies(_ octets: [UInt8], _ key: [UInt8]) -> Bool {
      MessageDigest.verify(
        octets.span, keys: [key], senderNonce: Self.nonceA, receiverNonce: Self.nonceB, using: authenticator)
    }
    let both = sealed(room: 2, keys)
    #expect(verifies(both, keys[0]) && verifies(both, keys[1]) && !verifies(both, [1, 2, 3]))
    let digests = ControlCodec.digests(of: both.span)
    #expect(digests.first?.octets.count == digests.second?.octets.count)
    // Made while there were two secrets, sent again when one is left.
    let one = sealed(room: 2, [keys[0]])
    #expect(verifies(one, keys[0]) && !verifies(one, keys[1]))
    let first = sealed(room: 1, keys)
    #expect(verifies(first, keys[0]) && !verifies(first, keys[1]))
  }

  @Test func messagesWithoutADigestFail() {
    let message = ControlMessage.hello(Hello()).encoded()
    let key = MessageDigest.key(secret: [], using: authenticator)
    #expect(!verifiesWithoutNonces(message.octets, key))
    #expect(!verifiesWithoutNonces([1, 2, 3], key))
  }

  struct Vector: Decodable {
    struct Extra: Decodable {
      var secret: String?
      var sender_nonce: String?
      var receiver_nonce: String?
      var nonces_used: Bool?
    }
    var name: String
    var hex: String
    var extra: Extra?
  }

  @Test func vectorsMadeElsewhere() throws {
    let data = try Data(contentsOf: Self.folder.appending(path: "vectors.json"))
    let vectors = try JSONDecoder().decode([Vector].self, from: data).filter { $0.name.hasPrefix("digest-") }
    #expect(vectors.count == 10)
    for vector in vectors {
      let extra = try #require(vector.extra)
      let secret = Array(try #require(extra.secret).utf8)
      let used = extra.nonces_used == true
      let senderNonce = octets(try #require(extra.sender_nonce))
      let receiverNonce = octets(try #require(extra.receiver_nonce))
      func verifies(_ secret: [UInt8]) -> Bool {
        MessageDigest.verify(
          octets(vector.hex).span, keys: [MessageDigest.key(secret: secret, using: authenticator)],
          senderNonce: used ? senderNonce : [], receiverNonce: used ? receiverNonce : [], using: authenticator)
      }
      #expect(verifies(secret), "\(vector.name)")
      #expect(!verifies(secret + [1]), "\(vector.name)")
    }
  }

  @Test func equality() {
    #expect(authenticator.isEqual([], []))
    #expect(authenticator.isEqual([1, 2], [1, 2]))
    #expect(!authenticator.isEqual([1, 2], [1, 3]))
    #expect(!authenticator.isEqual([1, 2], [1]))
  }
}

func octets(_ hex: String) -> [UInt8] {
  let digits = hex.compactMap { $0.hexDigitValue.map(UInt8.init) }
  return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}
