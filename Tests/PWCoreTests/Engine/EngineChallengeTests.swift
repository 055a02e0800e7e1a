import Testing

@testable import PWCore

@Suite("The tunnel authentication of RFC 2661")
struct EngineChallengeTests {
  static let secret = Array("hunter2".utf8)
  static let question: [UInt8] = [1, 2, 3]

  /// A peer by hand of an engine that declares a challenge.
  func peer(role: TunnelDeclaration.Role = .accept) -> HandPeer {
    var authentication = Authentication(secretFile: "/etc/pwmgr/secrets/berlin")
    authentication.method = .challenge
    return HandPeer(role: role, authentication: authentication, secret: Self.secret)
  }

  /// The response to a challenge, put together by hand: RFC 2661 section 4.4.3, RFC 1994 section 4.1.
  func response(to challenge: [UInt8], number: UInt8, secret: [UInt8] = secret) -> [UInt8] {
    ChecksumAuthenticator().md5([number] + secret + challenge)
  }

  func pair(_ secrets: ([UInt8], [UInt8]) = (secret, secret), roles: TunnelDeclaration.Role = .both) -> EnginePair {
    let pair = EnginePair(leftRole: roles, rightRole: roles == .initiate ? .accept : roles, secret: secrets.0) {
      tunnel, _ in tunnel.authentication?.method = .challenge
    }
    guard secrets.0 != secrets.1 else { return pair }
    pair.reload(
      pair.right.engine.declaredSite, secrets: ["peer": TunnelSecrets(secrets.1)], left: false)
    return pair
  }

  func reply(_ peer: HandPeer) throws -> StartReply {
    try #require(peer.heard.lazy.compactMap { if case .startReply(let reply) = $0 { reply } else { nil } }.first)
  }

  func request(_ peer: HandPeer) throws -> StartRequest {
    try #require(peer.heard.lazy.compactMap { if case .startRequest(let request) = $0 { request } else { nil } }.first)
  }

  @Test("two sites that challenge each other come up, whichever calls; a response is in SCCRP and SCCCN")
  func bothEnds() throws {
    for roles in [TunnelDeclaration.Role.initiate, .both] {
      let pair = pair(roles: roles)
      #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(30)))
      let messages = pair.wire.compactMap { try? ControlCodec.decode($0.datagram.octets.span).message }
      var seen = Set<String>()
      for message in messages {
        switch message {
        case .startRequest(let request):
          #expect(request.parameters.challenge?.count == 16 && request.parameters.challengeResponse == nil)
          seen.insert("SCCRQ")
        case .startReply(let reply):
          #expect(reply.parameters.challenge?.count == 16 && reply.parameters.challengeResponse?.count == 16)
          seen.insert("SCCRP")
        case .startConnected(let connected):
          #expect(connected.challengeResponse?.count == 16)
          seen.insert("SCCCN")
        default: break
        }
      }
      #expect(seen.count == 3)
      for end in [pair.left, pair.right] {
        #expect(end.status.tunnels[0].isChallengeAnswered == true)
        #expect(end.status.tunnels[0].secret == "secret")
        #expect(end.status.tunnels[0].digest == nil)
      }
    }
  }

  @Test("secrets that differ: StopCCN 4, and at both ends one line that says so, with what to look at")
  func wrongSecret() {
    let pair = pair((Self.secret, [9]), roles: .initiate)
    // One attempt, and not the one after it.
    let stop = "the peer stopped the control connection"
    #expect(pair.run(until: { pair.right.events.contains { $0.message.hasPrefix(stop) } }, limit: .seconds(1)))
    #expect(pair.count(.stopNotification) == 1)
    let words =
      "the control connection: result 4 (not authorised): the Challenge Response in the SCCRP is wrong: is the secret "
      + "the same at both ends?"
    #expect(pair.left.status.tunnels[0].lastError?.value == "we stopped \(words)")
    #expect(pair.right.status.tunnels[0].lastError?.value == "the peer stopped \(words)")
    for end in [pair.left, pair.right] {
      #expect(end.events.filter { $0.level == .warning }.count == 1, "\(end.events)")
      #expect(end.status.tunnels[0].isChallengeAnswered != true)
      #expect(end.status.tunnels[0].secret == nil)
    }
  }

  @Test("a peer that calls and only answers: right, wrong, made for another message, not at all")
  func callerAnswers() throws {
    let cases: [(answer: ([UInt8]) -> [UInt8]?, words: String?)] = [
      ({ response(to: $0, number: 3) }, nil),
      ({ response(to: $0, number: 3, secret: [7]) }, "the Challenge Response in the SCCCN is wrong"),
      ({ response(to: $0, number: 2) }, "the Challenge Response in the SCCCN is wrong"),
      ({ _ in nil }, "the SCCCN has no Challenge Response"),
    ]
    for (answer, words) in cases {
      let peer = peer()
      peer.say(.startRequest(StartRequest(parameters: peer.parameters, tieBreaker: 7)))
      let reply = try reply(peer)
      #expect(reply.parameters.challengeResponse == nil)
      #expect(peer.engine.status.tunnels[0].isChallengeAnswered == false)
      var connected = StartConnected()
      connected.challengeResponse = answer(try #require(reply.parameters.challenge))
      peer.say(.startConnected(connected))
      #expect((peer.record?.machine.state == .established) == (words == nil))
      #expect(peer.stops.map(\.result.code) == (words == nil ? [] : [.notAuthorised]))
      guard let words else { continue }
      #expect(peer.stops.first?.result.text?.contains(words) == true)
      #expect(peer.engine.status.tunnels[0].lastError?.value.contains(words) == true)
      #expect(peer.engine.status.dropped.unauthentic == 1)
      #expect(peer.engine.tunnels.isEmpty)
    }
  }

  @Test("a peer that calls and asks is answered in SCCRP, for SCCRP")
  func callerAsks() throws {
    let peer = peer()
    peer.parameters.challenge = Self.question
    peer.say(.startRequest(StartRequest(parameters: peer.parameters, tieBreaker: 7)))
    #expect(try reply(peer).parameters.challengeResponse == response(to: Self.question, number: 2))
  }

  /// SCCRP of the peer's to the engine's SCCRQ, and the engine's answer to it: SCCCN, or StopCCN.
  private func answer(
    _ peer: HandPeer, _ configure: (inout StartParameters, [UInt8]) -> Void
  ) throws -> (connected: StartConnected?, stop: StopNotification?) {
    let request = try request(peer)
    configure(&peer.parameters, try #require(request.parameters.challenge))
    peer.say(
      .startReply(StartReply(parameters: peer.parameters)),
      toConnection: request.parameters.assignedConnectionID.rawValue, ns: 0, nr: 1)
    var found: (connected: StartConnected?, stop: StopNotification?)
    for message in peer.heard {
      if case .startConnected(let connected) = message { found.connected = connected }
      if case .stopNotification(let stop) = message { found.stop = stop }
    }
    return found
  }

  @Test("a peer that is called: it answers, and asks or does not")
  func called() throws {
    var peer = peer(role: .initiate)
    var said = try answer(peer) { parameters, challenge in
      parameters.challengeResponse = response(to: challenge, number: 2)
    }
    #expect(said.connected != nil && said.connected?.challengeResponse == nil && said.stop == nil)
    peer = self.peer(role: .initiate)
    said = try answer(peer) { parameters, challenge in
      parameters.challengeResponse = response(to: challenge, number: 2)
      parameters.challenge = Self.question
    }
    #expect(said.connected?.challengeResponse == response(to: Self.question, number: 3))
    #expect(peer.engine.status.tunnels[0].secret == "berlin")
  }

  @Test("a peer that is called and does not answer, or wrongly: StopCCN 4, and no response to its own challenge")
  func calledWrongly() throws {
    for response in [nil, [UInt8](repeating: 7, count: 16)] {
      let peer = peer(role: .initiate)
      let said = try answer(peer) { parameters, _ in
        parameters.challengeResponse = response
        parameters.challenge = Self.question
      }
      #expect(said.connected == nil)
      #expect(said.stop?.result.code == .notAuthorised)
      #expect(said.stop?.result.text?.contains(response == nil ? "has no Challenge Response" : "is wrong") == true)
    }
  }

  @Test("our own challenge is not answered: its sender would send us the answer as its own", arguments: [true, false])
  func reflection(inRequest: Bool) throws {
    let peer = peer(role: .both)
    let request = try request(peer)
    peer.parameters.challenge = request.parameters.challenge
    #expect(peer.parameters.challenge?.isEmpty == false)
    if inRequest {
      peer.say(.startRequest(StartRequest(parameters: peer.parameters, tieBreaker: 0)))
      #expect(peer.connectionID == .unknown)
    } else {
      let said = try answer(peer) { parameters, challenge in
        parameters.challengeResponse = response(to: challenge, number: 2)
      }
      #expect(said.connected == nil)
    }
    #expect(peer.stops.last?.result.code == .notAuthorised)
  }

  @Test("a challenge where none is declared is told as the peer's setting that it is, with the key that answers it")
  func undeclared() throws {
    var peer = HandPeer()
    peer.parameters.challenge = Self.question
    peer.connect()
    #expect(peer.stops.map(\.result.code) == [.notAuthorised])
    let key = "`authentication: {method: challenge, secret-file: FILE}`"
    #expect(peer.stops.first?.result.text?.contains(key) == true)
    let told = peer.engine.events.filter { $0.level == .warning && $0.tunnel == "peer" }.map(\.message)
    #expect(told.count == 1 && told.first?.contains("declare \(key) with the same secret here") == true)
    #expect(peer.engine.status.tunnels[0].lastError?.value == told.first)
    #expect(peer.engine.engine.connections.count == 0)

    peer = HandPeer(role: .initiate)
    let request = try request(peer)
    #expect(request.parameters.challenge == nil)
    peer.parameters.challenge = Self.question
    peer.say(
      .startReply(StartReply(parameters: peer.parameters)),
      toConnection: request.parameters.assignedConnectionID.rawValue, ns: 0, nr: 1)
    #expect(peer.engine.status.tunnels[0].lastError?.value.contains(key) == true)
  }

  @Test("a peer that asks for a challenge where digests are declared is dropped without an answer, and told apart")
  func challengeIsWanted() {
    let peer = HandPeer(authentication: Authentication(secretFile: "secret"), secret: Self.secret)
    peer.parameters.challenge = Self.question
    peer.connect()
    #expect(peer.heard.isEmpty)
    #expect(
      peer.engine.status.tunnels[0].lastError?.value.contains(
        "it has a Challenge and no digest: turn digests on there, or declare `authentication: {method: challenge,")
        == true)
  }

  @Test("a peer that asks for digests where a challenge is declared is told apart")
  func digestsAreWanted() {
    let peer = peer()
    peer.parameters.nonce = [1]
    peer.connect()
    #expect(peer.engine.status.tunnels[0].lastError?.value.contains("without `method: challenge`") == true)
  }

  @Test("a peer that does not know a mandatory AVP of ours is asked about this one")
  func unknownThere() throws {
    let peer = peer(role: .initiate)
    let request = try request(peer)
    let refusal = StopResult(.generalError, error: .unknownMandatoryAVP, text: "11")
    peer.say(
      .stopNotification(StopNotification(result: refusal)),
      toConnection: request.parameters.assignedConnectionID.rawValue, ns: 0, nr: 1)
    #expect(peer.engine.status.tunnels[0].lastError?.value.contains("`method: challenge` asks for") == true)
  }

  @Test("without a tie breaker another challenge tells a new start from a copy")
  func copies() throws {
    let peer = peer()
    peer.parameters.challenge = Self.question
    peer.say(.startRequest(StartRequest(parameters: peer.parameters)))
    let first = try reply(peer)
    peer.restart()
    peer.parameters.challenge = [4, 5]
    peer.say(.startRequest(StartRequest(parameters: peer.parameters)))
    let second = try reply(peer)
    #expect(first.parameters.assignedConnectionID != second.parameters.assignedConnectionID)
    #expect(second.parameters.challengeResponse == response(to: [4, 5], number: 2))
  }

  @Test("a recording has no response, and all else of the messages")
  func recorded() throws {
    let pair = pair(roles: .initiate)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(30)))
    let reply = try #require(
      pair.wire.map(\.datagram.octets).first { ControlCodec.digests(of: $0.span).messageType == .startReply })
    guard case .startReply(var told)? = try ControlCodec.decode(reply.span).message,
      case .startReply(let kept)? = try ControlCodec.decode(ControlCodec.withoutSecrets(reply).span).message
    else {
      Issue.record("there is no SCCRP")
      return
    }
    #expect(kept.parameters.challengeResponse == [UInt8](repeating: 0, count: 16))
    told.parameters.challengeResponse = kept.parameters.challengeResponse
    #expect(told == kept)
  }
}
