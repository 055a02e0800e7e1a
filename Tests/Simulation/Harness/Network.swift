import PWCore

/// How badly the network behaves.
struct NetworkConditions {
  /// How often a datagram never arrives.
  var loss: Double
  /// How often it arrives twice.
  var duplication: Double
  /// How often a copy is damaged on its way; where no digest would show it, it is lost instead, as by UDP's checksum.
  var damage: Double
  /// How often it is held back for `stragglerDelay`, so that others overtake it.
  var straggling: Double
  /// The time that every datagram needs; the spread alone reorders neighbours.
  var delay: ClosedRange<Duration>
  /// The time that a datagram that is held back needs on top.
  var stragglerDelay: ClosedRange<Duration>

  /// A network as one wishes it, in order.
  static let quiet = NetworkConditions(
    loss: 0, duplication: 0, damage: 0, straggling: 0, delay: .milliseconds(5) ... .milliseconds(5),
    stragglerDelay: .zero ... .zero)

  /// As bad as the seed wants it: from nearly well to three in ten lost.
  static func drawn(_ random: inout SeededRandom) -> NetworkConditions {
    NetworkConditions(
      loss: random.pick([0, 0.02, 0.1, 0.3]), duplication: random.pick([0, 0.05, 0.3]),
      damage: random.pick([0, 0, 0.05, 0.2]), straggling: random.pick([0, 0.05, 0.2]),
      delay: .milliseconds(1) ... .milliseconds(random.pick([2, 40, 300])),
      stragglerDelay: .milliseconds(200) ... .milliseconds(random.pick([900, 4_000, 20_000])))
  }
}

/// The network between all sites: it decides which copies of a datagram arrive, and when.
struct Network {
  var conditions: NetworkConditions
  /// Pairs of sites, the lower number first, between which nothing passes.
  var partitions: Set<[Int]> = []

  /// The delay of each copy that arrives.
  func arrivals(from sender: Int, to receiver: Int, _ random: inout SeededRandom) -> [Duration] {
    guard !partitions.contains([min(sender, receiver), max(sender, receiver)]) else { return [] }
    var delays: [Duration] = []
    for _ in 0..<(random.chance(conditions.duplication) ? 2 : 1) where !random.chance(conditions.loss) {
      var delay = random.duration(conditions.delay)
      if random.chance(conditions.straggling) { delay += random.duration(conditions.stragglerDelay) }
      delays.append(delay)
    }
    return delays
  }
}
