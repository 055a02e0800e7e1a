import Testing

@testable import PWCore

/// A peer that calls again under the identifier of a session that it has, as one with fixed identifiers does.
@Suite("A call under the identifier of a session that is there (RFC 3931 section 5.4.4)")
struct EngineRepeatedCallTests {
  private func connected() -> HandPeer {
    let peer = HandPeer()
    peer.connect()
    return peer
  }

  @Test("while our ICRP is not acknowledged, the same call asks for nothing new")
  func answerUnderWay() {
    let peer = connected()
    peer.acknowledges = false
    peer.call(501)
    // Its Nr is that of before ICRP.
    peer.lie = UInt16.max
    for _ in 0..<2 { peer.call(501) }
    #expect(peer.replies.count == 1 && peer.disconnects.isEmpty)
    (peer.acknowledges, peer.lie) = (true, 0)
    peer.completeCall()
    #expect(peer.sessionState == .established)
  }

  @Test("after it, the call begins a session of its own, and no CDN ends it", arguments: [false, true])
  func forgotten(isEstablished: Bool) throws {
    let peer = connected()
    peer.call(501)
    if isEstablished { peer.completeCall() }
    peer.say(.hello(Hello()))
    peer.call(501)
    #expect(peer.disconnects.isEmpty)
    let identifiers = peer.replies.map(\.identifiers.local)
    #expect(identifiers.count == 2 && Set(identifiers).count == 2)
    peer.completeCall()
    #expect(peer.sessionState == .established && peer.isLinkUp == true)
    #expect(peer.engine.engine.sessions.count == 1)
  }

  @Test("a call under another identifier has the old session ended with a CDN")
  func otherIdentifier() {
    let peer = connected()
    peer.call(501)
    peer.completeCall()
    peer.call(502)
    #expect(peer.disconnects.map(\.identifiers.remote) == [SessionID(rawValue: 501)])
    peer.completeCall()
    #expect(peer.sessionState == .established)
  }
}
