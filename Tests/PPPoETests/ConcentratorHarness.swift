import PPPoE
import PWCore
import PWCrypto
import Testing

/// A concentrator and the clients that talk to it.
struct ConcentratorHarness {
  static let one = MACAddress(octets: [2, 0, 0, 0, 0, 1]) ?? .broadcast
  static let other = MACAddress(octets: [2, 0, 0, 0, 0, 2]) ?? .broadcast

  var concentrator: AccessConcentrator
  var now = Instant(nanoseconds: 5_000_000_000)

  init(services: [String] = ["internet"], sessions: Int = 3, perClient: Int = 1, secret: UInt8 = 7) {
    concentrator = AccessConcentrator(
      service: PPPoEService(
        interface: "eth1", concentratorName: "ac", serviceNames: services, sessionsPerClient: perClient),
      sessions: sessions, secret: Array(repeating: secret, count: 16), drawSessionID: { 100 },
      authenticator: CryptoAuthenticator())
    concentrator.linkPayloadOctets = 1492
  }

  mutating func give(
    _ packet: DiscoveryPacket, from station: MACAddress = one, isForUs: Bool? = nil
  ) -> [AccessConcentrator.Action] {
    concentrator.receive(
      packet.octets, from: station, isForUs: isForUs ?? (packet.code != .initiation), at: now)
  }

  static func tags(_ service: String, host: String? = "h1", payload: UInt16? = nil) -> [DiscoveryPacket.Tag] {
    var tags = [DiscoveryPacket.Tag(.serviceName, Array(service.utf8))]
    if let host { tags.append(.init(.hostUnique, Array(host.utf8))) }
    if let payload { tags.append(.init(.maximumPayload, [UInt8(payload >> 8), UInt8(payload & 0xFF)])) }
    return tags
  }

  mutating func look(
    for service: String = "internet", from station: MACAddress = one, host: String? = "h1", payload: UInt16? = nil
  ) -> [AccessConcentrator.Action] {
    give(DiscoveryPacket(.initiation, tags: Self.tags(service, host: host, payload: payload)), from: station)
  }

  /// PADI and PADR as a client sends them; returns the actions that the PADR brings on.
  mutating func ask(
    for service: String = "internet", from station: MACAddress = one, host: String? = "h1", payload: UInt16? = nil
  ) throws -> [AccessConcentrator.Action] {
    let offer = try #require(look(for: "", from: station, host: host, payload: payload).only)
    let cookie = try #require(offer.packet?.first(.cookie))
    return request(service, cookie: cookie, from: station, host: host, payload: payload)
  }

  mutating func request(
    _ service: String, cookie: [UInt8], from station: MACAddress = one, host: String? = "h1",
    payload: UInt16? = nil
  ) -> [AccessConcentrator.Action] {
    let tags = Self.tags(service, host: host, payload: payload) + [.init(.cookie, cookie)]
    return give(DiscoveryPacket(.request, tags: tags), from: station)
  }

  /// A client that has its session: its place, and the PADS.
  mutating func connect(
    from station: MACAddress = one, host: String? = "h1"
  ) throws -> (place: Int, confirmation: DiscoveryPacket) {
    let place = try #require(try ask(from: station, host: host).only?.place)
    let actions = concentrator.established(place, payloadOctets: 1452, at: now)
    return (place, try #require(actions.only?.packet))
  }
}

extension AccessConcentrator.Action {
  var packet: DiscoveryPacket? {
    guard case .send(let packet, _) = self else { return nil }
    return packet
  }

  var receiver: MACAddress? {
    guard case .send(_, let station) = self else { return nil }
    return station
  }

  var place: Int? {
    guard case .call(let place, _) = self else { return nil }
    return place
  }
}

extension Array {
  var only: Element? { count == 1 ? first : nil }
}
