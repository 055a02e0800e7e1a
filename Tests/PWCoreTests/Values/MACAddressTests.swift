import PWCore
import Testing

@Suite("MAC addresses") struct MACAddressTests {
  @Test("text comes back in one form, and nothing else is an address")
  func text() throws {
    for text in ["02:00:5e:10:00:ff", "02-00-5E-10-00-FF", "02:00:5E:10:00:FF"] {
      let address = try #require(MACAddress(text))
      #expect(address.octets == [0x02, 0, 0x5E, 0x10, 0, 0xFF])
      #expect("\(address)" == "02:00:5e:10:00:ff")
    }
    let others = [
      "", "02:00:5e:10:00", "02:00:5e:10:00:ff:01", "2:0:5e:10:0:ff", "02:00:5e:10:00:fg", "02005e1000ff", "::::::",
      "02:00:5e:10:00:ff:", ":02:00:5e:10:00:ff", "+2:00:5e:10:00:ff", "02:00:5e::10:00:ff",
    ]
    for text in others { #expect(MACAddress(text) == nil, "\(text)") }
  }

  @Test("six octets, in the order of the wire, are one as well as their text")
  func octets() throws {
    let address = try #require(MACAddress(octets: [0x02, 0, 0, 0xA, 0, 0xFF]))
    #expect(address.description == "02:00:00:0a:00:ff" && address == MACAddress("02:00:00:0a:00:ff"))
    #expect(address.octets == [0x02, 0, 0, 0xA, 0, 0xFF])
    #expect(MACAddress(octets: [1, 2]) == nil)
    #expect(MACAddress.broadcast == MACAddress("ff:ff:ff:ff:ff:ff"))
  }

  @Test("addresses of groups and of nobody are not an interface's")
  func kinds() {
    #expect(MACAddress("02:00:00:00:00:01")?.isOneInterface == true)
    #expect(MACAddress("01:00:5e:00:00:01")?.isOneInterface == false)
    #expect(MACAddress("ff:ff:ff:ff:ff:ff")?.isOneInterface == false)
    #expect(MACAddress("00:00:00:00:00:00")?.isOneInterface == false)
  }

  @Test("a derived one is always the same, and another one for other words")
  func derived() {
    // FNV-1a of no octets, and of "a", by its authors: cbf29ce484222325 and af63dc4c8601ec8c.
    #expect("\(MACAddress(derivedFrom: [], first: 0x02))" == "02:e4:84:e9:d1:b9")
    #expect("\(MACAddress(derivedFrom: ["a"], first: 0xFE))" == "fe:4c:86:ae:8f:50")
    let words = [["amsterdam", "br-lan"], ["berlin", "br-lan"], ["amsterdam", "br-wan"], ["amsterdamb", "r-lan"]]
    let addresses = words.map { MACAddress(derivedFrom: $0, first: 0x02) }
    #expect(Set(addresses).count == words.count)
    for address in addresses {
      #expect(address.isOneInterface)
      #expect(address.octets[0] == 0x02)
    }
  }
}
