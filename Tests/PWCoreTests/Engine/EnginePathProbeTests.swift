import Testing

@testable import PWCore

@Suite("The path's MTU, probed by repeated HELLOs")
struct EnginePathProbeTests {
  /// Two sites that probe, over paths that pass so many octets in one piece.
  private func pair(path: Int, encapsulation: Encapsulation = .udp, secret: [UInt8]? = nil) -> EnginePair {
    let pair = EnginePair(encapsulation: encapsulation, secret: secret) { tunnel, isLeft in tunnel.probesPath = isLeft }
    pair.left.pathMTUOctets = path
    pair.right.pathMTUOctets = path
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    return pair
  }

  private func reasons(_ pair: EnginePair) -> [String] {
    pair.tunnel.pseudowires[0].forwarding.value.reasons
  }

  private func report(_ octets: Int, problems: [String] = [], _ pair: EnginePair) {
    let owner = LinkOwner(tunnel: "peer", pseudowire: "pw0")
    let obstacles = problems.map { ForwardingObstacle(.links, $0) }
    pair.handle(.links(LinkReport(owner: owner, problems: obstacles, mtuOctets: octets)), left: true)
  }

  @Test("is right to the octet, with digests and without, over UDP and IP", arguments: [576, 1280, 1401, 1499, 1500])
  func exact(path: Int) {
    for (encapsulation, secret) in [(.udp, nil), (.ip, nil), (.udp, [1, 2])] as [(Encapsulation, [UInt8]?)] {
      let pair = pair(path: path, encapsulation: encapsulation, secret: secret)
      #expect(!pair.tunnel.isPathMTUProbed)
      pair.run(for: .seconds(12))
      #expect(pair.tunnel.pathMTUOctets == path && pair.tunnel.isPathMTUProbed)
      #expect(pair.tunnel.establishedCount == 1 && pair.isForwarding)
    }
  }

  @Test("a connection that the peer has stopped probes nothing, whatever the routes say then") func stopped() throws {
    let pair = pair(path: 1400)
    pair.run(for: .seconds(12))
    #expect(pair.tunnel.isPathMTUProbed)
    let engine = { pair.left.engine }
    let reference = try #require(engine().tunnels[engine().declaredTunnels[0]].active)
    let identifier = engine().connections[reference].localID
    var site = pair.right.engine.declaredSite
    site.tunnels = []
    pair.reload(site, left: false)
    pair.run(for: .seconds(1))
    #expect(engine().connections[reference].life.isStopped)
    let hellos = { pair.count(.hello) }
    let before = hellos()
    for index in [2, 3] as [Int32] {
      let hop = FirstHop(interfaceIndex: index, gateway: nil)
      pair.handle(.pathMTU(identifier, octets: 1300, firstLinkOctets: 9000, firstHop: hop), left: true)
    }
    pair.run(for: .seconds(10))
    #expect(hellos() == before && engine().connections.contains(reference))
  }

  @Test("sessions are fitted to it, and people told")
  func fits() {
    let pair = pair(path: 1400)
    var asked: [Int] = []
    pair.left.answer = { question in
      asked.append(question.pathMTUOctets)
      return .links([.session(.init(name: question.declaration.interfaceName, mtu: .octets(1300), isUp: true))])
    }
    pair.run(for: .seconds(12))
    #expect(asked == [1400])
    #expect(pair.left.events.filter { $0.level == .notice && $0.message.contains("passes packets of 1400") }.count == 1)
  }

  @Test("where a peer acknowledges no repetition the routes are believed, and that is told once")
  func noAnswers() {
    let peer = HandPeer(probesPath: true)
    peer.connect()
    peer.wait(.seconds(60))
    #expect(peer.record?.pathMTU.octets == 1500 && peer.record?.pathMTU.certainty == .unprobeable)
    #expect(peer.remarks(.ignoresRepetitions) == 1)
  }

  @Test("no probe is in the way of a message, and none is taken for answered by it")
  func interrupted() {
    let pair = EnginePair { tunnel, isLeft in
      tunnel.probesPath = isLeft
      tunnel.pseudowires[0].circuit = .member("eth1")
    }
    pair.left.pathMTUOctets = 1400
    for isLeft in [true, false] { report(eth1IsUp: true, pair, left: isLeft) }
    // Circuit changes all the time: the acknowledgements of SLI are not answers to probes.
    for step in 0..<200 {
      pair.run(for: .milliseconds(20))
      report(eth1IsUp: !step.isMultiple(of: 2), pair, left: true)
    }
    #expect(pair.count(.setLinkInfo) > 100)
    #expect([1400, 1500].contains(pair.tunnel.pathMTUOctets))
    pair.run(for: .seconds(70))
    #expect(pair.tunnel.pathMTUOctets == 1400 && pair.tunnel.isPathMTUProbed)
  }

  private func report(eth1IsUp: Bool, _ pair: EnginePair, left: Bool) {
    pair.handle(.link(LinkState(name: "eth1", isUp: eth1IsUp, mtuOctets: 1500)), left: left)
  }

  @Test("a larger path MTU of the routes is believed, and a smaller one only where a probe fails")
  func forged() {
    let pair = pair(path: 1500)
    pair.run(for: .seconds(6))
    let identifier = pair.left.tunnels.keys.first ?? .unknown
    pair.handle(.pathMTU(identifier, octets: 600), left: true)
    pair.run(for: .seconds(12))
    #expect(pair.tunnel.pathMTUOctets == 1500)
    pair.left.pathMTUOctets = 1300
    pair.handle(.pathMTU(identifier, octets: 1300), left: true)
    pair.run(for: .seconds(12))
    #expect(pair.tunnel.pathMTUOctets == 1300)
    (pair.left.pathMTUOctets, pair.right.pathMTUOctets) = (9000, 9000)
    pair.handle(.pathMTU(identifier, octets: 9000), left: true)
    pair.run(for: .seconds(12))
    #expect(pair.tunnel.pathMTUOctets == 9000)
  }

  @Test("the first link says how far a search goes: neither less, whatever the routes say, nor more")
  func firstLink() {
    let wide = pair(path: 9000)
    let identifier = wide.left.tunnels.keys.first ?? .unknown
    wide.run(for: .seconds(12))
    #expect(wide.tunnel.pathMTUOctets == 1500, "nothing is known of the link")
    wide.handle(.pathMTU(identifier, octets: 1500, firstLinkOctets: 9000), left: true)
    wide.run(for: .seconds(12))
    #expect(wide.tunnel.pathMTUOctets == 9000 && wide.tunnel.isPathMTUProbed)

    let narrow = pair(path: 1280)
    let other = narrow.left.tunnels.keys.first ?? .unknown
    narrow.handle(.pathMTU(other, octets: 1280, firstLinkOctets: 1280), left: true)
    let before = narrow.wire.count
    narrow.run(for: .seconds(12))
    #expect(narrow.tunnel.pathMTUOctets == 1280 && narrow.tunnel.isPathMTUProbed)
    let sizes = narrow.wire[before...].filter(\.fromLeft).map { $0.datagram.octets.count + 28 }
    #expect(sizes.filter { $0 > 600 } == Array(repeating: 1280, count: 5), "one probe, and the proof of its answer")
  }

  @Test("a path that was searched as far as its first link goes is not searched again for being told so")
  func firstLinkKnown() {
    let pair = pair(path: 1500)
    pair.run(for: .seconds(12))
    let before = pair.wire.count
    let identifier = pair.left.tunnels.keys.first ?? .unknown
    pair.handle(.pathMTU(identifier, octets: 1500, firstLinkOctets: 1500), left: true)
    pair.run(for: .seconds(12))
    #expect(pair.wire.count == before)
  }

  @Test("another router on the way is another path: it is probed at once, and nothing grows before")
  func anotherRouter() {
    let pair = pair(path: 1500)
    let identifier = pair.left.tunnels.keys.first ?? .unknown
    func leads(_ interface: Int32, by gateway: IPAddress?) {
      let hop = FirstHop(interfaceIndex: interface, gateway: gateway)
      pair.handle(.pathMTU(identifier, octets: 1500, firstLinkOctets: 1500, firstHop: hop), left: true)
    }
    leads(2, by: .v4(0xC000_02FE))
    pair.run(for: .seconds(12))
    #expect(pair.tunnel.pathMTUOctets == 1500 && pair.tunnel.isPathMTUProbed)
    var before = pair.wire.count
    leads(2, by: .v4(0xC000_02FE))
    pair.run(for: .seconds(12))
    #expect(pair.wire.count == before, "the same path is not probed again")
    let others: [(Int32, IPAddress?, Int)] = [(2, .v4(0xC000_02FD), 1400), (3, .v4(0xC000_02FD), 1500), (3, nil, 1300)]
    for (interface, gateway, path) in others {
      (pair.left.pathMTUOctets, pair.right.pathMTUOctets) = (path, path)
      let known = pair.tunnel.pathMTUOctets ?? 0
      leads(interface, by: gateway)
      #expect(!pair.tunnel.isPathMTUProbed && pair.tunnel.pathMTUOctets == known)
      pair.run(for: .seconds(12))
      #expect(pair.tunnel.pathMTUOctets == path && pair.tunnel.isPathMTUProbed)
    }
    before = pair.wire.count
    pair.handle(.pathMTU(identifier, octets: 1500, firstLinkOctets: 1500), left: true)
    pair.run(for: .seconds(12))
    #expect(pair.wire.count == before, "it is not known now where the path begins, and that is not another path")
  }

  @Test("a session whose frames must be cut does not forward where fragments do not arrive, and says what to do")
  func fragments() {
    let pair = pair(path: 1500)
    report(1500, pair)
    pair.run(for: .seconds(12))
    #expect(reasons(pair).isEmpty && pair.isForwarding)
    let lossy = self.pair(path: 1500)
    lossy.left.passesPieces = false
    lossy.network = { $0.octets.count + 28 > 1500 ? [] : [.milliseconds(1)] }
    report(1500, lossy)
    lossy.run(for: .seconds(12))
    #expect(reasons(lossy).count == 1 && reasons(lossy)[0].contains("`mtu: fit`"))
    report(1400, lossy)
    #expect(reasons(lossy).isEmpty)
  }

  @Test("a peer that has no room for long control messages takes long frames all the same, where short pieces arrive")
  func noRoom() {
    for isLossy in [false, true] {
      let pair = pair(path: 1500)
      pair.left.passesPieces = !isLossy
      pair.network = { $0.octets.count > 1472 ? [] : [.milliseconds(1)] }
      report(1500, pair)
      pair.run(for: .seconds(20))
      #expect(pair.tunnel.pathMTUOctets == 1500 && pair.tunnel.isPathMTUProbed)
      #expect(reasons(pair).isEmpty != isLossy)
      #expect(pair.tunnel.establishedCount == 1)
    }
  }

  @Test("where a narrow hop cuts nothing, large frames are lost, however small pieces get through")
  func narrowHop() {
    let pair = pair(path: 1400)
    pair.network = { $0.octets.count + 28 > 1400 ? [] : [.milliseconds(1)] }
    report(1500, pair)
    pair.run(for: .seconds(20))
    #expect(pair.tunnel.pathMTUOctets == 1400 && pair.tunnel.isPathMTUProbed)
    #expect(reasons(pair).count == 1 && reasons(pair).first?.contains("`mtu: fit`") == true)
  }

  @Test("a peer that is silent for a while does not lose large frames")
  func silentForAWhile() throws {
    for silence in [Duration.milliseconds(1_500), .seconds(6)] {
      let pair = pair(path: 1500)
      pair.run(for: .seconds(12))
      #expect(pair.tunnel.isPathMTUProbed)
      var (isSilent, longest) = (false, 0)
      pair.network = { datagram in
        guard !isSilent else { return [] }
        longest = max(longest, datagram.octets.count)
        return [.milliseconds(1)]
      }
      report(1500, pair)
      let reference = try #require(pair.left.engine.tunnels[pair.left.engine.declaredTunnels[0]].active)
      // Its HELLO is answered, and then the peer is silent.
      let isBegun = { pair.left.engine.pathProbes[reference].map { $0.state == .settling } ?? false }
      #expect(pair.run(until: isBegun, limit: .seconds(2)))
      isSilent = true
      var past = Duration.zero
      while past < .seconds(30) {
        pair.run(for: .milliseconds(100))
        past += .milliseconds(100)
        isSilent = past < silence
        #expect(!reasons(pair).contains { $0.contains("large frames") })
      }
      #expect(longest >= 1472 && pair.isForwarding && pair.tunnel.establishedCount == 1)
    }
  }

  @Test("where packets cannot be sent in pieces, it is not known whether fragments arrive")
  func unsentPieces() {
    let pair = pair(path: 1500)
    pair.left.canSendPieces = false
    pair.network = { $0.octets.count > 1472 ? [] : [.milliseconds(1)] }
    report(1500, pair)
    pair.run(for: .seconds(60))
    #expect(pair.tunnel.isPathMTUProbed && reasons(pair).isEmpty && pair.isForwarding)
  }

  @Test("a probe is out until its answer is too late, and not while it is only listened")
  func isOut() throws {
    let pair = pair(path: 1400)
    var (outs, listens) = (0, 0)
    for _ in 0..<300 {
      let probed = pair.wire.count { $0.fromLeft }
      pair.run(for: .milliseconds(40))
      let reference = try #require(pair.left.engine.tunnels[pair.left.engine.declaredTunnels[0]].active)
      let isOut = pair.left.engine.isPathProbeOut(reference)
      if pair.wire.count(where: \.fromLeft) > probed, pair.left.engine.pathProbes[reference]?.probedAt != nil {
        #expect(isOut)
        outs += 1
      } else if pair.left.engine.pathProbes[reference]?.proof != nil, !isOut {
        listens += 1
      }
    }
    #expect(outs > 4 && listens > 8, "\(outs), \(listens)")
  }

  @Test("an interface that passes no frames yet has none that would be cut: pppd's is narrowed before it passes any")
  func notYet() {
    let pair = pair(path: 1500)
    var largest = 0
    pair.network = {
      largest = max(largest, $0.octets.count + 28)
      return [.milliseconds(1)]
    }
    report(1500, problems: ["PPP is not up yet"], pair)
    pair.run(for: .seconds(12))
    report(1400, pair)
    pair.run(for: .seconds(12))
    #expect(pair.tunnel.isPathMTUProbed && largest == 1500)
    report(1500, pair)
    pair.run(for: .seconds(12))
    #expect(largest > 1500)
  }
}
