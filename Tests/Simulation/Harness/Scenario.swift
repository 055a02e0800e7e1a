import PWCore

/// Something that happens to the world, not to a message.
enum ScriptedEvent {
  /// An attachment circuit's link goes up or down.
  case member(site: Int, name: String, isUp: Bool)
  /// Nothing passes between two sites any more, or does again.
  case partition(Int, Int, isCut: Bool)
  /// The process dies.
  case kill(site: Int)
  /// It starts again with an empty kernel.
  case start(site: Int)
  /// The site file changed.
  case reload(site: Int, Site)
  /// The packets of a machine are encrypted below L2TP, or not any more.
  case protection(site: Int, isThere: Bool)
  /// Names stop resolving, or do again.
  case names(isReachable: Bool)
  /// The kernel loses a session, or a tunnel.
  case dataPathLost(site: Int, wholeTunnel: Bool)
  /// Data arrives in every tunnel.
  case dataReceived(site: Int)
  /// A machine's clock goes on so much at once, as after a sleep.
  case clockJump(site: Int, Duration)
  /// Somebody who is none of the sites sends a site so many datagrams.
  case hostility(site: Int, datagrams: Int)
  /// A member's link flaps so fast that several SLIs wait at once.
  case flap(site: Int, name: String)
  /// A scripted peer comes or goes.
  case oddPeer(OddPeerEvent)
}

/// How late effects are, and how often they fail.
struct EffectConditions {
  var delay: ClosedRange<Duration>
  /// The time from performing an effect to reporting it.
  var reportDelay: ClosedRange<Duration>
  var failure: Double
  /// How often a plugin answers late, and refuses.
  var lateAnswers: Double
  var refusals: Double

  /// A machine as one wishes it.
  static let quiet = EffectConditions(
    delay: .milliseconds(1) ... .milliseconds(1), reportDelay: .zero ... .zero, failure: 0, lateAnswers: 0, refusals: 0)

  static func drawn(_ random: inout SeededRandom) -> EffectConditions {
    EffectConditions(
      delay: .zero ... .milliseconds(random.pick([0, 20, 400])),
      reportDelay: .zero ... .milliseconds(random.pick([0, 10, 200])), failure: random.pick([0, 0, 0.02, 0.1]),
      lateAnswers: random.pick([0, 0.5]), refusals: random.pick([0, 0, 0.02]))
  }
}

/// Everything about a run that its seed decides beforehand.
struct Scenario {
  var seed: UInt64
  var sites: [Site]
  var addresses: [[IPAddress]]
  var secrets: [[String: [UInt8]]]
  var names: [String: [IPAddress]]
  var members: [[LinkState]]
  var network: NetworkConditions
  var effects: EffectConditions
  /// How many of the calls between sites without digests are outgoing ones.
  var outgoingCalls: Double
  /// How long the world misbehaves.
  var chaos: Duration
  var script: [(time: Duration, event: ScriptedEvent)]

  /// The demands of a planted fault on a scenario, so that the fault can show.
  struct Wishes {
    /// Messages carry no digest, so that a wrapper may change them.
    var isUnauthenticated = false
    /// Every tunnel has a secret.
    var isAuthenticated = false
    /// Datagrams are damaged, and strangers are about.
    var isHostile = false
    /// At least so many pseudowires in each tunnel.
    var leastPseudowires = 1
    /// The network and the machines behave from the beginning.
    var isCalm = false
    /// The window that every site advertises; nil lets the seed choose.
    var receiveWindow: UInt16?
    /// How many calls are outgoing ones; nil lets the seed choose.
    var outgoingCalls: Double?
    /// The scripted peer's habits, and the pairings to choose from; nil lets the seed choose.
    var habits: (habits: Habits, pairings: [HabitScenario.Pairing])?
    /// The longest pause between two attempts; nil leaves it as it is.
    var longestBackOff: Duration?

    static let none = Wishes()
  }

  /// Drawn apart from the rest, so that a seed's world is the same with and without.
  private static func outgoingCalls(_ seed: UInt64) -> Double {
    var random = SeededRandom(seed: seed ^ 0x0CA1)
    return random.pick([0, 0, 0.3, 1])
  }

  static func draw(seed: UInt64, wishes: Wishes = .none) -> Scenario {
    var random = SeededRandom(seed: seed)
    var builder = SiteBuilder(random: random.fork(), wishes: wishes)
    builder.build()
    var scenario = Scenario(
      seed: seed, sites: builder.sites, addresses: builder.addresses, secrets: builder.secrets, names: builder.names,
      members: builder.members, network: .drawn(&random), effects: .drawn(&random),
      outgoingCalls: wishes.outgoingCalls ?? outgoingCalls(seed),
      chaos: .seconds(random.pick([5, 30, 90])), script: [])
    if wishes.isHostile { scenario.network.damage = 0.2 }
    if wishes.isCalm {
      scenario.network = .quiet
      scenario.effects = .quiet
    }
    var script = ScriptBuilder(random: random.fork(), scenario: scenario)
    scenario.script = wishes.isCalm ? script.calmScript() : script.script(isHostile: wishes.isHostile)
    return scenario
  }
}
