import Testing

@testable import PWCore

@Suite("The protection of packets below L2TP")
struct EngineProtectionTests {
  private static let missing = Protection.missing([
    ProtectionGap(.policyOut, "no policy out"), ProtectionGap(.policyIn, "no policy in"),
    ProtectionGap(.wireGuard, "the route leaves by eth0, which is not a WireGuard link"),
  ])
  private static let esp = Protection.esp(algorithm: "cbc(aes)")

  private func change(_ pair: EnginePair, _ change: (inout TunnelDeclaration) -> Void) {
    var site = pair.left.engine.declaredSite
    change(&site.tunnels[0])
    pair.reload(site, left: true)
  }

  private func find(_ pair: EnginePair, _ found: Protection) {
    pair.left.protection = { _ in found }
    pair.handle(.protectionChanged, left: true)
  }

  private func tunnel(_ pair: EnginePair) -> TunnelStatus { pair.left.engine.status(at: pair.now).tunnels[0] }

  private func sentByLeft(_ pair: EnginePair) -> Int { pair.wire.count { $0.fromLeft } }

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
    change(pair) {
      $0.disabled = nil
      $0.protection = demand
    }
    return pair
  }

  private func questions(_ pair: EnginePair) -> [ProtectionQuestion] {
    pair.left.effects.compactMap { if case .protection(_, let question) = $0 { question } else { nil } }
  }

  private func events(_ pair: EnginePair, _ kind: EventKind) -> [Event] { pair.left.events.filter { $0.kind == kind } }

  @Test("nothing is asked where nobody demands it")
  func none() {
    let pair = EnginePair()
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    #expect(questions(pair).isEmpty && tunnel(pair).protection == nil)
    find(pair, Self.missing)
    #expect(questions(pair).isEmpty && pair.isForwarding)
  }

  @Test("a caller asks before its SCCRQ leaves, for what it would send", arguments: Encapsulation.allCases)
  func asksFirst(encapsulation: Encapsulation) throws {
    let pair = freshPair(.required, Self.esp, encapsulation: encapsulation) { $0.bindDevice = "eth0" }
    let question = try #require(questions(pair).first)
    let port: UInt16 = encapsulation == .udp ? 1701 : 0
    #expect(question.encapsulation == encapsulation && question.device == "eth0")
    #expect(question.remote == Endpoint(address: EnginePair.rightAddress, port: port))
    #expect(question.local.address == EnginePair.leftAddress && (question.local.port != 0) == (encapsulation == .udp))
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    #expect(tunnel(pair).protection?.found == Self.esp && tunnel(pair).protection?.demand == .required)
    #expect(questions(pair).count == 1)
  }

  @Test("required: without it nothing is ever sent, and it is told once", arguments: Encapsulation.allCases)
  func withheld(encapsulation: Encapsulation) throws {
    let pair = freshPair(.required, Self.missing, encapsulation: encapsulation)
    pair.run(for: .seconds(600))
    #expect(sentByLeft(pair) == 0 && pair.left.tunnels.isEmpty)
    #expect(questions(pair).count > 5)
    let told = events(pair, .unprotected)
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
    let status = tunnel(pair)
    #expect(status.lastError?.value == event.message)
    #expect(status.protection?.found == Self.missing && status.protection?.since == Instant(nanoseconds: 0))
    #expect(status.pseudowires[0].forwarding.value.obstacles.map(\.code) == [.unprotected])
  }

  @Test("required: it comes up by itself as soon as protection appears, whatever the back-off")
  func appears() {
    let pair = freshPair(.required, Self.missing)
    pair.run(for: .seconds(600))
    let moment = pair.now
    find(pair, Self.esp)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    #expect(events(pair, .protected).map(\.level) == [.notice])
    #expect(tunnel(pair).protection?.since == moment)
  }

  @Test("required: what is established goes at once and without a word when protection goes", arguments: [true, false])
  func disappears(isSignalled: Bool) {
    let pair = freshPair(.required, Self.esp) { tunnel in
      if !isSignalled { Self.makeStatic(&tunnel) }
    }
    #expect(pair.run(until: { !pair.left.sessions.isEmpty && isLinkUp(pair) }, limit: .seconds(10)))
    let sent = sentByLeft(pair)
    find(pair, Self.missing)
    #expect(pair.left.tunnels.isEmpty && pair.left.sessions.isEmpty && pair.left.links.isEmpty)
    #expect(sentByLeft(pair) == sent)
    pair.run(for: .seconds(300))
    #expect(sentByLeft(pair) == sent)
    #expect(tunnel(pair).losses[.unprotected] == 1)
    #expect(events(pair, .unprotected).count == 1 && events(pair, .connectionLost).count == 1)
    find(pair, .wireGuard(link: "wg0"))
    // A peer that has not noticed is called, and one that has is, too.
    #expect(pair.run(until: { !pair.left.sessions.isEmpty && isLinkUp(pair) }, limit: .seconds(200)))
    #expect(tunnel(pair).protection?.found == .wireGuard(link: "wg0"))
  }

  private func isLinkUp(_ pair: EnginePair) -> Bool {
    tunnel(pair).pseudowires[0].isForwarding
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
    #expect(pair.left.tunnels.isEmpty && pair.left.sessions.isEmpty && questions(pair).count > 1)
    #expect(pair.left.changes.allSatisfy { if case .createTunnel = $0 { false } else { true } })
    find(pair, Self.esp)
    #expect(pair.left.sessions.count == 1 && isLinkUp(pair))
  }

  @Test("required: a responder does not answer an SCCRQ before it is protected")
  func responder() {
    let pair = freshPair(.required, Self.missing, leftRole: .accept)
    pair.run(for: .seconds(120))
    #expect(pair.count(.startRequest) > 3 && sentByLeft(pair) == 0)
    #expect(events(pair, .unprotected).count == 1 && pair.left.tunnels.isEmpty)
    find(pair, Self.esp)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(120)))
  }

  @Test("required: answers to the peer that belong to no connection wait for protection, too")
  func unconnected() {
    let pair = freshPair(.required, Self.esp, leftRole: .accept)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(60)))
    find(pair, Self.missing)
    let sent = sentByLeft(pair)
    // The peer's HELLO comes to a connection that is not known here any more.
    pair.run(for: .seconds(70))
    #expect(pair.count(.hello) > 0 && sentByLeft(pair) == sent)
    pair.left.protection = { _ in Self.esp }
    #expect(pair.run(until: { sentByLeft(pair) > sent }, limit: .seconds(60)))
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
      change(pair) { $0.disabled = nil }
      pair.run(for: .seconds(5))
      let ports = questions(pair).map(\.remote.port)
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
    change(pair) { $0.protection = .required }
    let sent = sentByLeft(pair)
    pair.run(for: .seconds(70))
    #expect(sentByLeft(pair) == sent, "nothing leaves before the answer")
    pair.handle(.protectionChanged, left: true)
    pair.handle(.protectionChanged, left: true)
    #expect(held.count == 1)
    pair.left.protection = { _ in Self.missing }
    pair.handle(.completed(pair.left.perform(try #require(held.first))), left: true)
    #expect(held.count == 2 && !pair.left.tunnels.isEmpty)
    pair.left.protection = { _ in Self.esp }
    pair.handle(.completed(pair.left.perform(try #require(held.last))), left: true)
    #expect(pair.run(until: { sentByLeft(pair) > sent }, limit: .seconds(1)))
    #expect(tunnel(pair).establishedCount == 1)
  }

  @Test("expected: it goes on without, says so once, and asks again when something has changed")
  func expected() {
    let pair = freshPair(.expected, Self.missing)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    #expect(events(pair, .unprotected).map(\.message).count == 1)
    #expect(events(pair, .unprotected)[0].message.hasPrefix("the packets to and from 192.0.2.2 are not protected"))
    find(pair, Self.missing)
    find(pair, Self.esp)
    find(pair, .esp(algorithm: "rfc4106(gcm(aes))"))
    find(pair, Self.missing)
    #expect(events(pair, .unprotected).count == 2 && events(pair, .protected).count == 1)
    #expect(pair.isForwarding && tunnel(pair).establishedCount == 1)
  }

  @Test("expected: changes do not hurry a tunnel that waits for its peer")
  func patience() {
    let pair = freshPair(.expected, Self.missing) {
      $0.reliability.maximumRequestRetransmissions = 1
      $0.reconnection.initialDelay = .seconds(60)
    }
    pair.network = { _ in [] }
    #expect(pair.run(until: { tunnel(pair).state.value == .idle }, limit: .seconds(30)))
    let sent = sentByLeft(pair)
    for _ in 0..<5 { find(pair, Self.missing) }
    pair.run(for: .seconds(5))
    #expect(sent > 0 && sentByLeft(pair) == sent)
  }

  @Test("the demand changes in place, and what is protected stays")
  func changes() {
    let pair = freshPair(.none, Self.esp)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    for demand in [ProtectionDemand.expected, .required, .none, .required] { change(pair) { $0.protection = demand } }
    #expect(pair.isForwarding && tunnel(pair).establishedCount == 1)
    change(pair) { $0.protection = .expected }
    find(pair, Self.missing)
    #expect(pair.isForwarding)
    let sent = sentByLeft(pair)
    change(pair) { $0.protection = .required }
    #expect(pair.left.tunnels.isEmpty && sentByLeft(pair) == sent)
    change(pair) { $0.protection = .none }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(200)))
    #expect(tunnel(pair).protection == nil)
  }

  @Test("a machine that cannot be asked is told of, and is not trusted")
  func failure() {
    let pair = freshPair(.none, Self.esp)
    pair.left.override = { effect in
      if case .protection = effect { .fail(EffectFailure("no memory")) } else { .perform }
    }
    change(pair) { $0.protection = .required }
    #expect(tunnel(pair).protection?.found == .missing([ProtectionGap(.unknown, "no memory")]))
    #expect(pair.left.tunnels.isEmpty)
  }
}
