import Testing

@testable import PWCore

@Suite("Answers to messages that cannot be taken as they are")
struct EngineAnswersTests {
  private let unknown = RawAVP(vendorID: 900, type: 4242, isMandatory: true, value: [1])
  private let optional = RawAVP(vendorID: 900, type: 4242, isMandatory: false, value: [1])

  private func connected(_ configure: (inout PseudowireDeclaration) -> Void = { _ in }) -> HandPeer {
    let peer = HandPeer(configure: configure)
    peer.connect()
    #expect(peer.record?.machine.state == .established)
    return peer
  }

  @Test("an unknown mandatory AVP of a session: CDN 2/8 that names it, and the connection stays (section 5.2)")
  func unknownInSession() {
    let peer = connected()
    peer.call { $0.others = [unknown] }
    #expect(peer.disconnects.count == 1)
    #expect(peer.disconnects.first?.result.code == .generalError)
    #expect(peer.disconnects.first?.result.error == .unknownMandatoryAVP)
    #expect(peer.disconnects.first?.result.text?.contains("4242") == true)
    #expect(peer.disconnects.first?.identifiers.remote == SessionID(rawValue: 500))
    #expect(peer.record?.machine.state == .established)
    peer.call(501)
    #expect(peer.replies.count == 1)
  }

  @Test("an unknown mandatory AVP of the connection: StopCCN 2/8 that names it (section 5.2)")
  func unknownInConnection() {
    let peer = connected()
    var hello = Hello()
    hello.others = [unknown]
    let identifier = peer.connectionID
    peer.say(.hello(hello))
    #expect(peer.stops.count == 1)
    #expect(peer.stops.first?.result.code == .generalError)
    #expect(peer.stops.first?.result.error == .unknownMandatoryAVP)
    #expect(peer.stops.first?.result.text?.contains("4242") == true)
    #expect(peer.stops.first?.assignedConnectionID == identifier)
    #expect(peer.engine.status.tunnels[0].state.value != .established)
  }

  @Test("an unknown AVP without M is as if it were not there (section 5.2)")
  func unknownWithoutM() {
    let peer = connected()
    var hello = Hello()
    hello.others = [optional]
    peer.say(.hello(hello))
    peer.call { $0.others = [optional] }
    #expect(peer.stops.isEmpty)
    #expect(peer.disconnects.isEmpty)
    #expect(peer.replies.count == 1)
  }

  @Test("an unknown message with M clears the connection, one without is acknowledged and passed over (section 5.4.1)")
  func unknownMessages() {
    let peer = connected()
    peer.say(.unknown(UnknownMessage(vendorID: 0, type: 99, isMandatory: false, others: [])))
    #expect(peer.acknowledgements.last?.nr == 3)
    #expect(peer.record?.machine.state == .established)
    peer.say(.unknown(UnknownMessage(vendorID: 0, type: 99, isMandatory: true, others: [])))
    #expect(peer.stops.map(\.result.code) == [.generalError])
    #expect(peer.engine.status.tunnels[0].state.value != .established)
  }

  @Test("a message that cannot be read is told to people and to the peer, and the connection is cleared (section 7.1)")
  func unreadable() {
    let peer = connected()
    peer.say(octets: message(octets("8008000000000006" + "8009000003e7")))
    #expect(peer.stops.map(\.result.code) == [.generalError])
    #expect(peer.stops.map(\.result.error) == [.wrongLength])
    #expect(peer.engine.events.contains { $0.level == .warning && $0.message.contains("cannot be accepted") })
    #expect(peer.engine.status.tunnels[0].state.value != .established)
  }

  @Test("a call before the control connection is established ends it (section 7.2)")
  func callTooEarly() {
    let peer = HandPeer()
    peer.say(.startRequest(StartRequest(parameters: peer.parameters, tieBreaker: 7)))
    peer.call()
    #expect(peer.stops.map(\.result.code) == [.stateMachineError])
    #expect(peer.replies.isEmpty)
    #expect(peer.engine.sessions.isEmpty)
  }

  @Test("a pseudowire type that we have not offered: CDN 14 (section 5.4.4)")
  func unsupportedType() {
    let peer = connected()
    peer.call { $0.pseudowireType = .ethernetVLAN }
    #expect(peer.disconnects.map(\.result.code) == [.unsupportedPseudowireType])
  }

  @Test("sequencing without a sublayer: CDN 15 (section 5.4.4)")
  func sequencingWithoutSublayer() {
    let peer = connected()
    peer.call { $0.dataPath.dataSequencing = 2 }
    #expect(peer.disconnects.map(\.result.code) == [.sequencingWithoutSublayer])
  }

  @Test("either level of sequencing numbers every frame, and the sublayer that is wanted is used", arguments: 1...2)
  func sequencingLevels(level: UInt16) {
    let peer = connected { pseudowire in
      pseudowire.sublayer = .standard
      pseudowire.isSequenced = true
    }
    peer.call { request in
      request.dataPath.sublayer = 1
      request.dataPath.dataSequencing = level
    }
    peer.completeCall()
    #expect(peer.disconnects.isEmpty)
    #expect(peer.engine.sessions.values.map(\.isSequenced) == [true])
    #expect(peer.engine.sessions.values.map(\.sublayer) == [.standard])
    #expect(peer.replies.map(\.dataPath.sublayer) == [1])
    #expect(peer.replies.map(\.dataPath.dataSequencing) == [2])
  }

  @Test("ICCN may repeat all of ICRQ or some of it; a change is refused (section 6.8)")
  func saidAgain() {
    /// The results of the CDNs that such an ICCN brings on, for a sequenced session with a sublayer.
    func refused(_ configure: (inout DataPathParameters) -> Void) -> [CallCode] {
      let peer = connected { pseudowire in
        pseudowire.sublayer = .standard
        pseudowire.isSequenced = true
      }
      peer.call { request in
        request.dataPath.sublayer = 1
        request.dataPath.dataSequencing = 2
      }
      peer.completeCall(configure: configure)
      return peer.disconnects.map(\.result.code)
    }
    #expect(refused { _ in } == [])
    #expect(refused { $0.sublayer = 1 } == [])
    #expect(refused { $0.dataSequencing = 2 } == [])
    #expect(refused { $0.sublayer = 0 } == [.sequencingWithoutSublayer])
    #expect(refused { $0.dataSequencing = 0 } == [.generalError])
    #expect(refused { $0.dataSequencing = 3 } == [.generalError])
  }

  @Test("a peer that wants another language hears the default one, in plain letters (section 5.4.3)")
  func language() {
    let peer = HandPeer()
    peer.parameters.preferredLanguage = "de-CH"
    peer.connect()
    peer.call { $0.remoteEndID = RemoteEndID(number: 2) }
    #expect(peer.disconnects.map(\.result.text) == ["the called site declares `type: ethernet`, `end-id: 1 (number)`"])
  }

  @Test("a peer whose call is refused hears what is declared here, unless it may be anybody")
  func noSuchPseudowire() {
    func text(to declared: TunnelDeclaration.Peer) -> [String?] {
      let peer = HandPeer(peer: declared)
      peer.connect()
      peer.call { $0.remoteEndID = RemoteEndID(number: 2) }
      return peer.disconnects.map(\.result.text)
    }
    let told = "the called site declares `type: ethernet`, `end-id: 1 (number)`"
    #expect(text(to: .address(EnginePair.leftAddress)) == [told])
    #expect(text(to: .any) == ["no such pseudowire is declared here"])
  }

  @Test("a Router ID is a number, not an address: any will do (section 5.4.3)", arguments: [0, 1, UInt32.max])
  func routerID(number: UInt32) {
    let peer = HandPeer()
    peer.parameters.routerID = number
    peer.connect()
    #expect(peer.record?.machine.state == .established)
  }

  @Test("a nonce where no secret is configured: StopCCN 4 (section 4.3)")
  func nonceWithoutSecret() {
    let peer = HandPeer()
    peer.parameters.nonce = [UInt8](repeating: 1, count: 16)
    peer.connect()
    #expect(peer.stops.map(\.result.code) == [.notAuthorised])
  }

  @Test("an SCCRP for an SCCRQ that was given up: StopCCN that the peer takes for a new message (section 6.4)")
  func replyInIdle() throws {
    let peer = HandPeer()
    var reply = ControlMessage.startReply(StartReply(parameters: peer.parameters)).encoded()
    // The peer has had our SCCRQ, number 0, and expects number 1.
    reply.setHeader(connectionID: ControlConnectionID(rawValue: 1234), ns: 0, nr: 1)
    peer.engine.handle(
      .datagram(
        Datagram(
          octets: reply.octets, source: Endpoint(address: EnginePair.leftAddress, port: 1701),
          local: Endpoint(address: EnginePair.rightAddress, port: 1701), encapsulation: .udp,
          socket: SocketID(rawValue: 1))),
      at: peer.now)
    let octets = try #require(peer.engine.sent.first).octets
    let answer = try ControlCodec.decode(octets.span)
    #expect(answer.header == ControlHeader(connectionID: ControlConnectionID(rawValue: 77), ns: 1, nr: 1))
    guard case .some(.stopNotification(let stop)) = answer.message else {
      Issue.record("not a StopCCN")
      return
    }
    #expect(stop.result.code == .stateMachineError)
    #expect(stop.assignedConnectionID == ControlConnectionID(rawValue: 1234))
  }
}
