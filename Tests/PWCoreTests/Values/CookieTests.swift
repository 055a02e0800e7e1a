import PWCore
import Testing

@Suite("Cookies") struct CookieTests {
  @Test("octets and number say the same", arguments: [[], [1, 2, 3, 4], [0xFF, 0, 0, 0, 0, 0, 0, 1]] as [[UInt8]])
  func octets(_ octets: [UInt8]) {
    let cookie = Cookie(octets: octets)
    #expect(cookie.octets == octets)
    #expect(cookie.lengthOctets == octets.count)
    #expect(Cookie(number: cookie.number, lengthOctets: octets.count) == cookie)
  }

  @Test("octets of a random number beyond the cookie's length do not count")
  func cut() {
    #expect(Cookie(number: 0xAABB_CCDD_0102_0304, lengthOctets: 4) == Cookie(octets: [1, 2, 3, 4]))
    #expect(Cookie(number: .max, lengthOctets: 0) == Cookie())
    #expect(Cookie(number: 0, lengthOctets: 4) != Cookie(number: 0, lengthOctets: 8))
  }
}
