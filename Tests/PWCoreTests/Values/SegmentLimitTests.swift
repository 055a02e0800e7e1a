import PWCore
import Testing

@Suite("The limit of TCP segments") struct SegmentLimitTests {
  @Test(
    "auto leaves room for the headers of IP and TCP, and for each tag but the first",
    arguments: [
      (1446, false, 0, 1406), (1446, true, 0, 1386), (1446, false, 1, 1406), (1446, false, 2, 1402),
      (1446, true, 3, 1378),
      (9000, false, 0, 8960), (65535, false, 0, 65495), (68, true, 0, 28), (20, false, 0, 28),
    ] as [(Int, Bool, Int, UInt16)])
  func automatic(mtuOctets: Int, isIPv6: Bool, tagCount: Int, expected: UInt16) {
    #expect(SegmentLimit.automatic.octets(mtuOctets: mtuOctets, isIPv6: isIPv6, tagCount: tagCount) == expected)
  }

  @Test("auto knows no limit where nobody knows the MTU")
  func unknown() {
    #expect(SegmentLimit.automatic.octets(mtuOctets: nil, isIPv6: false, tagCount: 0) == nil)
  }

  @Test("a number holds whatever the MTU is")
  func number() {
    for mtuOctets in [nil, 576, 9000] {
      #expect(SegmentLimit.octets(1300).octets(mtuOctets: mtuOctets, isIPv6: true, tagCount: 2) == 1300)
    }
  }
}
