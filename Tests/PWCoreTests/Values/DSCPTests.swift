import PWCore
import Testing

@Suite struct DSCPTests {
  @Test(
    arguments: [("ef", 46), ("cs0", 0), ("cs6", 48), ("af11", 10), ("af41", 34), ("af43", 38), ("le", 1)]
      as [(String, UInt8)])
  func names(name: String, number: UInt8) {
    #expect(DSCP(name: name)?.rawValue == number)
    #expect(DSCP(rawValue: number)?.name == name)
  }

  @Test func others() {
    for name in ["", "EF", "cs8", "af14", "af51", "46"] { #expect(DSCP(name: name) == nil, "\(name)") }
    #expect(DSCP(rawValue: 64) == nil && DSCP(rawValue: 63) != nil)
    #expect(DSCP(rawValue: 63)?.name == nil)
  }

  /// RFC 3140 section 2, case 1: EF is 101110 0000000000; RFC 2474: the code point is the upper six bits of the byte.
  @Test func encodings() {
    #expect(DSCP(name: "ef")?.phbCode == 0xB800)
    #expect(DSCP(name: "ef")?.trafficClass == 0xB8)
  }
}
