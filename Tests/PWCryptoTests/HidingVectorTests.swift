import Foundation
import PWCrypto
import Testing

@testable import PWCore

/// Hidden AVPs and digests that other implementations made, octet for octet.
@Suite struct HidingVectorTests {
  struct Vector: Decodable, Sendable, CustomTestStringConvertible {
    struct Extra: Decodable, Sendable {
      var secret: String?
      var shared_key: String?
      var sender_nonce: String?
      var receiver_nonce: String?
      var digest: String?
      var nonces_used: Bool?
      var hiding_key: String?
      var random_vector: String?
      var clear: String?
    }
    var name: String
    var hex: String
    var extra: Extra?
    var testDescription: String { name }

    static func all(_ prefix: String) throws -> [Vector] {
      let data = try Data(contentsOf: MessageDigestTests.folder.appending(path: "vectors.json"))
      return try JSONDecoder().decode([Vector].self, from: data).filter { $0.name.hasPrefix(prefix) }
    }
  }

  let authenticator = CryptoAuthenticator()

  private func hiding(_ secret: String) -> AVPHiding {
    AVPHiding(
      key: MessageDigest.hidingKey(secret: Array(secret.utf8), using: authenticator), using: authenticator)
  }

  @Test func theVectorsAreThere() throws {
    #expect(try Vector.all("hidden-avp-").count == 3)
    #expect(try Vector.all("digest-md5-").count == 10)
    #expect(try Vector.all("kdf-empty-secret").count == 1)
  }

  /// xl2tpd's cipher; its padding is whatever stood in its memory, and is taken from the vector.
  @Test(arguments: try Vector.all("hidden-avp-")) func hiddenElsewhere(_ vector: Vector) throws {
    let extra = try #require(vector.extra)
    let secret = try #require(extra.secret)
    let clear = octets(try #require(extra.clear))
    let random = octets(try #require(extra.random_vector))
    let avp = octets(vector.hex)
    let type = UInt16(avp[4]) << 8 | UInt16(avp[5])
    let value = Array(avp.dropFirst(6))
    #expect(
      MessageDigest.hidingKey(secret: Array(secret.utf8), using: authenticator)
        == octets(try #require(extra.hiding_key)))
    let hiding = hiding(secret)
    #expect(try hiding.revealed(value, type: type, randomVector: random) == clear)
    let zeroes = [UInt8](repeating: 0, count: value.count - 2 - clear.count)
    let unpadded = hiding.hidden(clear, type: type, randomVector: random, padding: zeroes)
    #expect(unpadded.prefix(2 + clear.count) == value.prefix(2 + clear.count))
    let padding = zip(unpadded, value).dropFirst(2 + clear.count).map { $0 ^ $1 }
    #expect(hiding.hidden(clear, type: type, randomVector: random, padding: padding) == value)
    let error = try #require(throws: HidingFault.self) {
      try self.hiding(secret + "!").revealed(value, type: type, randomVector: random)
    }
    #expect(error.description.contains("is the secret the same at both ends?"))
  }

  struct Example: Sendable {
    var type: UInt16
    var clear: String
    var padding: String
    var hidden: String
  }

  static let examples = [
    Example(type: 8, clear: "6578616d706c65", padding: "", hidden: "a3a9e3ec0e71d61d04"),
    Example(type: 61, clear: "11223344", padding: "eeeeeeeeee", hidden: "891316b5b2aaf7f1f435b1"),
    Example(
      type: 66, clear: "612d72656d6f74652d656e642d69642d6c6f6e6765722d7468616e2d3136", padding: "eeeeeeeeee",
      hidden: "12621f79519a90464bbde1df3bc2b0bdb284d068addb7bffc6bd6dfc72bad2d6b74a4e7bb3"),
  ]

  @Test(arguments: examples) func workedExample(_ example: Example) throws {
    let value = octets(example.hidden)
    let hiding = hiding("l2tp-test-secret")
    let random = Array(UInt8(0x20)...0x2F)
    #expect(
      hiding.hidden(octets(example.clear), type: example.type, randomVector: random, padding: octets(example.padding))
        == value)
    #expect(try hiding.revealed(value, type: example.type, randomVector: random) == octets(example.clear))
  }

  @Test(arguments: try Vector.all("digest-md5-")) func digestsMadeElsewhere(_ vector: Vector) throws {
    let extra = try #require(vector.extra)
    let key = MessageDigest.key(secret: Array(try #require(extra.secret).utf8), using: authenticator)
    #expect(key == octets(try #require(extra.shared_key)))
    let wanted = octets(vector.hex)
    let digest = octets(try #require(extra.digest))
    #expect(Array(wanted[27..<43]) == digest)
    var message = EncodedMessage(octets: wanted, digest: .md5)
    message.setDigest(nil, number: 0)
    #expect(message.octets != wanted)
    let used = extra.nonces_used == true
    MessageDigest.seal(
      &message, keys: [key], senderNonce: used ? octets(try #require(extra.sender_nonce)) : [],
      receiverNonce: used ? octets(try #require(extra.receiver_nonce)) : [], using: authenticator)
    #expect(message.octets == wanted)
  }

  @Test func keyOfTheEmptySecret() throws {
    let vector = try #require(try Vector.all("kdf-empty-secret").first)
    #expect(MessageDigest.key(secret: [], using: authenticator) == octets(vector.hex))
  }

  /// RFC 1321 section A.5.
  @Test func md5() {
    #expect(authenticator.md5([]) == octets("d41d8cd98f00b204e9800998ecf8427e"))
    #expect(authenticator.md5(Array("message digest".utf8)) == octets("f96b697d7cb7938d525a2f31aaf161d0"))
  }

  /// The digest covers what was sent: hidden values hidden, their Random Vector with them.
  @Test func digestOverHiddenValues() throws {
    var path = DataPathParameters()
    path.circuitStatus = .active
    path.cookie = Cookie(octets: [1, 2, 3, 4, 5, 6, 7, 8])
    let reply = IncomingCallReply(
      identifiers: SessionIdentifiers(local: SessionID(rawValue: 1), remote: SessionID(rawValue: 2)), dataPath: path)
    let key = MessageDigest.key(secret: Array("secret".utf8), using: authenticator)
    var message = ControlMessage.incomingCallReply(reply).encoded(reservingDigest: .sha1)
      .hidden(.sensitive, by: hiding("secret")) { Array(repeating: 0x77, count: $0) }
    for nr in UInt16(0)..<2 {
      message.setHeader(connectionID: ControlConnectionID(rawValue: 3), ns: 0, nr: nr)
      MessageDigest.seal(&message, keys: [key], senderNonce: [1], receiverNonce: [2], using: authenticator)
      let blank = self.blank(message.octets)
      let computed = authenticator.authenticationCode(.sha1, key: key, prefix: [1, 2], message: blank.span)
      #expect(computed == Array(message.octets[27..<47]))
      let isVerified = MessageDigest.verify(
        message.octets.span, keys: [key], senderNonce: [1], receiverNonce: [2], using: authenticator)
      #expect(isVerified)
      let received = try ControlCodec.decode(message.octets.span, hiding: hiding("secret"))
      #expect(received.message == .incomingCallReply(reply))
    }
  }

  private func blank(_ octets: [UInt8]) -> [UInt8] {
    var octets = octets
    octets.replaceSubrange(27..<47, with: [UInt8](repeating: 0, count: 20))
    return octets
  }
}
