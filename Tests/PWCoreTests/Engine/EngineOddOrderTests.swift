import Testing

@testable import PWCore

@Suite("Things that come late, twice, or elsewhere")
struct EngineOddOrderTests {
  @Test("results of effects that come after their object is gone change nothing")
  func lateResults() {
    let pair = EnginePair(pseudowires: 2)
    var withheld: [Effect] = []
    pair.right.override = { effect in
      guard case .plane(.change(_, .createSession)) = effect else { return .perform }
      withheld.append(effect)
      return .withhold
    }
    pair.run(for: .milliseconds(100))
    #expect(withheld.count == 2)
    var site = pair.right.engine.declaredSite
    site.tunnels[0].pseudowires.removeFirst()
    pair.reload(site, left: false)
    pair.right.override = { _ in .perform }
    for effect in withheld {
      pair.handle(.completed(pair.right.perform(effect)), left: false)
      // The driver answers each effect once; a second answer finds nobody.
      pair.handle(.completed(effect.failed(EffectFailure("again"))), left: false)
    }
    #expect(
      pair.run(until: { pair.right.status.tunnels[0].pseudowires[0].forwarding.value == .yes }, limit: .seconds(5)))
    #expect(pair.right.status.tunnels[0].pseudowires.count == 1)
  }

  @Test("an interface name is not used again before its last session is removed")
  func waitsForRemoval() {
    let pair = EnginePair()
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    var withheld: [Effect] = []
    pair.left.override = { effect in
      guard case .plane(.change(_, .deleteSession)) = effect else { return .perform }
      withheld.append(effect)
      return .withhold
    }
    let session = pair.right.sessions.keys.first
    let tunnel = pair.right.tunnels.keys.first
    if let session, let tunnel {
      pair.handle(.dataPathLost(tunnel, session, reason: "unplugged"), left: false)
    }
    pair.run(for: .seconds(20))
    #expect(withheld.count == 1)
    #expect(!pair.isForwarding)
    for effect in withheld {
      pair.handle(.completed(pair.left.perform(effect)), left: true)
    }
    pair.left.override = { _ in .perform }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(120)))
  }

  @Test("every datagram twice, on the wrong socket: one connection, one session")
  func duplicates() {
    let pair = EnginePair(pseudowires: 3, leftRole: .both, rightRole: .both)
    pair.network = { _ in [.milliseconds(1), .milliseconds(3)] }
    for driver in [pair.left, pair.right] { driver.deliversAnywhere = true }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(30)))
    pair.run(for: .seconds(60))
    #expect(pair.isForwarding)
    #expect(pair.left.status.tunnels[0].establishedCount == 1)
    #expect(pair.right.status.tunnels[0].establishedCount == 1)
    #expect(pair.right.sessions.count == 3)
  }

  @Test("octets that are not a message of ours are dropped", arguments: 0..<40)
  func noise(seed: Int) {
    let pair = EnginePair()
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    var dice = SeededEntropy(state: UInt64(seed))
    let wire = pair.wire
    for _ in 0..<200 {
      var datagram = wire[Int(dice.next() % UInt64(wire.count))].datagram
      for _ in 0..<(1 + dice.next() % 3) {
        let index = Int(dice.next() % UInt64(datagram.octets.count))
        datagram.octets[index] = UInt8(truncatingIfNeeded: dice.next())
      }
      if dice.next() % 4 == 0 { datagram.octets.removeLast(Int(dice.next() % UInt64(datagram.octets.count))) }
      let isLeft = datagram.local.address == EnginePair.leftAddress
      if let arrived = (isLeft ? pair.left : pair.right).arriving(datagram) {
        pair.handle(.datagram(arrived), left: isLeft)
      }
    }
    // Without a secret some of it may be believed; whatever came of it mends itself.
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1200)), "seed \(seed)")
  }

  @Test("messages that may not be: the connection ends with StopCCN 7 and is made again")
  func outOfPlace() {
    let pair = EnginePair()
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    var message = ControlMessage.startConnected(StartConnected()).encoded()
    let state = pair.right.status.tunnels[0]
    guard let identifier = state.localID, let local = state.local, let remote = state.remote else {
      Issue.record("the right end has no connection")
      return
    }
    // SCCRQ, SCCCN, ICRQ and ICCN have gone before.
    message.setHeader(connectionID: identifier, ns: 4, nr: 2)
    pair.handle(
      .datagram(
        Datagram(
          octets: message.octets, source: remote, local: local, encapsulation: .udp, socket: SocketID(rawValue: 999))),
      left: false)
    #expect(pair.right.status.tunnels[0].lastError?.value.contains("result 7") == true)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(120)))
  }
}
