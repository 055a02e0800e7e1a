import PWCore
import Testing

@testable import PWLinux

@Suite("Resolver") struct ResolverTests {
  @Test("an address in text is its own answer, of the family asked for")
  func addresses() throws {
    let loop = try EventLoop()
    let resolver = Resolver(loop: loop)
    func resolve(_ name: String, _ family: AddressFamily?) throws -> EffectResult<[IPAddress]> {
      try loop.await { resolver.resolve(NameRequest(name: name, family: family), completion: $0) }
    }
    #expect(try resolve("192.0.2.1", nil) == .success([.v4(0xC000_0201)]))
    #expect(try resolve("2001:db8::7", .v6) == .success([.v6(high: 0x2001_0db8_0000_0000, low: 7, zone: nil)]))
    let wrong = try resolve("192.0.2.1", .v6)
    guard case .failed(let failure) = wrong else {
      Issue.record("an IPv4 address passed for IPv6: \(wrong)")
      return
    }
    #expect(failure.message.contains("192.0.2.1 to an IPv6 address"))
    #expect(failure.isTemporary)
  }

  @Test("many at once are all answered")
  func many() throws {
    let loop = try EventLoop()
    let resolver = Resolver(loop: loop)
    var answers = 0
    for number in 0..<100 {
      resolver.resolve(NameRequest(name: "192.0.2.\(number)", family: .v4)) { result in
        if result == .success([.v4(0xC000_0200 + UInt32(number))]) { answers += 1 }
      }
    }
    try loop.wait(for: "all answers") { answers == 100 }
  }
}
