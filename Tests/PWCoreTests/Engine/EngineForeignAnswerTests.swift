import Testing

@testable import PWCore

@Suite("Answers that are not SCCRP in the AVPs of RFC 3931: people are told what came, and not that nothing did")
struct EngineForeignAnswerTests {
  /// Message Type and Result Code of a StopCCN of version 2, and its Assigned Tunnel ID.
  private static let version2Stop = "8008000000000004" + "800800000001" + "0005" + "8008000000090007"
  /// Message Type, Protocol Version, Framing Capabilities and Assigned Tunnel ID of an SCCRQ of version 2.
  private static let version2Request =
    "8008000000000001" + "8007000000076c" + "8008000000020100" + "800a0000000300000003" + "8008000000090007"

  private func version2(_ avps: String) -> [UInt8] {
    var octets = message(octets(avps))
    octets[1] = 2
    return octets
  }

  private func tunnel(_ peer: HandPeer) -> TunnelStatus { peer.engine.engine.status(at: peer.now).tunnels[0] }

  private func requests(_ peer: HandPeer) -> Int {
    peer.heard.filter { if case .startRequest = $0 { true } else { false } }.count
  }

  @Test("a peer that answers each SCCRQ in L2TPv2 is said to do so, attempt after attempt")
  func answersInVersion2() {
    let peer = HandPeer(role: .initiate)
    var answered = 0
    for second in 0..<300 {
      if requests(peer) > answered {
        answered = requests(peer)
        peer.say(octets: version2(Self.version2Stop))
      }
      let status = tunnel(peer)
      #expect(status.lastError?.value.contains("L2TPv2") == true, "after \(second) s")
      #expect(status.unansweredRequests == nil, "after \(second) s")
      peer.wait(.seconds(1))
    }
    #expect(answered > 10)
    #expect(peer.engine.status.dropped.version2 == answered && peer.engine.status.dropped.malformed == 0)
    let told = peer.engine.events.filter { $0.level.rawValue >= Event.Level.notice.rawValue }.map(\.message)
    #expect(!told.contains { $0.hasPrefix("no answer from") })
    #expect(told.contains { $0.contains("answers with StopCCN of L2TPv2 (RFC 2661)") }, "\(told)")
  }

  @Test("a peer that calls in L2TPv2 and does not answer ours is said to do so", arguments: [5, 30])
  func callsInVersion2(interval: Int) {
    let peer = HandPeer(role: .both)
    for second in 0..<300 {
      if second.isMultiple(of: interval) {
        peer.restart()
        peer.say(octets: version2(Self.version2Request))
      }
      #expect(tunnel(peer).lastError?.value.contains("it speaks L2TPv2") == true, "after \(second) s")
      peer.wait(.seconds(1))
    }
    let told = peer.engine.events.filter { $0.level.rawValue >= Event.Level.notice.rawValue }.map(\.message)
    #expect(!told.contains { $0.hasPrefix("no answer from") }, "\(told)")
  }

  @Test("what came once is not the reason for ever")
  func longAgo() {
    let peer = HandPeer(role: .initiate)
    peer.say(octets: version2(Self.version2Stop))
    peer.wait(.seconds(400))
    #expect(tunnel(peer).lastError?.value.contains("L2TPv2") == false)
  }

  @Test("data of L2TPv2, and its control messages from elsewhere, say nothing of a peer")
  func othersVersion2() {
    let peer = HandPeer(role: .initiate)
    peer.say(octets: [0x40, 0x02] + [UInt8](repeating: 0, count: 30))
    let place = peer.source
    peer.source = Endpoint(address: .v4(0xC633_6409), port: 1701)
    peer.say(octets: version2(Self.version2Stop))
    peer.source = place
    #expect(tunnel(peer).lastError == nil)
  }

  @Test("a router that answers our SCCRQ by Cisco's AVPs alone: the key that makes us call so is named")
  func answersInCiscos() {
    let router = OldRouter(OldHabits(numbers: .own), .rfc, calls: false)
    for _ in 0..<30 {
      router.run(for: .seconds(5))
      #expect(router.tunnel.lastError?.value.contains("declare `compatibility: cisco`") == true)
    }
  }

  @Test("Cisco's AVPs with M that end a session, or a connection: the key that has them read is named")
  func mandatoryAVPs() {
    for calls in [true, false] {
      let router = OldRouter(OldHabits(numbers: .everything), .rfc, calls: calls)
      #expect(!router.run(untilUpWithin: .seconds(30)))
      let told = [router.tunnel.lastError?.value, router.tunnel.pseudowires[0].lastError?.value].compactMap { $0 }
      #expect(told.contains { $0.contains("declare `compatibility: auto`") }, "\(told)")
    }
  }
}
