import Testing

@testable import PWCore

@Suite("Calls that the peer has us place (RFC 3931 sections 3.4.2 and 7.4.2)")
struct EngineOutgoingCallTests {
  @Test("OCRP says who we are, what we want to receive and how our circuit is; OCCN follows (sections 6.10 and 6.11)")
  func answered() throws {
    let peer = HandPeer.established()
    let reply = try #require(peer.outgoingReplies.first)
    #expect(peer.outgoingReplies.count == 1)
    #expect(reply.identifiers.remote.rawValue == 500 && reply.identifiers.local != .unknown)
    #expect(reply.dataPath.circuitStatus == .active)
    #expect(reply.dataPath.cookie?.lengthOctets == 8)
    #expect(peer.outgoingConnected.map(\.identifiers) == [reply.identifiers])
    let types = peer.heard.map(\.messageType)
    #expect(types == [.startReply, .outgoingCallReply, .outgoingCallConnected])
    let session = try #require(peer.engine.sessions[reply.identifiers.local])
    #expect(session.peerID.rawValue == 500)
    #expect(session.receiveCookie == reply.dataPath.cookie)
    #expect(peer.engine.engine.sessionsByID.count == 1)
    peer.wait(.seconds(600))
    #expect(peer.calls.isEmpty && peer.disconnects.isEmpty)
  }

  @Test("there is no OCRP before the data path is there, its link down (section 3.4.2)")
  func dataPathFirst() throws {
    let peer = HandPeer.connected()
    var withheld: [Effect] = []
    peer.engine.override = { effect in
      guard case .plane(.change(_, .createSession)) = effect else { return .perform }
      withheld.append(effect)
      return .withhold
    }
    peer.callOut()
    #expect(peer.outgoingReplies.isEmpty)
    let effect = try #require(withheld.first)
    var linkAtReply: Bool?
    peer.engine.override = { effect in
      if case .links(_, .setLinks) = effect, peer.engine.engine.sessionsByID.count == 1 {
        for case .session(let link) in effect.linkRequests { linkAtReply = linkAtReply ?? link.isUp }
      }
      return .perform
    }
    peer.engine.handle(.completed(peer.engine.perform(effect)), at: peer.now)
    peer.say(.hello(Hello()))
    #expect(linkAtReply == false)
    #expect(peer.outgoingReplies.count == 1 && peer.outgoingConnected.count == 1)
  }

  @Test("no data passes before the peer has OCCN: sending it is not enough (section 6.10)")
  func linkAfterConnected() {
    let peer = HandPeer.connected()
    peer.acknowledges = false
    peer.callOut()
    #expect(peer.outgoingReplies.count == 1 && peer.outgoingConnected.count == 1)
    #expect(peer.isLinkUp == false)
    #expect(peer.sessionState == .waitAnswer)
    // News of the path does not open it either.
    peer.engine.handle(.pathMTU(peer.connectionID, octets: 1400), at: peer.now)
    #expect(peer.isLinkUp == false)
    peer.say(.setLinkInfo(SetLinkInfo(identifiers: peer.outgoingSession, circuitStatus: [.active, .new])))
    #expect(peer.isLinkUp == true)
    #expect(peer.sessionState == .established)
  }

  @Test("an acknowledgement of OCRP alone opens nothing")
  func replyAcknowledged() {
    let peer = HandPeer()
    peer.parameters.receiveWindowSize = 1
    peer.connect()
    peer.acknowledges = false
    peer.callOut()
    #expect(peer.outgoingReplies.count == 1 && peer.outgoingConnected.isEmpty)
    peer.say(.hello(Hello()))
    #expect(peer.outgoingConnected.count == 1)
    #expect(peer.isLinkUp == false)
    peer.say(.hello(Hello()))
    #expect(peer.isLinkUp == true)
  }

  @Test("sublayer, sequencing and cookies are as for an incoming call")
  func dataPath() throws {
    let peer = HandPeer.connected { pseudowire in
      pseudowire.sublayer = .standard
      pseudowire.isSequenced = true
      pseudowire.cookieLengthOctets = 4
    }
    peer.callOut { request in
      request.dataPath.sublayer = 1
      request.dataPath.dataSequencing = 2
      request.dataPath.cookie = Cookie(number: 0x0102_0304, lengthOctets: 4)
    }
    let session = try #require(peer.engine.sessions.values.first)
    #expect(session.isSequenced && session.sublayer == .standard)
    #expect(session.transmitCookie == Cookie(number: 0x0102_0304, lengthOctets: 4))
    let reply = try #require(peer.outgoingReplies.first?.dataPath)
    #expect(reply.sublayer == 1 && reply.dataSequencing == 2 && reply.cookie == session.receiveCookie)
    #expect(session.receiveCookie.lengthOctets == 4)
  }

  @Test("a call that cannot be placed: CDN with the reason that an incoming call would hear (section 7.4.2)")
  func refused() {
    func codes(_ configure: (inout OutgoingCallRequest) -> Void) -> [CallCode] {
      let peer = HandPeer.connected()
      peer.callOut(configure: configure)
      #expect(peer.outgoingReplies.isEmpty)
      peer.expectReleased()
      return peer.disconnects.map(\.result.code)
    }
    #expect(codes { $0.pseudowireType = .ethernetVLAN } == [.unsupportedPseudowireType])
    #expect(codes { $0.remoteEndID = RemoteEndID(number: 2) } == [.noSuchForwarder])
    #expect(codes { $0.dataPath.dataSequencing = 2 } == [.sequencingWithoutSublayer])
    #expect(codes { $0.dataPath.sublayer = 1 } == [.generalError])
  }

  @Test("a call whose data path cannot be made, or whose plugin refuses: CDN, and nothing is left")
  func failed() {
    let peer = HandPeer.connected()
    peer.engine.override = { effect in
      guard case .plane(.change(_, .createSession)) = effect else { return .perform }
      return .fail(EffectFailure("no memory", isTemporary: true))
    }
    peer.callOut()
    #expect(peer.disconnects.map(\.result.code) == [.noFacilitiesTemporary])
    peer.expectReleased()
    peer.engine.override = { _ in .perform }
    peer.engine.answer = { _ in .refuse(CallResult(.administrative), reason: "not now") }
    peer.callOut(501)
    #expect(peer.disconnects.map(\.result.code) == [.noFacilitiesTemporary, .administrative])
    peer.expectReleased()
  }

  @Test("CDN releases the call wherever it is (section 7.4.2)")
  func disconnected() {
    let result = CallResult(.administrative)
    let preparing = HandPeer.connected()
    preparing.engine.override = { effect in
      if case .plane(.change(_, .createSession)) = effect { .withhold } else { .perform }
    }
    preparing.callOut()
    #expect(preparing.engine.engine.sessionsByID.count == 1)
    let unanswered = SessionIdentifiers(local: SessionID(rawValue: 500), remote: .unknown)
    preparing.say(.callDisconnect(CallDisconnect(result: result, identifiers: unanswered)))
    preparing.expectReleased()

    let confirming = HandPeer.connected()
    confirming.acknowledges = false
    confirming.callOut()
    for peer in [HandPeer.waiting(), confirming, .established()] {
      peer.say(.callDisconnect(CallDisconnect(result: result, identifiers: peer.outgoingSession)))
      peer.expectReleased()
      #expect(peer.disconnects.isEmpty)
    }
  }

  /// The messages that may not come for a call that OCRQ began.
  enum Wrong: CaseIterable {
    case outgoingReply, outgoingConnected, reply, connected
  }

  private func say(_ wrong: Wrong, _ identifiers: SessionIdentifiers, _ peer: HandPeer) {
    var dataPath = DataPathParameters()
    dataPath.circuitStatus = .active
    switch wrong {
    case .outgoingReply: peer.say(.outgoingCallReply(OutgoingCallReply(identifiers: identifiers, dataPath: dataPath)))
    case .outgoingConnected: peer.say(.outgoingCallConnected(OutgoingCallConnected(identifiers: identifiers)))
    case .reply: peer.say(.incomingCallReply(IncomingCallReply(identifiers: identifiers, dataPath: dataPath)))
    case .connected: peer.say(.incomingCallConnected(IncomingCallConnected(identifiers: identifiers)))
    }
  }

  @Test("OCRP, OCCN, ICRP or ICCN for such a call: CDN 16 (section 7.4.2)", arguments: Wrong.allCases)
  func outOfPlace(wrong: Wrong) {
    for peer in [HandPeer.waiting(), .established()] {
      say(wrong, peer.outgoingSession, peer)
      #expect(peer.disconnects.map(\.result.code) == [.stateMachineError])
      #expect(peer.disconnects.first?.identifiers.remote.rawValue == 500)
      peer.expectReleased()
    }
  }

  @Test("OCRP for no session is told CDN, OCCN is passed over (section 7.4.2, idle)")
  func inIdle() {
    let peer = HandPeer.connected()
    let identifiers = SessionIdentifiers(local: SessionID(rawValue: 77), remote: SessionID(rawValue: 88))
    say(.outgoingConnected, identifiers, peer)
    #expect(peer.disconnects.isEmpty)
    say(.outgoingReply, identifiers, peer)
    #expect(peer.disconnects.map(\.result.error) == [.invalidSessionID])
    #expect(
      peer.disconnects.first?.identifiers == SessionIdentifiers(local: identifiers.remote, remote: identifiers.local))
    peer.expectReleased()
  }

  @Test("a second call for the pseudowire, of either kind, ends the first: there is one session")
  func calledAgain() {
    for first in [HandPeer.waiting, HandPeer.established] {
      for isOutgoing in [true, false] {
        let peer = first()
        if isOutgoing { peer.callOut(501) } else { peer.call(501) }
        #expect(peer.disconnects.map(\.identifiers.remote.rawValue) == [500])
        #expect(peer.disconnects.map(\.result.code) == [.stateMachineError])
        #expect(peer.engine.sessions.values.map(\.peerID.rawValue) == [501])
        #expect(peer.engine.engine.sessionsByID.count == 1)
      }
    }
    let incoming = HandPeer.connected()
    incoming.call()
    incoming.completeCall()
    incoming.callOut(501)
    #expect(incoming.disconnects.map(\.identifiers.remote.rawValue) == [500])
    #expect(incoming.sessionState == .established)
    #expect(incoming.engine.sessions.values.map(\.peerID.rawValue) == [501])
  }

  @Test("messages from before the peer had OCRP can come after OCCN is acknowledged, and count (section 5.4.4)")
  func overtaken() {
    let peer = HandPeer.established()
    let unanswered = SessionIdentifiers(local: SessionID(rawValue: 500), remote: .unknown)
    peer.say(.setLinkInfo(SetLinkInfo(identifiers: unanswered, circuitStatus: [])))
    #expect(peer.isLinkUp == false)
    peer.say(.callDisconnect(CallDisconnect(result: CallResult(.administrative), identifiers: unanswered)))
    peer.expectReleased()
    #expect(peer.disconnects.isEmpty)
  }

  @Test("a kernel that loses the session: CDN 1, and nothing is left")
  func dataPathLost() throws {
    let peer = HandPeer.established()
    let session = try #require(peer.engine.sessions.keys.first)
    peer.engine.handle(.dataPathLost(peer.connectionID, session, reason: "unplugged"), at: peer.now)
    peer.say(.hello(Hello()))
    #expect(peer.disconnects.map(\.result.code) == [.lossOfCarrier])
    peer.expectReleased()
  }
}

extension Effect {
  /// The links that it asks for.
  fileprivate var linkRequests: [LinkRequest] {
    if case .links(_, .setLinks(_, let requests)) = self { requests } else { [] }
  }
}
