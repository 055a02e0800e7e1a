import Testing

@testable import PWCore

/// Identifiers that begin with zeros.
private struct ZeroesFirst: EntropySource {
  private var zeroes = 3
  private var seeded = SeededEntropy(state: 1)

  mutating func next() -> UInt64 {
    guard zeroes > 0 else { return seeded.next() }
    zeroes -= 1
    return 0
  }
}

@Suite("Duties to a peer in every case")
struct EngineDutyTests {
  @Test("a message that wants an acknowledgement gets it at once, not later (RFC 3931 section 4.2)")
  func acknowledgesAtOnce() {
    let peer = HandPeer()
    peer.connect()
    let before = peer.acknowledgements.count
    peer.say(.hello(Hello()))
    #expect(peer.acknowledgements.count == before + 1)
    #expect(peer.acknowledgements.last?.nr == 3)
  }

  @Test("a StopCCN that comes again is acknowledged again, for 31 seconds (section 3.3.2)")
  func acknowledgesStopAgain() {
    let peer = HandPeer()
    peer.connect()
    let stop = ControlMessage.stopNotification(
      StopNotification(result: StopResult(.shuttingDown), assignedConnectionID: peer.parameters.assignedConnectionID))
    peer.say(stop)
    let before = peer.acknowledgements.count
    for second in 1...3 {
      peer.wait(.seconds(10))
      peer.repeatLast(stop)
      #expect(peer.acknowledgements.count == before + second)
      #expect(peer.acknowledgements.last?.nr == 3)
    }
    peer.wait(.seconds(2))
    #expect(peer.engine.engine.connections.count == 0)
  }

  @Test(
    "so it is where the connection began at a port of its own, or runs over IP, though the socket went with the data path",
    arguments: [Encapsulation.udp, .ip], [true, false])
  func acknowledgesStopToItsOwnSocket(encapsulation: Encapsulation, stopsInitiator: Bool) throws {
    let pair = EnginePair(encapsulation: encapsulation)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    pair.run(for: .seconds(1))
    // The acknowledgement of StopCCN is lost for 25 seconds.
    let lossUntil = pair.now + .seconds(25)
    pair.network = { datagram in
      let isHeader = ControlCodec.digests(of: datagram.octets.span).messageType == nil
      return isHeader && pair.now < lossUntil ? [] : [.milliseconds(1)]
    }
    let (stopping, stopped) = stopsInitiator ? (pair.right, pair.left) : (pair.left, pair.right)
    var site = stopping.engine.declaredSite
    site.tunnels = []
    pair.reload(site, left: !stopsInitiator)
    pair.run(for: .seconds(1))
    #expect(stopped.tunnels.isEmpty)
    let reference = try #require(stopped.engine.tunnels[stopped.engine.declaredTunnels[0]].connections.first)
    #expect(stopped.engine.connections[reference].life.isStopped)
    let acknowledged = { pair.wire.filter { $0.fromLeft == stopsInitiator && $0.datagram.octets.count == 12 }.count }
    let before = acknowledged()
    pair.run(for: .seconds(24))
    let isOwnPort = encapsulation == .ip || stopsInitiator
    #expect(acknowledged() > before)
    #expect(stopped.engine.connections.contains(reference))
    #expect((stopped.engine.connections[reference].socket.state == .open) == isOwnPort)
    pair.run(for: .seconds(10))
    #expect(!stopped.engine.connections.contains(reference))
    // Its socket is closed, too: the listener and the next attempts' own are left.
    let bound = stopped.sockets.keys.filter { socket in
      stopped.openings.contains { opened, request in
        opened == socket && request.connectionID != .unknown && request.localPort != 0
      }
    }
    #expect(bound.isEmpty)
  }

  @Test("and a port that somebody else has taken meanwhile costs no more than that")
  func stoppedWithoutASocket() throws {
    let pair = EnginePair()
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    pair.run(for: .seconds(1))
    pair.left.override = { effect in
      if case .plane(.openSocket(_, _, let request)) = effect, request.localPort != 0 {
        return .fail(EffectFailure("somebody has the port"))
      }
      return .perform
    }
    var site = pair.right.engine.declaredSite
    let declared = site
    site.tunnels = []
    pair.reload(site, left: false)
    pair.run(for: .seconds(40))
    #expect(pair.left.events.contains { $0.message.contains("somebody has the port") && $0.level == .debug })
    pair.reload(declared, left: false)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(120)))
  }

  @Test("HELLOs come at unequal intervals, from three quarters of the configured one to all of it (section 4.4)")
  func jitter() {
    let pair = EnginePair { tunnel, isLeft in tunnel.helloInterval = isLeft ? .seconds(40) : .zero }
    var times: [Instant] = []
    for _ in 0..<400 {
      let before = pair.count(.hello)
      pair.run(for: .seconds(1))
      if pair.count(.hello) > before { times.append(pair.now) }
    }
    let gaps = zip(times.dropFirst(), times).map { $0 - $1 }
    #expect(gaps.count >= 8)
    #expect(gaps.allSatisfy { $0 >= .seconds(29) && $0 <= .seconds(41) })
    #expect(Set(gaps).count > 1)
  }

  @Test("without a right digest nothing is acknowledged (section 5.4.1)", arguments: [nil, [1, 2, 3]] as [[UInt8]?])
  func digestBeforeNr(secret: [UInt8]?) throws {
    let pair = EnginePair(secret: secret)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    pair.run(for: .seconds(1))
    pair.network = { _ in [] }
    pair.run(for: .seconds(65))
    let status = pair.right.status.tunnels[0]
    let identifier = try #require(status.localID)
    let reference = try #require(pair.right.engine.connectionsByID[identifier])
    let channel = pair.right.engine.connections[reference].channel
    #expect(channel.pendingCount == 1)
    var hello = ControlMessage.hello(Hello()).encoded()
    hello.setHeader(connectionID: identifier, ns: channel.nr, nr: channel.nextNs)
    let (local, remote) = (try #require(status.local), try #require(status.remote))
    pair.handle(
      .datagram(
        Datagram(
          octets: hello.octets, source: remote, local: local, encapsulation: .udp, socket: SocketID(rawValue: 1))),
      left: false)
    let after = pair.right.engine.connections[reference].channel
    #expect(after.pendingCount == (secret == nil ? 0 : 1))
    #expect(after.nr == (secret == nil ? channel.nr &+ 1 : channel.nr))
  }

  @Test("that nobody answers is told within some seconds, once")
  func silence() {
    let peer = HandPeer(role: .both)
    peer.wait(.seconds(2))
    #expect(peer.engine.status.tunnels[0].lastError == nil)
    peer.wait(.milliseconds(1100))
    #expect(peer.engine.status.tunnels[0].lastError?.value.hasPrefix("no answer from 192.0.2.1: is a peer") == true)
    let told = { peer.engine.events.filter { $0.message.hasPrefix("no answer from") && $0.level == .warning } }
    #expect(
      told().map(\.message.description).first?.hasSuffix("UDP port 1701? 3 SCCRQs so far, next attempt in 4 s") == true)
    peer.wait(.seconds(600))
    #expect(told().count <= 8)
  }

  @Test("a failed attempt is told of with the moment of the next one, as the status has it", arguments: [false, true])
  func nextAttempt(isRefused: Bool) throws {
    let peer = HandPeer(role: .both)
    let socket = try #require(peer.engine.openings.first?.socket)
    if isRefused {
      peer.engine.handle(.unreachable(socket, Unreachable("nothing listens there", isFinal: true)), at: peer.now)
    }
    let first = peer.engine.events.last?.message ?? ""
    #expect(
      !isRefused
        || first == "192.0.2.1 cannot be reached: nothing listens there; no answer to 1 SCCRQ yet, next attempt in 1 s")
    func ends() -> [Event] { peer.engine.events.filter { $0.kind == .connectionFailed } }
    while ends().isEmpty, peer.now < Instant(nanoseconds: 0) + .seconds(600) { peer.wait(.milliseconds(10)) }
    let words = try #require(ends().first).message
    let tunnel = peer.engine.engine.status(at: peer.now).tunnels[0]
    let next = try #require(tunnel.nextAttempt)
    #expect(words.hasSuffix("; next attempt in \((next - peer.now).begunSeconds) s"), "\(words)")
    let kept = try #require(tunnel.lastError).value
    #expect(words.hasPrefix(kept + "; "), "status counts down by itself")
  }

  @Test("0 is never given out as an identifier (sections 5.4.3 and 5.4.4)")
  func identifiers() {
    var engine = Engine(
      site: Site(name: "right", routerID: 2), plugins: [], entropy: ZeroesFirst(),
      authenticator: ChecksumAuthenticator(), at: Instant(nanoseconds: 0))
    #expect(engine.newConnectionID() != .unknown)
    engine.turn.entropy = ZeroesFirst()
    #expect(engine.newSessionID() != .unknown)
  }

  @Test("no call goes to a peer that does not offer the type (section 5.4.4)")
  func capabilities() {
    let peer = HandPeer()
    peer.parameters.pseudowireCapabilities = [.ethernetVLAN, .ppp]
    peer.connect()
    peer.wait(.seconds(60))
    #expect(peer.record?.machine.state == .established)
    #expect(peer.calls.isEmpty)
    #expect(peer.engine.status.tunnels[0].pseudowires[0].lastError?.value.contains("type 5") == true)
  }

  @Test("of messages that arrive together one acknowledgement answers all")
  func together() throws {
    let pair = EnginePair()
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    pair.run(for: .seconds(1))
    let reference = try #require(pair.left.engine.tunnels[pair.left.engine.declaredTunnels[0]].active)
    let connection = pair.left.engine.connections[reference]
    var sent: [[UInt8]] = []
    for number in UInt16(0)..<3 {
      var hello = ControlMessage.hello(Hello()).encoded()
      hello.setHeader(
        connectionID: connection.localID, ns: connection.channel.nr &+ number, nr: connection.channel.nextNs)
      pair.left.give(
        .datagram(
          Datagram(
            octets: hello.octets, source: connection.remote, local: try #require(connection.local), encapsulation: .udp,
            socket: connection.socket.id)), at: pair.now)
      while let output = pair.left.nextOutput(isMoreThere: number < 2) {
        if case .send(let transmission) = output { sent.append(transmission.octets) }
      }
      #expect(sent.count == (number < 2 ? 0 : 1))
    }
    let answer = try #require(sent.first)
    let header = try ControlCodec.header(of: answer.span).header
    #expect(header.nr == connection.channel.nr &+ 3)
  }
}
