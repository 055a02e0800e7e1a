import PWCore
import PWCrypto
import Testing

/// The hashes against the vectors of those who made them up, alone and from many tasks.
@Suite struct KnownAnswerTests {
  let authenticator = CryptoAuthenticator()

  struct Code: Sendable, CustomTestStringConvertible {
    var digest: Authentication.Digest
    var key: [UInt8]
    var data: [UInt8]
    var code: String
    var testDescription: String { "\(digest) \(code)" }

    init(_ digest: Authentication.Digest, _ key: [UInt8], _ data: [UInt8], _ code: String) {
      (self.digest, self.key, self.data, self.code) = (digest, key, data, code)
    }
  }

  private static func times(_ count: Int, _ octet: UInt8) -> [UInt8] { [UInt8](repeating: octet, count: count) }
  private static func text(_ text: String) -> [UInt8] { Array(text.utf8) }
  private static let larger = text("Test Using Larger Than Block-Size Key - Hash Key First")
  private static let largerData = text("Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data")

  /// RFC 2202 sections 2 and 3, without the truncated codes; keys of 80 octets are longer than a block.
  static let codes = [
    Code(.md5, times(16, 0x0B), text("Hi There"), "9294727a3638bb1c13f48ef8158bfc9d"),
    Code(.md5, text("Jefe"), text("what do ya want for nothing?"), "750c783e6ab0b503eaa86e310a5db738"),
    Code(.md5, times(16, 0xAA), times(50, 0xDD), "56be34521d144c88dbb8c733f0e8b3f6"),
    Code(.md5, Array(1...25), times(50, 0xCD), "697eaf0aca3a3aea3a75164746ffaa79"),
    Code(.md5, times(16, 0x0C), text("Test With Truncation"), "56461ef2342edc00f9bab995690efd4c"),
    Code(.md5, times(80, 0xAA), larger, "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd"),
    Code(.md5, times(80, 0xAA), largerData, "6f630fad67cda0ee1fb1f562db3aa53e"),
    Code(.sha1, times(20, 0x0B), text("Hi There"), "b617318655057264e28bc0b6fb378c8ef146be00"),
    Code(.sha1, text("Jefe"), text("what do ya want for nothing?"), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
    Code(.sha1, times(20, 0xAA), times(50, 0xDD), "125d7342b9ac11cd91a39af48aa17b4f63f175d3"),
    Code(.sha1, Array(1...25), times(50, 0xCD), "4c9007f4026250c6bc8414f9bf50c86c2d7235da"),
    Code(.sha1, times(20, 0x0C), text("Test With Truncation"), "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04"),
    Code(.sha1, times(80, 0xAA), larger, "aa4ae5e15272d00e95705637ce8a3b55ed402112"),
    Code(.sha1, times(80, 0xAA), largerData, "e8e99d0f45237d786d6bbaa7965c7808bbff1a91"),
  ]

  @Test(arguments: codes) func codeOfRFC2202(_ wanted: Code) {
    // Wherever the prefix ends, its octets and the message's are one text.
    for end in 0...wanted.data.count {
      let message = Array(wanted.data[end...])
      let code = authenticator.authenticationCode(
        wanted.digest, key: wanted.key, prefix: Array(wanted.data[..<end]), message: message.span)
      #expect(code == octets(wanted.code), "prefix of \(end) octets")
    }
  }

  /// Made with Python's hmac: a key of exactly a block is taken as it is, and one octet more is hashed first.
  @Test(arguments: [
    Code(.md5, times(64, 0xAA), times(3, 1), "e253ae8cbcc4086c11ecf9e915e7efeb"),
    Code(.md5, times(65, 0xAA), times(3, 1), "8654735b9d3edfd24d9cf42f5894b5f3"),
    Code(.sha1, times(64, 0xAA), times(3, 1), "1c0827ad1410d7ae46be8e44fd71894b242ce43f"),
    Code(.sha1, times(65, 0xAA), times(3, 1), "c7765df3ec8ee3d3f1984321573ef00fa31662a1"),
    Code(.md5, [], [], "74e6f7298a9c2d168935f58c001bad88"),
    Code(.sha1, [], [], "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d"),
  ]) func codeWithAKeyAtTheEdge(_ wanted: Code) {
    let code = authenticator.authenticationCode(wanted.digest, key: wanted.key, prefix: [], message: wanted.data.span)
    #expect(code == octets(wanted.code))
  }

  /// RFC 1321 section A.5.
  static let hashes = [
    ("", "d41d8cd98f00b204e9800998ecf8427e"),
    ("a", "0cc175b9c0f1b6a831c399e269772661"),
    ("abc", "900150983cd24fb0d6963f7d28e17f72"),
    ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
    ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
    ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "d174ab98d277d9f5a5611c2c9f419d9f"),
    (
      "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
      "57edf4a22be3c955ac49da2e2107b67a"
    ),
  ]

  @Test(arguments: hashes) func hashOfRFC1321(_ text: String, _ hash: String) {
    #expect(authenticator.md5(Array(text.utf8)) == octets(hash))
  }

  /// Each task goes through all vectors, from another one on, so that different hashes are under way at a time.
  @Test func manyTasksAtATime() async {
    let codes = Self.codes.map { (vector: $0, wanted: octets($0.code)) }
    let hashes = Self.hashes.map { (text: Array($0.0.utf8), wanted: octets($0.1)) }
    let wrong = await withTaskGroup(of: Int.self) { group in
      for task in 0..<16 {
        group.addTask { [authenticator] in
          (task..<(task + 500)).count { number in
            let (vector, code) = codes[number % codes.count]
            let (text, hash) = hashes[number % hashes.count]
            return authenticator.authenticationCode(
              vector.digest, key: vector.key, prefix: [], message: vector.data.span) != code
              || authenticator.md5(text) != hash
          }
        }
      }
      return await group.reduce(0, +)
    }
    #expect(wrong == 0)
  }
}
