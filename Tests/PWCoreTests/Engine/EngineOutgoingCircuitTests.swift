import Testing

@testable import PWCore

@Suite("A call that the peer has us place, and the circuits at both ends (RFC 3931 sections 5.4.5 and 7.4.2)")
struct EngineOutgoingCircuitTests {
  @Test("OCCN waits for our circuit: OCRP says that it is down, OCCN that it is up, and no SLI is wanted")
  func circuitComesUp() {
    let peer = HandPeer.waiting()
    #expect(peer.outgoingReplies.map(\.dataPath.circuitStatus) == [[.receiveFault, .transmitFault]])
    #expect(peer.outgoingConnected.isEmpty)
    #expect(peer.isLinkUp == false)
    #expect(
      peer.engine.status.tunnels[0].pseudowires[0].forwarding.value.reasons
        == ["the call that the peer asked for waits for our attachment circuit: eth1 is down or refused"])
    peer.setCircuit(isUp: true)
    #expect(peer.outgoingConnected.map(\.dataPath.circuitStatus) == [.active])
    #expect(peer.linkInfos.isEmpty)
    #expect(peer.isLinkUp == true)
    #expect(peer.sessionState == .established)
  }

  @Test("a circuit that stays down: CDN 16 when the time for a set-up is over (section 7.4.2)")
  func circuitStaysDown() {
    let peer = HandPeer.waiting()
    peer.wait(.seconds(121))
    #expect(peer.disconnects.map(\.result.code) == [.stateMachineError])
    #expect(peer.disconnects.first?.result.text == "the attachment circuit is still down")
    #expect(peer.disconnects.first?.identifiers.remote.rawValue == 500)
    #expect(peer.engine.sessions.isEmpty)
  }

  @Test("a circuit that goes down ends the call with CDN 1, not with SLI (section 7.4.2)")
  func circuitGoesDown() {
    let peer = HandPeer.established()
    peer.setCircuit(isUp: false)
    #expect(peer.disconnects.map(\.result.code) == [.lossOfCarrier])
    #expect(peer.disconnects.first?.identifiers.remote.rawValue == 500)
    #expect(peer.linkInfos.isEmpty)
    peer.expectReleased()
  }

  @Test("so does one that goes down while OCCN is on its way, and one that another site file puts there")
  func circuitGoesDownOtherwise() {
    let early = HandPeer.connected()
    early.acknowledges = false
    early.callOut()
    early.setCircuit(isUp: false)
    early.say(.hello(Hello()))
    #expect(early.disconnects.map(\.result.code) == [.lossOfCarrier])
    early.expectReleased()

    let reloaded = HandPeer.established()
    var site = reloaded.engine.engine.declaredSite
    site.tunnels[0].pseudowires[0].circuit = .member("eth9")
    reloaded.engine.reload(site, at: reloaded.now)
    reloaded.say(.hello(Hello()))
    #expect(reloaded.disconnects.map(\.result.code) == [.lossOfCarrier])
    reloaded.expectReleased()
  }

  @Test("the peer's circuit counts as in any session, from OCRQ on")
  func peerCircuit() {
    let peer = HandPeer.connected()
    peer.callOut { $0.dataPath.circuitStatus = [] }
    #expect(peer.isLinkUp == false)
    peer.say(.setLinkInfo(SetLinkInfo(identifiers: peer.outgoingSession, circuitStatus: .active)))
    #expect(peer.isLinkUp == true)
    var errors = CircuitErrors()
    errors.crc = 3
    peer.say(.wanError(WANError(identifiers: peer.outgoingSession, errors: errors)))
    #expect(peer.engine.events.contains { $0.message.contains("circuit errors: CRC 3") })
    peer.say(.setLinkInfo(SetLinkInfo(identifiers: peer.outgoingSession, circuitStatus: [])))
    #expect(peer.isLinkUp == false)
    #expect(peer.disconnects.isEmpty)
  }

  @Test("an incoming call after an outgoing one is told of its circuit by SLI, as any")
  func incomingAfterwards() {
    let peer = HandPeer.established()
    peer.call(501)
    peer.completeCall()
    peer.setCircuit(isUp: false)
    #expect(peer.linkInfos.map(\.circuitStatus) == [[.receiveFault, .transmitFault]])
    #expect(peer.sessionState == .established)
  }

  @Test("after its call has ended, the peer is called for what is declared, and not more often than any")
  func calledBack() {
    let peer = HandPeer.established()
    for _ in 0..<10 {
      peer.setCircuit(isUp: false)
      peer.setCircuit(isUp: true)
      peer.callOut(UInt32(600 + peer.disconnects.count))
    }
    #expect(peer.calls.isEmpty)
    #expect(peer.disconnects.count == 10)
    #expect(peer.sessionState == .established)
    peer.setCircuit(isUp: false)
    peer.wait(.seconds(300))
    #expect(!peer.calls.isEmpty && peer.calls.count < 20)
  }
}
