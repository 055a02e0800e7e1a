import Testing

@testable import PWCore

@Suite("Old routers")
struct EngineCompatibilityTests {
  static let habits: [OldHabits] = [
    OldHabits(name: "leaves out Receive Window Size", numbers: .ietf),
    OldHabits(name: "says what its window is", numbers: .ietf, window: 1),
    OldHabits(name: "has Router ID 0", numbers: .ietf, routerID: 0),
    OldHabits(name: "orders its AVPs the other way round", isReversed: true),
    OldHabits(name: "sets M on AVPs of its own"),
    OldHabits(name: "has AVPs of its own without M", ownAreMandatory: false),
    OldHabits(name: "acknowledges with ACK", acknowledges: .explicit),
    OldHabits(name: "repeats every 5 seconds", losesFirstCopies: true),
    OldHabits(name: "sends SLI right after set-up", sendsLinkInfo: true),
    OldHabits(
      name: "does all of it", routerID: 0, isReversed: true, acknowledges: .explicit, sendsLinkInfo: true,
      losesFirstCopies: true),
  ]

  @Test("an old router comes up, whatever is declared and whoever calls", arguments: habits, Compatibility.allCases)
  func comesUp(_ habits: OldHabits, _ compatibility: Compatibility) {
    for calls in [true, false] { expectUp(OldRouter(habits, compatibility, calls: calls), compatibility) }
  }

  /// Habits that are beyond RFC 3931, and come up where Cisco's AVPs are read.
  static let beyond: [OldHabits] = [
    OldHabits(name: "speaks its own alone", numbers: .own),
    OldHabits(name: "speaks its own alone, without M", numbers: .own, ownAreMandatory: false),
    OldHabits(name: "has no Router ID", numbers: .own, routerID: nil),
    OldHabits(name: "acknowledges in its own way", numbers: .own, acknowledges: .own, sendsLinkInfo: true),
    OldHabits(name: "speaks its own the other way round", numbers: .own, isReversed: true, sendsLinkInfo: true),
    OldHabits(name: "sets M on everything of its own", numbers: .everything),
    OldHabits(
      name: "does all of it", numbers: .own, routerID: nil, isReversed: true, acknowledges: .own, sendsLinkInfo: true,
      losesFirstCopies: true),
  ]

  @Test("a router from before RFC 3931 comes up with `cisco`", arguments: beyond, [true, false])
  func beforeTheRFC(_ habits: OldHabits, calls: Bool) {
    expectUp(OldRouter(habits, .cisco, calls: calls), .cisco)
  }

  @Test("a router from before RFC 3931 comes up with `auto` when it calls", arguments: beyond)
  func learnsFromItsCall(_ habits: OldHabits) {
    expectUp(OldRouter(habits, .automatic, calls: true), .automatic)
  }

  private func expectUp(_ router: OldRouter, _ compatibility: Compatibility) {
    #expect(router.run(untilUpWithin: .seconds(100)))
    router.run(for: .seconds(300))
    #expect(router.isUp && router.tunnel.establishedCount == 1)
    #expect(router.tunnel.pseudowires[0].establishedCount == 1)
    #expect(router.objections == [])
    #expect(router.engine.sessions.values.map(\.transmitCookie.octets) == [router.ownCookie])
    #expect(router.engine.sessions.values.map(\.receiveCookie.octets) == [router.toldCookie])
    #expect(router.tunnel.peerRouterID == router.habits.routerID ?? 0)
    if router.habits.sendsLinkInfo { #expect(router.tunnel.pseudowires[0].peerCircuit == .active) }
    let spoken: Compatibility = router.habits.numbers == .ietf ? .rfc : .cisco
    #expect(router.tunnel.compatibility == (compatibility == .automatic ? spoken : compatibility))
    #expect(router.tunnel.isCompatibilityLearned == (compatibility == .automatic))
    #expect(!router.heard.contains(4) && !router.heard.contains(14))
  }

  @Test("a router from before RFC 3931 is refused by `rfc`, and the operator told what would help")
  func refusedByTheRFC() {
    let router = OldRouter(OldHabits(numbers: .own), .rfc, calls: true)
    #expect(!router.run(untilUpWithin: .seconds(30)))
    #expect(router.heard == [4])
    #expect(router.tunnel.lastError?.value.contains("declare `compatibility: auto`") == true)
  }

  @Test("mandatory AVPs that RFC 3931 cannot place end the session where it alone is spoken")
  func mandatoryOnesEndTheSession() {
    let router = OldRouter(OldHabits(numbers: .everything), .rfc, calls: true)
    #expect(!router.run(untilUpWithin: .seconds(30)))
    #expect(router.heard.contains(14) && !router.heard.contains(4))
  }

  // MARK: Two of ours

  /// Two sites of which each declares one of the three.
  private func pair(
    _ left: Compatibility, _ right: Compatibility, secret: [UInt8]? = nil, hiding: Authentication.Hiding = .none
  ) -> EnginePair {
    EnginePair(pseudowires: 3, secret: secret) { tunnel, isLeft in
      tunnel.compatibility = isLeft ? left : right
      tunnel.authentication?.hiding = hiding
    }
  }

  /// The messages of one side that have AVPs of Cisco's, by type.
  private func spoken(_ pair: EnginePair, fromLeft: Bool) -> [MessageType?] {
    pair.wire.filter { $0.fromLeft == fromLeft && ControlCodec.hasCiscoAVPs($0.datagram.octets.span) }.map {
      ControlCodec.digests(of: $0.datagram.octets.span).messageType
    }
  }

  @Test("two sites come up with any two declarations", arguments: Compatibility.allCases, Compatibility.allCases)
  func anyTwo(_ left: Compatibility, _ right: Compatibility) {
    for secret in [nil, Array("secret".utf8)] {
      let pair = pair(left, right, secret: secret)
      #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
      // The caller shows nothing unless it is declared; the answering end does as the caller did.
      let leftSpeaks = left == .cisco || left == .automatic && right == .cisco
      let rightSpeaks = right == .cisco || right == .automatic && left == .cisco
      #expect(spoken(pair, fromLeft: true).contains(.startRequest) == (left == .cisco))
      #expect(spoken(pair, fromLeft: true).contains(.incomingCallRequest) == leftSpeaks)
      #expect(spoken(pair, fromLeft: false).contains(.startReply) == rightSpeaks)
      #expect(spoken(pair, fromLeft: false).contains(.incomingCallReply) == rightSpeaks)
      #expect(pair.left.status.tunnels[0].compatibility == (leftSpeaks ? .cisco : .rfc))
      #expect(pair.left.status.tunnels[0].isCompatibilityLearned == (left == .automatic))
      #expect(pair.right.status.tunnels[0].compatibility == (rightSpeaks ? .cisco : .rfc))
    }
  }

  @Test(
    "a call to a router from before RFC 5641 says that its circuit is new, and SLI never does (RFC 4719 section 2.2)")
  func newCircuit() {
    for (compatibility, expected): (Compatibility, [UInt16]) in [(.cisco, [0x0003]), (.rfc, [0x0001])] {
      let pair = EnginePair { tunnel, _ in tunnel.compatibility = compatibility }
      #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(5)))
      var told: [UInt16] = []
      for (_, datagram) in pair.wire {
        switch try? ControlCodec.decode(datagram.octets.span).message {
        case .incomingCallRequest(let request): told.append(request.dataPath.circuitStatus?.rawValue ?? 0)
        case .incomingCallReply(let reply): told.append(reply.dataPath.circuitStatus?.rawValue ?? 0)
        case .setLinkInfo(let info): #expect(info.circuitStatus?.contains(.new) == false)
        default: break
        }
      }
      #expect(Set(told) == Set(expected), "\(compatibility)")
    }
  }

  @Test("a hidden value is not shown by Cisco's AVPs beside it")
  func hiding() {
    let pair = pair(.automatic, .cisco, secret: Array("secret".utf8), hiding: .sensitive)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    #expect(spoken(pair, fromLeft: true).isEmpty && spoken(pair, fromLeft: false).isEmpty)
  }

  @Test("an end that has learned the peer's dialect calls in it the next time")
  func remembers() {
    let pair = pair(.automatic, .cisco)
    #expect(pair.left.status.tunnels[0].compatibility == .automatic)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    #expect(!spoken(pair, fromLeft: true).contains(.startRequest))
    // The right end starts its tunnel again.
    var site = pair.right.engine.declaredSite
    site.tunnels[0].hopLimit = 30
    pair.reload(site, left: false)
    #expect(pair.run(until: { pair.left.status.tunnels[0].establishedCount == 2 }, limit: .seconds(60)))
    #expect(spoken(pair, fromLeft: true).contains(.startRequest))
  }
}
