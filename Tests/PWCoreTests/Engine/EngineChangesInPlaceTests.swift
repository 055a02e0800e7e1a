import Testing

@testable import PWCore

@Suite("Changes of a declaration while it runs")
struct EngineChangesInPlaceTests {
  private func established(_ configure: (inout TunnelDeclaration, Bool) -> Void = { _, _ in }) -> EnginePair {
    let pair = EnginePair(leftRole: .initiate, rightRole: .accept, configure: configure)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(30)))
    return pair
  }

  /// Reads the left site again with something changed, and says what that cost.
  private func cost(_ pair: EnginePair, _ change: (inout TunnelDeclaration) -> Void) -> ChangeImpact {
    let (tunnels, sessions) = (Set(pair.left.tunnels.keys), Set(pair.left.sessions.keys))
    let wasForwarding = pair.isForwarding
    var site = pair.left.engine.declaredSite
    change(&site.tunnels[0])
    pair.reload(site, left: true)
    let isForwarding = pair.isForwarding
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(30)))
    #expect(pair.left.engine.declaredSite == site)
    if Set(pair.left.tunnels.keys) != tunnels { return .tunnel }
    if Set(pair.left.sessions.keys) != sessions { return .session }
    #expect(wasForwarding == isForwarding)
    return .inPlace
  }

  @Test("timers and counts change in place")
  func timers() {
    let pair = established()
    #expect(cost(pair) { $0.helloInterval = .seconds(7) } == .inPlace)
    #expect(cost(pair) { $0.reconnection.maximumDelay = .seconds(5) } == .inPlace)
    #expect(cost(pair) { $0.reliability.maximumRetransmissions = 3 } == .inPlace)
    #expect(cost(pair) { $0.reliability.receiveWindow = 99 } == .inPlace)
    #expect(cost(pair) { $0.reliability.setupTimeout = .seconds(9) } == .inPlace)
    #expect(cost(pair) { $0.probesPath = true } == .inPlace)
    #expect(cost(pair) { $0.peerRouterID = 2 } == .tunnel)
  }

  @Test("a new HELLO interval holds at once, and none is said any more when it is zero")
  func hello() {
    let pair = established { tunnel, _ in tunnel.helloInterval = .seconds(3_000) }
    pair.run(for: .seconds(60))
    let before = pair.count(.hello)
    #expect(cost(pair) { $0.helloInterval = .seconds(10) } == .inPlace)
    pair.run(for: .seconds(60))
    let counted = pair.count(.hello)
    #expect((5...9).contains(counted - before))
    #expect(cost(pair) { $0.helloInterval = .zero } == .inPlace)
    pair.run(for: .seconds(600))
    #expect(pair.count(.hello) == counted)
  }

  @Test("an unanswered message is repeated as the new declaration says, and only so often")
  func repetitions() {
    let pair = established { tunnel, _ in tunnel.helloInterval = .seconds(5) }
    let change = cost(pair) { tunnel in
      tunnel.reliability.initialTimeout = .milliseconds(100)
      tunnel.reliability.maximumTimeout = .milliseconds(100)
      tunnel.reliability.maximumRetransmissions = 4
    }
    #expect(change == .inPlace)
    pair.network = { _ in [] }
    #expect(pair.run(until: { pair.left.tunnels.isEmpty }, limit: .seconds(7)))
  }

  @Test("probing begins and ends in place; what it has found is not believed afterwards")
  func probing() {
    let pair = established()
    pair.left.pathMTUOctets = 1400
    let tunnel = { pair.left.engine.status(at: pair.now).tunnels[0] }
    #expect(cost(pair) { $0.probesPath = true } == .inPlace)
    pair.run(for: .seconds(12))
    #expect(tunnel().pathMTUOctets == 1400 && tunnel().isPathMTUProbed)
    #expect(cost(pair) { $0.probesPath = false } == .inPlace)
    #expect(tunnel().pathMTUOctets == 1500 && !tunnel().isPathMTUProbed)
    let counted = pair.count(.hello)
    pair.run(for: .seconds(30))
    #expect(pair.count(.hello) == counted && tunnel().pathMTUOctets == 1500)
  }

  @Test("a role that the connection might have come about with is taken in place, and another is not")
  func role() {
    let pair = established()
    #expect(cost(pair) { $0.role = .both } == .inPlace)
    var site = pair.left.engine.declaredSite
    site.tunnels[0].role = .accept
    pair.reload(site, left: true)
    #expect(!pair.isForwarding)
  }

  @Test("options that may change leave the session, whose plugin is asked anew; others end it")
  func options() {
    let pair = established()
    var asked: [PluginQuestion] = []
    let usual = pair.left.answer
    pair.left.answer = { question in
      asked.append(question)
      return usual(question)
    }
    let wide = OptionValue.mapping([(key: "mtu", value: .scalar("1300"))])
    #expect(cost(pair) { $0.pseudowires[0].options = wide } == .inPlace)
    #expect(asked.map(\.declaration.options) == [wide] && asked.map(\.phase) == [.established])
    let painted = OptionValue.mapping([(key: "colour", value: .scalar("red")), (key: "mtu", value: .scalar("1300"))])
    #expect(cost(pair) { $0.pseudowires[0].options = painted } == .session)
    #expect(cost(pair) { $0.pseudowires[0].options = .mapping([]) } == .session)
    asked = []
    #expect(cost(pair) { $0.pseudowires[0].lossLimitPercent = 5 } == .inPlace)
    #expect(asked.isEmpty)
  }

  @Test("options that change while a session is set up are those of its links")
  func optionsEarly() {
    let wide = OptionValue.mapping([(key: "mtu", value: .scalar("1300"))])
    for steps in 1...40 {
      let pair = EnginePair(leftRole: .initiate, rightRole: .accept)
      var last: OptionValue?
      let usual = pair.left.answer
      pair.left.answer = { question in
        last = question.declaration.options
        return usual(question)
      }
      pair.run(for: .microseconds(500 * steps))
      var site = pair.left.engine.declaredSite
      site.tunnels[0].pseudowires[0].options = wide
      pair.reload(site, left: true)
      #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(30)))
      #expect(last == wide && pair.left.status.tunnels[0].establishedCount == 1)
      #expect(pair.left.status.tunnels[0].pseudowires[0].establishedCount == 1, "after \(steps) steps")
    }
  }

  @Test("a shorter back-off shortens the wait that is under way") func backOff() {
    let pair = EnginePair(leftRole: .initiate, rightRole: .accept) { tunnel, _ in
      tunnel.reconnection.initialDelay = .seconds(3_000)
      tunnel.reconnection.maximumDelay = .seconds(3_000)
      tunnel.reliability.setupTimeout = .seconds(5)
    }
    pair.network = { _ in [] }
    pair.run(for: .seconds(60))
    pair.network = { _ in [.milliseconds(1)] }
    pair.run(for: .seconds(60))
    #expect(!pair.isForwarding)
    var site = pair.left.engine.declaredSite
    site.tunnels[0].reconnection = Reconnection()
    pair.reload(site, left: true)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(5)))
  }

  @Test("another circuit is refused by a new session where a difference of the MTUs is, and told of elsewhere")
  func circuitOfAnotherMTU() {
    let pair = established()
    for (name, octets) in [("eth1", 1500), ("eth2", 9000)] {
      pair.handle(.link(LinkState(name: name, isUp: true, mtuOctets: octets)), left: true)
    }
    #expect(cost(pair) { $0.pseudowires[0].circuit = .member("eth1") } == .inPlace)
    #expect(cost(pair) { $0.pseudowires[0].circuit = .member("eth2") } == .inPlace)
    #expect(cost(pair) { $0.pseudowires[0].circuit = .member("eth1") } == .inPlace)
    #expect(cost(pair) { $0.pseudowires[0].refusesMTUMismatch = true } == .session)
    let sessions = Set(pair.left.sessions.keys)
    var site = pair.left.engine.declaredSite
    site.tunnels[0].pseudowires[0].circuit = .member("eth3")
    pair.reload(site, left: true)
    pair.run(for: .seconds(1))
    #expect(Set(pair.left.sessions.keys) != sessions)
  }

  @Test("an interface MTU changes in place where a difference is reported, and not where it is refused")
  func interfaceMTU() {
    let pair = established()
    #expect(cost(pair) { $0.pseudowires[0].interfaceMTU = .octets(1400) } == .inPlace)
    #expect(cost(pair) { $0.pseudowires[0].refusesMTUMismatch = true } == .session)
    #expect(cost(pair) { $0.pseudowires[0].interfaceMTU = .unsaid } == .session)
    #expect(cost(pair) { $0.pseudowires[0].refusesMTUMismatch = false } == .inPlace)
  }
}
