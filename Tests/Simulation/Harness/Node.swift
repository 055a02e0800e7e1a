import EthernetPlugin
import PWCore

/// One site: its machine, and the process that runs on it now, if one does.
///
/// It is an object, and so is the process: the world looks at both at every step, and a copy of either costs more than a step.
final class Node {
  let index: Int
  var machine: Machine
  /// The content of the site file; a process reads it when it starts.
  var site: Site
  let secrets: [String: [UInt8]]
  var process: Process?
  /// The lead of this machine's clock over the world's.
  var clockLead = Duration.zero
  /// Counts processes: an input that is under way for an earlier one reaches nobody.
  var incarnation = 0
  /// Whether its last process was killed, and nobody has been told yet.
  var hasCrashed = false

  init(index: Int, machine: Machine, site: Site, secrets: [String: [UInt8]]) {
    self.index = index
    self.machine = machine
    self.site = Self.withCircuits(site)
    self.secrets = secrets
  }

  /// A running engine, and the book that is kept on it.
  final class Process {
    var engine: Engine
    var observer: ProcessObserver
    /// The recorder of all that its engine does, if there is one.
    var recorder: EngineRecorder?
    /// When the engine wants to be woken, as it said when all that it wanted had been taken out of it.
    var deadline: Instant?
    /// Effects asked for and not answered.
    var effectsUnderWay = 0
    /// When the last effect on an object is performed, and answered: the next one comes after it.
    var performedAt: [EffectObject: Instant] = [:]
    var answeredAt: [EffectObject: Instant] = [:]
    /// Deadlines handled in a row without the clock moving.
    var deadlinesAtOnce = 0
    var lastDeadline: Instant?
    var isShuttingDown = false {
      didSet { observer.isShuttingDown = isShuttingDown }
    }
    var inputs = 0
    /// An engine that was read back from this one's state, if there is one now.
    var twin: EngineTwin?
    let tape: EntropyTape

    init(engine: Engine, tape: EntropyTape, observer: ProcessObserver, recorder: EngineRecorder?) {
      self.engine = engine
      self.tape = tape
      self.observer = observer
      self.recorder = recorder
    }
  }

  /// The plugin that all sites have.
  static let plugin = EthernetPlugin()
  /// As an engine is told of it.
  static let plugins = [PluginDescription(type: plugin.type, payload: plugin.payload)]

  /// A new site file, for the process that runs and for those that start later.
  ///
  /// - Returns: the input for the process.
  func reload(_ new: Site) -> Input {
    site = Self.withCircuits(new)
    return .site(site, secrets: tunnelSecrets)
  }

  private var tunnelSecrets: [String: TunnelSecrets] { secrets.mapValues { TunnelSecrets($0) } }

  /// A site with what stands behind each of its pseudowires, as their plugin tells.
  private static func withCircuits(_ site: Site) -> Site {
    var site = site
    for tunnel in site.tunnels.indices {
      for pseudowire in site.tunnels[tunnel].pseudowires.indices {
        site.tunnels[tunnel].pseudowires[pseudowire].circuit = circuit(of: site.tunnels[tunnel].pseudowires[pseudowire])
      }
    }
    return site
  }

  private static func circuit(of pseudowire: PseudowireDeclaration) -> AttachmentCircuit {
    let context = OptionContext(
      bridges: [], owner: LinkOwner(tunnel: "", pseudowire: pseudowire.name), interfaceName: pseudowire.interfaceName)
    return plugin.report(on: OptionNode(pseudowire.options), in: context).outline.attachment
  }

  /// Whether a pseudowire's attachment circuit is up: no members is up, of several any will do.
  func isCircuitActive(_ pseudowire: PseudowireDeclaration) -> Bool {
    let names = pseudowire.circuit.links(bridges: site.bridges)
    return names.isEmpty || names.contains { machine.members[$0]?.isUp == true }
  }

  /// Whether a pseudowire is declared that may have an interface.
  func declares(_ interface: SessionInterface) -> Bool {
    site.tunnels.contains { tunnel in
      tunnel.name == interface.owner.tunnel && tunnel.disabled == nil
        && tunnel.pseudowires.contains {
          $0.name == interface.owner.pseudowire && $0.disabled == nil && $0.interfaceName == interface.name
        }
    }
  }

  /// The time that this machine's clock shows.
  func clock(at now: Instant) -> Instant { now + clockLead }

  /// When the process wants to be woken, in the world's time.
  var deadline: Instant? { process?.deadline.map { $0 + (.zero - clockLead) } }

  /// The status that its process reports.
  func status(at now: Instant) -> SiteStatus? { process?.engine.status(at: clock(at: now)) }

  /// A process that has just started, before anything came out of it.
  func start(seed: UInt64, fault: (any PlantedFault)?, recorder: EngineRecorder?, at now: Instant) {
    incarnation += 1
    let tape = EntropyTape()
    let entropy = AudibleEntropy(
      source: SeededEntropy(seed: seed, periodDraws: fault?.entropyPeriodDraws), tape: tape)
    let authenticator = SimulatedAuthenticator(isCredulous: fault?.believesEveryDigest == true)
    let engine =
      recorder?.makeEngine(
        site: site, secrets: tunnelSecrets, plugins: Self.plugins, entropy: entropy, authenticator: authenticator,
        leastEventLevel: .debug, at: clock(at: now))
      ?? Engine(
        site: site, secrets: tunnelSecrets, plugins: Self.plugins, entropy: entropy, authenticator: authenticator,
        at: clock(at: now))
    process = Process(engine: engine, tape: tape, observer: ProcessObserver(of: site), recorder: recorder)
  }
}
