import Testing

@testable import PWCore

@Suite("Actions of operators, and faults of networks")
struct EngineScenarioTests {
  func established(_ pseudowires: Int = 1, _ configure: (inout TunnelDeclaration, Bool) -> Void = { _, _ in })
    -> EnginePair
  {
    let pair = EnginePair(pseudowires: pseudowires, leftRole: .both, rightRole: .both, configure: configure)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(30)))
    return pair
  }

  @Test("a peer that falls silent is noticed, links go down, and it comes back by itself")
  func losesPeer() {
    let pair = established(2)
    pair.network = { _ in [] }
    pair.run(for: .seconds(200))
    #expect(pair.left.sessions.isEmpty)
    #expect(pair.left.tunnels.isEmpty)
    #expect(pair.left.links.isEmpty)
    #expect(pair.left.status.tunnels[0].state.value != .established)
    #expect(pair.left.status.tunnels[0].lastError != nil)
    pair.network = { _ in [.milliseconds(1)] }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(130)))
    #expect(pair.left.status.tunnels[0].establishedCount == 2)
  }

  @Test("HELLO after silence, and none while data arrives")
  func keepsAlive() {
    let pair = established { tunnel, _ in tunnel.helloInterval = .seconds(10) }
    let before = pair.count(.hello)
    pair.run(for: .seconds(60))
    #expect(pair.count(.hello) - before >= 5)
    let counted = pair.count(.hello)
    for _ in 0..<60 {
      for isLeft in [true, false] {
        let identifier = (isLeft ? pair.left : pair.right).tunnels.keys.first
        if let identifier { pair.handle(.dataReceived(identifier), left: isLeft) }
      }
      pair.run(for: .seconds(1))
    }
    #expect(pair.count(.hello) == counted)
  }

  @Test("a peer that starts again replaces its old connection")
  func peerRestarts() {
    let pair = EnginePair(pseudowires: 2, leftRole: .initiate, rightRole: .accept)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(5)))
    let site = pair.left.engine.declaredSite
    pair.replaceLeft(with: TestDriver(site: site, address: EnginePair.leftAddress, seed: 99, at: pair.now))
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(5)))
    #expect(pair.right.tunnels.count == 1)
    #expect(pair.right.sessions.count == 2)
    #expect(pair.right.status.tunnels[0].establishedCount == 2)
  }

  @Test("a forged SCCRQ takes nothing down")
  func forgedRequest() {
    let pair = established()
    let parameters = StartParameters(
      hostName: "left", routerID: 1, assignedConnectionID: ControlConnectionID(rawValue: 77),
      pseudowireCapabilities: [.ethernet])
    let octets = ControlMessage.startRequest(StartRequest(parameters: parameters, tieBreaker: 0)).encoded().octets
    let local = Endpoint(address: EnginePair.rightAddress, port: 1701)
    let source = Endpoint(address: EnginePair.leftAddress, port: 5555)
    for socket in pair.right.sockets.keys {
      pair.handle(
        .datagram(Datagram(octets: octets, source: source, local: local, encapsulation: .udp, socket: socket)),
        left: false)
    }
    pair.run(for: .seconds(300))
    #expect(pair.isForwarding)
    #expect(pair.right.status.tunnels[0].establishedCount == 1)
    #expect(pair.right.tunnels.count == 1)
  }

  @Test("the attachment circuit's state is passed on, and nothing is sent to a peer whose circuit is down")
  func circuitStatus() {
    let owner = LinkOwner(tunnel: "peer", pseudowire: "pw0")
    let pair = established()
    var site = pair.left.engine.declaredSite
    site.bridges = [BridgeDeclaration(name: "br0", members: ["eth1", "eth2"])]
    site.tunnels[0].pseudowires[0].circuit = .bridge("br0")
    pair.reload(site, left: true)
    pair.handle(.link(LinkState(name: "eth1", isUp: false, mtuOctets: 1500)), left: true)
    pair.run(for: .seconds(1))
    #expect(pair.right.status.tunnels[0].pseudowires[0].peerCircuit == [.receiveFault, .transmitFault])
    #expect(!pair.isForwarding)
    #expect(
      pair.left.status.tunnels[0].pseudowires[0].forwarding.value.reasons
        == [
          "our attachment circuit is down: eth1 is down or not a port of br0, eth2 is not there"
        ])
    #expect(
      pair.right.links[owner]?.contains { $0 == .session(.init(name: "l2e0", mtu: .octets(1400), isUp: false)) } == true
    )
    pair.handle(.link(LinkState(name: "eth2", isUp: true, mtuOctets: 1500)), left: true)
    pair.run(for: .seconds(1))
    #expect(pair.isForwarding)
    #expect(pair.right.status.tunnels[0].pseudowires[0].peerCircuit == .active)
    let before = pair.count(.setLinkInfo)
    pair.handle(.link(LinkState(name: "eth1", isUp: true, mtuOctets: 1500)), left: true)
    pair.handle(.link(LinkState(name: "eth2", isUp: false, mtuOctets: 1500)), left: true)
    pair.run(for: .seconds(1))
    #expect(pair.count(.setLinkInfo) == before)
    #expect(pair.isForwarding)
  }

  @Test("a new site: new pseudowires start, removed ones stop, changed ones start again, the rest stays")
  func reload() {
    let pair = established(3)
    let kept = pair.left.sessions.first { $0.value.interfaceName == "l2e0" }?.key
    for isLeft in [true, false] {
      var site = (isLeft ? pair.left : pair.right).engine.declaredSite
      site.tunnels[0].pseudowires[1].cookieLengthOctets = 4
      site.tunnels[0].pseudowires[2] = PseudowireDeclaration(
        name: "new", type: .ethernet, remoteEndID: RemoteEndID(text: "new"), interfaceName: "l2new")
      pair.reload(site, left: isLeft)
    }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(30)))
    #expect(pair.left.sessions.first { $0.value.interfaceName == "l2e0" }?.key == kept)
    #expect(pair.left.sessions.values.first { $0.interfaceName == "l2e1" }?.receiveCookie.lengthOctets == 4)
    #expect(Set(pair.left.sessions.values.map(\.interfaceName)) == ["l2e0", "l2e1", "l2new"])
    #expect(pair.left.status.tunnels[0].establishedCount == 1)
  }

  @Test("a changed tunnel starts again")
  func reloadTunnel() {
    let pair = established(2)
    var site = pair.left.engine.declaredSite
    site.tunnels[0].peerRouterID = 2
    pair.reload(site, left: true)
    #expect(!pair.isForwarding)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(30)))
    #expect(pair.left.tunnels.count == 1)
    #expect(pair.left.sessions.count == 2)
  }

  @Test("an empty site takes everything away")
  func reloadEmpty() {
    let pair = established(2)
    var site = pair.left.engine.declaredSite
    site.tunnels = []
    pair.reload(site, left: true)
    pair.run(for: .seconds(60))
    #expect(pair.left.sessions.isEmpty)
    #expect(pair.left.tunnels.isEmpty)
    #expect(pair.left.sockets.isEmpty)
    #expect(pair.right.sessions.isEmpty)
  }

  @Test("a dead peer does not hold up a shutdown for more than five seconds")
  func stopsAlone() {
    let pair = established(2)
    pair.network = { _ in [] }
    let asked = pair.now
    pair.handle(.shutdown, left: true)
    #expect(pair.run(until: { pair.left.isStopped }, limit: .seconds(5)))
    #expect(pair.now - asked <= .seconds(5))
    #expect(pair.left.sockets.isEmpty)
    #expect(pair.left.sessions.isEmpty)
  }

  @Test("a second shutdown does not wait")
  func stopsAtOnce() {
    let pair = established()
    pair.network = { _ in [] }
    pair.handle(.shutdown, left: true)
    #expect(!pair.left.isStopped)
    pair.handle(.shutdown, left: true)
    #expect(pair.left.isStopped)
  }

  @Test("a kernel that refuses is told to the peer, leaves nothing, and is tried again")
  func kernelRefuses() {
    for refusingLeft in [true, false] {
      let pair = EnginePair()
      let driver = refusingLeft ? pair.left : pair.right
      var refusals = 3
      driver.override = { effect in
        guard case .plane(.change(_, .createSession)) = effect, refusals > 0 else { return .perform }
        refusals -= 1
        return .fail(EffectFailure("no memory"))
      }
      pair.run(for: .milliseconds(100))
      #expect(!pair.isForwarding)
      #expect(pair.left.sessions.isEmpty)
      #expect(pair.right.sessions.isEmpty)
      #expect(pair.count(.callDisconnect) > 0)
      #expect(driver.status.tunnels[0].pseudowires[0].lastError?.value.contains("no memory") == true)
      #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(60)))
    }
  }

  @Test("an identifier that is taken is replaced by another before the peer learns of it")
  func identifierInUse() {
    let pair = EnginePair()
    var refusals = 2
    pair.right.override = { effect in
      guard case .plane(.change(_, .createSession)) = effect, refusals > 0 else { return .perform }
      refusals -= 1
      return .fail(EffectFailure("EEXIST", isIdentifierInUse: true))
    }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    #expect(pair.count(.callDisconnect) == 0)
  }

  @Test("sockets that fail at first, and a name that does not resolve at first")
  func startsEarly() {
    let pair = EnginePair { tunnel, isLeft in if isLeft { tunnel.peer = .name("peer.example") } }
    pair.run(for: .seconds(20))
    #expect(pair.left.status.tunnels[0].lastError?.value.contains("peer.example") == true)
    #expect(pair.left.status.tunnels[0].nextAttempt != nil)
    pair.left.names["peer.example"] = [EnginePair.rightAddress]
    var refusals = 2
    pair.left.override = { effect in
      guard case .plane(.openSocket) = effect, refusals > 0 else { return .perform }
      refusals -= 1
      return .fail(EffectFailure("address not there"))
    }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(300)))
  }

  @Test("a pseudowire that only one end declares: CDN 24, said in status, tried again")
  func undeclared() {
    let pair = EnginePair(pseudowires: 1) { tunnel, isLeft in
      if !isLeft { tunnel.pseudowires = [] }
    }
    pair.run(for: .seconds(10))
    #expect(pair.left.status.tunnels[0].pseudowires[0].lastError?.value.contains("result 24") == true)
    var site = pair.right.engine.declaredSite
    site.tunnels[0].pseudowires = pair.left.engine.declaredSite.tunnels[0].pseudowires
    pair.reload(site, left: false)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(120)))
  }

  @Test("sublayers that differ are refused and said")
  func sublayerMismatch() {
    let pair = EnginePair { tunnel, isLeft in if isLeft { tunnel.pseudowires[0].sublayer = .standard } }
    pair.run(for: .seconds(5))
    #expect(!pair.isForwarding)
    #expect(pair.left.status.tunnels[0].pseudowires[0].lastError?.value.contains("`sublayer: ") == true)
    #expect(pair.right.status.tunnels[0].pseudowires[0].lastError?.value.contains("`sublayer: ") == true)
  }

  @Test("a wrong secret: nothing comes up, and status says what it looks like")
  func wrongSecret() {
    let pair = EnginePair(secret: [1, 2, 3])
    pair.reload(pair.right.engine.declaredSite, secrets: ["peer": TunnelSecrets([9])], left: false)
    pair.run(for: .seconds(200))
    #expect(!pair.isForwarding)
    #expect(pair.right.status.tunnels[0].lastError?.value.contains("secret") == true)
    for event in pair.left.events + pair.right.events { #expect(!event.message.contains("[1, 2, 3]")) }
  }

  @Test("a plugin that refuses ends the session with its own reason")
  func pluginRefuses() {
    let pair = EnginePair()
    pair.right.answer = { _ in .refuse(CallResult(.mtuMismatch), reason: "the MTU is too small") }
    pair.run(for: .seconds(1))
    #expect(pair.right.status.tunnels[0].pseudowires[0].lastError != nil)
    #expect(pair.left.status.tunnels[0].pseudowires[0].lastError?.value.contains("result 23") == true)
    #expect(pair.right.sessions.isEmpty)
  }
}
