import PWCore
import Testing

/// Addresses to text and back.
struct IPAddressTextTests {
  @Test(
    "Addresses that are read, and the form in which they are written",
    arguments: [
      ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
      ("2001:db8::1", "2001:db8::1"), ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"), ("::", "::"), ("::1", "::1"),
      ("1::", "1::"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
      ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
      ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("fe80::1%eth0", "fe80::1%eth0"),
      ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
    ])
  func canonical(written: String, canonical: String) throws {
    let address = try #require(IPAddress(written))
    #expect(address.description == canonical)
    #expect(IPAddress(canonical) == address)
  }

  @Test(
    "Texts that are not an address",
    arguments: [
      "", "192.0.2", "192.0.2.1.1", "192.0.2.256", "192.0.2.01", "192.0.2.+1", "192.0.2.1 ", "192.0.2.1/24",
      "192.0.2.1%eth0", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "1::2::3", "12345::",
      "+1::", "-0::", "g::", ":1", "1:", "::1%", "::1%a/b", "::1%abcdefghijklmnop", "192.0.2.1::", "::192.0.2.1:1",
      "gw.example.net",
    ])
  func refused(text: String) {
    #expect(IPAddress(text) == nil)
  }

  @Test("The numbers behind the text")
  func numbers() {
    #expect(IPAddress("192.0.2.1") == .v4(0xC000_0201))
    #expect(IPAddress("2001:db8::1%7") == .v6(high: 0x2001_0DB8_0000_0000, low: 1, zone: "7"))
  }

  @Test("a zone is any name that an interface can have, and nothing longer")
  func zones() {
    for name in ["e", "eth0", "12345678", "123456789", "odd name%", "fifteen-octets!", "é0"] {
      #expect(IPAddress.Zone(name)?.name == name)
    }
    for name in ["", "sixteen-octets!!", "a\0b"] { #expect(IPAddress.Zone(name) == nil) }
    #expect(IPAddress.Zone("eth1") != "eth0")
    #expect(IPAddress("fe80::1%sixteen-octets!!") == nil)
  }
}
