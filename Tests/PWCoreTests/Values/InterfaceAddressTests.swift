import PWCore
import Testing

@Suite("Addresses of interfaces") struct InterfaceAddressTests {
  @Test(
    "an address with its prefix length is read and written",
    arguments: [
      "192.0.2.1/24", "10.8.0.1/30", "10.8.0.0/31", "10.8.0.1/31", "10.8.0.1/32", "2001:db8::1/64", "fe80::1/64",
      "fd00::/128",
    ])
  func text(_ text: String) throws {
    let address = try #require(InterfaceAddress(text))
    #expect("\(address)" == text)
    #expect(InterfaceAddress.fault(of: text) == nil)
  }

  @Test(
    "an address that no interface can have is refused with the reason",
    arguments: [
      ("10.8.0.1", "is not an address with its prefix length"), ("10.8.0.1/", "is not an address"),
      ("10.8.0.1/33", "is not an address"), ("10.8.0.1/0", "is not an address"), ("10.8.0.1/+8", "is not an address"),
      ("10.8.0.1/8/8", "is not an address"), ("fe80::1%eth0/64", "is not an address"), ("", "is not an address"),
      ("10.8.0.0/30", "is the network itself"), ("10.8.0.3/30", "is the network's broadcast address"),
      ("0.0.0.0/8", "is not an interface's address"), ("239.1.1.1/8", "is not an interface's address"),
      ("::/64", "is not an interface's address"), ("ff02::1/64", "is not an interface's address"),
    ])
  func faults(_ text: String, _ reason: String) {
    #expect(InterfaceAddress(text) == nil)
    #expect(InterfaceAddress.fault(of: text)?.contains(reason) == true)
  }
}
