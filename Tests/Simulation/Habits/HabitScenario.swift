import PWCore

/// A run with one site of ours and a scripted peer: the end that begins, the peer's habits, and the faults.
struct HabitScenario {
  /// The roles of both ends: a combination in which one of them begins the control connection.
  struct Pairing: Hashable, Sendable {
    var ours: TunnelDeclaration.Role
    var peer: OddPeer.Role

    static let all = [
      Pairing(ours: .initiate, peer: .waits), Pairing(ours: .both, peer: .waits), Pairing(ours: .accept, peer: .calls),
      Pairing(ours: .both, peer: .calls),
    ]
  }

  let seed: UInt64
  let habits: Habits
  let pairing: Pairing
  let peer: OddPeer
  let scenario: Scenario

  /// Where our site is, and the peer.
  private static let addresses: [IPAddress] = [.v4(0xC000_0201), .v4(0xC000_0202)]
  private static let chaosSeconds = [5, 30, 90]

  /// The habits of the peer and the pairing of a seed. Every other seed has the next of an enumeration: no habit, each
  /// alone, and every pair, in each pairing; those between have any number of habits.
  private static func subject(of seed: UInt64, _ random: inout SeededRandom) -> (Habits, Pairing) {
    guard seed.isMultiple(of: 2) else { return (Habits.drawn(&random), random.pick(Pairing.all)) }
    let index = Int((seed / 2) % UInt64(enumerated))
    return (Habits.singlesAndPairs[index / Pairing.all.count], Pairing.all[index % Pairing.all.count])
  }

  /// How many runs it takes to have each habit alone and every pair in each pairing.
  static let enumerated = Habits.singlesAndPairs.count * Pairing.all.count

  init(seed: UInt64, wishes: Scenario.Wishes = .none) {
    var random = SeededRandom(seed: seed ^ 0x0DD)
    var (habits, pairing) = Self.subject(of: seed, &random)
    if let wished = wishes.habits {
      habits = wished.habits
      pairing = random.pick(wished.pairings)
    }
    let ends: (ours: RemoteEndID, spelledOtherwise: RemoteEndID) = random.pick([
      (RemoteEndID(number: 100), RemoteEndID(text: "100")), (RemoteEndID(text: "100"), RemoteEndID(number: 100)),
    ])
    var site = Self.site(habits, pairing, ends.ours, &random)
    if let longest = wishes.longestBackOff { site.tunnels[0].reconnection.maximumDelay = longest }
    peer = OddPeer(
      habits: habits, role: pairing.peer, longestSilence: Self.longestSilence(seed),
      endID: habits.contains(.spellsEndIDOtherwise) ? ends.spelledOtherwise : ends.ours,
      constantTieBreaker: random.pick([0, 1 << 32, .max]),
      address: Endpoint(address: Self.addresses[1], port: 1701),
      site: Endpoint(address: Self.addresses[0], port: 1701), seed: random.next())
    let chaos = Duration.seconds(random.pick(Self.chaosSeconds))
    let isCalm = wishes.isCalm || random.chance(0.2)
    var network = NetworkConditions.drawn(&random)
    network.damage = 0
    scenario = Scenario(
      seed: seed, sites: [site], addresses: Self.addresses.map { [$0] }, secrets: [[:]], names: [:], members: [[]],
      network: isCalm ? .quiet : network, effects: isCalm ? .quiet : .drawn(&random), outgoingCalls: 0, chaos: chaos,
      script: Self.script(chaos, &random))
    (self.seed, self.habits, self.pairing) = (seed, habits, pairing)
  }

  /// Drawn apart from all else.
  private static func longestSilence(_ seed: UInt64) -> Duration {
    var random = SeededRandom(seed: seed ^ 0x511E)
    return random.pick(OddPeer.longestSilences)
  }

  private static func site(
    _ habits: Habits, _ pairing: Pairing, _ end: RemoteEndID, _ random: inout SeededRandom
  ) -> Site {
    var pseudowire = PseudowireDeclaration(
      name: "pw", type: .ethernet, remoteEndID: end, interfaceName: "pw0",
      cookieLengthOctets: random.pick([0, 4, 8]))
    pseudowire.adoptsSublayer = true
    pseudowire.options = .mapping([])
    var tunnel = TunnelDeclaration(name: "odd", peer: .address(addresses[1]), role: pairing.ours)
    // One that gives a connection up after silence must hear of us while all is well, whatever comes late.
    tunnel.helloInterval = .seconds(habits.contains(.keepsDeadConnection) ? 5 : random.pick([5, 20, 60]))
    tunnel.reliability.setupTimeout = .seconds(random.pick([20, 120]))
    tunnel.pseudowires = [pseudowire]
    var site = Site(name: "site0", routerID: 100)
    site.tunnels = [tunnel]
    return site
  }

  /// Either end stops or dies and comes back, the path is cut and mended.
  private static func script(
    _ chaos: Duration, _ random: inout SeededRandom
  ) -> [(time: Duration, event: ScriptedEvent)] {
    var script: [(time: Duration, event: ScriptedEvent)] = []
    let (ours, theirs) = (random.duration(.zero ... .seconds(8)), random.duration(.zero ... .seconds(8)))
    script.append((ours, .start(site: 0)))
    script.append((theirs, .oddPeer(.start)))
    for _ in 0..<random.integer(0...3) {
      let begin = random.duration(.zero...chaos)
      let end = begin + random.duration(.milliseconds(100) ... .seconds(40))
      switch random.integer(0...3) {
      case 0: script += [(begin, .oddPeer(.stop)), (end, .oddPeer(.start))]
      case 1: script += [(begin, .oddPeer(.crash)), (end, .oddPeer(.start))]
      case 2: script += [(begin, .kill(site: 0)), (end, .start(site: 0))]
      default: script += [(begin, .partition(0, 1, isCut: true)), (end, .partition(0, 1, isCut: false))]
      }
    }
    return script
  }
}
