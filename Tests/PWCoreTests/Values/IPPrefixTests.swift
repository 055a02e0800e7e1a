import Testing

@testable import PWCore

@Suite("Prefixes")
struct IPPrefixTests {
  @Test(
    "addresses inside a prefix, and outside it",
    arguments: [
      ("192.0.2.0/24", "192.0.2.255", true), ("192.0.2.0/24", "192.0.3.0", false), ("192.0.2.4/30", "192.0.2.8", false),
      ("192.0.2.7/32", "192.0.2.7", true), ("192.0.2.7/32", "192.0.2.6", false), ("0.0.0.0/0", "203.0.113.9", true),
      ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::", false),
      ("2001:db8::/64", "2001:db8::1:0:0:1", true), ("2001:db8::/64", "2001:db8:0:1::", false),
      ("2001:db8:0:0:8000::/65", "2001:db8::8000:0:0:1", true), ("2001:db8:0:0:8000::/65", "2001:db8::1", false),
      ("2001:db8::1/128", "2001:db8::1", true), ("2001:db8::1/128", "2001:db8::2", false),
      ("fe80::/10", "fe80::1%eth0", true), ("::/0", "192.0.2.1", false),
    ])
  func contains(prefix text: String, address: String, isIn: Bool) throws {
    let parts = text.split(separator: "/")
    let first = try #require(IPAddress(String(parts[0])))
    let length = try #require(Int(parts[1]))
    let prefix = try #require(IPPrefix(first, lengthBits: length))
    let other = try #require(IPAddress(address))
    #expect(prefix.contains(other) == isIn)
    #expect(prefix.description == text)
  }

  @Test("an address with host bits, a wrong length or a zone is not a prefix")
  func none() throws {
    let address = try #require(IPAddress("192.0.2.1"))
    #expect(IPPrefix(address, lengthBits: 24) == nil)
    #expect(IPPrefix(address, lengthBits: 33) == nil)
    #expect(IPPrefix(address, lengthBits: -1) == nil)
    #expect(IPPrefix(.v6(high: 0xFE80 << 48, low: 0, zone: "eth0"), lengthBits: 10) == nil)
    #expect(IPPrefix(containing: address, lengthBits: 24)?.description == "192.0.2.0/24")
    #expect(IPPrefix(containing: address, lengthBits: 33) == nil)
  }
}
