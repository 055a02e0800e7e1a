import Testing

@testable import PWCore

/// Ways past the protection that a tunnel demands, one test for each.
@Suite("The protection of packets below L2TP: ways past it")
struct EngineProtectionEdgeTests {
  private static let missing = Protection.missing([ProtectionGap(.policyOut, "no policy out")])
  private static let esp = Protection.esp(algorithm: "cbc(aes)")

  /// A pair whose left end demands protection and finds ESP, and has not begun yet.
  private func pair(
    _ demand: ProtectionDemand, leftRole: TunnelDeclaration.Role = .initiate,
    configure: (inout TunnelDeclaration) -> Void = { _ in }
  ) -> EnginePair {
    let pair = EnginePair(leftRole: leftRole, rightRole: leftRole == .initiate ? .accept : .initiate) {
      tunnel, isLeft in
      guard isLeft else { return }
      (tunnel.disabled, tunnel.protection) = (.siteFile, demand)
      configure(&tunnel)
    }
    pair.left.protection = { _ in Self.esp }
    return pair
  }

  private func begin(_ pair: EnginePair) { pair.change { $0.disabled = nil } }

  // MARK: Whose answer it is

  @Test(
    "the peer calls while our own attempt waits: what is found for that call is the tunnel's as soon as it serves it")
  func calledBesideOurs() {
    let pair = EnginePair(leftRole: .both, rightRole: .initiate) { tunnel, isLeft in
      if isLeft { tunnel.protection = .expected } else { tunnel.disabled = .siteFile }
    }
    // Ours was protected, has failed, and waits; then something changes, and nobody is there to ask for.
    pair.find(Self.esp)
    #expect(pair.run(until: { pair.tunnel.state.value == .idle }, limit: .seconds(100)))
    pair.find(Self.missing)
    #expect(pair.tunnel.protection?.found == nil)
    let told = pair.events(.unprotected).count
    pair.change(left: false) { $0.disabled = nil }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    #expect(pair.tunnel.protection?.found == Self.missing)
    #expect(pair.events(.unprotected).count == told + 1)
  }

  // MARK: Probes in pieces

  /// A pair that probes a path of 1500 octets, to a peer that has no room for longer control messages.
  private func probingPair(_ demand: ProtectionDemand) -> EnginePair {
    let pair = pair(demand) { $0.probesPath = true }
    (pair.left.pathMTUOctets, pair.right.pathMTUOctets) = (1500, 1500)
    pair.network = { $0.octets.count > 1472 ? [] : [.milliseconds(1)] }
    begin(pair)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    let owner = LinkOwner(tunnel: "peer", pseudowire: "pw0")
    pair.handle(.links(LinkReport(owner: owner, problems: [], mtuOctets: 1500)), left: true)
    return pair
  }

  @Test(
    "no probe leaves in pieces, past the policies, where protection is demanded", arguments: ProtectionDemand.allCases)
  func pieces(demand: ProtectionDemand) {
    let pair = probingPair(demand)
    pair.run(for: .seconds(30))
    #expect(pair.tunnel.isPathMTUProbed && pair.tunnel.establishedCount == 1)
    #expect((pair.left.cutCount > 0) == (demand == .none))
  }

  @Test("a search that sends pieces ends when protection is demanded meanwhile")
  func piecesMeanwhile() {
    let pair = probingPair(.none)
    pair.left.passesPieces = false
    #expect(pair.run(until: { pair.left.cutCount == 1 }, limit: .seconds(30)))
    pair.change { $0.protection = .required }
    pair.run(for: .seconds(60))
    #expect(pair.left.cutCount == 1 && pair.tunnel.establishedCount == 1)
  }

  // MARK: Places that nobody has looked at

  @Test("an SCCRP that cannot be read is refused at its sender's port only if that place is protected")
  func unreadableReply() {
    for isProtected in [true, false] {
      let pair = pair(.required)
      pair.left.protection = { $0.remote.port == 1701 || isProtected ? Self.esp : Self.missing }
      pair.translate = { datagram in
        guard ControlCodec.digests(of: datagram.octets.span).messageType == .startReply else { return datagram }
        var changed = datagram
        // An AVP with M that nobody knows.
        changed.octets += [0x80, 0x08, 0, 0, 0x0F, 0xFF, 0, 0]
        let count = changed.octets.count
        (changed.octets[2], changed.octets[3]) = (UInt8(count >> 8), UInt8(count & 0xFF))
        changed.source.port = 1799
        return changed
      }
      begin(pair)
      pair.run(for: .seconds(2))
      #expect(pair.left.questions.map(\.remote.port).prefix(2) == [1701, 1799])
      let elsewhere = pair.sentByLeft.filter { $0.local.port == 1799 }
      #expect(elsewhere.isEmpty != isProtected)
      #expect(
        elsewhere.allSatisfy { ControlCodec.digests(of: $0.octets.span).messageType == .stopNotification })
    }
  }

  @Test("a listener's socket does not acknowledge for a tunnel that requires protection", arguments: [true, false])
  func lentSocket(isRequired: Bool) throws {
    let pair = pair(isRequired ? .required : .expected, leftRole: .accept)
    begin(pair)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(60)))
    pair.handle(.shutdown, left: false)
    pair.run(for: .milliseconds(100))
    let stop = try #require(
      pair.wire.last { ControlCodec.digests(of: $0.datagram.octets.span).messageType == .stopNotification })
    #expect(!stop.fromLeft && pair.left.tunnels.isEmpty)
    let sent = pair.sentByLeft.count
    let copy = try #require(pair.left.arriving(stop.datagram))
    pair.handle(.datagram(copy), left: true)
    #expect(pair.sentByLeft.count == (isRequired ? sent : sent + 1))
  }

  // MARK: Changes while a socket is connected

  private enum Case: CaseIterable { case policyGone, demandAppears, demandRises, staysProtected }

  /// Withholds the connecting of sockets; what is withheld can be done later.
  private func holdConnecting(_ pair: EnginePair) -> () -> Effect? {
    var held: Effect?
    pair.left.override = { effect in
      guard case .plane(.connectSocket) = effect else { return .perform }
      held = effect
      return .withhold
    }
    return { held }
  }

  @Test("a change while the socket is connected is not lost: it is asked again before anything leaves")
  func changeWhileConnecting() throws {
    for isSignalled in [true, false] {
      for each in Case.allCases {
        let demand: ProtectionDemand =
          switch each {
          case .policyGone, .staysProtected: .required
          case .demandAppears: .none
          case .demandRises: .expected
          }
        let pair = pair(demand, leftRole: isSignalled ? .accept : .initiate) { tunnel in
          guard !isSignalled else { return }
          tunnel.staticConnection = StaticConnection(
            localID: ControlConnectionID(rawValue: 201), peerID: ControlConnectionID(rawValue: 202))
          tunnel.helloInterval = .zero
          tunnel.pseudowires[0].staticSession = StaticSession(
            localID: SessionID(rawValue: 10), peerID: SessionID(rawValue: 20), receiveCookie: Cookie(),
            transmitCookie: Cookie())
        }
        if each == .demandRises { pair.left.protection = { _ in Self.missing } }
        let held = holdConnecting(pair)
        begin(pair)
        #expect(pair.run(until: { held() != nil }, limit: .seconds(60)))
        let asked = pair.left.questions.count
        switch each {
        case .policyGone: pair.find(Self.missing)
        case .staysProtected: pair.find(Self.esp)
        case .demandAppears:
          pair.left.protection = { _ in Self.missing }
          pair.change { $0.protection = .required }
        case .demandRises: pair.change { $0.protection = .required }
        }
        pair.handle(.completed(pair.left.perform(try #require(held()))), left: true)
        #expect(pair.left.questions.count == asked + 1, "\(each)")
        let isThere = isSignalled ? !pair.sentByLeft.isEmpty : !pair.left.tunnels.isEmpty
        #expect(isThere == (each == .staysProtected), "\(each), \(isSignalled ? "signalled" : "static")")
      }
    }
  }

  // MARK: Removed tunnels

  @Test("protection is demanded as long as a removed tunnel has a connection that closes")
  func removed() {
    let pair = pair(.required)
    begin(pair)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    #expect(pair.left.engine.demandsProtection && !pair.right.engine.demandsProtection)
    pair.network = { _ in [] }
    var site = pair.left.engine.declaredSite
    site.tunnels = []
    pair.reload(site, left: true)
    #expect(pair.left.engine.demandsProtection)
    let sent = pair.sentByLeft.count
    pair.find(Self.missing)
    #expect(!pair.left.engine.demandsProtection)
    pair.run(for: .seconds(60))
    #expect(pair.sentByLeft.count == sent, "StopCCN is not said again in clear")
  }

  // MARK: Floods

  /// An end alone, which anybody may call, and which calls nobody yet.
  private func open() -> TestDriver {
    var (tunnel, other) = (
      TunnelDeclaration(name: "peer", peer: .any, role: .accept),
      TunnelDeclaration(name: "other", peer: .address(.v4(0xC633_6401)), role: .initiate)
    )
    (tunnel.protection, other.protection, other.disabled) = (.required, .required, .siteFile)
    var site = Site(name: "right", routerID: 2)
    site.tunnels = [tunnel, other]
    let driver = TestDriver(site: site, address: EnginePair.rightAddress, seed: 5)
    driver.drain(at: Instant(nanoseconds: 0))
    return driver
  }

  private func request(from number: UInt32) -> Input {
    let parameters = StartParameters(
      hostName: "left", routerID: 1, assignedConnectionID: ControlConnectionID(rawValue: number),
      pseudowireCapabilities: [.ethernet])
    var message = ControlMessage.startRequest(StartRequest(parameters: parameters, tieBreaker: 7)).encoded()
    message.setHeader(connectionID: .unknown, ns: 0, nr: 0)
    return .datagram(
      Datagram(
        octets: message.octets, source: Endpoint(address: .v4(0x0A00_0000 + number), port: 1701),
        local: Endpoint(address: EnginePair.rightAddress, port: 1701), encapsulation: .udp,
        socket: SocketID(rawValue: 1)))
  }

  @Test("strangers' SCCRQs cause so many questions and no more, and leave room for those of our own tunnels")
  func flood() throws {
    let (driver, now) = (open(), Instant(nanoseconds: 0))
    var held: [Effect] = []
    driver.override = { effect in
      guard case .protection = effect else { return .perform }
      held.append(effect)
      return .withhold
    }
    let limit = EngineLimits.halfOpenProtectionQuestions
    for number in 1...UInt32(limit + 50) { driver.handle(request(from: number), at: now) }
    #expect(held.count == limit && driver.engine.connections.count == limit)
    #expect(driver.status.dropped.noPlace == 50)
    driver.handle(.completed(driver.perform(held[0])), at: now)
    driver.handle(request(from: 5000), at: now)
    driver.handle(request(from: 5001), at: now)
    #expect(held.count == limit + 1)
    var site = driver.engine.declaredSite
    site.tunnels[1].disabled = nil
    driver.reload(site, at: now)
    #expect(held.count == limit + 2)
    #expect(driver.questions.last?.remote.address == .v4(0xC633_6401))
  }

  // MARK: News

  @Test("a tunnel without a connection forgets what was found when that may have changed, and tells nothing twice")
  func forgotten() {
    let pair = pair(.required, leftRole: .accept)
    begin(pair)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(60)))
    pair.handle(.shutdown, left: false)
    pair.run(for: .seconds(40))
    #expect(pair.tunnel.protection?.found == Self.esp)
    pair.find(Self.esp)
    #expect(pair.tunnel.protection?.found == nil && pair.tunnel.protection?.since == nil)
    #expect(pair.tunnel.protection?.demand == .required)
    #expect(pair.events(.protected).count == 1 && pair.events(.unprotected).isEmpty)
  }

  @Test("a caller that waits for protection keeps what it found: it asks again at once")
  func callerWaits() {
    let pair = pair(.required)
    pair.left.protection = { _ in Self.missing }
    begin(pair)
    let asked = pair.left.questions.count
    pair.find(Self.missing)
    #expect(pair.tunnel.protection?.found == Self.missing)
    pair.run(for: .milliseconds(1))
    #expect(pair.left.questions.count == asked + 1)
  }

  @Test("the addresses of a peer may lack different things: that is told once a minute at most")
  func alternating() {
    let hosts: [PeerHost] = [.address(EnginePair.rightAddress), .address(.v4(0xC633_6401))]
    let pair = pair(.required) { tunnel in
      tunnel.peer = .list(hosts)
      tunnel.reconnection.maximumDelay = .seconds(1)
    }
    pair.left.protection = { question in
      .missing([ProtectionGap(question.remote.address == EnginePair.rightAddress ? .policyOut : .policyIn, "none")])
    }
    begin(pair)
    pair.run(for: .seconds(600))
    let told = pair.events(.unprotected).count
    #expect(pair.left.questions.count > 100 && told > 5 && told <= 11, "\(told)")
    #expect(pair.left.events.filter { $0.level.rawValue >= Event.Level.warning.rawValue }.count == told)
  }

  @Test("a path under ESP is narrow by what ESP adds, and beyond that it is told", arguments: [1466, 1395, 1394, 1280])
  func narrowPath(octets: Int) {
    let pair = pair(.required) { $0.probesPath = true }
    pair.left.pathMTUOctets = octets
    begin(pair)
    pair.run(for: .seconds(20))
    #expect(pair.tunnel.pathMTUOctets == octets && pair.tunnel.isPathMTUProbed)
    #expect(pair.events(.narrowPath).count == (octets < 1395 ? 1 : 0))
  }
}
