import Testing

@testable import PWCore

@Suite("Signs that a session forwards, and signs that it does not")
struct EngineForwardingTests {
  private func established(
    device: String? = nil, _ configure: @escaping (inout PseudowireDeclaration) -> Void = { _ in }
  ) -> HandPeer {
    let peer = HandPeer(device: device, configure: configure)
    peer.connect()
    peer.call()
    peer.completeCall()
    #expect(peer.sessionState == .established && isForwarding(peer))
    return peer
  }

  private func reasons(_ peer: HandPeer) -> [String] {
    peer.engine.engine.status(at: peer.now).tunnels[0].pseudowires[0].forwarding.value.reasons
  }

  private func isForwarding(_ peer: HandPeer) -> Bool { reasons(peer).isEmpty }

  private func discard(_ packets: DiscardedPackets, _ peer: HandPeer) {
    let session = peer.replies.last?.identifiers.local ?? .unknown
    peer.engine.handle(.dataDiscarded(peer.connectionID, session, packets), at: peer.now)
    // Nothing new, but the peer listens.
    peer.setCircuit(isUp: true)
  }

  private func notices(_ peer: HandPeer) -> [String] {
    peer.engine.events.filter { $0.level == .notice && $0.message.contains("forwarding") }.map(\.message)
  }

  @Test(
    "a session of which every packet is discarded, and why",
    arguments: [
      (DiscardedPackets(withWrongCookie: 3), "cookie: 0"), (DiscardedPackets(outOfSequence: 3), "sequencing"),
      (DiscardedPackets(malformed: 3), "sublayer"),
    ])
  func discards(packets: DiscardedPackets, cure: String) {
    let peer = established()
    discard(packets, peer)
    #expect(reasons(peer).count == 1 && reasons(peer)[0].contains("`\(cure)`"))
    discard(DiscardedPackets(passedOn: 1), peer)
    #expect(isForwarding(peer))
    #expect(notices(peer).suffix(2).map { $0.hasPrefix("not forwarding: every data packet") } == [true, false])
  }

  @Test("a peer that ignores the cookie gets a session without one, once and at once")
  func ignoredCookie() {
    let peer = established { $0.isCookieGivenUp = true }
    #expect(peer.replies.last?.dataPath.cookie?.lengthOctets == 8)
    discard(DiscardedPackets(withWrongCookie: 9), peer)
    #expect(peer.disconnects.isEmpty)
    discard(DiscardedPackets(withWrongCookie: 10), peer)
    #expect(peer.disconnects.map(\.result.code) == [.administrative])
    peer.wait(.seconds(8))
    #expect(peer.calls.count == 1 && peer.calls.last?.dataPath.cookie == nil)
    peer.call(501) { $0.tieBreaker = 0 }
    peer.completeCall()
    #expect(peer.replies.last?.dataPath.cookie == nil && peer.sessionState == .established && isForwarding(peer))
    #expect(peer.remarks(.ignoresCookies) == 1)
  }

  @Test(
    "the cookie stays where the file insists on it, where one packet had it, and where the peer assigns one itself",
    arguments: [0, 1, 2])
  func keptCookie(reason: Int) {
    let peer = HandPeer { $0.isCookieGivenUp = reason != 0 }
    peer.connect()
    peer.call { if reason == 2 { $0.dataPath.cookie = Cookie(number: 1, lengthOctets: 4) } }
    peer.completeCall()
    discard(DiscardedPackets(withWrongCookie: 1000, hasPassedOn: reason == 1), peer)
    #expect(peer.disconnects.isEmpty)
    #expect(reasons(peer).count == 1)
  }

  @Test("a peer that has been silent for a HELLO interval and half of the repetitions")
  func silence() {
    let peer = established()
    peer.acknowledges = false
    // HELLO after 60 s, and five repetitions after 1, 2, 4, 8 and 8 s; jitter takes up to a quarter off the interval.
    peer.wait(.seconds(60))
    #expect(isForwarding(peer))
    peer.wait(.seconds(25))
    #expect(reasons(peer).count == 1 && reasons(peer)[0].contains("of 10 repetitions unanswered"))
    #expect(reasons(peer)[0].hasPrefix("the peer has been silent for"))
    peer.say(.hello(Hello()))
    #expect(isForwarding(peer))
    #expect(notices(peer).count == 3)
  }

  @Test("a peer that is silent because it speaks from another address: that is told with its silence")
  func silenceHere() {
    let peer = established()
    peer.acknowledges = false
    peer.wait(.seconds(62))
    peer.source = Endpoint(address: .v4(0xC000_0209), port: 1701)
    peer.say(.hello(Hello()))
    peer.wait(.seconds(23))
    #expect(reasons(peer).first?.hasSuffix("arrive from 192.0.2.9, and are dropped") == true, "\(reasons(peer))")
  }

  @Test("a bridge that is not as declared is told of once for each problem, and so is the end of it")
  func bridges() {
    let peer = established()
    for problems in [["lan0 has addresses"], ["lan0 has addresses"], ["lan0 has addresses", "lan1 is not there"], []] {
      peer.engine.handle(.bridge(name: "br0", problems: problems), at: peer.now)
    }
    let told = peer.engine.events.filter { $0.message.hasPrefix("bridge br0") }.map(\.message)
    #expect(
      told == [
        "bridge br0: lan0 has addresses", "bridge br0: lan1 is not there", "bridge br0 is as declared again",
      ])
  }

  /// The messages that the engine has sent and the peer has not heard yet.
  private func said(_ peer: HandPeer) -> [ControlMessage?] {
    peer.engine.sent.map { try? ControlCodec.decode($0.octets.span).message }
  }

  private func fails(_ failure: Unreachable, _ peer: HandPeer) throws {
    let socket = try #require(peer.record?.socket.id)
    peer.engine.handle(.unreachable(socket, failure), at: peer.now)
  }

  @Test("a peer that cannot be reached, until it acknowledges something: nothing ends by what anybody can forge")
  func unreachable() throws {
    let peer = established()
    let told = { peer.engine.events.filter { $0.message.contains("cannot be reached") && $0.level == .warning }.count }
    // It may be forged: HELLO goes out first, and is acknowledged.
    try fails(Unreachable("there is no route to it"), peer)
    peer.setCircuit(isUp: true)
    peer.wait(.seconds(3))
    #expect(isForwarding(peer) && peer.record?.presence.suspicion == nil && told() == 0)
    peer.acknowledges = false
    try fails(Unreachable("there is no route to it"), peer)
    peer.wait(.seconds(2))
    #expect(reasons(peer) == ["the peer cannot be reached: there is no route to it"])
    peer.say(.hello(Hello()))
    #expect(isForwarding(peer) && told() == 1)
  }

  @Test("a router that passes smaller packets only is named, and nothing else follows: anybody can forge its message")
  func narrow() throws {
    let report = Unreachable.tooLarge(passing: 1280, message: "ICMP fragmentation needed from 192.0.2.254")
    let words = "a router on the way says that packets of at most 1280 octets pass (ICMP fragmentation needed from "
    let peer = established()
    let before = peer.engine.engine.status(at: peer.now).tunnels[0]
    for octets in 0..<1000 {
      var other = report
      other.passedOctets = octets
      try fails(other, peer)
    }
    #expect(peer.engine.sent.isEmpty && peer.record?.presence.suspicion == nil && isForwarding(peer))
    #expect(peer.engine.engine.status(at: peer.now).tunnels[0].pathMTUOctets == before.pathMTUOctets)
    let told = peer.engine.events.filter { $0.kind == .narrowPath }
    #expect(told.count == 1 && told[0].level == .notice && told[0].message.hasPrefix(words), "\(told)")

    let silent = HandPeer(role: .both)
    let socket = try #require(silent.engine.openings.first?.socket)
    silent.engine.handle(.unreachable(socket, report), at: silent.now)
    let error = silent.engine.status.tunnels[0].lastError?.value ?? ""
    #expect(error.hasPrefix("on the path to 192.0.2.1, " + words), "\(error)")
    #expect(silent.engine.events.last?.message == error + "; no answer to 1 SCCRQ yet, next attempt in 1 s")
    #expect(silent.engine.status.tunnels[0].state.value == .waitReply)
  }

  @Test("one whose host refuses what comes for it is lost after two repetitions, and not after ten")
  func refused() throws {
    let peer = established()
    peer.acknowledges = false
    try fails(Unreachable("nothing listens there", isFinal: true), peer)
    peer.wait(.seconds(8))
    #expect(peer.record == nil && !isForwarding(peer))
    #expect(peer.engine.events.contains { $0.message.hasSuffix("cannot be reached: nothing listens there") })
  }

  @Test("an interface that the tunnel is bound to, while it is gone and until the peer has answered again")
  func boundDevice() {
    let peer = established(device: "u0")
    let report = { peer.engine.handle(.boundDevice(name: $0, problem: $1), at: peer.now) }
    report("u1", "is gone")
    #expect(isForwarding(peer), "it is another one")
    peer.acknowledges = false
    report("u0", "is gone: nothing passes")
    #expect(reasons(peer) == ["the interface u0 that the tunnel is bound to is gone: nothing passes"])
    report("u0", "is down: nothing passes")
    #expect(reasons(peer) == ["the interface u0 that the tunnel is bound to is down: nothing passes"])
    #expect(peer.engine.sent.isEmpty)
    report("u0", nil)
    #expect(said(peer) == [.hello(Hello())], "the peer is asked at once")
    #expect(reasons(peer).count == 1 && reasons(peer)[0].contains("since the interface u0 began to pass packets again"))
    peer.wait(.seconds(2))
    #expect(!isForwarding(peer))
    peer.say(.hello(Hello()))
    #expect(isForwarding(peer))
    #expect(notices(peer).suffix(2).map { $0.hasPrefix("not forwarding: the interface u0") } == [true, false])
  }

  @Test("a message that waits for the peer's answer is sent again at once when the interface is there again")
  func boundDeviceRepeats() {
    let peer = established(device: "u0")
    peer.acknowledges = false
    peer.wait(.seconds(65))
    peer.engine.handle(.boundDevice(name: "u0", problem: "is gone"), at: peer.now)
    peer.wait(.seconds(3))
    #expect(peer.engine.sent.isEmpty)
    peer.engine.handle(.boundDevice(name: "u0", problem: nil), at: peer.now)
    #expect(said(peer) == [.hello(Hello())])
  }

  @Test("a failure of this machine itself is believed at once", arguments: [Unreachable.withoutAddress, .linkDown])
  func certain(failure: Unreachable) throws {
    let peer = established()
    peer.acknowledges = false
    try fails(Unreachable("there is no route to it"), peer)
    #expect(isForwarding(peer))
    try fails(failure, peer)
    #expect(reasons(peer) == ["the peer cannot be reached: \(failure.reason)"])
    peer.wait(.seconds(2))
    peer.say(.hello(Hello()))
    #expect(isForwarding(peer))
    let told = peer.engine.events.filter { $0.message.contains("cannot be reached") && $0.level == .warning }
    #expect(told.count == 1)
  }

  @Test("data is a sign of life as well as a message is")
  func dataBreaksSilence() {
    let peer = established()
    peer.acknowledges = false
    peer.wait(.seconds(85))
    #expect(!isForwarding(peer))
    peer.engine.handle(.dataReceived(peer.connectionID), at: peer.now)
    #expect(isForwarding(peer))
  }
}
