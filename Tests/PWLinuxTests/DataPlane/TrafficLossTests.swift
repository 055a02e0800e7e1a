import PWCore
import PWLinux
import Testing

@Suite("How many packets are lost, from counters")
struct TrafficLossTests {
  /// A model of the kernel's driver: its treatment of numbered packets, without a reorder timeout.
  private struct KernelDriver {
    var counters = TrafficCounters()
    private var expected: UInt32?
    private var last: UInt32 = 0
    private var inSequence = 0

    mutating func receive(_ number: UInt32) {
      let isExpected = expected == nil || number == expected
      if !isExpected {
        inSequence = number == last + 1 ? inSequence + 1 : 0
        last = number
        guard inSequence > 4 else { return counters.sequenceDiscards += 1 }
      }
      expected = number + 1
      counters.receivedPackets += 1
    }
  }

  @Test(
    "the kernel discards five packets for each that is lost: as many come out as were lost", arguments: [1, 5, 20, 40])
  func kernel(percent: UInt64) throws {
    var driver = KernelDriver()
    var random: UInt64 = 1
    for number in 0..<100_000 as Range<UInt32> {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      if (random >> 33) % 100 >= percent { driver.receive(number) }
    }
    let loss = try #require(driver.counters.loss(since: TrafficCounters()))
    let permille = loss.lost * 1000 / loss.total
    #expect(permille >= percent * 9 && permille <= percent * 11)
    #expect(driver.counters.sequenceDiscards > loss.lost)
  }

  @Test("the kernel discards everything of a peer that numbers nothing: that is not a loss")
  func unnumbered() {
    var counters = TrafficCounters()
    counters.sequenceDiscards = 5000
    #expect(counters.loss(since: TrafficCounters()) == nil)
    counters.receivedPackets = 5000
    #expect(counters.loss(since: counters) == PacketLoss(lost: 0, received: 0))
  }

  @Test("where missing numbers are counted, late and repeated packets were not lost")
  func counted() {
    var counters = TrafficCounters()
    (counters.receivedPackets, counters.missingPackets, counters.sequenceDiscards) = (900, 100, 0)
    #expect(counters.loss(since: TrafficCounters()) == PacketLoss(lost: 100, received: 900))
    counters.sequenceDiscards = 30
    #expect(counters.loss(since: TrafficCounters()) == PacketLoss(lost: 70, received: 930))
    counters.sequenceDiscards = 3000
    #expect(counters.loss(since: TrafficCounters()) == PacketLoss(lost: 0, received: 1000))
  }
}
