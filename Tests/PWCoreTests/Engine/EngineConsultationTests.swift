import Testing

@testable import PWCore

@Suite("Questions to plugins that are answered late, or never")
struct EngineConsultationTests {
  /// Lets a pair stand whose right plugin has answered so far.
  private func standing() -> EnginePair {
    let pair = EnginePair()
    #expect(pair.run { pair.isForwarding })
    return pair
  }

  @Test("a plugin that answers at once leaves no deadline behind")
  func answersAtOnce() {
    let pair = standing()
    #expect(pair.left.engine.consultationDeadline == nil)
    #expect(pair.right.engine.consultationDeadline == nil)
  }

  @Test("no answer while the session comes up: CDN with the reason, and another attempt after the back-off")
  func neverAnswersWhileConnecting() {
    let pair = EnginePair()
    var questions = 0
    pair.right.answer = { _ in
      questions += 1
      return nil
    }
    #expect(pair.run { questions == 1 })
    let asked = pair.now
    #expect(pair.run { pair.count(.callDisconnect) > 0 })
    #expect(pair.now - asked >= EngineLimits.answerTime)
    #expect(pair.now - asked < EngineLimits.answerTime + .seconds(1))
    let error = pair.right.status.tunnels[0].pseudowires[0].lastError?.value
    #expect(error?.contains("the plugin has not answered within 15 s") == true)
    #expect(pair.right.sessions.isEmpty)
    pair.run(for: .milliseconds(2))
    #expect(pair.left.status.tunnels[0].pseudowires[0].lastError?.value.contains("has not answered") == true)
    #expect(pair.run { questions == 2 })
  }

  @Test("no answer for an established session ends it, and the links that it had are taken away")
  func neverAnswersWhenEstablished() {
    let pair = standing()
    pair.right.answer = { _ in nil }
    pair.handle(.pathMTU(pair.right.tunnels.keys.first ?? .unknown, octets: 1400), left: false)
    pair.run(for: EngineLimits.answerTime - .seconds(1))
    #expect(pair.right.sessions.count == 1)
    #expect(pair.run(until: { pair.count(.callDisconnect) > 0 }, limit: .seconds(2)))
    #expect(pair.right.sessions.isEmpty)
    #expect(pair.right.links.isEmpty)
    #expect(pair.right.status.tunnels[0].state.value == .established)
  }

  @Test("the other sessions of the tunnel do not notice")
  func othersGoOn() {
    let pair = EnginePair(pseudowires: 3)
    let usual = pair.right.answer
    pair.right.answer = { $0.owner.pseudowire == "pw1" ? nil : usual($0) }
    pair.run(for: .seconds(60))
    let forwarding = pair.right.status.tunnels[0].pseudowires.map { $0.forwarding.value == .yes }
    #expect(forwarding == [true, false, true])
    #expect(pair.right.status.tunnels[0].pseudowires[0].establishedCount == 1)
  }

  @Test("an answer that comes late is in time as long as the limit is not over, and means nothing afterwards")
  func lateAnswers() {
    let pair = EnginePair()
    let usual = pair.right.answer
    var withheld: [PluginQuestion] = []
    pair.right.answer = { question in
      withheld.append(question)
      return nil
    }
    #expect(pair.run { withheld.count == 1 })
    let first = pair.right.lastConsultation
    pair.run(for: .seconds(14))
    pair.right.answer = usual
    if let first, let question = withheld.first, let answer = usual(question) {
      pair.handle(.answered(first, answer), left: false)
    }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(2)))
    #expect(pair.count(.callDisconnect) == 0)

    if let first {
      pair.handle(.answered(first, .refuse(CallResult(.administrative), reason: "too late")), left: false)
    }
    #expect(pair.isForwarding)
  }

  @Test("a plugin that was asked hears that the session is over, whether it has answered or not")
  func toldOfTheEnd() {
    let pair = EnginePair()
    pair.right.answer = { _ in nil }
    #expect(pair.run { pair.right.lastConsultation != nil })
    pair.right.effects.removeAll()
    #expect(pair.run { pair.count(.callDisconnect) > 0 })
    let owner = LinkOwner(tunnel: "peer", pseudowire: "pw0")
    #expect(pair.right.linkEffects.contains(.setLinks(owner, [])))
  }

  @Test("however often a session is asked about, one question of it is open")
  func superseded() {
    let pair = standing()
    pair.right.answer = { _ in nil }
    let tunnel = pair.right.tunnels.keys.first ?? .unknown
    for octets in 1300..<1400 { pair.handle(.pathMTU(tunnel, octets: octets), left: false) }
    #expect(pair.right.engine.consultations.count == 1)
  }

  @Test("the AVPs that a plugin has its end send reach the other end's plugin, whichever end calls")
  func avps() throws {
    let left = try #require(PluginAVP(vendorID: 43793, type: 1, value: [1, 2, 3]))
    let right = try #require(PluginAVP(vendorID: 43793, type: 2, value: []))
    let pair = EnginePair { tunnel, isLeft in tunnel.pseudowires[0].offeredAVPs = [isLeft ? left : right] }
    var heard: [Bool: Set<[PluginAVP]>] = [:]
    for (driver, isLeft) in [(pair.left, true), (pair.right, false)] {
      let usual = driver.answer
      driver.answer = { question in
        heard[isLeft, default: []].insert(question.peerAVPs)
        return usual(question)
      }
    }
    #expect(pair.run { pair.isForwarding })
    #expect(heard[true] == [[right]])
    #expect(heard[false] == [[left]])
  }

  @Test("AVPs that nobody asked for are not kept, and too many are cut")
  func foreignAVPs() throws {
    let avp = try #require(PluginAVP(vendorID: 43793, type: 1, value: [1]))
    let pair = EnginePair { tunnel, isLeft in
      if isLeft { tunnel.pseudowires[0].offeredAVPs = Array(repeating: avp, count: 100) }
    }
    #expect(pair.left.engine.declaredSite.tunnels[0].pseudowires[0].offeredAVPs.count == PluginAVP.maximumCount)
    #expect(pair.run { pair.isForwarding })
    let sessions = pair.right.engine.sessions
    #expect(sessions.count == 1 && sessions.references.allSatisfy { sessions[$0].remarks == nil })
    #expect(PluginAVP(vendorID: 0, type: 1, value: []) == nil)
    #expect(PluginAVP(vendorID: 9, type: 1, value: []) == nil)
    #expect(PluginAVP(vendorID: 1, type: 1, value: [UInt8](repeating: 0, count: 513)) == nil)
  }

  /// Gives both ends a site whose pseudowire is a plugin's in another process.
  private func reload(_ pair: EnginePair, type: PseudowireType) {
    for isLeft in [true, false] {
      var site = (isLeft ? pair.left : pair.right).engine.declaredSite
      site.plugins = [PluginDeclaration(name: "paint", path: "/plugins/paint", type: type, payload: .ethernet)]
      site.tunnels[0].pseudowires[0].type = type
      site.tunnels[0].pseudowires[0].plugin = "paint"
      pair.reload(site, left: isLeft)
    }
  }

  @Test("until the links of a plugin in another process are made, the peer hears that the circuit is down")
  func circuitWaitsForLinks() throws {
    let pair = standing()
    let usual = pair.left.answer
    var withheld: PluginQuestion?
    pair.left.answer = { question in
      withheld = question
      return nil
    }
    reload(pair, type: .ethernet)
    #expect(pair.run { withheld?.phase == .established || withheld != nil && pair.right.sessions.count == 1 })
    pair.run(for: .seconds(5))
    let waiting = pair.right.status.tunnels[0].pseudowires[0]
    #expect(waiting.peerCircuit?.contains(.active) != true)
    #expect(!pair.isForwarding)
    let disconnects = pair.count(.callDisconnect)
    pair.left.answer = usual
    let consultation = try #require(pair.left.lastConsultation)
    let question = try #require(withheld)
    pair.handle(.answered(consultation, try #require(usual(question))), left: true)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(2)))
    #expect(pair.count(.callDisconnect) == disconnects)
  }

  @Test("a type that the peer has not been told of is announced by setting the connection up again")
  func newType() {
    let pair = standing()
    let before = pair.count(.startRequest)
    let type = PseudowireType(rawValue: 0x7001)
    reload(pair, type: type)
    #expect(pair.run { pair.isForwarding && pair.right.sessions.count == 1 && pair.count(.startRequest) > before })
    #expect(pair.right.sessions.values.map(\.payload) == [.ethernet])
    #expect(pair.right.engine.pseudowireTypes == [.ethernet, type])
    #expect(pair.left.status.tunnels[0].pseudowires[0].type == type)
  }

  @Test("a plugin that signals a known type takes a pseudowire over, and the connection stays")
  func knownType() {
    let pair = standing()
    let before = pair.count(.startRequest)
    reload(pair, type: .ethernet)
    #expect(pair.run { pair.isForwarding && pair.right.status.tunnels[0].pseudowires[0].establishedCount == 1 })
    #expect(pair.count(.startRequest) == before)
    #expect(pair.right.engine.pseudowireTypes == [.ethernet])
  }
}
