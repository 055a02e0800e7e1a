import Testing

@testable import PWCore

@Suite("Peers that bend RFC 3931 and are got along with")
struct EnginePeerHabitTests {
  // MARK: Calls

  @Test("a peer that looks for what to call every five seconds is not called before")
  func waitsForTheCaller() {
    let peer = HandPeer()
    peer.connect()
    peer.wait(.seconds(5))
    #expect(peer.calls.isEmpty)
    peer.wait(.seconds(2))
    #expect(peer.calls.count == 1)
  }

  @Test("one that ignores a tie that it has lost is let through with its next call, and people are told once")
  func ignoresTies() {
    let peer = HandPeer()
    peer.connect()
    peer.wait(.seconds(7))
    #expect(peer.calls.count == 1)
    peer.call(500) { $0.tieBreaker = .max }
    #expect(peer.disconnects.map(\.result.code) == [.lostTie])
    #expect(peer.replies.isEmpty)
    peer.call(501) { $0.tieBreaker = .max }
    #expect(peer.disconnects.count == 1)
    #expect(peer.replies.map(\.identifiers.remote.rawValue) == [501])
    peer.completeCall()
    #expect(peer.sessionState == .established)
    #expect(peer.remarks(.ignoresSessionTies) == 1)
  }

  @Test("one that keeps a dead connection while anything comes from us is left in peace once after a crash of ours")
  func keepsDeadConnections() {
    for isCrashed in [true, false] {
      let peer = HandPeer(role: .initiate)
      if isCrashed { peer.engine.handle(.crashedBefore, at: peer.now) }
      var sentAt: [Int64] = []
      for second in 0..<150 {
        let before = peer.heard.count
        peer.wait(.seconds(1))
        if peer.heard.count > before { sentAt.append(Int64(second)) }
      }
      let gaps = zip(sentAt.dropFirst(), sentAt).map { $0 - $1 }
      #expect(gaps.filter { $0 > 20 }.count == (isCrashed ? 1 : 0))
      if let gap = gaps.max(), isCrashed { #expect((103...109).contains(gap)) }
      #expect(sentAt.contains { isCrashed ? $0 > 100 && $0 < 120 : $0 > 70 && $0 < 100 })
    }
  }

  @Test(
    "where a connection was there before, one pause in some minutes is long enough for such a peer to forget it",
    arguments: [nil, Duration.seconds(19)])
  func forgetsInTheEnd(setupTimeout: Duration?) {
    let peer = HandPeer(role: .both, setupTimeout: setupTimeout)
    peer.connect()
    peer.restart()
    let pauses = silences(of: peer, for: 1_200)
    #expect((1...4).contains(pauses.filter { $0 > .seconds(100) }.count), "\(pauses.filter { $0 > .seconds(30) })")
    #expect(pauses.allSatisfy { $0 < .seconds(120) })
  }

  @Test("a peer may still have a connection of which it has not acknowledged our StopCCN", arguments: [true, false])
  func stopIsNotHeard(isAcknowledged: Bool) {
    let peer = HandPeer(role: .both)
    peer.connect()
    peer.acknowledges = isAcknowledged
    // HELLO with an AVP whose length is wrong: StopCCN goes out.
    peer.say(octets: [0xC8, 0x03, 0, 26] + [UInt8](repeating: 0, count: 8) + Self.damagedHello)
    #expect(peer.stops.count == 1)
    peer.restart()
    #expect(silences(of: peer, for: 600).contains { $0 > .seconds(100) } == !isAcknowledged)
  }

  private static let damagedHello: [UInt8] = [0x80, 0x08, 0, 0, 0, 0, 0, 6, 0x80, 0x09, 0, 0, 0x03, 0xE7]

  /// How long our end says nothing, each time, to a peer that answers nothing for so many seconds.
  private func silences(of peer: HandPeer, for seconds: Int) -> [Duration] {
    var pauses: [Duration] = []
    var last = peer.now
    for _ in 0..<seconds {
      let before = peer.heard.count
      peer.wait(.seconds(1))
      guard peer.heard.count > before || !peer.engine.sent.isEmpty else { continue }
      pauses.append(peer.now - last)
      last = peer.now
    }
    return pauses
  }

  @Test("a tie that was settled is forgotten with the session that came of it")
  func tiesAreForgotten() throws {
    let peer = HandPeer()
    peer.connect()
    peer.wait(.seconds(7))
    peer.call(500) { $0.tieBreaker = .max }
    let ours = try #require(peer.calls.last).identifiers.local
    var reply = IncomingCallReply(
      identifiers: SessionIdentifiers(local: SessionID(rawValue: 502), remote: ours), dataPath: DataPathParameters())
    reply.dataPath.circuitStatus = .active
    peer.say(.incomingCallReply(reply))
    #expect(peer.sessionState == .established)
    let identifiers = SessionIdentifiers(local: SessionID(rawValue: 502), remote: ours)
    peer.say(.callDisconnect(CallDisconnect(result: CallResult(.lossOfCarrier), identifiers: identifiers)))
    peer.wait(.seconds(8))
    #expect(peer.calls.count == 2)
    peer.call(503) { $0.tieBreaker = .max }
    #expect(peer.disconnects.last?.result.code == .lostTie)
    #expect(peer.remarks(.ignoresSessionTies) == 0)
  }

  @Test("one that calls without a Serial Number is answered")
  func omitsSerialNumbers() {
    let peer = HandPeer()
    peer.connect()
    peer.call { $0.serialNumber = nil }
    peer.completeCall()
    #expect(peer.sessionState == .established)
    #expect(peer.remarks(.omitsSerialNumbers) == 1)
  }

  @Test("one that spells a number as text is answered, and called as it spells")
  func spellsEndIDsOtherwise() {
    let peer = HandPeer()
    peer.connect()
    peer.call { $0.remoteEndID = RemoteEndID(text: "1") }
    peer.completeCall()
    #expect(peer.sessionState == .established)
    #expect(peer.remarks(.spellsEndIDsOtherwise) == 1)
  }

  @Test("one that knows no end of that name (CDN 24) is called by either form in turn, and told of once")
  func triesTheOtherForm() throws {
    let peer = HandPeer()
    peer.connect()
    peer.wait(.seconds(7))
    let number = RemoteEndID(number: 1)
    for expected in Array(repeating: [number, RemoteEndID(text: "1")], count: 4).joined() {
      let call = try #require(peer.calls.last)
      #expect(call.remoteEndID == expected)
      peer.say(
        .callDisconnect(
          CallDisconnect(
            result: CallResult(.noSuchForwarder),
            identifiers: SessionIdentifiers(local: SessionID(rawValue: 700), remote: call.identifiers.local))))
      let before = peer.calls.count
      peer.wait(.seconds(120))
      // The first call after the pause is refused above, and no other one follows: it has no answer yet.
      #expect(peer.calls.count > before)
    }
    let told = peer.engine.events.filter { $0.kind == .sessionFailed && $0.message.contains("we called for") }
    #expect(
      told.map { $0.message.split(separator: "; ").last.map(String.init) } == [
        "we called for `type: ethernet`, `end-id: 1 (number)`",
        "we called for `type: ethernet`, `end-id: 1 (number)`, and for `end-id: \"1\" (text)`, which means the same",
      ])
  }

  @Test("of several calls that are refused in turn each is told once, with what is most like it")
  func refusalsInTurn() {
    let pair = EnginePair(pseudowires: 6) { tunnel, isLeft in
      guard isLeft else { return }
      for number in [3, 5] { tunnel.pseudowires[number].attachmentGroup = RemoteEndID(number: 9) }
      tunnel.pseudowires[4].remoteEndID = RemoteEndID(number: 44)
    }
    pair.run(for: .seconds(120))
    let told = pair.right.events.filter { $0.kind == .callRefused && $0.level == .warning }.map(\.message)
    #expect(Set(told).count == told.count && told.count(where: { $0.contains("call for") }) >= 3, "\(told)")
    for number in [3, 5] {
      let near = ": this site declares `type: ethernet`, `end-id: \(number) (number)`; "
      #expect(told.contains { $0.contains(near) }, "\(told)")
    }
    let text = pair.left.status.tunnels[0].pseudowires[5].lastError?.value
    #expect(text?.contains("the called site declares `type: ethernet`, `end-id: 5 (number)`") == true, "\(text ?? "")")
  }

  @Test("a call for what is not declared is told with both values, once while it is the same")
  func refusalsNameBothValues() {
    let peer = HandPeer()
    peer.connect()
    for _ in 0..<3 { peer.call { $0.remoteEndID = RemoteEndID(text: "lan") } }
    let told = peer.engine.events.filter { $0.level == .warning }.map(\.message)
    #expect(
      told == [
        "refused the peer's call for `type: ethernet`, `end-id: \"lan\" (text)`: this site declares `type: ethernet`, "
          + "`end-id: 1 (number)`"
      ])
    peer.call { $0.dataPath.sublayer = 1 }
    let text = peer.disconnects.last?.result.text
    #expect(text == "`sublayer: default` was requested; the end that refuses declares `sublayer: none`")
  }

  @Test("a peer that declares both forms, where we have one, has that one and is refused the other")
  func peerHasBothForms() {
    let peer = HandPeer()
    peer.connect()
    peer.call(500)
    peer.completeCall()
    let session = peer.replies.last?.identifiers.local
    peer.call(501) { $0.remoteEndID = RemoteEndID(text: "1") }
    #expect(peer.disconnects.map(\.result.code) == [.noSuchForwarder])
    #expect(peer.sessionState == .established)
    #expect(peer.replies.last?.identifiers.local == session)
    #expect(peer.remarks(.spellsEndIDsOtherwise) == 0)
    // Where it was the other one that came first, ours takes its place, and stays.
    let other = HandPeer()
    other.connect()
    other.call(500) { $0.remoteEndID = RemoteEndID(text: "1") }
    other.completeCall()
    other.call(501)
    other.completeCall()
    other.call(502) { $0.remoteEndID = RemoteEndID(text: "1") }
    #expect(other.disconnects.last?.result.code == .noSuchForwarder)
    #expect(other.replies.map(\.identifiers.remote.rawValue) == [500, 501])
    #expect(other.sessionState == .established)
  }

  @Test("calls go out however many messages have been sent before them")
  func callsLate() throws {
    let pair = EnginePair(pseudowires: 0) { tunnel, _ in tunnel.helloInterval = .seconds(1) }
    pair.run(for: .seconds(1))
    let reference = try #require(pair.left.engine.tunnels[pair.left.engine.declaredTunnels[0]].active)
    #expect(pair.left.engine.connections[reference].calls.isPeerReady)
  }

  @Test("where both forms are declared each is its own")
  func bothForms() {
    var table = CallTable()
    let references = [PseudowireReference(rawValue: 1), PseudowireReference(rawValue: 2)]
    let forms = [RemoteEndID(number: 12), RemoteEndID(text: "12")]
    func request(_ end: RemoteEndID) -> CallRequest {
      CallRequest(
        IncomingCallRequest(
          identifiers: SessionIdentifiers(local: SessionID(rawValue: 5), remote: .unknown), serialNumber: 1,
          pseudowireType: .ethernet, remoteEndID: end, dataPath: DataPathParameters()))
    }
    for (form, reference) in zip(forms, references) {
      let declaration = PseudowireDeclaration(name: "pw", type: .ethernet, remoteEndID: form, interfaceName: "pw0")
      table.insert(declaration, reference)
      #expect(table.match(request(forms[0])) == .pseudowire(references[0]))
    }
    #expect(table.match(request(forms[1])) == .pseudowire(references[1]))
    #expect(table.match(request(RemoteEndID(text: "012"))) == .unknown)
    #expect(table.match(request(RemoteEndID(text: "4294967296"))) == .unknown)
  }

  @Test(
    "the other forms of an end-id",
    arguments: [
      (RemoteEndID(number: 1234), [RemoteEndID(text: "1234")]), (RemoteEndID(text: "100"), [RemoteEndID(number: 100)]),
      (RemoteEndID(text: "0"), [RemoteEndID(number: 0)]), (RemoteEndID(text: "lan"), []),
      (RemoteEndID(text: "1234"), [RemoteEndID(number: 1234), RemoteEndID(text: "825373492")]),
      (RemoteEndID(text: "-1"), []), (RemoteEndID(octets: []), []),
    ])
  func otherForms(end: RemoteEndID, forms: [RemoteEndID]) {
    #expect(end.otherForms == forms)
  }

  @Test("one that insists on a sublayer gets it where the site leaves that to the peer")
  func adoptsSublayer() throws {
    let peer = HandPeer { $0.adoptsSublayer = true }
    peer.connect()
    peer.call { $0.dataPath.sublayer = 1 }
    #expect(peer.replies.last?.dataPath.sublayer == 1)
    peer.completeCall()
    #expect(peer.sessionState == .established)
    #expect(peer.engine.sessions.values.map(\.sublayer) == [.standard])
    #expect(peer.engine.status.tunnels[0].pseudowires[0].sublayer == .standard)
    // The next call counts again: it wants no sublayer, and gets none.
    peer.call(501)
    #expect(peer.replies.last?.dataPath.sublayer == nil)
    peer.completeCall()
    #expect(peer.engine.sessions.values.map(\.sublayer) == [.none])
  }

  @Test("and when it is called: the next call asks for what its ICRP, or its CDN, wanted", arguments: [true, false])
  func asksForTheOtherSublayer(byReply: Bool) throws {
    let peer = HandPeer { $0.adoptsSublayer = true }
    peer.connect()
    peer.wait(.seconds(7))
    let call = try #require(peer.calls.last)
    #expect(call.dataPath.sublayer == nil)
    let identifiers = SessionIdentifiers(local: SessionID(rawValue: 700), remote: call.identifiers.local)
    if byReply {
      var dataPath = DataPathParameters()
      (dataPath.sublayer, dataPath.circuitStatus) = (1, .active)
      peer.say(.incomingCallReply(IncomingCallReply(identifiers: identifiers, dataPath: dataPath)))
      #expect(peer.disconnects.count == 1)
    } else {
      peer.say(
        .callDisconnect(
          CallDisconnect(result: CallResult(.generalError, error: .valueOutOfRange), identifiers: identifiers)))
    }
    peer.wait(.seconds(10))
    #expect(peer.calls.count == 2)
    #expect(peer.calls.last?.dataPath.sublayer == 1)
  }

  @Test("where both ends leave it to each other there is none")
  func bothLeaveTheSublayer() {
    let pair = EnginePair { tunnel, _ in tunnel.pseudowires[0].adoptsSublayer = true }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    #expect(pair.left.sessions.values.map(\.sublayer) == [.none])
  }

  @Test(
    "the first ICRQ waits until SCCCN is acknowledged: there are peers that lose the second of two messages at once")
  func callsAfterTheSetUp() throws {
    let pair = EnginePair()
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    let types = pair.messages
    let connected = try #require(types.firstIndex(of: .startConnected))
    let called = try #require(types.firstIndex(of: .incomingCallRequest))
    #expect(pair.wire[connected..<called].contains { !$0.fromLeft })
  }

  // MARK: Connections

  @Test("one with a fixed identifier and neither tie breaker nor nonce is answered at once after its StopCCN")
  func startsAgainAfterStop() {
    let peer = HandPeer()
    peer.connect(tieBreaker: nil)
    #expect(peer.record?.machine.state == .established)
    peer.say(
      .stopNotification(
        StopNotification(result: StopResult(.shuttingDown), assignedConnectionID: peer.parameters.assignedConnectionID))
    )
    peer.restart()
    peer.wait(.seconds(2))
    peer.connect(tieBreaker: nil)
    #expect(peer.record?.machine.state == .established)
    #expect(peer.stops.isEmpty)
  }

  @Test("and after a crash, when SCCCN has proved a round trip: the connection before it goes without a word")
  func startsAgainAfterCrash() {
    let peer = HandPeer()
    peer.connect(tieBreaker: nil)
    peer.restart()
    peer.wait(.seconds(1))
    peer.say(.startRequest(StartRequest(parameters: peer.parameters, tieBreaker: nil)))
    #expect(peer.engine.engine.connections.count == 2)
    #expect(peer.engine.status.tunnels[0].establishedCount == 1)
    peer.say(.startConnected(StartConnected()))
    #expect(peer.record?.machine.state == .established)
    #expect(peer.engine.engine.connections.count == 1)
    #expect(peer.engine.status.tunnels[0].establishedCount == 2)
    #expect(peer.stops.isEmpty)
    #expect(peer.remarks(.reusesIdentifiers) == 1)
    peer.call()
    peer.completeCall()
    #expect(peer.sessionState == .established)
  }

  @Test("one whose tie breaker is always the same begins anew when a copy cannot be under way any more")
  func constantTieBreaker() {
    let peer = HandPeer()
    peer.connect(tieBreaker: 7)
    peer.restart()
    peer.wait(.seconds(1))
    peer.connect(tieBreaker: 7)
    #expect(peer.connectionID == .unknown)
    peer.restart()
    peer.wait(.seconds(64))
    peer.connect(tieBreaker: 7)
    #expect(peer.record?.machine.state == .established)
    #expect(peer.engine.engine.connections.count == 1)
  }

  @Test("a late copy of the SCCRQ costs an SCCRP that nobody takes up, and nothing else")
  func lateCopy() throws {
    let peer = HandPeer()
    peer.connect(tieBreaker: nil)
    peer.call()
    peer.completeCall()
    let request = ControlMessage.startRequest(StartRequest(parameters: peer.parameters, tieBreaker: nil))
    peer.say(request, toConnection: 0, ns: 0, nr: 0)
    #expect(peer.engine.engine.connections.count == 2)
    peer.wait(.seconds(130))
    #expect(peer.engine.engine.connections.count == 1)
    #expect(peer.sessionState == .established)
    #expect(peer.engine.status.tunnels[0].establishedCount == 1)
    #expect(peer.stops.isEmpty)
  }

  @Test("the Nr of an SCCRQ is not looked at")
  func numbersRequests() {
    let peer = HandPeer()
    peer.lie = 1
    peer.say(.startRequest(StartRequest(parameters: peer.parameters, tieBreaker: 7)))
    #expect(peer.connectionID != .unknown)
    peer.lie = 0
    peer.say(.startConnected(StartConnected()))
    #expect(peer.record?.machine.state == .established)
    #expect(peer.remarks(.numbersRequests) == 1)
  }

  @Test("one that can only call, without a tie breaker, is not refused, and taken when ours stays unanswered")
  func callsWithoutATieBreaker() {
    let peer = HandPeer(role: .both)
    peer.connect(tieBreaker: nil)
    #expect(peer.stops.isEmpty)
    #expect(peer.connectionID == .unknown)
    peer.restart()
    peer.wait(.seconds(3))
    peer.connect(tieBreaker: nil)
    #expect(peer.stops.isEmpty)
    #expect(peer.record?.machine.state == .established)
    // And again when it has died: that it lost a tie once is no longer true.
    peer.restart()
    peer.wait(.seconds(1))
    peer.connect(tieBreaker: nil)
    #expect(peer.record?.machine.state == .established)
  }

  @Test("an SCCRP that cannot be taken is answered with StopCCN to the identifier that it assigned (section 5.2)")
  func unknownMandatoryAVP() throws {
    var site = Site(name: "right", routerID: 2)
    site.tunnels = [TunnelDeclaration(name: "peer", peer: .address(EnginePair.leftAddress), role: .initiate)]
    let driver = TestDriver(site: site, address: EnginePair.rightAddress, seed: 5)
    let now = Instant(nanoseconds: 0)
    driver.drain(at: now)
    let request = try #require(driver.sent.first)
    let received = try ControlCodec.decode(request.octets.span)
    guard case .some(.startRequest(let start)) = received.message else { throw HabitError.noRequest }
    driver.sent = []
    var parameters = start.parameters
    parameters.assignedConnectionID = ControlConnectionID(rawValue: 99)
    var message = StartReply(parameters: parameters)
    message.others.append(RawAVP(vendorID: 0, type: 4000, isMandatory: true, isHidden: false, value: [1]))
    var reply = ControlMessage.startReply(message).encoded()
    reply.setHeader(connectionID: start.parameters.assignedConnectionID, ns: 0, nr: 1)
    driver.handle(
      .datagram(
        Datagram(
          octets: reply.octets, source: request.local, local: request.source, encapsulation: .udp,
          socket: request.socket)),
      at: now)
    let stops = try driver.sent.map { try ControlCodec.decode($0.octets.span) }.filter {
      if case .some(.stopNotification) = $0.message { true } else { false }
    }
    #expect(stops.map(\.header.connectionID.rawValue) == [99])
  }

  @Test("and in the middle of a set-up: an apparent copy is answered with SCCRP again, not only acknowledged")
  func startsAgainDuringSetUp() {
    let peer = HandPeer()
    peer.acknowledges = false
    let request = ControlMessage.startRequest(StartRequest(parameters: peer.parameters, tieBreaker: nil))
    peer.say(request)
    for _ in 0..<3 {
      peer.wait(.seconds(2))
      peer.restart()
      peer.say(request)
      #expect(peer.connectionID != .unknown)
    }
    // But not as often as anybody likes.
    peer.restart()
    for _ in 0..<100 { peer.say(request, toConnection: 0, ns: 0, nr: 0) }
    #expect(peer.heard.isEmpty)
    #expect(peer.engine.engine.connections.count == 1)
  }

  @Test("and when it has acknowledged SCCRP before it died: it does not say SCCRQ again then, so that this is another")
  func startsAgainBeforeConnected() {
    let peer = HandPeer()
    peer.say(.startRequest(StartRequest(parameters: peer.parameters, tieBreaker: nil)))
    #expect(peer.connectionID != .unknown)
    peer.restart()
    peer.wait(.seconds(1))
    peer.connect(tieBreaker: nil)
    #expect(peer.record?.machine.state == .established)
  }
}

private enum HabitError: Error {
  case noRequest
}
