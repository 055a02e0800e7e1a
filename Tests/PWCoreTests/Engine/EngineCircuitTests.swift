import Testing

@testable import PWCore

@Suite("Circuit status, bit by bit (RFC 3931 section 5.4.5, RFC 5641)")
struct EngineCircuitTests {
  /// A peer whose call is established.
  private func established() -> HandPeer {
    let peer = HandPeer()
    peer.connect()
    peer.call()
    peer.completeCall()
    #expect(peer.isLinkUp == true)
    return peer
  }

  @Test("a link that is down has both faults and is not active; one that is up has no fault, and neither is new")
  func sent() {
    let peer = established()
    #expect(peer.replies.map(\.dataPath.circuitStatus?.rawValue) == [0x0001])
    peer.setCircuit(isUp: false)
    peer.setCircuit(isUp: true)
    let told = peer.heard.compactMap { message -> UInt16? in
      guard case .setLinkInfo(let info) = message else { return nil }
      return info.circuitStatus?.rawValue
    }
    #expect(told == [0x000C, 0x0001])
  }

  @Test("nothing crosses while the peer stands by, active or not")
  func standby() {
    let peer = established()
    peer.setLinkInfo([.active, .standby])
    #expect(peer.isLinkUp == false)
    peer.setLinkInfo(.active)
    #expect(peer.isLinkUp == true)
    peer.setLinkInfo(.standby)
    #expect(peer.isLinkUp == false)
  }

  @Test(
    "a fault of any kind, without the A bit, stops what we send", arguments: [0x0000, 0x0004, 0x0008, 0x0010, 0x003C])
  func faults(bits: UInt16) {
    let peer = established()
    peer.setLinkInfo(CircuitStatus(rawValue: bits))
    #expect(peer.isLinkUp == false)
    peer.setLinkInfo(.active)
    #expect(peer.isLinkUp == true)
  }

  @Test("the N bit and the reserved ones change nothing", arguments: [0x0003, 0x8001, 0xFF83])
  func ignored(bits: UInt16) {
    let peer = established()
    let effects = peer.engine.effects.count
    peer.setLinkInfo(CircuitStatus(rawValue: bits))
    #expect(peer.isLinkUp == true)
    #expect(peer.engine.effects.count == effects)
    peer.setLinkInfo(CircuitStatus(rawValue: bits & ~0x0001))
    #expect(peer.isLinkUp == false)
  }

  @Test("an ICRQ whose circuit is down is answered, and nothing is sent before it is up")
  func downFromTheBeginning() {
    let peer = HandPeer()
    peer.connect()
    peer.call { $0.dataPath.circuitStatus = .new }
    peer.completeCall()
    #expect(peer.isLinkUp == false)
    peer.setLinkInfo(.active)
    #expect(peer.isLinkUp == true)
  }

  @Test("CDN from the peer takes away whatever the session had (RFC 3931 section 6.12)")
  func disconnected() {
    let peer = established()
    let session = peer.replies[0].identifiers
    let identifiers = SessionIdentifiers(local: session.remote, remote: session.local)
    peer.say(.callDisconnect(CallDisconnect(result: CallResult(.administrative), identifiers: identifiers)))
    #expect(peer.isLinkUp == nil)
    #expect(peer.engine.sessions.isEmpty)
    #expect(peer.engine.engine.sessionsByID.isEmpty)
    #expect(peer.disconnects.isEmpty)
    #expect(peer.record?.machine.state == .established)
  }

  @Test("SLI before ICRP names our session, and 0 for the peer's (RFC 3931 section 5.4.4)")
  func beforeReply() throws {
    let peer = HandPeer()
    peer.connect()
    peer.wait(.seconds(7))
    let call = try #require(peer.calls.first)
    #expect(call.identifiers.remote == .unknown)
    peer.setCircuit(isUp: false)
    let told = peer.heard.compactMap { message -> SessionIdentifiers? in
      guard case .setLinkInfo(let info) = message else { return nil }
      return info.identifiers
    }
    #expect(told == [SessionIdentifiers(local: call.identifiers.local, remote: .unknown)])
  }
}
