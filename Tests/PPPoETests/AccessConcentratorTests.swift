import PPPoE
import PWCore
import Testing

/// The answers to a client, from its first packet to its last (RFC 2516 section 5).
struct AccessConcentratorTests {
  @Test("A client that looks for a service is offered it, and gets its own tags back")
  func offer() throws {
    var harness = ConcentratorHarness()
    let tags = ConcentratorHarness.tags("internet") + [.init(.relaySessionID, [9, 9])]
    let action = try #require(harness.give(DiscoveryPacket(.initiation, tags: tags)).only)
    let offer = try #require(action.packet)
    #expect(action.receiver == ConcentratorHarness.one)
    #expect(offer.code == .offer && offer.sessionID == 0)
    #expect(offer.first(.concentratorName) == Array("ac".utf8))
    #expect(offer.first(.serviceName) == Array("internet".utf8))
    #expect(offer.first(.hostUnique) == Array("h1".utf8))
    #expect(offer.first(.relaySessionID) == [9, 9])
    #expect(offer.first(.cookie)?.count == 20)
    #expect(offer.first(.maximumPayload) == nil)
  }

  @Test("A client that looks for any service is told of all")
  func anyService() throws {
    var harness = ConcentratorHarness(services: ["internet", "voice"])
    let offer = try #require(harness.look(for: "").only?.packet)
    let names = offer.tags.filter { $0.type == DiscoveryPacket.TagType.serviceName.rawValue }.map(\.value)
    #expect(names == [[], Array("internet".utf8), Array("voice".utf8)])
  }

  @Test("Nobody is offered what is not there")
  func otherService() {
    var harness = ConcentratorHarness()
    #expect(harness.look(for: "television").isEmpty)
    #expect(harness.concentrator.dropped.notOurs == 1)
  }

  @Test("A concentrator without names serves any")
  func everyService() throws {
    var harness = ConcentratorHarness(services: [])
    #expect(try harness.ask(for: "television").only?.place == 0)
  }

  @Test("A client that chooses us gets a place, and hears of its session when it is there")
  func session() throws {
    var harness = ConcentratorHarness()
    let action = try #require(try harness.ask().only)
    guard case .call(let place, let client) = action else {
      Issue.record("no session was asked for: \(action)")
      return
    }
    #expect(client.station == ConcentratorHarness.one && client.sessionID == 100)
    #expect(client.serviceText == "internet")
    #expect(harness.concentrator.client(of: place) == nil)
    let answer = try #require(harness.concentrator.established(place, payloadOctets: 1452, at: harness.now).only)
    let confirmation = try #require(answer.packet)
    #expect(confirmation.code == .confirmation && confirmation.sessionID == 100)
    #expect(confirmation.first(.hostUnique) == Array("h1".utf8))
    #expect(confirmation.first(.serviceName) == Array("internet".utf8))
    #expect(harness.concentrator.client(of: place)?.since == harness.now)
    #expect(harness.concentrator.nextDeadline == nil)
  }

  @Test("A client that asks again gets no second session, and hears again of its first")
  func repetition() throws {
    var harness = ConcentratorHarness(perClient: 3)
    let place = try #require(try harness.ask().only?.place)
    #expect(try harness.ask() == [])
    _ = harness.concentrator.established(place, payloadOctets: 1452, at: harness.now)
    let again = try #require(try harness.ask().only?.packet)
    #expect(again.code == .confirmation && again.sessionID == 100)
    #expect(try harness.ask(host: "h2").only?.place == 1)
  }

  @Test("A request without the cookie that its sender was given leads to nothing")
  func cookies() throws {
    var harness = ConcentratorHarness()
    let cookie = try #require(harness.look().only?.packet?.first(.cookie))
    #expect(harness.request("internet", cookie: cookie, from: ConcentratorHarness.other).isEmpty)
    #expect(harness.request("internet", cookie: Array(cookie.dropLast())).isEmpty)
    #expect(harness.give(DiscoveryPacket(.request, tags: ConcentratorHarness.tags("internet"))).isEmpty)
    #expect(harness.concentrator.dropped.withoutCookie == 3)
    var later = ConcentratorHarness(secret: 8)
    #expect(later.request("internet", cookie: cookie).isEmpty, "another run has another secret")
    #expect(harness.request("internet", cookie: cookie).only?.place == 0)
  }

  @Test("A service that is not there is refused by name")
  func serviceNameError() throws {
    var harness = ConcentratorHarness()
    let answer = try #require(try harness.ask(for: "television").only?.packet)
    #expect(answer.code == .confirmation && answer.sessionID == 0)
    #expect(answer.first(.serviceNameError)?.isEmpty == false)
    #expect(answer.first(.hostUnique) == Array("h1".utf8))
  }

  @Test("An address has so many sessions, and no more")
  func limitOfOneAddress() throws {
    var harness = ConcentratorHarness(perClient: 2)
    _ = try harness.connect(host: "h1")
    let second = try harness.connect(host: "h2")
    let answer = try #require(try harness.ask(host: "h3").only?.packet)
    #expect(answer.sessionID == 0)
    #expect(
      String(decoding: answer.first(.systemError) ?? [], as: UTF8.self) == "this address has its 2 sessions already")
    _ = harness.concentrator.ended(second.place, reason: "over")
    #expect(try harness.ask(host: "h3").only?.place == second.place)
  }

  @Test("A client that comes when all places are taken hears nothing; one with an earlier offer is refused")
  func limitInAll() throws {
    var harness = ConcentratorHarness(sessions: 1)
    let cookie = try #require(harness.look(from: ConcentratorHarness.other).only?.packet?.first(.cookie))
    _ = try harness.connect()
    #expect(harness.look(from: ConcentratorHarness.other).isEmpty)
    let answer = harness.request("internet", cookie: cookie, from: ConcentratorHarness.other)
    #expect(answer.only?.packet?.first(.systemError) == Array("all sessions are in use".utf8))
  }

  @Test("A session that could not be made is refused, and its place free again")
  func failure() throws {
    var harness = ConcentratorHarness(sessions: 1)
    let place = try #require(try harness.ask().only?.place)
    let answer = try #require(harness.concentrator.ended(place, reason: "the far site is not there\n").only?.packet)
    #expect(answer.code == .confirmation && answer.sessionID == 0)
    #expect(answer.first(.systemError) == Array("the far site is not there?".utf8))
    #expect(harness.concentrator.ended(place, reason: "again").isEmpty)
    #expect(try harness.ask().only?.place == place)
  }

  @Test("A client that leaves ends its session, and nobody else can")
  func termination() throws {
    var harness = ConcentratorHarness()
    let (place, confirmation) = try harness.connect()
    let end = DiscoveryPacket(.termination, sessionID: confirmation.sessionID)
    #expect(harness.give(end, from: ConcentratorHarness.other).isEmpty)
    #expect(harness.give(end, isForUs: false).isEmpty)
    #expect(harness.give(DiscoveryPacket(.termination, sessionID: 5)).isEmpty)
    #expect(harness.give(end) == [.hangUp(place: place, reason: "the PPPoE client ended it")])
    #expect(harness.concentrator.client(of: place) == nil)
    #expect(harness.give(end).isEmpty)
  }

  @Test("A session that ends is told to its client")
  func lost() throws {
    var harness = ConcentratorHarness()
    let (place, confirmation) = try harness.connect()
    let action = try #require(harness.concentrator.ended(place, reason: "the far site is gone").only)
    #expect(action.receiver == ConcentratorHarness.one)
    #expect(action.packet?.code == .termination && action.packet?.sessionID == confirmation.sessionID)
    #expect(action.packet?.first(.genericError) == Array("the far site is gone".utf8))
  }

  @Test("A client that waits too long is refused")
  func timeout() throws {
    var harness = ConcentratorHarness()
    let place = try #require(try harness.ask().only?.place)
    let deadline = try #require(harness.concentrator.nextDeadline)
    #expect(deadline == harness.now + AccessConcentrator.setupTime)
    #expect(harness.concentrator.expire(at: harness.now).isEmpty)
    let actions = harness.concentrator.expire(at: deadline)
    #expect(actions.first?.packet?.sessionID == 0)
    #expect(actions.last == .hangUp(place: place, reason: "no session within 20 s"))
    #expect(harness.concentrator.nextDeadline == nil)
    #expect(harness.concentrator.established(place, payloadOctets: 1452, at: deadline).isEmpty, "it came too late")
  }

  @Test("A client that comes back gets the place that it had, while others are free")
  func comingBack() throws {
    var harness = ConcentratorHarness()
    _ = try harness.connect()
    let second = try harness.connect(from: ConcentratorHarness.other)
    #expect(second.place == 1)
    _ = harness.concentrator.ended(0, reason: "over")
    _ = harness.concentrator.ended(1, reason: "over")
    #expect(try harness.ask(from: ConcentratorHarness.other).only?.place == 1)
  }

  @Test(
    "Larger packets, where link and network take them (RFC 4638)",
    arguments: [
      (1500, 1500, 1500, 1500), (1500, 1508, 1500, 1500), (1508, 1500, 1500, 1500), (1500, 1492, 1500, nil),
      (1492, 1500, 1500, nil), (1500, 1500, 1452, nil), (2000, 9000, 1600, 1600),
    ] as [(UInt16, Int, Int, Int?)])
  func payload(wanted: UInt16, link: Int, path: Int, granted: Int?) throws {
    var harness = ConcentratorHarness()
    harness.concentrator.linkPayloadOctets = link
    func value(_ packet: DiscoveryPacket?) -> Int? {
      packet?.first(.maximumPayload).map { Int($0[0]) << 8 | Int($0[1]) }
    }
    let offered = min(Int(wanted), link)
    #expect(value(harness.look(payload: wanted).only?.packet) == (offered > 1492 ? offered : nil))
    let place = try #require(try harness.ask(payload: wanted).only?.place)
    let answer = harness.concentrator.established(place, payloadOctets: path, at: harness.now)
    #expect(value(answer.only?.packet) == granted)
  }

  @Test("Session identifiers are never 0 and never 0xFFFF")
  func identifiers() throws {
    for (drawn, expected) in [(0xFFFE, 0xFFFE), (0xFFFF, 1), (0, 1), (7, 7)] as [(UInt16, UInt16)] {
      var harness = ConcentratorHarness(sessions: 1)
      harness.concentrator = AccessConcentrator(
        service: harness.concentrator.service, sessions: 1, secret: [1], drawSessionID: { drawn },
        authenticator: TestAuthenticator())
      #expect(try harness.connect().confirmation.sessionID == expected)
    }
  }

  @Test("Two sessions of one client have two identifiers, whatever was drawn")
  func identifiersDiffer() throws {
    var harness = ConcentratorHarness(sessions: 2, perClient: 2)
    let identifiers = [try harness.connect(host: "h1"), try harness.connect(host: "h2")].map(\.confirmation.sessionID)
    #expect(identifiers == [100, 101])
  }

  @Test(
    "A PADT ends what the kernel ends for it, whatever else is in it",
    arguments: ["usual", "version", "length", "rest"])
  func oddTermination(how: String) throws {
    var harness = ConcentratorHarness()
    let (place, confirmation) = try harness.connect()
    var octets = DiscoveryPacket(.termination, sessionID: confirmation.sessionID).octets
    switch how {
    case "version": octets[0] = 0x22
    case "length": octets[4] = 0xFF
    case "rest": octets += [1, 2, 3]
    default: break
    }
    let actions = harness.concentrator.receive(
      octets, from: ConcentratorHarness.one, isForUs: true, at: harness.now)
    #expect(actions == [.hangUp(place: place, reason: "the PPPoE client ended it")])
    #expect(
      harness.concentrator.receive(octets, from: ConcentratorHarness.one, isForUs: true, at: harness.now).isEmpty)
  }
}

/// The weakest that does.
private struct TestAuthenticator: MessageAuthenticator {
  func authenticationCode(
    _ digest: Authentication.Digest, key: [UInt8], prefix: [UInt8], message: Span<UInt8>
  ) -> [UInt8] { message.indices.map { message[$0] } }
  func md5(_ octets: [UInt8]) -> [UInt8] { octets }
  func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool { left == right }
}
