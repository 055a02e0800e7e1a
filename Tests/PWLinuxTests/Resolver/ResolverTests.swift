import PWCore
import Testing

@testable import PWLinux

@Suite("Resolver") struct ResolverTests {
  @Test("an address in text is its own answer, of the family asked for")
  func addresses() throws {
    let loop = try EventLoop()
    let resolver = Resolver(loop: loop)
    let v4: EffectResult = try loop.await { resolver.resolve("192.0.2.1", family: nil, completion: $0) }
    #expect(v4 == .addresses([.v4(0xC000_0201)]))
    let v6: EffectResult = try loop.await { resolver.resolve("2001:db8::7", family: .v6, completion: $0) }
    #expect(v6 == .addresses([.v6(high: 0x2001_0db8_0000_0000, low: 7, zone: nil)]))
    let wrong: EffectResult = try loop.await { resolver.resolve("192.0.2.1", family: .v6, completion: $0) }
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
      resolver.resolve("192.0.2.\(number)", family: .v4) { result in
        if result == .addresses([.v4(0xC000_0200 + UInt32(number))]) { answers += 1 }
      }
    }
    try loop.wait(for: "all answers") { answers == 100 }
  }
}
