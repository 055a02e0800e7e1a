import Testing

@testable import PWCore

@Suite("Interfaces that stay between sessions, and go with their pseudowires")
struct EngineInterfaceTests {
  private func established(
    pseudowires: Int = 2, _ configure: (inout TunnelDeclaration, Bool) -> Void = { _, _ in }
  ) -> EnginePair {
    let pair = EnginePair(pseudowires: pseudowires, leftRole: .both, rightRole: .both, configure: configure)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(30)))
    return pair
  }

  private func interface(_ number: Int, named name: String? = nil) -> SessionInterface {
    SessionInterface(owner: LinkOwner(tunnel: "peer", pseudowire: "pw\(number)"), name: name ?? "l2e\(number)")
  }

  /// The interfaces that the left end has released so far, in order.
  private func released(_ pair: EnginePair) -> [SessionInterface] {
    pair.left.changes.flatMap { change -> [SessionInterface] in
      if case .releaseInterfaces(let interfaces) = change { interfaces } else { [] }
    }
  }

  @Test("a peer that dies, comes back, or ends a session is no reason to release one")
  func stays() {
    let pair = established()
    pair.network = { _ in [] }
    #expect(pair.run(until: { pair.left.sessions.isEmpty }, limit: .seconds(200)))
    #expect(pair.left.kept == [interface(0), interface(1)])
    pair.network = { _ in [.milliseconds(1)] }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(300)))
    pair.handle(.dataPathLost(pair.left.tunnels.keys.first ?? .unknown, nil, reason: "test"), left: true)
    #expect(pair.run(until: { !pair.isForwarding }, limit: .seconds(5)))
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(300)))
    #expect(released(pair).isEmpty && pair.left.kept.isEmpty)
  }

  @Test("one that another declaration leaves as it is stays, though the session or the tunnel is another")
  func changes() {
    let pair = established()
    let changes: [(inout TunnelDeclaration) -> Void] = [
      { $0.peerRouterID = 2 }, { $0.pseudowires[0].cookieLengthOctets = 4 },
      { $0.pseudowires[0].options = .mapping([(key: "mtu", value: .scalar("1400"))]) },
      { $0.pseudowires[1].lossLimitPercent = 7 },
    ]
    for change in changes {
      pair.change(change)
      #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(300)))
      #expect(released(pair).isEmpty)
    }
  }

  @Test(
    "a pseudowire that is renamed, removed, disabled, or joined to another circuit has its interface released",
    arguments: 0..<6)
  func goes(_ number: Int) {
    let changes: [(inout TunnelDeclaration) -> Void] = [
      { $0.pseudowires[0].interfaceName = "other" }, { $0.pseudowires.removeFirst() },
      { $0.pseudowires[0].disabled = .command }, { $0.pseudowires[0].name = "renamed" },
      { $0.pseudowires[0].options = .mapping([(key: "colour", value: .scalar("red"))]) },
      { $0.disabled = .siteFile },
    ]
    for isUp in [true, false] {
      let pair = established()
      if !isUp {
        pair.network = { _ in [] }
        #expect(pair.run(until: { pair.left.sessions.isEmpty }, limit: .seconds(200)))
      }
      pair.change(changes[number])
      #expect(released(pair) == (number == 5 ? [interface(0), interface(1)] : [interface(0)]))
      pair.run(for: .seconds(100))
      #expect(!pair.left.kept.contains(interface(0)))
    }
  }

  @Test("two pseudowires that swap their names get interfaces of their own")
  func swap() {
    let pair = established()
    pair.change { tunnel in
      tunnel.pseudowires[0].interfaceName = "l2e1"
      tunnel.pseudowires[1].interfaceName = "l2e0"
    }
    #expect(released(pair) == [interface(0), interface(1)])
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(100)))
    let swapped: Set = [interface(0, named: "l2e1"), interface(1, named: "l2e0")]
    #expect(Set(pair.left.sessions.values.map(\.interface)) == swapped)
    #expect(pair.left.kept.isEmpty)
  }

  @Test("a stop releases all before anything else, those without a session too", arguments: [true, false])
  func stop(isUp: Bool) throws {
    let pair = established()
    if !isUp {
      pair.network = { _ in [] }
      #expect(pair.run(until: { pair.left.sessions.isEmpty }, limit: .seconds(200)))
    }
    let before = pair.left.changes.count
    pair.handle(.shutdown, left: true)
    #expect(pair.left.changes.dropFirst(before).first == .releaseInterfaces([interface(0), interface(1)]))
    #expect(pair.run(until: { pair.left.isStopped }, limit: .seconds(30)))
    #expect(pair.left.kept.isEmpty && pair.left.sessions.isEmpty)
  }
}
