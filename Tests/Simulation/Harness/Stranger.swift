import PWCore

/// Somebody who can reach the sites, hears what they say to each other, and knows no secret.
enum Stranger {
  /// Addresses that no site has.
  static let addresses: [IPAddress] = [
    .v4(0xCB00_7101), .v4(0xCB00_7102), .v6(high: 0x2001_0DB8_0BAD_0000, low: 1, zone: nil),
    .v6(high: 0x2001_0DB8_0BAD_0000, low: 2, zone: nil),
  ]
  /// How many of the last datagrams a stranger remembers.
  static let memory = 32
  /// The longest datagram of nothing but noise, octets.
  private static let longestNoise = 200

  /// A copy with a few octets changed, or its end missing.
  static func damaged(_ octets: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
    var octets = octets
    if octets.count > 1, random.chance(0.2) {
      octets.removeLast(random.integer(1...(octets.count - 1)))
      return octets
    }
    for _ in 0..<random.integer(1...3) where !octets.isEmpty {
      octets[random.integer(0...(octets.count - 1))] ^= UInt8(random.integer(1...255))
    }
    return octets
  }

  /// Octets that may begin as a control message does.
  static func noise(_ random: inout SeededRandom) -> [UInt8] {
    let octets = (0..<random.integer(0...longestNoise)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    return random.chance(0.5) ? [0xC8, 0x03] + octets : octets
  }

  /// A well formed message without a digest: a call for a new connection, or something about one that is there.
  static func message(to connections: [ControlConnectionID], names: [String], _ random: inout SeededRandom) -> [UInt8] {
    var encoded: EncodedMessage
    var header = ControlHeader(connectionID: .unknown, ns: 0, nr: 0)
    if connections.isEmpty || random.chance(0.4) {
      let parameters = StartParameters(
        hostName: random.pick(names), routerID: UInt32(random.integer(0...200)),
        assignedConnectionID: ControlConnectionID(rawValue: UInt32(truncatingIfNeeded: random.next()) | 1),
        pseudowireCapabilities: [.ethernet])
      encoded = ControlMessage.startRequest(StartRequest(parameters: parameters)).encoded()
    } else {
      header.connectionID = random.pick(connections)
      header.ns = UInt16(random.integer(0...20))
      header.nr = UInt16(random.integer(0...20))
      let stop = StopNotification(
        result: StopResult(.generalRequest),
        assignedConnectionID: ControlConnectionID(rawValue: UInt32(truncatingIfNeeded: random.next()) | 1))
      encoded = (random.chance(0.5) ? ControlMessage.stopNotification(stop) : .hello(Hello())).encoded()
    }
    encoded.setHeader(connectionID: header.connectionID, ns: header.ns, nr: header.nr)
    return encoded.octets
  }
}

/// The datagrams of strangers, and the damage that a network does.
extension World {
  /// Keeps what strangers hear.
  mutating func overhear(_ datagram: WireDatagram) {
    overheard.append(datagram)
    if overheard.count > Stranger.memory { overheard.removeFirst() }
  }

  /// The copy of a datagram that arrives: as it was sent, damaged where digests will show it, or nil for none.
  mutating func survivor(_ datagram: WireDatagram, from sender: Int, to receiver: Int) -> WireDatagram? {
    guard random.chance(network.conditions.damage) else { return datagram }
    guard isAuthenticated(sender, receiver) else { return nil }
    var copy = datagram
    copy.octets = Stranger.damaged(datagram.octets, &random)
    copy.isForged = copy.octets != datagram.octets
    return copy
  }

  /// Whether all that two sites say to each other must carry digests. Without a secret one that is missing, perhaps because the
  /// damage hides it, is not missed.
  private func isAuthenticated(_ one: Int, _ other: Int) -> Bool {
    let tunnels = scenario.sites[one].tunnels.filter { $0.name == "to\(other)" }
    return !tunnels.isEmpty
      && tunnels.allSatisfy { tunnel in
        tunnel.authentication.map { $0.method == .digest && $0.secretFile != nil } ?? false
      }
  }

  /// So many datagrams of strangers reach a site at once.
  mutating func assail(_ site: Int, _ datagrams: Int) {
    for _ in 0..<datagrams {
      guard let datagram = hostileDatagram(to: site) else { continue }
      queue.schedule(.arrival(datagram, site: site), at: now)
    }
  }

  private mutating func hostileDatagram(to site: Int) -> WireDatagram? {
    let source = random.pick(Stranger.addresses)
    guard let address = nodes[site].machine.sockets.address(of: source.family) else { return nil }
    let encapsulation: Encapsulation = random.pick([.udp, .ip])
    let connections = (nodes[site].status(at: now)?.tunnels ?? []).compactMap(\.localID)
    let octets: [UInt8] =
      switch random.integer(0...3) {
      case 0: Stranger.noise(&random)
      case 1 where !overheard.isEmpty: random.pick(overheard).octets
      case 2 where !overheard.isEmpty: Stranger.damaged(random.pick(overheard).octets, &random)
      default: Stranger.message(to: connections, names: scenario.sites.map(\.name) + ["nobody"], &random)
      }
    let port = encapsulation == .ip ? 0 : random.pick([1701] + nodes[site].machine.sockets.ports)
    return WireDatagram(
      octets: octets, source: Endpoint(address: source, port: encapsulation == .ip ? 0 : random.pick([1701, 40_000])),
      destination: Endpoint(address: address, port: port), encapsulation: encapsulation)
  }
}
