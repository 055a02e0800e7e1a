import PWCore
import Synchronization
import Testing

@testable import pwmgr

/// The latest events, by their numbers.
@Suite struct EventRingTests {
  private func ring(_ count: Int) -> EventRing {
    let ring = EventRing()
    for number in 1...count { ring.append(Event(.info, .forwarding, "\(number)"), milliseconds: number) }
    return ring
  }

  @Test("A reader gets the events behind the one that it knows, no more at once than it wants")
  func parts() {
    let ring = ring(5)
    #expect(ring.part(after: 2, limit: 10).entries.map(\.number) == [3, 4, 5])
    #expect(ring.part(after: 2, limit: 2).entries.map(\.number) == [3, 4])
    #expect(ring.part(after: 5, limit: 10) == EventRing.Part(entries: [], lostCount: 0, latest: 5))
    for number in [9, Int.max - 1, Int.max] {
      #expect(ring.part(after: number, limit: 10) == EventRing.Part(entries: [], lostCount: 0, latest: 5))
    }
    #expect(EventRing().part(after: 0, limit: 10) == EventRing.Part(entries: [], lostCount: 0, latest: 0))
  }

  @Test("One that comes too late hears how many it has missed")
  func lost() {
    let ring = ring(EventRing.capacity + 3)
    let part = ring.part(after: 1, limit: 2)
    #expect(part.lostCount == 2)
    #expect(part.entries.map(\.number) == [4, 5])
    #expect(part.entries.map(\.event.message) == ["4", "5"])
    #expect(ring.part(after: EventRing.capacity, limit: 10).lostCount == 0)
  }

  @Test("It is told of each event")
  func told() {
    let (ring, count) = (EventRing(), CountOfCalls())
    ring.whenAppended { count.value.withLock { $0 += 1 } }
    for _ in 1...3 { ring.append(Event(.info, .forwarding, "it"), milliseconds: 0) }
    #expect(count.value.withLock { $0 } == 3)
  }

  private final class CountOfCalls: Sendable {
    let value = Mutex(0)
  }
}
