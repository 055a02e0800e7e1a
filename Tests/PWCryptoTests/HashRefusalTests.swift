import Testing

@testable import PWCrypto

/// The error that an operator reads where OpenSSL gives no MD5.
@Suite struct HashRefusalTests {
  /// No implementation of MD5 has the property that FIPS mode demands of every algorithm.
  @Test func md5IsNotThereWhereFIPSIsDemanded() throws {
    let refusal = try #require(throws: HashRefusal.self) { try HashFunction("MD5", properties: "fips=yes") }
    let line = "\(refusal)"
    #expect(line.hasPrefix("this machine's OpenSSL refuses MD5, and L2TPv3 cannot do without (RFC 3931 section 4.3): "))
    #expect(line.contains("openssl.cnf decides that"))
    #expect(line.contains("unsupported"))
    #expect(!line.contains("\n"))
  }

  /// A refusal is told of with its own reason, and leaves nothing behind for the next one.
  @Test func oneRefusalAfterAnother() throws {
    _ = try #require(throws: HashRefusal.self) { try HashFunction("MD5", properties: "fips=yes") }
    #expect(LibraryError.taken() == "it gives no reason")
    #expect(try HashFunction("MD5").hash([]).count == 16)
  }

  @Test func fipsModeIsNamed() throws {
    var refusal = try #require(throws: HashRefusal.self) { try HashFunction("none") }
    #expect(!"\(refusal)".contains("FIPS"))
    refusal.isFIPS = true
    #expect("\(refusal)".contains("its FIPS mode is on"))
  }

  @Test func thisMachineRefusesNothing() {
    #expect(CryptoAuthenticator.refusal == nil)
  }

  @Test func theFunctionsAreWhatTheirNamesSay() throws {
    let md5 = try HashFunction.md5.get()
    let sha1 = try HashFunction.sha1.get()
    #expect(md5.digestOctets == 16 && md5.blockOctets == 64)
    #expect(sha1.digestOctets == 20 && sha1.blockOctets == 64)
  }
}
