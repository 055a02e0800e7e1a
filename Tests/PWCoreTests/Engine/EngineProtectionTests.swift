import Testing

@testable import PWCore

@Suite("The protection of packets below L2TP")
struct EngineProtectionTests {
  private static let missing = Protection.missing([
    ProtectionGap(.policyOut, "no policy out"), ProtectionGap(.policyIn, "no policy in"),
    ProtectionGap(.wireGuard, "the route leaves by eth0, which is not a WireGuard link"),
  ])
  private static let esp = Protection.esp(algorithm: "cbc(aes)")

  /// A pair whose left end demands protection, and the right one none. Nothing has been sent yet: the tunnel was off.
  private func freshPair(
    _ demand: ProtectionDemand, _ found: Protection, leftRole: TunnelDeclaration.Role = .initiate,
    encapsulation: Encapsulation = .udp, configure: (inout TunnelDeclaration) -> Void = { _ in }
  ) -> EnginePair {
    let pair = EnginePair(
      leftRole: leftRole, rightRole: leftRole == .initiate ? .accept : .initiate, encapsulation: encapsulation
    ) { tunnel, isLeft in
      guard isLeft else { return }
      tunnel.disabled = .siteFile
      configure(&tunnel)
    }
    pair.left.protection = { _ in found }
    pair.change {
      $0.disabled = nil
      $0.protection = demand
    }
    return pair
  }

  @Test("nothing is asked where nobody demands it")
  func none() {
    let pair = EnginePair()
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    #expect(pair.left.questions.isEmpty && pair.tunnel.protection == nil)
    pair.find(Self.missing)
    #expect(pair.left.questions.isEmpty && pair.isForwarding)
  }

  @Test("a caller asks before its SCCRQ leaves, for what it would send", arguments: Encapsulation.allCases)
  func asksFirst(encapsulation: Encapsulation) throws {
    let pair = freshPair(.required, Self.esp, encapsulation: encapsulation) { $0.bindDevice = "eth0" }
    let question = try #require(pair.left.questions.first)
    let port: UInt16 = encapsulation == .udp ? 1701 : 0
    #expect(question.encapsulation == encapsulation && question.device == "eth0")
    #expect(question.remote == Endpoint(address: EnginePair.rightAddress, port: port))
    #expect(question.local.address == EnginePair.leftAddress && (question.local.port != 0) == (encapsulation == .udp))
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    #expect(pair.tunnel.protection?.found == Self.esp && pair.tunnel.protection?.demand == .required)
    #expect(pair.left.questions.count == 1)
  }

  @Test("required: without it nothing is ever sent, and it is told once", arguments: Encapsulation.allCases)
  func withheld(encapsulation: Encapsulation) throws {
    let pair = freshPair(.required, Self.missing, encapsulation: encapsulation)
    pair.run(for: .seconds(600))
    #expect(pair.sentByLeft.count == 0 && pair.left.tunnels.isEmpty)
    #expect(pair.left.questions.count > 5)
    let told = pair.events(.unprotected)
    #expect(told.count == 1)
    let event = try #require(told.first)
    #expect(event.level == .warning && event.tunnel == "peer")
    #expect(
      event.message
        == "nothing is sent to 192.0.2.2, because it would not be protected (`protection: required`): no policy out; "
        + "no policy in; the route leaves by eth0, which is not a WireGuard link; load IPsec policies that demand ESP "
        + "in both directions (`ip xfrm policy` lists the present ones), or route the peer's address into a WireGuard "
        + "link")
    #expect(event.fields.contains(EventField(.gaps, .texts(["policy-out", "policy-in", "wireguard"]))))
    #expect(pair.left.events.filter { $0.level.rawValue >= Event.Level.warning.rawValue }.count == 1)
    let status = pair.tunnel
    #expect(status.lastError?.value == event.message)
    #expect(status.protection?.found == Self.missing && status.protection?.since == Instant(nanoseconds: 0))
    #expect(status.pseudowires[0].forwarding.value.obstacles.map(\.code) == [.unprotected])
  }

  @Test("required: it comes up by itself as soon as protection appears, whatever the back-off")
  func appears() {
    let pair = freshPair(.required, Self.missing)
    pair.run(for: .seconds(600))
    let moment = pair.now
    pair.find(Self.esp)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    #expect(pair.events(.protected).map(\.level) == [.notice])
    #expect(pair.tunnel.protection?.since == moment)
  }

  @Test("required: what is established goes at once and without a word when protection goes", arguments: [true, false])
  func disappears(isSignalled: Bool) {
    let pair = freshPair(.required, Self.esp) { tunnel in
      if !isSignalled { Self.makeStatic(&tunnel) }
    }
    #expect(pair.run(until: { !pair.left.sessions.isEmpty && isLinkUp(pair) }, limit: .seconds(10)))
    let sent = pair.sentByLeft.count
    pair.find(Self.missing)
    #expect(pair.left.tunnels.isEmpty && pair.left.sessions.isEmpty && pair.left.links.isEmpty)
    #expect(pair.sentByLeft.count == sent)
    pair.run(for: .seconds(300))
    #expect(pair.sentByLeft.count == sent)
    #expect(pair.tunnel.losses[.unprotected] == 1)
    #expect(pair.events(.unprotected).count == 1 && pair.events(.connectionLost).count == 1)
    pair.find(.wireGuard(link: "wg0"))
    // A peer that has not noticed is called, and one that has is, too.
    #expect(pair.run(until: { !pair.left.sessions.isEmpty && isLinkUp(pair) }, limit: .seconds(200)))
    #expect(pair.tunnel.protection?.found == .wireGuard(link: "wg0"))
  }

  private func isLinkUp(_ pair: EnginePair) -> Bool {
    pair.tunnel.pseudowires[0].isForwarding
  }

  private static func makeStatic(_ tunnel: inout TunnelDeclaration) {
    tunnel.staticConnection = StaticConnection(
      localID: ControlConnectionID(rawValue: 201), peerID: ControlConnectionID(rawValue: 202))
    tunnel.helloInterval = .zero
    tunnel.pseudowires[0].staticSession = StaticSession(
      localID: SessionID(rawValue: 10), peerID: SessionID(rawValue: 20), receiveCookie: Cookie(),
      transmitCookie: Cookie())
  }

  @Test("required: a tunnel without signalling has no data path before it is protected")
  func staticTunnel() {
    let pair = freshPair(.required, Self.missing) { Self.makeStatic(&$0) }
    pair.run(for: .seconds(60))
    #expect(pair.left.tunnels.isEmpty && pair.left.sessions.isEmpty && pair.left.questions.count > 1)
    #expect(pair.left.changes.allSatisfy { if case .createTunnel = $0 { false } else { true } })
    pair.find(Self.esp)
    #expect(pair.left.sessions.count == 1 && isLinkUp(pair))
  }

  @Test("required: a responder does not answer an SCCRQ before it is protected")
  func responder() {
    let pair = freshPair(.required, Self.missing, leftRole: .accept)
    pair.run(for: .seconds(120))
    #expect(pair.count(.startRequest) > 3 && pair.sentByLeft.count == 0)
    #expect(pair.events(.unprotected).count == 1 && pair.left.tunnels.isEmpty)
    pair.find(Self.esp)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(120)))
  }

  @Test("required: answers to the peer that belong to no connection wait for protection, too")
  func unconnected() {
    let pair = freshPair(.required, Self.esp, leftRole: .accept)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(60)))
    pair.find(Self.missing)
    let sent = pair.sentByLeft.count
    // The peer's HELLO comes to a connection that is not known here any more.
    pair.run(for: .seconds(70))
    #expect(pair.count(.hello) > 0 && pair.sentByLeft.count == sent)
    pair.left.protection = { _ in Self.esp }
    #expect(pair.run(until: { pair.sentByLeft.count > sent }, limit: .seconds(60)))
  }

  @Test("required: an SCCRP from another port is answered when that place is protected, and not otherwise")
  func otherPort() throws {
    for isProtected in [true, false] {
      let pair = EnginePair { tunnel, isLeft in
        tunnel.protection = isLeft ? .required : .none
        tunnel.disabled = isLeft ? .siteFile : nil
        if !isLeft { tunnel.answerPort = 1799 }
      }
      pair.left.protection = { $0.remote.port == 1701 || isProtected ? Self.esp : Self.missing }
      pair.change { $0.disabled = nil }
      pair.run(for: .seconds(5))
      let ports = pair.left.questions.map(\.remote.port)
      #expect(isProtected ? ports == [1701, 1799] : ports.prefix(3) == [1701, 1799, 1701])
      #expect(pair.isForwarding == isProtected)
      let places = Set(pair.wire.filter(\.fromLeft).map(\.datagram.local.port))
      #expect(places == (isProtected ? [1701, 1799] : [1701]))
    }
  }

  @Test("an answer that is older than the last change does not count")
  func stale() throws {
    let pair = freshPair(.none, Self.esp)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    var held: [Effect] = []
    pair.left.override = { effect in
      guard case .protection = effect else { return .perform }
      held.append(effect)
      return .withhold
    }
    pair.change { $0.protection = .required }
    let sent = pair.sentByLeft.count
    pair.run(for: .seconds(70))
    #expect(pair.sentByLeft.count == sent, "nothing leaves before the answer")
    pair.handle(.protectionChanged, left: true)
    pair.handle(.protectionChanged, left: true)
    #expect(held.count == 1)
    pair.left.protection = { _ in Self.missing }
    pair.handle(.completed(pair.left.perform(try #require(held.first))), left: true)
    #expect(held.count == 2 && !pair.left.tunnels.isEmpty)
    pair.left.protection = { _ in Self.esp }
    pair.handle(.completed(pair.left.perform(try #require(held.last))), left: true)
    #expect(pair.run(until: { pair.sentByLeft.count > sent }, limit: .seconds(1)))
    #expect(pair.tunnel.establishedCount == 1)
  }

  @Test("expected: it goes on without, says so once, and asks again when something has changed")
  func expected() {
    let pair = freshPair(.expected, Self.missing)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    #expect(pair.events(.unprotected).map(\.message).count == 1)
    #expect(pair.events(.unprotected)[0].message.hasPrefix("the packets to and from 192.0.2.2 are not protected"))
    pair.find(Self.missing)
    pair.find(Self.esp)
    pair.find(.esp(algorithm: "rfc4106(gcm(aes))"))
    pair.find(Self.missing)
    #expect(pair.events(.unprotected).count == 2 && pair.events(.protected).count == 1)
    #expect(pair.isForwarding && pair.tunnel.establishedCount == 1)
  }

  @Test("expected: changes do not hurry a tunnel that waits for its peer")
  func patience() {
    let pair = freshPair(.expected, Self.missing) {
      $0.reliability.maximumRequestRetransmissions = 1
      $0.reconnection.initialDelay = .seconds(60)
    }
    pair.network = { _ in [] }
    #expect(pair.run(until: { pair.tunnel.state.value == .idle }, limit: .seconds(30)))
    let sent = pair.sentByLeft.count
    for _ in 0..<5 { pair.find(Self.missing) }
    pair.run(for: .seconds(5))
    #expect(sent > 0 && pair.sentByLeft.count == sent)
  }

  @Test("the demand changes in place, and what is protected stays")
  func changes() {
    let pair = freshPair(.none, Self.esp)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    for demand in [ProtectionDemand.expected, .required, .none, .required] { pair.change { $0.protection = demand } }
    #expect(pair.isForwarding && pair.tunnel.establishedCount == 1)
    pair.change { $0.protection = .expected }
    pair.find(Self.missing)
    #expect(pair.isForwarding)
    let sent = pair.sentByLeft.count
    pair.change { $0.protection = .required }
    #expect(pair.left.tunnels.isEmpty && pair.sentByLeft.count == sent)
    pair.change { $0.protection = .none }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(200)))
    #expect(pair.tunnel.protection == nil)
  }

  @Test("a machine that cannot be asked is told of, and is not trusted")
  func failure() {
    let pair = freshPair(.none, Self.esp)
    pair.left.override = { effect in
      if case .protection = effect { .fail(EffectFailure("no memory")) } else { .perform }
    }
    pair.change { $0.protection = .required }
    #expect(pair.tunnel.protection?.found == .missing([ProtectionGap(.unknown, "no memory")]))
    #expect(pair.left.tunnels.isEmpty)
  }
}
