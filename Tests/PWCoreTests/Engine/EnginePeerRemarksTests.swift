import Testing

@testable import PWCore

@Suite("The peer's reports on its circuit are kept and shown")
struct EnginePeerRemarksTests {
  private func established(_ configure: (inout IncomingCallRequest) -> Void = { _ in }) -> HandPeer {
    let peer = HandPeer()
    peer.connect()
    peer.call(configure: configure)
    peer.completeCall()
    #expect(peer.sessionState == .established)
    return peer
  }

  private func status(_ peer: HandPeer) -> PseudowireStatus { peer.engine.status.tunnels[0].pseudowires[0] }

  private func identifiers(_ peer: HandPeer) -> SessionIdentifiers {
    let reply = peer.replies.last?.identifiers
    return SessionIdentifiers(local: reply?.remote ?? .unknown, remote: reply?.local ?? .unknown)
  }

  @Test("the counters of WEN are in the status, and told when they move (RFC 3931 section 6.13)")
  func circuitErrors() {
    let peer = established()
    #expect(status(peer).peerErrors == nil)
    var errors = CircuitErrors()
    errors.hardwareOverruns = 3
    errors.alignment = 1
    for _ in 0..<3 { peer.say(.wanError(WANError(identifiers: identifiers(peer), errors: errors))) }
    #expect(status(peer).peerErrors == errors)
    let told = peer.engine.events.filter { $0.message.contains("circuit errors") }
    #expect(told.map(\.message) == ["the peer reports circuit errors: hardware overruns 3, alignment 1"])
    errors.alignment = 2
    peer.say(.wanError(WANError(identifiers: identifiers(peer), errors: errors)))
    #expect(peer.engine.events.filter { $0.message.contains("circuit errors") }.count == 2)
    peer.say(.callDisconnect(CallDisconnect(result: CallResult(.administrative), identifiers: identifiers(peer))))
    #expect(status(peer).peerErrors == nil)
    #expect(peer.engine.engine.sessions.count == 0)
  }

  @Test("the peer's speeds are shown, from ICRQ or as ICCN changes them (RFC 3931 section 5.4.4)")
  func speeds() {
    let peer = HandPeer()
    peer.connect()
    peer.call { request in
      request.dataPath.transmitSpeed = 1_000_000_000
      request.dataPath.receiveSpeed = 500_000_000
    }
    #expect(status(peer).peerTransmitSpeed == 1_000_000_000)
    peer.completeCall { $0.receiveSpeed = 10_000_000_000 }
    #expect(status(peer).peerTransmitSpeed == 1_000_000_000)
    #expect(status(peer).peerReceiveSpeed == 10_000_000_000)
  }

  @Test("a speed of 0 is none that is known")
  func unknownSpeeds() {
    let peer = established { request in
      request.dataPath.transmitSpeed = 0
      request.dataPath.receiveSpeed = 0
    }
    #expect(status(peer).peerTransmitSpeed == nil && status(peer).peerReceiveSpeed == nil)
  }

  @Test("a fault of the peer's circuit is named, every one (RFC 5641 section 2)")
  func faults() {
    let peer = established()
    peer.setLinkInfo(CircuitStatus(rawValue: 0x003C))
    let words =
      "the peer reports its attachment circuit down: receive fault, transmit fault, network receive fault, "
      + "network transmit fault"
    #expect(status(peer).forwarding.value.reasons == [words])
    #expect(peer.engine.events.contains { $0.message == words })
    peer.setLinkInfo([.active, .standby])
    #expect(
      status(peer).forwarding.value.reasons == ["the peer reports its attachment circuit in standby"])
    peer.setLinkInfo([])
    #expect(status(peer).forwarding.value.reasons == ["the peer reports its attachment circuit down"])
  }

  @Test("SLI that names no identifier of ours finds its session (RFC 3931 section 5.4.4)")
  func linkInfoBeforeReply() {
    let peer = HandPeer()
    peer.connect()
    peer.call()
    let early = SessionIdentifiers(local: SessionID(rawValue: 500), remote: .unknown)
    peer.say(.setLinkInfo(SetLinkInfo(identifiers: early, circuitStatus: .transmitFault)))
    #expect(status(peer).peerCircuit == .transmitFault)
    var errors = CircuitErrors()
    errors.crc = 1
    peer.say(.wanError(WANError(identifiers: early, errors: errors)))
    #expect(status(peer).peerErrors == errors)
    peer.completeCall()
    #expect(peer.isLinkUp == false)
  }
}
