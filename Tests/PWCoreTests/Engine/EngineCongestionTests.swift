import Testing

@testable import PWCore

@Suite("Congestion (RFC 4719 section 5)")
struct EngineCongestionTests {
  private func established(limit: UInt8? = nil) -> HandPeer {
    let peer = HandPeer { $0.lossLimitPercent = limit }
    peer.connect()
    peer.call()
    peer.completeCall()
    #expect(peer.sessionState == .established)
    return peer
  }

  private func lose(_ lost: UInt64, of total: UInt64 = 1000, _ peer: HandPeer) {
    let session = peer.replies.last?.identifiers.local ?? .unknown
    peer.engine.handle(
      .dataLoss(peer.connectionID, session, PacketLoss(lost: lost, received: total - lost)), at: peer.now)
    peer.wait(.seconds(10))
  }

  private func warnings(_ peer: HandPeer) -> [String] {
    peer.engine.status.tunnels[0].pseudowires[0].warnings.map(\.words)
  }

  @Test("loss is reported, in the status as it is and in the log once, and so is its end")
  func reported() {
    let peer = established()
    lose(123, peer)
    #expect(warnings(peer) == ["12.3% of the peer's data packets are lost on their way"])
    for _ in 0..<10 { lose(500, peer) }
    #expect(warnings(peer) == ["50.0% of the peer's data packets are lost on their way"])
    lose(5, peer)
    #expect(warnings(peer) == ["0.5% of the peer's data packets are lost on their way"])
    #expect(peer.engine.events.filter { $0.message.contains("are lost on") }.map(\.level) == [.warning])
    lose(4, peer)
    #expect(warnings(peer) == [])
    lose(0, peer)
    #expect(peer.engine.events.filter { $0.message.contains("arrive again: less than 0.5%") }.map(\.level) == [.notice])
    #expect(peer.disconnects.isEmpty && peer.sessionState == .established)
  }

  @Test(
    "a little loss, or of few packets, is nothing to tell of",
    arguments: [(9, 1000), (999, 999), (0, 0)] as [(UInt64, UInt64)])
  func little(lost: UInt64, total: UInt64) {
    let peer = established(limit: 1)
    for _ in 0..<5 { lose(lost, of: total, peer) }
    #expect(warnings(peer) == [] && peer.disconnects.isEmpty)
  }

  @Test("a sample that is too small ends no report")
  func fewPackets() {
    let peer = established()
    lose(500, peer)
    lose(0, of: 10, peer)
    #expect(warnings(peer).count == 1)
  }

  @Test("the largest numbers there are")
  func largest() {
    let loss = PacketLoss(lost: .max, received: .max)
    #expect(loss.total == .max && loss.permille == 1000)
  }

  @Test("more than is declared to be too much, three times in a row: CDN 4, and a minute without the session")
  func givenUp() {
    let peer = established(limit: 5)
    for _ in 0..<2 { lose(51, peer) }
    lose(50, peer)
    for _ in 0..<2 { lose(51, peer) }
    #expect(peer.disconnects.isEmpty)
    lose(60, peer)
    #expect(peer.disconnects.map(\.result.code) == [.noFacilitiesTemporary])
    #expect(peer.disconnects.first?.result.text?.contains("congestion: 6.0%") == true)
    #expect(peer.engine.status.tunnels[0].pseudowires[0].lastError?.value.contains("congestion: 6.0%") == true)
    #expect(peer.isLinkUp == nil && peer.calls.isEmpty && warnings(peer).isEmpty)
    // It was 10 seconds ago.
    peer.call(501)
    #expect(peer.disconnects.map(\.result.code) == [.noFacilitiesTemporary, .noFacilitiesTemporary])
    #expect(peer.replies.count == 1)
    peer.wait(.seconds(45))
    #expect(peer.calls.isEmpty)
    peer.wait(.seconds(20))
    #expect(peer.calls.count == 1 && peer.engine.engine.congestionPauses.isEmpty)
  }

  @Test("a peer that calls when the minute is over is answered, and earlier losses count no more")
  func calledAfterwards() {
    let peer = established(limit: 5)
    for _ in 0..<3 { lose(500, peer) }
    #expect(peer.disconnects.count == 1)
    peer.wait(.seconds(49))
    peer.call(501)
    #expect(peer.disconnects.count == 2 && peer.replies.count == 1)
    peer.wait(.milliseconds(1500))
    // No matter who calls first, a tie is decided, and there is one session again.
    peer.call(502) { $0.tieBreaker = 0 }
    peer.completeCall()
    #expect(peer.replies.count == 2 && peer.sessionState == .established)
    #expect(peer.engine.engine.congestionPauses.isEmpty)
    for _ in 0..<2 { lose(500, peer) }
    #expect(peer.sessionState == .established)
  }

  @Test("a report about a session that is not there any more changes nothing")
  func late() {
    let peer = established(limit: 1)
    let session = peer.replies[0].identifiers
    lose(500, peer)
    #expect(warnings(peer).count == 1)
    let identifiers = SessionIdentifiers(local: session.remote, remote: session.local)
    peer.say(.callDisconnect(CallDisconnect(result: CallResult(.administrative), identifiers: identifiers)))
    for _ in 0..<3 { lose(500, peer) }
    #expect(warnings(peer).isEmpty && peer.disconnects.isEmpty)
    #expect(peer.engine.engine.congestionPauses.isEmpty)
  }

  @Test("a pause ends with its connection, and with its declaration")
  func pauseEnds() throws {
    let stopped = established(limit: 5)
    for _ in 0..<3 { lose(500, stopped) }
    #expect(stopped.engine.engine.congestionPauses.count == 1)
    stopped.say(
      .stopNotification(
        StopNotification(result: StopResult(.generalRequest), assignedConnectionID: ControlConnectionID(rawValue: 77))))
    #expect(stopped.engine.engine.congestionPauses.isEmpty)

    let reloaded = established(limit: 5)
    for _ in 0..<3 { lose(500, reloaded) }
    var site = reloaded.engine.engine.declaredSite
    site.tunnels[0].pseudowires[0].lossLimitPercent = 90
    reloaded.engine.reload(site, at: reloaded.now)
    #expect(reloaded.engine.engine.congestionPauses.isEmpty)
  }
}
