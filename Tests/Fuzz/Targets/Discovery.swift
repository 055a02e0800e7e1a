import PPPoE
import PWCore
import PWCrypto

extension FuzzTarget {
  /// Packets of a PPPoE client: answered or dropped, in frames that are not larger than they may be, and never with a
  /// place for a client that has not got the cookie. The first octet says of each whether the cookie is put right, how
  /// it was addressed, and how much time passes.
  static let discovery = FuzzTarget(name: "discovery") { octets in
    var reader = FuzzReader(octets)
    var concentrator = AccessConcentrator(
      service: PPPoEService(interface: "eth1", concentratorName: "ac", serviceNames: ["a"], sessionsPerClient: 2),
      sessions: 2, secret: [1], drawSessionID: { 0xFFFE }, authenticator: CryptoAuthenticator())
    concentrator.linkPayloadOctets = 1500
    guard let station = MACAddress(octets: [2, 0, 0, 0, 0, 1]) else { preconditionFailure("six octets are an address") }
    var now = Instant(nanoseconds: 0)
    var cookie: [UInt8] = []
    while !reader.isEmpty {
      let how = reader.octet()
      now = now + .seconds(Int(how >> 4))
      var packet = reader.octets(Int(reader.octet()))
      if how & 1 != 0, let read = try? DiscoveryPacket(packet.span) {
        let tags = read.tags.prefix(8).filter { $0.type != DiscoveryPacket.TagType.cookie.rawValue }
        packet = DiscoveryPacket(read.code, sessionID: read.sessionID, tags: tags + [.init(.cookie, cookie)]).octets
      }
      for action in concentrator.receive(packet, from: station, isForUs: how & 2 != 0, at: now)
        + concentrator.expire(at: now)
      {
        switch action {
        case .send(let answer, let receiver):
          precondition(receiver == station && answer.octets.count <= 1500, "a packet that fits no frame")
          cookie = answer.first(.cookie) ?? cookie
        case .call(let place, let client):
          precondition((0..<2).contains(place) && how & 1 != 0, "a place without a cookie")
          precondition(client.sessionID != 0 && client.sessionID != 0xFFFF)
          if how & 4 != 0 { _ = concentrator.established(place, payloadOctets: 1492, at: now) }
        case .hangUp(let place, _): precondition(concentrator.client(of: place) == nil)
        }
      }
    }
  }
}
