import Testing

@testable import PWCore

/// Pseudowires of a template: there when the attachment circuit, or the peer, asks for them.
struct EngineDemandTests {
  private let owner = LinkOwner(tunnel: "peer", pseudowire: "pw0")

  /// The left end calls on demand, the right one never.
  private func pair(rightCalls: Bool = false) -> EnginePair {
    EnginePair(pseudowires: 3, leftRole: .both, rightRole: .both) { tunnel, isLeft in
      for index in tunnel.pseudowires.indices {
        tunnel.pseudowires[index].template = "pw"
        tunnel.pseudowires[index].calling = isLeft ? .onDemand : rightCalls ? .always : .never
      }
    }
  }

  private func states(_ driver: TestDriver) -> [PseudowireStatus.State] {
    driver.status.tunnels[0].pseudowires.map(\.state.value)
  }

  private func connect(_ pair: EnginePair) {
    #expect(pair.run { [pair.left, pair.right].allSatisfy { $0.status.tunnels[0].state.value == .established } })
    pair.run(for: .seconds(30))
  }

  @Test("Nobody calls before somebody asks")
  func idle() {
    let pair = pair()
    connect(pair)
    #expect(pair.count(.incomingCallRequest) == 0)
    #expect(states(pair.left) == [.idle, .idle, .idle] && states(pair.right) == [.idle, .idle, .idle])
    #expect(
      pair.left.status.tunnels[0].pseudowires[0].forwarding.value.reasons
        == ["no client here asks for a session"])
    #expect(pair.right.status.tunnels[0].pseudowires[0].forwarding.value.reasons == ["the peer has not called"])
    #expect(pair.left.engine.nextDeadline.map { $0 - pair.now > .seconds(1) } ?? true, "nothing is retried")
  }

  @Test("A session that is asked for comes up, and no other; it ends with CDN, and can be asked for again")
  func onDemand() throws {
    let pair = pair()
    connect(pair)
    for round in 1...2 {
      pair.handle(.circuit(owner, .wanted), left: true)
      #expect(pair.run { states(pair.left)[0] == .established && states(pair.right)[0] == .established })
      #expect(states(pair.left).dropFirst().allSatisfy { $0 == .idle })
      #expect(pair.left.links[owner] != nil && pair.right.links[owner] != nil)
      pair.handle(.circuit(owner, .over(reason: "the client left")), left: true)
      #expect(pair.left.links[owner] == nil)
      #expect(pair.run { states(pair.right)[0] == .idle })
      pair.run(for: .seconds(200))
      #expect(states(pair.left) == [.idle, .idle, .idle] && states(pair.right) == [.idle, .idle, .idle])
      #expect(pair.count(.incomingCallRequest) == round && pair.count(.callDisconnect) == round)
      #expect(pair.left.sessions.isEmpty && pair.right.sessions.isEmpty)
    }
    #expect(pair.left.status.tunnels[0].pseudowires[0].lastError == nil, "a client that leaves is no failure")
    let told = try #require(pair.right.status.tunnels[0].pseudowires[0].lastError?.value)
    #expect(told.contains("the client left"))
  }

  @Test("Asking twice is asking once")
  func twice() {
    let pair = pair()
    connect(pair)
    pair.handle(.circuit(owner, .wanted), left: true)
    pair.handle(.circuit(owner, .wanted), left: true)
    pair.run(for: .seconds(10))
    #expect(pair.count(.incomingCallRequest) == 1)
    #expect(states(pair.left)[0] == .established)
  }

  @Test("Without a control connection who asks is told at once")
  func noConnection() {
    let pair = pair()
    pair.handle(.circuit(owner, .wanted), left: true)
    #expect(pair.left.linkEffects.filter { $0 == .setLinks(owner, []) }.count == 1)
    connect(pair)
    #expect(states(pair.left)[0] == .idle && pair.count(.incomingCallRequest) == 0, "the wish is not remembered")
  }

  @Test("A call that is refused is told to who asked, and is not tried again by itself")
  func refused() {
    let pair = pair()
    connect(pair)
    pair.right.override = { effect in
      if case .plane(.change(_, .createSession)) = effect { return .fail(EffectFailure("no memory")) }
      return .perform
    }
    pair.handle(.circuit(owner, .wanted), left: true)
    #expect(pair.run { pair.left.linkEffects.contains(.setLinks(owner, [])) })
    pair.run(for: .seconds(300))
    #expect(states(pair.left)[0] == .idle && states(pair.right)[0] == .idle)
    #expect(pair.count(.incomingCallRequest) == 1)
  }

  @Test("The peer's end of a session is told to who asked; so is the connection's")
  func endedByPeer() {
    for reason in ["session", "connection"] {
      let pair = pair()
      connect(pair)
      pair.handle(.circuit(owner, .wanted), left: true)
      #expect(pair.run { states(pair.right)[0] == .established && states(pair.left)[0] == .established })
      if reason == "session" {
        let tunnel = pair.right.engine.status(at: pair.now).tunnels[0]
        guard let connection = tunnel.localID, let session = tunnel.pseudowires[0].localID else {
          Issue.record("no session")
          return
        }
        pair.handle(.dataPathLost(connection, session, reason: "PPP ended"), left: false)
      } else {
        pair.handle(.shutdown, left: false)
      }
      #expect(pair.run { states(pair.left)[0] == .idle })
      #expect(pair.left.links[owner] == nil)
      pair.run(for: .seconds(100))
      #expect(pair.count(.incomingCallRequest) == 1, "\(reason): nobody asked again")
    }
  }

  @Test("A forged SCCRQ that leads to nothing takes no session down")
  func forgedRequest() {
    let pair = pair()
    connect(pair)
    pair.handle(.circuit(owner, .wanted), left: true)
    #expect(pair.run { states(pair.right)[0] == .established && states(pair.left)[0] == .established })
    let parameters = StartParameters(
      hostName: "right", routerID: 2, assignedConnectionID: ControlConnectionID(rawValue: 4711),
      pseudowireCapabilities: [.ethernet])
    var forged = ControlMessage.startRequest(StartRequest(parameters: parameters, tieBreaker: 7)).encoded()
    forged.setHeader(connectionID: .unknown, ns: 0, nr: 0)
    pair.handle(
      .datagram(
        Datagram(
          octets: forged.octets, source: Endpoint(address: EnginePair.rightAddress, port: 4000),
          local: Endpoint(address: EnginePair.leftAddress, port: 1701), encapsulation: .udp,
          socket: SocketID(rawValue: 1))), left: true)
    #expect(pair.left.engine.admission.halfOpen.count == 1)
    #expect(pair.run(until: { pair.left.engine.admission.halfOpen.count == 0 }, limit: .seconds(300)))
    #expect(states(pair.left)[0] == .established && pair.left.links[owner] != nil)
    #expect(pair.count(.incomingCallRequest) == 1 && pair.count(.callDisconnect) == 0)
  }

  @Test("A wish that waits for its turn goes with the connection")
  func waiting() {
    let pair = pair()
    connect(pair)
    pair.network = { _ in [] }
    pair.handle(.circuit(owner, .wanted), left: true)
    #expect(pair.run { pair.left.linkEffects.contains(.setLinks(owner, [])) })
    #expect(states(pair.left)[0] == .idle)
  }

  @Test("Calls of the peer's for what is there on demand are refused")
  func calledFromOutside() {
    let pair = pair(rightCalls: true)
    connect(pair)
    #expect(pair.count(.incomingCallRequest) > 0)
    #expect(states(pair.left) == [.idle, .idle, .idle])
    #expect(
      pair.right.status.tunnels[0].pseudowires[0].lastError?.value.contains("no client here asks for it") == true)
  }

  @Test("A pseudowire that is declared no more takes the wish along, and one that is unknown has none")
  func redeclared() {
    let pair = pair()
    connect(pair)
    pair.handle(.circuit(owner, .wanted), left: true)
    #expect(pair.run { states(pair.left)[0] == .established })
    var site = pair.left.engine.declaredSite
    site.tunnels[0].pseudowires.removeFirst()
    pair.reload(site, left: true)
    #expect(pair.left.links[owner] == nil)
    pair.handle(.circuit(owner, .over(reason: "late")), left: true)
    pair.handle(.circuit(LinkOwner(tunnel: "x", pseudowire: "y"), .wanted), left: true)
    #expect(pair.run { states(pair.right)[0] == .idle })
  }
}
