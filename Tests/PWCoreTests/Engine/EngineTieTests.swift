import Testing

@testable import PWCore

@Suite("Requests that cross on the way")
struct EngineTieTests {
  /// The tie breaker of the engine's last SCCRQ.
  private func ownTieBreaker(_ peer: HandPeer) throws -> UInt64 {
    try #require(
      peer.heard.compactMap { message -> UInt64? in
        guard case .startRequest(let request) = message else { return nil }
        return request.tieBreaker
      }.last)
  }

  private func requests(_ peer: HandPeer) -> Int {
    peer.heard.filter { if case .startRequest = $0 { true } else { false } }.count
  }

  @Test("our SCCRQ has the lower tie breaker: theirs is told StopCCN 3 (RFC 3931 section 5.4.3)")
  func connectionWon() throws {
    let peer = HandPeer(role: .both)
    let own = try ownTieBreaker(peer)
    peer.connect(tieBreaker: own &+ 1)
    #expect(peer.stops.map(\.result.code) == [.alreadyExists])
    #expect(peer.connectionID == .unknown)
    #expect(peer.engine.engine.connections.count == 1)
  }

  @Test("theirs has the lower one: ours is forgotten")
  func connectionLost() throws {
    let peer = HandPeer(role: .both)
    let own = try ownTieBreaker(peer)
    peer.connect(tieBreaker: own &- 1)
    #expect(peer.stops.isEmpty)
    #expect(peer.record?.machine.state == .established)
    #expect(peer.engine.engine.connections.count == 1)
  }

  @Test("both are equal: both are forgotten, and ours is tried again with another value")
  func connectionDrawn() throws {
    let peer = HandPeer(role: .both)
    let own = try ownTieBreaker(peer)
    peer.connect(tieBreaker: own)
    #expect(peer.connectionID == .unknown)
    #expect(peer.engine.engine.connections.count == 0)
    peer.wait(.seconds(5))
    #expect(requests(peer) >= 2)
    #expect(try ownTieBreaker(peer) != own)
  }

  /// A connection over which the engine has called, and the tie breaker of its ICRQ.
  private func calling() throws -> (peer: HandPeer, tieBreaker: UInt64) {
    let peer = HandPeer()
    peer.connect()
    peer.wait(.seconds(7))
    return (peer, try #require(peer.calls.first?.tieBreaker))
  }

  @Test("our ICRQ has the lower tie breaker, or the only one: theirs is told CDN 13 (section 5.4.4)")
  func callWon() throws {
    for theirs in [UInt64.max, nil] {
      let (peer, _) = try calling()
      peer.call { $0.tieBreaker = theirs }
      #expect(peer.disconnects.map(\.result.code) == [.lostTie])
      #expect(peer.disconnects.map(\.identifiers.remote.rawValue) == [500])
      #expect(peer.replies.isEmpty)
      #expect(peer.engine.status.tunnels[0].pseudowires[0].state.value == .waitReply)
    }
  }

  @Test("theirs has the lower one: ours is forgotten, and theirs is answered")
  func callLost() throws {
    let (peer, _) = try calling()
    peer.call { $0.tieBreaker = 0 }
    #expect(peer.disconnects.isEmpty)
    #expect(peer.replies.map(\.identifiers.remote.rawValue) == [500])
    #expect(peer.engine.engine.sessionsByID.count == 1)
  }

  @Test("both are equal: both are forgotten, and ours is tried again with another value")
  func callDrawn() throws {
    let (peer, own) = try calling()
    peer.call { $0.tieBreaker = own }
    #expect(peer.replies.isEmpty)
    #expect(peer.engine.engine.sessionsByID.isEmpty)
    peer.wait(.seconds(10))
    #expect(peer.calls.count >= 2)
    #expect(peer.calls.last?.tieBreaker != own)
  }

  @Test("an OCRQ ties with our ICRQ as an ICRQ does: where we win it is told CDN 13 (sections 5.4.4 and 7.4.1)")
  func outgoingCallWon() throws {
    for theirs in [UInt64.max, nil] {
      let (peer, _) = try calling()
      peer.callOut { $0.tieBreaker = theirs }
      #expect(peer.disconnects.map(\.result.code) == [.lostTie])
      #expect(peer.disconnects.map(\.identifiers.remote.rawValue) == [500])
      #expect(peer.outgoingReplies.isEmpty)
      #expect(peer.sessionState == .waitReply)
      #expect(peer.engine.engine.sessionsByID.count == 1)
    }
  }

  @Test("where it wins our ICRQ is forgotten, whatever the peer says to it later, and the call is placed")
  func outgoingCallLost() throws {
    let (peer, _) = try calling()
    let own = try #require(peer.calls.first).identifiers.local
    peer.callOut { $0.tieBreaker = 0 }
    #expect(peer.outgoingReplies.map(\.identifiers.remote.rawValue) == [500])
    let identifiers = SessionIdentifiers(local: SessionID(rawValue: 501), remote: own)
    peer.say(.callDisconnect(CallDisconnect(result: CallResult(.lostTie), identifiers: identifiers)))
    #expect(peer.disconnects.isEmpty)
    #expect(peer.sessionState == .established)
    #expect(peer.engine.engine.sessionsByID.count == 1 && peer.engine.sessions.count == 1)
    peer.wait(.seconds(600))
    #expect(peer.calls.count == 1)
  }

  @Test("where both are equal both are forgotten, and ours is tried again with another value")
  func outgoingCallDrawn() throws {
    let (peer, own) = try calling()
    peer.callOut { $0.tieBreaker = own }
    #expect(peer.outgoingReplies.isEmpty)
    #expect(peer.engine.engine.sessionsByID.isEmpty)
    peer.wait(.seconds(10))
    #expect(peer.calls.count >= 2)
    #expect(peer.calls.last?.tieBreaker != own)
  }
}
