import Testing

@testable import PWCore

@Suite("Places for half-open connections")
struct HalfOpenTableTests {
  private typealias Origin = HalfOpenTable.Origin

  private func origin(_ number: UInt32, declared: Bool = true) -> Origin {
    Origin(address: .v4(number), isDeclared: declared)
  }

  private func connection(_ number: Int) -> ConnectionReference { ConnectionReference(rawValue: UInt64(number)) }

  @Test("one address has so many; then the oldest that has not answered gives way")
  func oneAddress() {
    var table = HalfOpenTable()
    let limit = EngineLimits.halfOpenConnectionsPerAddress
    for number in 0..<limit {
      #expect(table.room(for: origin(1)) == .free)
      table.insert(connection(number), from: origin(1))
    }
    #expect(table.room(for: origin(1)) == .inPlaceOf(connection(0)))
    table.answered(connection(0), from: origin(1))
    #expect(table.room(for: origin(1)) == .inPlaceOf(connection(1)))
    #expect(table.room(for: origin(2)) == .free)
    for number in 1..<limit { table.answered(connection(number), from: origin(1)) }
    #expect(table.room(for: origin(1)) == .none)
    table.remove(connection(0), from: origin(1))
    #expect(table.room(for: origin(1)) == .free)
  }

  @Test("strangers share theirs, and take none of a declared address")
  func strangers() {
    var table = HalfOpenTable()
    for number in 0..<EngineLimits.halfOpenConnections {
      table.insert(connection(number), from: origin(UInt32(number), declared: false))
    }
    #expect(table.room(for: origin(99_999, declared: false)) == .inPlaceOf(connection(0)))
    // The same address, of a tunnel that names it.
    #expect(table.room(for: origin(0)) == .free)
    table.answered(connection(0), from: origin(0, declared: false))
    #expect(table.room(for: origin(99_999, declared: false)) == .inPlaceOf(connection(1)))
    table.remove(connection(1), from: origin(1, declared: false))
    #expect(table.room(for: origin(99_999, declared: false)) == .free)
  }

  @Test("a declared address has its own places whatever the others take")
  func kept() {
    var table = HalfOpenTable()
    let perAddress = EngineLimits.halfOpenConnectionsPerAddress
    for number in 0..<EngineLimits.halfOpenConnectionsOfPeers {
      table.insert(connection(number), from: origin(UInt32(number / perAddress)))
    }
    let late = origin(99_999)
    for number in 0..<EngineLimits.halfOpenConnectionsKept {
      #expect(table.room(for: late) == .free)
      table.insert(connection(100_000 + number), from: late)
    }
    #expect(table.room(for: late) == .inPlaceOf(connection(100_000)))
  }

  @Test("nothing is left of what has been taken out")
  func empty() {
    var table = HalfOpenTable()
    for isDeclared in [true, false] {
      for number in 0..<10 { table.insert(connection(number), from: origin(UInt32(number % 3), declared: isDeclared)) }
      #expect(table.count == 10)
      #expect(table.originCount == 3)
      table.answered(connection(4), from: origin(1, declared: isDeclared))
      for number in 0..<10 { table.remove(connection(number), from: origin(UInt32(number % 3), declared: isDeclared)) }
      #expect(table.count == 0)
      #expect(table.originCount == 0)
    }
  }

  @Test("a rate limit counts what is beyond it, and begins anew each second")
  func rates() {
    var limit = RateLimit(perSecond: 3)
    let moments = [0, 10, 999, 999, 999, 1000].map { Instant(nanoseconds: UInt64($0) * 1_000_000) }
    #expect(moments.map { limit.allows(at: $0) } == [true, true, true, false, false, true])
    #expect(limit.takeExcess() == 2)
    #expect(limit.takeExcess() == 0)
  }
}
