import Testing

@testable import PWCore

@Suite("Shortages of the machine")
struct EngineShortageTests {
  private static let words = "too many open files; the limit is 300: raise it"

  /// An engine that calls so many peers, while sockets cannot be had.
  private static func driver(tunnels: Int) -> TestDriver {
    var site = Site(name: "hub", routerID: 1)
    site.tunnels = (0..<tunnels).map { number in
      TunnelDeclaration(name: "t\(number)", peer: .address(.v4(0x0A00_0001 + UInt32(number))), role: .initiate)
    }
    let driver = TestDriver(site: site, address: EnginePair.rightAddress, seed: 3)
    driver.override = { effect in
      guard case .plane(.openSocket) = effect else { return .perform }
      return .fail(EffectFailure("a socket: \(words)", shortage: words))
    }
    return driver
  }

  /// Lets time pass, whatever comes due done.
  private func wait(_ duration: Duration, _ driver: TestDriver, now: inout Instant) {
    let end = now + duration
    while let next = driver.engine.nextDeadline, next <= end {
      now = max(now, next)
      driver.handle(.deadline, at: now)
    }
    now = end
  }

  private func told(_ driver: TestDriver) -> [String] {
    driver.events.filter { $0.level.rawValue > Event.Level.debug.rawValue }.map(\.message)
  }

  /// How many a line tells of.
  private func count(_ line: String) -> Int { line.split(separator: " ").first.flatMap { Int($0) } ?? 0 }

  @Test("a hundred failures are one line, status has each, and each is tried again later and later")
  func oneLine() {
    let driver = Self.driver(tunnels: 100)
    var now = Instant(nanoseconds: 0)
    driver.drain(at: now)
    #expect(told(driver).isEmpty)
    #expect(driver.status.tunnels.allSatisfy { $0.lastError?.value.contains(Self.words) == true })
    wait(Shortages.interval, driver, now: &now)
    // The second attempts are jittered, and some of them are in it.
    #expect(told(driver).count == 1 && count(told(driver)[0]) >= 100)
    wait(.seconds(600), driver, now: &now)
    let attempts = driver.effects.filter { if case .plane(.openSocket) = $0 { true } else { false } }.count
    // The latest failures are still to be told, and nothing else comes.
    driver.override = { effect in if case .plane(.openSocket) = effect { .withhold } else { .perform } }
    wait(Shortages.interval, driver, now: &now)
    let lines = told(driver)
    #expect(lines.allSatisfy { $0.hasSuffix(" could not be opened: \(Self.words)") })
    let failures = lines.map(count).reduce(0, +)
    #expect(failures == attempts, "none is left out")
    // A second at first, doubled to a minute: 6 in the first minute and one in each of the others, or a little more
    // often, because the waits are jittered.
    #expect(attempts <= 100 * 24)
  }

  @Test("one line has at least its interval, and only what comes of the shortage is in it")
  func apart() {
    let driver = Self.driver(tunnels: 30)
    var now = Instant(nanoseconds: 0)
    driver.drain(at: now)
    var times: [Instant] = []
    var count = 0
    while times.count < 5, let next = driver.engine.nextDeadline {
      now = max(now, next)
      driver.handle(.deadline, at: now)
      if told(driver).count > count { times.append(now) }
      count = told(driver).count
    }
    #expect(times.count == 5)
    #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 >= Shortages.interval })
    driver.override = { effect in
      guard case .plane(.openSocket) = effect else { return .perform }
      return .fail(EffectFailure("no interface has this address"))
    }
    wait(.seconds(70), driver, now: &now)
    let words = "no interface has this address; next attempt in "
    #expect(told(driver).contains { $0.contains(words) }, "other failures are told as ever")
  }
}
