import PWCore

/// Draws the sites of a run: their tunnels to each other, how these are set up, and the pseudowires in them.
struct SiteBuilder {
  private var random: SeededRandom
  /// Draws what every pair of ends can differ in, so that all else is as it was without.
  private var tongues: SeededRandom
  /// Draws whose sessions both ends declare, likewise.
  private var declarations: SeededRandom
  /// Draws what each end demands of the protection of its packets, likewise.
  private var shields: SeededRandom
  private let wishes: Scenario.Wishes
  private(set) var sites: [Site] = []
  private(set) var addresses: [[IPAddress]] = []
  private(set) var secrets: [[String: [UInt8]]] = []
  private(set) var names: [String: [IPAddress]] = [:]
  private(set) var members: [[LinkState]] = []

  init(random: SeededRandom, wishes: Scenario.Wishes) {
    self.random = random
    var copy = random
    tongues = SeededRandom(seed: ~copy.next())
    declarations = SeededRandom(seed: ~copy.next())
    shields = SeededRandom(seed: ~copy.next())
    self.wishes = wishes
  }

  /// Pairs of sites with a tunnel between them.
  enum Topology {
    case two
    case hub(spokes: Int)
    case mesh(Int)

    var siteCount: Int {
      switch self {
      case .two: 2
      case .hub(let spokes): 1 + spokes
      case .mesh(let count): count
      }
    }

    var pairs: [(Int, Int)] {
      switch self {
      case .two: [(0, 1)]
      case .hub(let spokes): (1...spokes).map { (0, $0) }
      case .mesh(let count): (0..<count).flatMap { one in (one + 1..<count).map { (one, $0) } }
      }
    }
  }

  mutating func build() {
    let topology: Topology =
      wishes.isCalm
      ? .two
      : random.pick([
        .two, .two, .two, .two, .two, .two, .hub(spokes: random.integer(2...3)), .hub(spokes: random.integer(2...7)),
        .mesh(3), .mesh(random.integer(3...5)),
      ])
    for index in 0..<topology.siteCount { addSite(index) }
    for (one, other) in topology.pairs { addTunnel(one, other) }
  }

  private mutating func addSite(_ index: Int) {
    var site = Site(name: "site\(index)", routerID: 100 + UInt32(index))
    let bridge = BridgeDeclaration(name: "br0", members: ["eth1", "eth2"])
    site.bridges = [bridge]
    sites.append(site)
    let number = UInt32(index + 1)
    addresses.append([.v4(0xC000_0200 | number), .v6(high: 0x2001_0DB8_0000_0000, low: UInt64(number), zone: nil)])
    secrets.append([:])
    names["site\(index).example"] = addresses[index]
    members.append(
      ["eth1", "eth2", "eth3"].map { name in
        LinkState(name: name, isUp: random.chance(0.7), mtuOctets: random.chance(0.9) ? 1500 : nil)
      })
  }

  /// The settings that both ends of a tunnel must agree on.
  private struct Agreement {
    var encapsulation: Encapsulation
    var family: AddressFamily
    var authentication: Authentication?
    var roles: (TunnelDeclaration.Role, TunnelDeclaration.Role)
    var secret: [UInt8]
  }

  private mutating func addTunnel(_ one: Int, _ other: Int) {
    typealias Role = TunnelDeclaration.Role
    let roles: [(Role, Role)] = [
      (.both, .both), (.both, .both), (.initiate, .accept), (.accept, .initiate), (.both, .accept), (.initiate, .both),
    ]
    let secret = [
      Authentication(digest: .sha1, secretFile: "secret"), Authentication(digest: .md5, secretFile: "secret"),
    ]
    let authentication = [nil, nil, Authentication(digest: .md5, secretFile: nil)] + secret
    var agreement = Agreement(
      encapsulation: random.pick([.udp, .ip]), family: random.pick([.v4, .v6]),
      authentication: wishes.isUnauthenticated ? nil : random.pick(wishes.isAuthenticated ? secret : authentication),
      roles: random.pick(roles), secret: Array("secret of \(one) and \(other)".utf8))
    let wantsChallenge = tongues.chance(0.3)
    if wantsChallenge, !wishes.isAuthenticated, agreement.authentication?.secretFile != nil {
      agreement.authentication?.method = .challenge
    }
    var first = tunnel(from: one, to: other, agreement, role: agreement.roles.0)
    var second = tunnel(from: other, to: one, agreement, role: agreement.roles.1)
    addPseudowires(&first, &second, one, other)
    if declarations.chance(0.15) { declareSessions(&first, &second, one, other) }
    sites[one].tunnels.append(first)
    sites[other].tunnels.append(second)
    if agreement.authentication?.secretFile != nil {
      secrets[one][first.name] = agreement.secret
      secrets[other][second.name] = agreement.secret
    }
  }

  private mutating func tunnel(
    from site: Int, to peer: Int, _ agreement: Agreement, role: TunnelDeclaration.Role
  ) -> TunnelDeclaration {
    var tunnel = TunnelDeclaration(
      name: "to\(peer)", peer: self.peer(peer, agreement, role: role), encapsulation: agreement.encapsulation,
      role: role)
    tunnel.family = agreement.family
    tunnel.authentication = agreement.authentication
    tunnel.compatibility = tongues.pick([.rfc, .rfc, .cisco, .automatic])
    tunnel.helloInterval = .seconds(random.pick([5, 20, 60]))
    tunnel.reliability.receiveWindow = wishes.receiveWindow ?? random.pick([1, 2, 4, 16])
    tunnel.reliability.setupTimeout = .seconds(random.pick([20, 120]))
    tunnel.reconnection.maximumDelay = .seconds(random.pick([8, 60]))
    tunnel.probesPath = tongues.chance(0.5)
    tunnel.protection = shields.pick([.none, .none, .expected, .required])
    if random.chance(0.5) { tunnel.local = addresses[site].first { $0.family == agreement.family } }
    if tunnel.peer == .any || random.chance(0.3) { tunnel.peerHostName = "site\(peer)" }
    if random.chance(0.2) { tunnel.peerRouterID = 100 + UInt32(peer) }
    if agreement.encapsulation == .udp {
      if random.chance(0.2) { tunnel.localPort = 1701 }
      if random.chance(0.2) { tunnel.answerPort = 1799 }
    }
    return tunnel
  }

  private mutating func peer(
    _ peer: Int, _ agreement: Agreement, role: TunnelDeclaration.Role
  ) -> TunnelDeclaration.Peer {
    let name = "site\(peer).example"
    let (isListed, isNameFirst) = (tongues.chance(0.3), tongues.chance(0.5))
    let address = addresses[peer].first { $0.family == agreement.family } ?? addresses[peer][0]
    let list: [PeerHost] = isNameFirst ? [.name(name), .address(address)] : [.address(address), .name(name)]
    if random.chance(0.3) { return isListed ? .list(list) : .name(name) }
    if role == .accept, agreement.authentication?.secretFile != nil, random.chance(0.5) { return .any }
    return isListed ? .list(list) : .address(address)
  }

  private mutating func addPseudowires(
    _ first: inout TunnelDeclaration, _ second: inout TunnelDeclaration, _ one: Int, _ other: Int
  ) {
    let count = max(wishes.leastPseudowires, random.pick([1, 2, 3, 6, 12]))
    for number in 0..<count {
      let pair = pseudowirePair(number, one, other)
      // Some are declared at one end only, and must stay down without disturbing the others.
      let isOneSided = number > 0 && !wishes.isCalm && random.chance(0.1)
      if !isOneSided || random.chance(0.5) { first.pseudowires.append(pair.0) }
      if !isOneSided || first.pseudowires.last?.name != pair.0.name { second.pseudowires.append(pair.1) }
    }
  }

  /// Has both ends declare the tunnel's sessions, each with the other's values the other way round.
  private mutating func declareSessions(
    _ first: inout TunnelDeclaration, _ second: inout TunnelDeclaration, _ one: Int, _ other: Int
  ) {
    let lengths = [declarations.pick([0, 4, 8]), declarations.pick([0, 4, 8])]
    func session(_ name: String, at site: Int, towards peer: Int) -> StaticSession {
      let number = UInt32(name.dropFirst(2)) ?? 0
      func end(_ site: Int, _ peer: Int) -> (SessionID, Cookie) {
        let identifier = UInt32(100_000 * (site + 1) + 1000 * peer) + number
        let length = lengths[site < peer ? 0 : 1]
        return (SessionID(rawValue: identifier), Cookie(number: UInt64(identifier), lengthOctets: length))
      }
      let (ours, theirs) = (end(site, peer), end(peer, site))
      return StaticSession(localID: ours.0, peerID: theirs.0, receiveCookie: ours.1, transmitCookie: theirs.1)
    }
    func declare(_ tunnel: inout TunnelDeclaration, _ site: Int, _ peer: Int) {
      tunnel.declaresSessions = true
      for index in tunnel.pseudowires.indices {
        let declared = session(tunnel.pseudowires[index].name, at: site, towards: peer)
        tunnel.pseudowires[index].staticSession = declared
        tunnel.pseudowires[index].cookieLengthOctets = declared.receiveCookie.lengthOctets
      }
    }
    declare(&first, one, other)
    declare(&second, other, one)
  }

  private mutating func pseudowirePair(
    _ number: Int, _ one: Int, _ other: Int
  ) -> (PseudowireDeclaration, PseudowireDeclaration) {
    let endID =
      random.chance(0.5)
      ? RemoteEndID(number: UInt32(1000 * one + 100 * other + number))
      : RemoteEndID(text: "lan \(one)\(other)\(number)")
    let sublayer: PseudowireDeclaration.Sublayer = random.pick([.none, .standard])
    let isSequenced = sublayer == .standard && random.chance(0.3)
    func end(at site: Int, towards peer: Int) -> PseudowireDeclaration {
      PseudowireDeclaration(
        name: "pw\(number)", type: .ethernet, remoteEndID: endID, interfaceName: "pw\(peer)-\(number)",
        cookieLengthOctets: random.pick([0, 4, 8]), sublayer: sublayer, isSequenced: isSequenced, options: options())
    }
    return (end(at: one, towards: other), end(at: other, towards: one))
  }

  private mutating func options() -> OptionValue {
    switch random.integer(0...3) {
    case 0: .mapping([(key: "bridge", value: .scalar("br0"))])
    case 1: .mapping([(key: "member", value: .scalar("eth1"))])
    case 2: .mapping([(key: "member", value: .scalar("eth3"))])
    default: .mapping([])
    }
  }
}
