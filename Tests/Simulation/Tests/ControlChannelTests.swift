import PWCore
import Testing

@testable import pwsimulate

/// The test's own book of Ns and Nr: it must allow all that a right engine may do.
@Suite struct ControlChannelTests {
  private func hello(ns: UInt16, nr: UInt16) -> (ControlHeader, ControlMessage) {
    (ControlHeader(connectionID: ControlConnectionID(rawValue: 1), ns: ns, nr: nr), .hello(Hello()))
  }

  @Test func aCopyFromElsewhereOfAnOldMessageMayHaveBeenTaken() throws {
    let start = Instant(nanoseconds: 0)
    var channel = ControlChannel(
      localID: ControlConnectionID(rawValue: 1), peerAddress: .v4(1), maximumTimeout: .seconds(8))
    channel.peerWindow = 4
    for ns in UInt16(0)..<2 {
      let (header, message) = hello(ns: ns, nr: 0)
      try channel.sent(header, message, at: start)
    }
    let (first, greeting) = hello(ns: 0, nr: 2)
    channel.arrived(first, greeting, at: start)
    #expect(channel.admits(nr: 1) && !channel.admits(nr: 2))
    // It was sent before its sender had heard our two messages, and was lost.
    let (copy, again) = hello(ns: 1, nr: 0)
    channel.mayHaveArrived(copy, again)
    #expect(channel.admits(nr: 1) && channel.admits(nr: 2), "it may have been taken, or not")
    let (strange, nonsense) = hello(ns: 2, nr: 9)
    channel.mayHaveArrived(strange, nonsense)
    #expect(!channel.admits(nr: 3), "it acknowledges what was never sent")
  }
}
