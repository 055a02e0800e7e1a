import PPPoE
import PWCore
import Testing

/// Packets of strangers cost little, and leave nothing behind.
struct StrangersTests {
  @Test("So many offers in a second, and as many in the next")
  func rate() {
    var harness = ConcentratorHarness()
    let answered = (0..<1000).count { _ in !harness.look().isEmpty }
    #expect(answered == AccessConcentrator.offersPerSecond)
    #expect(harness.concentrator.dropped.rateLimited == 1000 - answered)
    harness.now = harness.now + .seconds(1)
    #expect(harness.look().count == 1)
  }

  @Test("Looking takes no place")
  func places() throws {
    var harness = ConcentratorHarness(sessions: 1)
    for host in 0..<100 { #expect(harness.look(host: "\(host)").count == 1) }
    #expect(try harness.ask().only?.place == 0)
  }

  @Test("A packet with a tag too large for an answer is passed over", arguments: [0x0103, 0x0110, 0x0101] as [UInt16])
  func tooLarge(type: UInt16) throws {
    var harness = ConcentratorHarness(services: [])
    let type = try #require(DiscoveryPacket.TagType(rawValue: type))
    let tags: [DiscoveryPacket.Tag] = [.init(type, Array(repeating: 65, count: 257)), .init(.serviceName, [])]
    #expect(harness.give(DiscoveryPacket(.initiation, tags: tags)).isEmpty)
  }

  @Test("The largest answers fit into a frame")
  func largest() throws {
    let names = (0..<8).map { String(repeating: "s", count: 63) + "\($0)" }
    var harness = ConcentratorHarness(services: names)
    harness.concentrator.linkPayloadOctets = 9000
    let tags: [DiscoveryPacket.Tag] = [
      .init(.serviceName, []), .init(.hostUnique, Array(repeating: 1, count: 256)),
      .init(.relaySessionID, Array(repeating: 2, count: 12)), .init(.maximumPayload, [0x23, 0x28]),
    ]
    let offer = try #require(harness.give(DiscoveryPacket(.initiation, tags: tags)).only?.packet)
    #expect(offer.octets.count <= 1500)
    let cookie = try #require(offer.first(.cookie))
    let place = try #require(
      harness.give(DiscoveryPacket(.request, tags: tags + [.init(.cookie, cookie)])).only?.place)
    let reason = String(repeating: "because ", count: 100)
    #expect(try #require(harness.concentrator.ended(place, reason: reason).only?.packet).octets.count <= 1500)
  }

  @Test("Packets of others, and packets that only we send")
  func others() {
    var harness = ConcentratorHarness()
    for code in [DiscoveryPacket.Code.offer, .confirmation] {
      #expect(harness.give(DiscoveryPacket(code, tags: ConcentratorHarness.tags(""))).isEmpty)
    }
    let request = DiscoveryPacket(.request, tags: ConcentratorHarness.tags(""))
    #expect(harness.give(request, isForUs: false).isEmpty)
    #expect(harness.give(DiscoveryPacket(.initiation, tags: []), from: ConcentratorHarness.one).isEmpty)
    #expect(harness.look(from: .broadcast).isEmpty)
    #expect(harness.concentrator.dropped.notOurs == 3 && harness.concentrator.dropped.malformed == 2)
  }

  @Test("Any octets are read or dropped", arguments: 0..<20)
  func noise(seed: UInt64) {
    var harness = ConcentratorHarness()
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    for _ in 0..<500 {
      var octets: [UInt8] = [0x11, [0x09, 0x19, 0xA7][Int(state >> 40 % 3)], 0, 0]
      for _ in 0..<Int(state >> 33 & 63) {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        octets.append(UInt8(truncatingIfNeeded: state >> 56) & 0x13)
      }
      state = state &* 6_364_136_223_846_793_005 &+ 1
      let actions = harness.concentrator.receive(
        octets, from: ConcentratorHarness.one, isForUs: state >> 63 == 0, at: harness.now)
      #expect(actions.allSatisfy { $0.place == nil }, "no place without a cookie")
    }
  }
}
