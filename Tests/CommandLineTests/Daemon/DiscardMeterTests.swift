import PWCore
import PWLinux
import Testing

@testable import pwmgr

@Suite("Sessions of which everything is discarded") struct DiscardMeterTests {
  private static let key = SessionKey(
    tunnel: ControlConnectionID(rawValue: 1), session: SessionID(rawValue: 2))

  private static func counters(
    received: UInt64 = 0, errors: UInt64 = 0, cookies: UInt64 = 0, sequence: UInt64 = 0
  ) -> [SessionKey: TrafficCounters] {
    var counters = TrafficCounters()
    counters.receivedPackets = received
    counters.receiveErrors = errors
    counters.cookieDiscards = cookies
    counters.sequenceDiscards = sequence
    return [key: counters]
  }

  @Test("one or two are nothing to tell of, nor are many beside one that is passed on")
  func few() {
    var meter = DiscardMeter()
    #expect(meter.take(Self.counters(cookies: 2)).isEmpty)
    // Once, because a reading may have lacked the session that something was told of.
    #expect(meter.take(Self.counters(received: 1, cookies: 100)).isEmpty)
    #expect(meter.take(Self.counters(received: 1, cookies: 102)).isEmpty)
  }

  @Test("they add up while nothing is passed on, and the end of it is told once")
  func addUp() {
    var meter = DiscardMeter()
    #expect(meter.take(Self.counters(cookies: 2)).isEmpty)
    #expect(meter.take(Self.counters(cookies: 4)).map(\.packets) == [DiscardedPackets(withWrongCookie: 4)])
    #expect(meter.take(Self.counters(cookies: 4)).isEmpty)
    #expect(meter.take(Self.counters(cookies: 10)).map(\.packets) == [DiscardedPackets(withWrongCookie: 10)])
    #expect(meter.take(Self.counters(received: 5, cookies: 10)).map(\.packets.passedOn) == [5])
    #expect(meter.take(Self.counters(received: 9, cookies: 10)).isEmpty)
    #expect(meter.take(Self.counters(received: 9, cookies: 13)).map(\.packets.hasPassedOn) == [true])
  }

  @Test("the kernel counts each as an error too, the userspace data plane does not")
  func kinds() {
    var kernel = DiscardMeter()
    #expect(
      kernel.take(Self.counters(errors: 9, cookies: 5, sequence: 3)).map(\.packets)
        == [DiscardedPackets(withWrongCookie: 5, outOfSequence: 3, malformed: 1)])
    var gaps = DiscardMeter()
    #expect(gaps.take(Self.counters(errors: 7, sequence: 7)).isEmpty)
    #expect(gaps.take(Self.counters(errors: 8, sequence: 8)).map(\.packets.outOfSequence) == [8])
    var userspace = DiscardMeter()
    #expect(
      userspace.take(Self.counters(errors: 1, cookies: 5)).map(\.packets) == [DiscardedPackets(withWrongCookie: 5)])
  }

  @Test("a session that is gone is forgotten")
  func forgotten() {
    var meter = DiscardMeter()
    _ = meter.take(Self.counters(cookies: 2))
    _ = meter.take([:])
    #expect(meter.take(Self.counters(cookies: 2)).isEmpty)
  }

  @Test("one that a reading lacks is not forgotten by those who were told of it")
  func lacking() {
    var meter = DiscardMeter()
    #expect(meter.take(Self.counters(cookies: 3)).count == 1)
    _ = meter.take([:])
    #expect(meter.take(Self.counters(received: 1, cookies: 3)).map(\.packets.passedOn) == [1])
  }
}
