import Testing

@testable import PWCore

@Suite("Tunnels and pseudowires that are disabled")
struct EngineDisablementTests {
  private func established(secret: [UInt8]? = nil) -> EnginePair {
    let pair = EnginePair(pseudowires: 2, leftRole: .both, rightRole: .both, secret: secret) { _, _ in }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(30)))
    return pair
  }

  private func states(_ driver: TestDriver) -> [PseudowireStatus.State] {
    driver.status.tunnels[0].pseudowires.map(\.state.value)
  }

  @Test("a pseudowire that is disabled ends, and comes back when it is enabled; the other one goes on")
  func pseudowire() throws {
    let pair = established()
    let other = try #require(pair.left.status.tunnels[0].pseudowires[1].localID)
    pair.change { $0.pseudowires[0].disabled = .command }
    pair.run(for: .seconds(200))
    #expect(states(pair.left) == [.idle, .established])
    let status = pair.left.status.tunnels[0].pseudowires[0]
    #expect(status.disabled == .command)
    #expect(
      status.forwarding.value.reasons
        == ["peer/pw0 was put down by 'pwmgr down'; 'pwmgr up peer/pw0' puts it up again"])
    let told = try #require(pair.right.status.tunnels[0].pseudowires[0].lastError?.value)
    #expect(told.contains("administratively down"), "the peer's calls are refused: \(told)")
    pair.change { $0.pseudowires[0].disabled = nil }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(200)))
    #expect(pair.left.status.tunnels[0].pseudowires[1].localID == other)
  }

  @Test(
    "a tunnel that is disabled neither calls nor answers, and comes back when it is enabled",
    arguments: [nil, [1, 2, 3]])
  func tunnel(secret: [UInt8]?) throws {
    let pair = established(secret: secret)
    pair.change { $0.disabled = .siteFile }
    pair.run(for: .seconds(200))
    #expect(pair.left.status.tunnels[0].state.value == .idle && pair.left.tunnels.isEmpty)
    #expect(pair.left.status.tunnels[0].disabled == .siteFile)
    for pseudowire in pair.left.status.tunnels[0].pseudowires {
      #expect(pseudowire.disabled == .siteFile)
      #expect(
        pseudowire.forwarding.value.reasons == ["peer is disabled: the site file has 'enabled: false'"])
    }
    let told = try #require(pair.right.status.tunnels[0].lastError?.value)
    #expect(told.contains("administratively down"), "the peer's attempts are refused: \(told)")
    #expect(!told.contains("no answer"))
    let requests = pair.left.engine.status(at: pair.now).dropped.notAllowed
    #expect(requests > 0)
    pair.change { $0.disabled = nil }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(200)))
  }

  @Test("a client whose pseudowire is disabled is told at once that there is no session")
  func onDemand() {
    let owner = LinkOwner(tunnel: "peer", pseudowire: "pw0")
    let pair = EnginePair(pseudowires: 1, leftRole: .both, rightRole: .both) { tunnel, isLeft in
      tunnel.pseudowires[0].template = "pw"
      tunnel.pseudowires[0].calling = isLeft ? .onDemand : .never
      if isLeft { tunnel.pseudowires[0].disabled = .siteFile }
    }
    pair.run(for: .seconds(30))
    pair.handle(.circuit(owner, .wanted), left: true)
    #expect(pair.left.linkEffects.filter { $0 == .setLinks(owner, []) }.count == 1)
    pair.run(for: .seconds(30))
    #expect(pair.count(.incomingCallRequest) == 0)
  }
}
