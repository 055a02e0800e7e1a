import Testing

@testable import PWCore

@Suite("Events for programs: their kinds, their fields, and the counts of how connections ended")
struct EngineEventTests {
  private func established() -> EnginePair {
    let pair = EnginePair()
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    return pair
  }

  private func event(_ kind: EventKind, of driver: TestDriver) -> Event? { driver.events.last { $0.kind == kind } }

  @Test("a set-up has an event for each step, about its tunnel and its pseudowire")
  func setUp() throws {
    let pair = established()
    let steps = pair.left.events.filter { $0.level.rawValue >= Event.Level.info.rawValue }
    #expect(steps.map(\.kind).contains(.connectionEstablished))
    #expect(steps.suffix(2).map(\.kind) == [.sessionEstablished, .forwarding])
    let established = try #require(event(.connectionEstablished, of: pair.left))
    #expect(established.tunnel != nil && established.pseudowire == nil)
    #expect(established.fields.map(\.name) == [.address, .hostName])
    #expect(event(.forwarding, of: pair.left)?.pseudowire != nil)
  }

  @Test("the end of a connection has its reason, is counted, and is the reason why frames do not pass")
  func end() throws {
    let pair = established()
    pair.handle(.shutdown, left: true)
    pair.run(for: .seconds(5))
    let lost = try #require(event(.connectionLost, of: pair.right))
    #expect(lost.fields.contains(.text(.reason, ConnectionEnd.peerShutDown.rawValue)))
    #expect(lost.fields.contains(.number(.result, 6)))
    #expect(pair.right.status.tunnels[0].losses == [.peerShutDown: 1])
    #expect(pair.left.status.tunnels[0].losses == [.stoppedHere: 1])
    let obstacle = try #require(event(.notForwarding, of: pair.right))
    #expect(obstacle.fields == [EventField(.reasons, .texts(["no-control-connection"]))])
  }

  @Test("a peer that falls silent is told apart from one that stops")
  func silence() throws {
    let pair = established()
    pair.network = { _ in [] }
    #expect(pair.run(until: { pair.left.status.tunnels[0].losses != [:] }, limit: .seconds(600)))
    #expect(pair.left.status.tunnels[0].losses == [.peerSilent: 1])
    let reasons = pair.left.events.filter { $0.kind == .notForwarding }.flatMap(\.fields)
    #expect(reasons.first == EventField(.reasons, .texts(["peer-silent"])))
  }
}
