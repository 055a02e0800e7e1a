import DequeModule
import FoundationEssentials
import Logging
import PWCore
import PWLinux
import PWPluginHost

/// The driver: feeds the engine with what happens, and does what it says. Everything runs on the event loop's thread.
final class Daemon {
  /// The parts that a daemon is made of.
  struct Parts {
    /// The event loop, on whose thread everything runs.
    var loop: EventLoop
    /// The data plane that carries the traffic.
    var dataPlane: any DataPlane
    /// The reason why this data plane was chosen, in words for the status and the log.
    var dataPlaneReason: String
    /// Follows the interfaces that the sockets of the data plane are bound to.
    var devices: BoundDevices
    /// Finds out whether the packets of tunnels are encrypted.
    var protection: ProtectionKeeper
    /// Keeps the machine's links as the pseudowires and the site want them.
    var links: LinkKeeper
    /// Keeps the PPP links, with a pppd for each that is up.
    var ppp: PPPKeeper
    /// Keeps the PPPoE access concentrators and the sessions of their clients.
    var pppoe: PPPoEKeeper
    /// Plugins in other processes.
    var plugins: PluginHosts
    /// Resolves the host names of peers to addresses.
    var resolver: Resolver
    /// The log, where events are written for people.
    var logger: Logger
    /// systemd, if it is there.
    var serviceManager: ServiceManager
    /// Where the engine's course is written down, if it is.
    var recording: Recording?

    /// All that make links, in the order in which they are asked whether requests are for them.
    var linkBackends: [any LinkBackend] { [pppoe, ppp, links] }
  }

  let parts: Parts
  private var engine: Engine
  private(set) var site: Site
  /// The octets of the file that the site was read from.
  private(set) var siteFile: [UInt8]
  private var secrets: [String: TunnelSecrets]
  /// The tunnels and pseudowires that an operator has put down.
  var down = PutDown()
  private var desk = PluginDesk(CompiledInPlugins.all)
  private let started: Instant
  private var siteSince: Instant
  private var clock: WallClock
  private var inputs: Deque<Input> = []
  private var isHandling = false
  private var engineTimer: EventLoop.TimerID?
  private var countersTimer: EventLoop.TimerID?
  private var isActivityDueSoon = false
  /// Whether the kernel is followed for the sake of tunnels that the site has no more, or whose demand it has dropped.
  private var isProtectionLeft = false
  private var trafficWatch: TrafficWatch?
  /// The site's state as systemd has it.
  private(set) lazy var serviceReport = ServiceReport(parts.serviceManager, loop: parts.loop) { [unowned self] in
    summary
  }
  private var lastReceivedPackets: [ControlConnectionID: UInt64] = [:]
  private var refusedSite: String?
  /// Why the site that the daemon began with is not that of its file; nil as soon as another one is carried out.
  var fallback: String?
  /// Further problems of the site, for `status`.
  var furtherProblems: () -> [String] = { [] }
  /// The addresses that peers' host names were resolved to last.
  var resolvedPeers: [String: [IPAddress]] = [:]
  private var isStopped: (() -> Void)?
  private var stopDeadline: Instant?
  private var stopRequests = 0
  private var isFinishing = false
  private var notices = RateLimit(perSecond: Daemon.noticesPerSecond)

  init(site: Site, secrets: [String: TunnelSecrets], file: [UInt8], parts: Parts) {
    self.parts = parts
    self.site = site
    siteFile = file
    self.secrets = secrets
    started = parts.loop.now
    siteSince = started
    clock = WallClock(now: started, date: Date())
    engine = Self.makeEngine(site, secrets, parts, at: started)
    parts.dataPlane.delegate = self
    for backend in parts.linkBackends { backend.delegate = self }
    parts.devices.noticed = { [logger = parts.logger] in logger.write($0) }
    parts.devices.changed = { [unowned self] in submit(.boundDevice(name: $0, problem: $1)) }
    parts.protection.changed = { [unowned self] in submit(.protectionChanged) }
    parts.devices.addressesChanged = { [unowned self] in readActivitySoon() }
    let loop = parts.loop
    engineTimer = loop.makeTimer { [unowned self] in submit(.deadline) }
    countersTimer = loop.makeTimer { [unowned self] in readActivity() }
  }

  /// Begins to carry out the site.
  func start() {
    tellLinkKeeper()
    parts.plugins.start(for: site)
    if parts.links.followsCrash { submit(.crashedBefore) }
    drain()
    parts.pppoe.apply(PPPoEKeeper.Declaration.all(in: site))
    parts.recording?.flush()
    scheduleActivity()
    trafficWatch = TrafficWatch(parts.loop, parts.dataPlane) { [unowned self] in
      site
    } report: { [unowned self] in
      submit($0)
    }
    serviceReport.ready()
  }

  /// Takes everything down, then calls `completion`; asked again, it does not wait for the peers; and asked once more,
  /// or when the peers are done with, it leaves what the kernel has not removed yet to the next start.
  func shutDown(completion: @escaping () -> Void) {
    stopRequests += 1
    if isFinishing || stopRequests > 2 { return parts.links.giveUp() }
    serviceReport.stopping()
    if stopDeadline == nil { stopDeadline = parts.loop.now + Self.stopTime }
    isStopped = completion
    parts.links.letSessionsGo()
    submit(.shutdown)
  }

  /// Whether it has been asked to end.
  var isStopping: Bool { stopDeadline != nil }

  /// When a stop should be done.
  var expectedEnd: Instant { stopDeadline ?? parts.loop.now + Self.stopTime }

  /// The site that is carried out, as it was read.
  var running: SiteLoader.Loaded { SiteLoader.Loaded(site: site, octets: siteFile, secrets: secrets, remarks: []) }

  /// Carries out another site: what is the same in both is not touched. Nothing is done while the daemon ends.
  func apply(_ site: Site, secrets: [String: TunnelSecrets], file: [UInt8]) {
    guard stopDeadline == nil else { return }
    (refusedSite, fallback) = (nil, nil)
    siteSince = parts.loop.now
    self.site = site
    siteFile = file
    self.secrets = secrets
    desk.forget()
    tellLinkKeeper()
    parts.plugins.start(for: site)
    carryOut(nil)
    parts.plugins.retire()
  }

  /// Has the engine carry out the site, but for what is put down.
  ///
  /// - Parameter event: why, for the log.
  func carryOut(_ event: Event?) {
    if let event { parts.logger.write(event) }
    let applied = down.applied(to: site)
    submit(.site(applied, secrets: secrets))
    parts.pppoe.apply(PPPoEKeeper.Declaration.all(in: applied))
  }

  /// The reason why another site cannot be carried out without a restart, if there is one.
  func objection(to other: Site) -> String? {
    site.objection(to: other, isInKernel: parts.dataPlane.kind == .kernel)
  }

  /// The least important events that the engine tells of.
  var leastEventLevel: Event.Level {
    get { engine.leastEventLevel }
    set { engine.leastEventLevel = newValue }
  }

  /// Notes that the file on disk was refused, for `status`.
  func refuse(_ line: String) { refusedSite = line }

  /// Hands the engine something that happened, and does all that follows from it.
  ///
  /// An answer that an effect gives at once comes back here before this returns; it waits its turn in the queue.
  func submit(_ input: Input) {
    submit(CollectionOfOne(input))
  }

  private func submit(_ more: some Collection<Input>) {
    inputs.append(contentsOf: more)
    guard !isHandling else { return }
    isHandling = true
    while let next = inputs.popFirst() {
      let now = parts.loop.now
      parts.recording?.takes(next, at: now)
      engine.handle(next, at: now)
      drain()
    }
    isHandling = false
    if isProtectionLeft { followProtection() }
    parts.recording?.flush()
    if let engineTimer { parts.loop.setTimer(engineTimer, at: engine.nextDeadline) }
  }

  /// Has the kernel followed for what protects packets, as the site and the connections that are still there need it.
  func followProtection() {
    isProtectionLeft = site.tunnels.allSatisfy { $0.protection == .none } && engine.demandsProtection
    if !isProtectionLeft { parts.protection.follow(site) }
  }

  private func drain() {
    while let output = nextOutput() {
      switch output {
      case .send(let transmission):
        parts.dataPlane.send(transmission)
      case .perform(let effect): perform(effect)
      case .consult(let identifier, let question):
        if question.declaration.plugin == nil {
          submit(.answered(identifier, desk.answer(question)))
        } else {
          parts.plugins.ask(question) { [unowned self] in submit(.answered(identifier, $0)) }
        }
      case .event(let event): parts.logger.write(event)
      case .stopped: finish()
      }
    }
  }

  private func nextOutput() -> Output? {
    let isMoreThere = !inputs.isEmpty
    let output = engine.nextOutput(isMoreThere: isMoreThere)
    parts.recording?.gave(output, isMoreThere: isMoreThere)
    return output
  }

  private func perform(_ effect: Effect) {
    switch effect {
    case .name(let identifier, let request):
      parts.resolver.resolve(request) { [unowned self] result in
        if case .success(let addresses) = result { learnPeers(addresses, of: request.name) }
        submit(.completed(.name(identifier, result)))
      }
    case .plane(let effect): parts.dataPlane.perform(effect) { [unowned self] in submit(.completed(.plane($0))) }
    case .links(let identifier, let effect):
      perform(effect) { [unowned self] in submit(.completed(.links(identifier, .done))) }
    case .protection(let identifier, let question):
      parts.protection.look(question) { [unowned self] in
        submit(.completed(.protection(identifier, .success($0))))
      }
    }
  }

  private func finish() {
    isFinishing = true
    // Clients would still call while plugins stop, which may take a while.
    stopLinks([parts.pppoe]) { [unowned self] in
      // Each has heard by now that its sessions are over.
      parts.plugins.stop { [unowned self] in
        // Bridges go before tunnels: while the kernel deletes sessions it takes twice as long for either.
        stopLinks([parts.ppp, parts.links]) { [unowned self] in stopDataPlane() }
      }
    }
  }

  private func stopDataPlane() {
    let deadline = max(expectedEnd, parts.loop.now + Self.shortestRemovalTime)
    parts.dataPlane.stop(waitingUntil: deadline) { [unowned self] in
      parts.logger.debug("control messages sent: \(parts.dataPlane.sentMessages.words)")
      isStopped?()
      isStopped = nil
    }
  }
}

// MARK: - Status

extension Daemon {
  /// The status, counters read afresh, in JSON.
  func status(completion: @escaping ([UInt8]) -> Void) {
    status(in: { document, clock in (try? document.json(clock)).map(Array.init) ?? [] }, completion: completion)
  }

  /// The status, counters read afresh, as a monitoring system reads it.
  func metrics(completion: @escaping ([UInt8]) -> Void) {
    status(
      in: { document, clock in MetricsReport(document: document, clock: clock, use: .own()).octets },
      completion: completion)
  }

  /// The status in some form. Thousands of sessions take a while to write down: not on the loop, which goes on
  /// meanwhile.
  private func status(
    in form: @escaping @Sendable (StatusDocument, WallClock) -> [UInt8], completion: @escaping ([UInt8]) -> Void
  ) {
    parts.dataPlane.readCounters { [unowned self] counters in
      trafficWatch?.take(counters)
      let now = parts.loop.now
      clock = clock.kept(at: now, date: Date())
      let clock = clock
      let report = StatusReport(
        site: site,
        daemon: StatusDocument.Daemon(
          site: site.name, version: Version.number, processID: ProcessInfo.processInfo.processIdentifier,
          started: started, siteSince: siteSince, isSiteFileRefused: refusedSite != nil || fallback != nil,
          siteFileRefusal: fallback ?? refusedSite,
          now: now,
          dataPlane: .init(kind: parts.dataPlane.kind, reason: parts.dataPlaneReason),
          controlMessagesSent: parts.dataPlane.sentMessages.counts, plugins: parts.plugins.reports),
        problems: furtherProblems() + [fallback, refusedSite].compactMap { $0 } + parts.devices.problems
          + parts.pppoe.problems,
        clients: parts.pppoe.clients, pluginProblems: parts.plugins.problems)
      let status = engine.status(at: now)
      parts.loop.offload {
        form(report.document(status, counters: counters), clock)
      } completion: {
        completion($0)
      }
    }
  }

  /// The site in one line, for `systemctl status`; the first thing to say is that it is not that of the file.
  var summary: String {
    if let reason = fallback ?? refusedSite { return reason }
    let all = site.tunnels.reduce(0) { $0 + $1.pseudowires.count }
    let (forwarding, unverified) = engine.forwardingCount
    return "\(forwarding - unverified) of \(all) pseudowires forwarding"
      + (unverified > 0 ? ", \(unverified) not verifiable" : "") + "; site \(site.name), "
      + "\(site.tunnels.count) tunnel\(site.tunnels.count == 1 ? "" : "s"), "
      + "data plane \(parts.dataPlane.kind.rawValue)"
  }

  /// Data that arrives keeps a connection alive as well as control messages do (RFC 3931 section 4.4): the engine is
  /// told whose counters have moved.
  private func readActivity() {
    isActivityDueSoon = false
    parts.dataPlane.readTunnelCounters { [unowned self] counters in
      for (tunnel, traffic) in counters.tunnels
      where lastReceivedPackets.updateValue(traffic.receivedPackets, forKey: tunnel) ?? 0 < traffic.receivedPackets {
        submit(.dataReceived(tunnel))
      }
      for (tunnel, path) in counters.paths {
        submit(
          .pathMTU(
            tunnel, octets: path.mtuOctets, firstLinkOctets: path.firstLinkOctets, firstHop: path.firstHop))
      }
      for (socket, absence) in counters.withoutAddress { submit(.unreachable(socket, absence)) }
      if !counters.withoutAddress.isEmpty { isActivityDueSoon = true }
      lastReceivedPackets = lastReceivedPackets.filter { counters.tunnels[$0.key] != nil }
      scheduleActivity()
    }
  }

  /// Reads it before its time: sockets may have lost their addresses. Many that change in a row are one reason.
  private func readActivitySoon() {
    guard !isActivityDueSoon, let countersTimer else { return }
    isActivityDueSoon = true
    parts.loop.setTimer(countersTimer, after: Self.soonActivityInterval)
  }

  /// A quarter of the shortest HELLO interval, or `liveness`, is soon enough, within bounds.
  private func scheduleActivity() {
    guard let countersTimer else { return }
    guard !isActivityDueSoon else { return parts.loop.setTimer(countersTimer, after: Self.soonActivityInterval) }
    let intervals = site.tunnels.flatMap { [$0.helloInterval, $0.liveness ?? .zero] }.filter { $0 > .zero }
    guard let shortest = intervals.min() else {
      return parts.loop.setTimer(countersTimer, after: Self.longestActivityInterval)
    }
    let interval = min(max(shortest / 4, Self.shortestActivityInterval), Self.longestActivityInterval)
    parts.loop.setTimer(countersTimer, after: interval)
  }

  /// How long a stop takes where the kernel does not need longer, a moment for the process to end left aside.
  private static let stopTime = Duration.milliseconds(4900)
  /// How long the interfaces of deleted sessions are waited for at least, when the rest of a stop took its time.
  private static let shortestRemovalTime = Duration.seconds(1)
  /// How long systemd is asked to wait from each time that the keeper of links says what is left; it does so more
  /// often.
  static let stopExtension = Duration.seconds(30)
  /// Lines of the log that the data plane may cause in any second.
  private static let noticesPerSecond = 20
  private static let shortestActivityInterval = Duration.milliseconds(250)
  /// How soon it is looked whether sockets have their addresses, after a change of addresses and while one is away.
  private static let soonActivityInterval = Duration.milliseconds(500)
  private static let longestActivityInterval = Duration.seconds(15)
}

// MARK: - Delegates

extension Daemon: DataPlaneDelegate {
  func dataPlaneReceived(_ datagrams: [Datagram]) {
    submit(datagrams.map { .datagram($0) })
  }

  func dataPlaneLost(tunnel: ControlConnectionID, session: SessionID?, reason: String) {
    submit(.dataPathLost(tunnel, session, reason: reason))
  }

  func dataPlaneDidNotReach(_ socket: SocketID, _ failure: Unreachable) {
    submit(.unreachable(socket, failure))
  }

  func dataPlaneReceivedStray(_ packet: StrayPacket) { submit(.dataStrayed(packet)) }

  /// A socket that answers a stranger may fail to; strangers do not fill the log.
  func dataPlaneNoticed(_ event: Event) {
    guard notices.allows(at: parts.loop.now) else { return }
    let leftOut = notices.takeExcess()
    if leftOut > 0 {
      parts.logger.write(Event(.notice, .dataPlaneNotice, "\(leftOut) more notices of the data plane were left out"))
    }
    parts.logger.write(event)
  }
}
