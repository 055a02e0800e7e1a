import PWCore
import PWLinux
import Testing

@testable import pwmgr

@Suite struct LossMeterTests {
  private let key = SessionKey(tunnel: ControlConnectionID(rawValue: 1), session: SessionID(rawValue: 2))

  private func counters(_ received: UInt64, missing: UInt64 = 0) -> [SessionKey: TrafficCounters] {
    var counters = TrafficCounters()
    (counters.receivedPackets, counters.missingPackets) = (received, missing)
    return [key: counters]
  }

  @Test func tellsOfWhatWasLostAndOnceMoreAfterwards() {
    var meter = LossMeter()
    #expect(meter.take(counters(0)).isEmpty)
    #expect(meter.take(counters(1000)).isEmpty)
    #expect(meter.take(counters(1900, missing: 100)).map(\.loss) == [PacketLoss(lost: 100, received: 900)])
    #expect(meter.take(counters(2900, missing: 100)).map(\.loss) == [PacketLoss(lost: 0, received: 1000)])
    #expect(meter.take(counters(3900, missing: 100)).isEmpty)
  }

  @Test func aSampleGrowsUntilItIsLargeEnough() {
    var meter = LossMeter()
    #expect(meter.take(counters(0)).isEmpty)
    #expect(meter.take(counters(5, missing: 500)).isEmpty)
    #expect(meter.take(counters(499, missing: 500)).isEmpty)
    #expect(meter.take(counters(500, missing: 500)).map(\.loss) == [PacketLoss(lost: 500, received: 500)])
    #expect(meter.take(counters(501, missing: 501)).isEmpty)
  }

  @Test func aCounterThatBeginsAnewIsNoLoss() {
    var meter = LossMeter()
    #expect(meter.take(counters(0)).isEmpty)
    #expect(meter.take(counters(5000, missing: 500)).count == 1)
    #expect(meter.take(counters(10, missing: 2000)).isEmpty)
    #expect(meter.take(counters(2010, missing: 2000)).isEmpty)
  }

  @Test func aSessionThatIsGoneIsForgotten() {
    var meter = LossMeter()
    #expect(meter.take(counters(0)).isEmpty)
    #expect(meter.take([:]).isEmpty)
    #expect(meter.take(counters(2000, missing: 2000)).isEmpty)
  }
}
