public import PWCore

/// Keeps PPP links as the pseudowires want them: a pppd for each that is up, looked after from its start to its end.
///
/// The result of the negotiation is read from the kernel (the interface, whose name we give, and its addresses), and
/// why a link ended from pppd's exit status and last words. No pppd outlives this process, and everything that it has
/// made goes with it: the interface, its addresses and its routes are those of a descriptor, and its files are in
/// mounts of its own.
public final class PPPKeeper: LinkBackend {
  /// How soon a pppd that died is started again at first; the wait doubles up to ``longestDelay``.
  static let firstDelay = Duration.seconds(1)
  /// The longest wait before a pppd that died is started again.
  static let longestDelay = Duration.seconds(60)
  /// A link that was up so long begins anew.
  static let stableTime = Duration.seconds(30)
  /// Lines of one second that go into the log, of all pppds together.
  private static let linesPerSecond = 50

  /// Told of the state of links and of what is for the log; not kept alive.
  public weak var delegate: (any LinkBackendDelegate)?

  let loop: EventLoop
  let service: NetlinkService
  let mark: LinkMark
  private let program: String
  private let environment: [String]
  private var links: [LinkOwner: PPPLink] = [:]
  private var owners: [String: LinkOwner] = [:]
  private var timer: EventLoop.TimerID?
  private var lines = RateLimit(perSecond: PPPKeeper.linesPerSecond)
  private var stopped: (() -> Void)?
  private lazy var hooks = PPPHooks(loop: loop) { [unowned self] level, owner, message in
    notice(level, owner, message)
  }

  /// Ends what an earlier run of the same site and instance has left, if anything, and follows the machine's links.
  ///
  /// - Parameters:
  ///   - loop: whose thread everything here is called on: the process's first.
  ///   - service: the thread and the table of links that it shares with others.
  ///   - mark: how ours are told from others'.
  ///   - program: the pppd to run.
  public init(loop: EventLoop, service: NetlinkService, mark: LinkMark, program: String? = nil) {
    self.loop = loop
    self.service = service
    self.mark = mark
    self.program = program ?? PPPDaemonOptions.program
    let brand = "PWMGR_PPP=\(mark.prefix)netns=\(StateFile.namespace)"
    environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", brand]
    LeftoverProcesses.end(branded: brand)
    service.monitor.observe { [weak self] in self?.linkChanged($0) }
    timer = loop.makeTimer { [weak self] in self?.retry() }
  }

  /// Whether requests are for this keeper: those of a PPP link, and the end of one.
  public func claims(_ owner: LinkOwner, _ requests: [LinkRequest]) -> Bool {
    links[owner] != nil || PPPKeeper.termination(in: requests) != nil
  }

  /// Replaces what a pseudowire wants.
  ///
  /// - Parameters:
  ///   - owner: whose link.
  ///   - requests: what is wanted; empty takes the link down.
  ///   - channel: the end of the pseudowire's session, if the data plane has one to give.
  ///   - completion: called when a link that is wanted is on its way, or when nothing is left of one that is not.
  public func setLinks(
    _ owner: LinkOwner, _ requests: [LinkRequest], channel: PPPChannel?, completion: @escaping () -> Void
  ) {
    let request = PPPKeeper.termination(in: requests)
    guard let link = links[owner] ?? request.map({ _ in PPPLink(owner: owner) }) else { return completion() }
    links[owner] = link
    let (old, oldChannel) = (link.request, link.channel)
    if let old, owners[old.name] == owner { owners[old.name] = nil }
    link.request = request
    link.channel = channel
    guard let request, request.isUp else {
      link.failure = nil
      link.failures = 0
      link.retryAt = nil
      link.waiters.append(completion)
      return link.process == nil ? settle(link) : end(link)
    }
    owners[request.name] = owner
    if link.process != nil, !link.isEnding, let old {
      if oldChannel?.key != channel?.key || !PPPLink.canGoOn(old, with: request) {
        end(link)
      } else if old.mtuOctets != request.mtuOctets {
        adaptMTU(of: link)
      }
    } else if link.process == nil, oldChannel?.key != channel?.key || link.retryAt == nil {
      start(link)
    }
    report(link)
    completion()
  }

  /// Ends every link, runs what is to be run then, and calls back.
  public func stop(expectedAt expected: Instant, completion: @escaping () -> Void) {
    stopped = completion
    for link in links.values {
      link.request = nil
      link.retryAt = nil
      if link.process == nil { settle(link) } else { end(link) }
    }
    stepStopping()
  }

  private static func termination(in requests: [LinkRequest]) -> LinkRequest.PPPTermination? {
    for case .pppTermination(let link) in requests { return link }
    return nil
  }
}

// MARK: - A pppd's life

extension PPPKeeper {
  private func start(_ link: PPPLink) {
    guard let request = link.request, request.isUp, link.process == nil else { return }
    link.retryAt = nil
    link.failure = nil
    link.upSince = nil
    link.agreedMTUOctets = nil
    link.markedIndex = nil
    link.output = PPPDaemonOutput()
    do throws(StepFailure) {
      guard let channel = link.channel else {
        throw StepFailure(message: "the data plane carries no PPP; write 'data-plane: kernel'")
      }
      channel.release()
      link.process = try launch(request, channel, link)
      notice(.debug, link, "pppd is process \(link.process?.identifier ?? 0)")
    } catch {
      failed(link, error.message)
    }
  }

  private func launch(
    _ request: LinkRequest.PPPTermination, _ channel: PPPChannel, _ link: PPPLink
  ) throws(StepFailure) -> ConfinedProcess {
    var secrets = PPPDaemonOptions.Secrets(unguessable: PPPKeeper.unguessable())
    if let credentials = request.credentials { secrets.own = try SecretFile.read(credentials.secretFile) }
    if let demand = request.demand { secrets.peer = try SecretFile.read(demand.secretFile) }
    let options = PPPDaemonOptions(request, secrets: secrets)
    do throws(SystemError) {
      return try ConfinedProcess(
        .init(
          program: program, arguments: options.arguments, environment: environment, channel: channel.socket.rawValue,
          emptyFolders: PPPDaemonOptions.emptyFolders, files: options.files),
        on: loop
      ) { [weak self, unowned link] in
        self?.heard($0, from: link)
      } ended: { [weak self, unowned link] in
        self?.ended(link, $0)
      }
    } catch {
      throw StepFailure(message: PPPKeeper.explain(error))
    }
  }

  private func heard(_ octets: [UInt8], from link: PPPLink) {
    for line in link.output.take(octets) where lines.allows(at: loop.now) { notice(.debug, link, "pppd: \(line)") }
  }

  private func ended(_ link: PPPLink, _ end: ProcessEnd) {
    let wasEnded = link.isEnding
    link.process = nil
    link.isEnding = false
    hooks.linkIsDown(link.owner)
    if wasEnded { return link.isWanted ? start(link) : settle(link) }
    let exit = PPPDaemonExit(end, lastWords: link.output.lastWords)
    switch exit.consequence {
    case .startsAgain: failed(link, exit.reason)
    case .endsSession:
      link.failure = exit.reason
      report(link)
      if let channel = link.channel { delegate?.linkBackendTold(.ended(channel.key, reason: exit.reason)) }
    }
  }

  /// A pppd could not be started, or died: another one follows.
  private func failed(_ link: PPPLink, _ message: String) {
    if let since = link.upSince, loop.now - since >= PPPKeeper.stableTime { link.failures = 0 }
    link.upSince = nil
    link.failure = message
    let delay = min(PPPKeeper.firstDelay * (1 << min(link.failures, 6)), PPPKeeper.longestDelay)
    link.failures += 1
    link.retryAt = loop.now + delay
    schedule()
    report(link)
  }

  private func end(_ link: PPPLink) {
    link.isEnding = true
    link.process?.kill()
  }

  /// Nothing is left of a link that is not wanted.
  private func settle(_ link: PPPLink) {
    if link.request == nil {
      links[link.owner] = nil
    } else {
      report(link)
    }
    let waiters = link.waiters
    link.waiters = []
    for waiter in waiters { waiter() }
    stepStopping()
  }

  private func stepStopping() {
    guard let stopped, links.isEmpty else { return }
    self.stopped = nil
    hooks.stop(completion: stopped)
  }

  private func retry() {
    let now = loop.now
    for link in Array(links.values) where link.retryAt.map({ $0 <= now }) ?? false {
      start(link)
      report(link)
    }
    schedule()
  }

  private func schedule() {
    if let timer { loop.setTimer(timer, at: links.values.compactMap(\.retryAt).min()) }
  }

  /// Octets that nobody can guess, as text.
  private static func unguessable() -> String {
    (0..<4).map { _ in String(UInt64.random(in: 0...UInt64.max), radix: 36) }.joined()
  }
}

// MARK: - Changes of the interface and reports

extension PPPKeeper {
  private func linkChanged(_ change: LinkChange) {
    let name =
      switch change {
      case .changed(_, let new): new.name
      case .removed(let link), .addressed(let link): link.name
      }
    guard let owner = owners[name], let link = links[owner] else { return }
    report(link)
  }

  /// Tells what has become of a link, if that is news.
  private func report(_ link: PPPLink) {
    guard let request = link.request else { return }
    let found = link.process == nil ? nil : service.monitor[request.name]
    let interface = found?.kind == "ppp" ? found : nil
    let addresses = interface.map { service.monitor.addresses(of: $0.index) } ?? []
    let problems = link.problems(interface: interface, addresses: addresses)
    var report = LinkReport(
      owner: link.owner, problems: problems.map { ForwardingObstacle(.links, $0) }, mtuOctets: interface?.mtuOctets)
    let words = addresses.map(\.words).sorted()
    report.addresses = words
    if let interface { mark(interface, of: link) }
    if report.problems.isEmpty, request.isUp, link.upSince == nil {
      link.upSince = loop.now
      link.agreedMTUOctets = interface?.mtuOctets
      notice(
        .info, link, "PPP is up on \(request.name): \(words.joined(separator: ", ")), MTU \(interface?.mtuOctets ?? 0)")
      hooks.linkIsUp(
        link.owner, request.hooks,
        .init(interface: request.name, mtuOctets: interface?.mtuOctets ?? 0, addresses: addresses))
    }
    guard report != link.reported else { return }
    link.reported = report
    delegate?.linkBackendTold(.reported(report))
  }

  private func mark(_ interface: LinkInfo, of link: PPPLink) {
    guard link.markedIndex != interface.index else { return }
    link.markedIndex = interface.index
    var settings = LinkSettings()
    settings.alias = mark.alias(of: link.owner)
    // Its addresses are those that are agreed on.
    if interface.generatesAddresses == true { settings.generatesAddresses = false }
    change(interface, settings, of: link)
  }

  /// The path takes larger or smaller packets than before: so does the link, up to what the ends agreed on.
  private func adaptMTU(of link: PPPLink) {
    guard let request = link.request, let agreed = link.agreedMTUOctets, let interface = service.monitor[request.name]
    else { return }
    var settings = LinkSettings()
    settings.mtuOctets = min(request.mtuOctets, agreed)
    change(interface, settings, of: link)
  }

  private func change(_ interface: LinkInfo, _ settings: LinkSettings, of link: PPPLink) {
    service.submit(.make) { sockets -> Result<StepFindings, StepFailure> in
      Result { () throws(StepFailure) in
        try LinkStep.perform([.set(interface.index, name: interface.name, settings)], sockets)
      }
    } completion: { [weak self, weak link] result in
      // An interface that has gone meanwhile wants nothing.
      guard let self, let link, case .failure(let failure) = result, service.monitor.links[interface.index] != nil
      else { return }
      notice(.warning, link, failure.message)
    }
  }

  private func notice(_ level: Event.Level, _ link: PPPLink, _ message: String) {
    notice(level, link.owner, message)
  }
  private func notice(_ level: Event.Level, _ owner: LinkOwner, _ message: String) {
    delegate?.linkBackendTold(
      .noticed(Event(level, .ppp, tunnel: owner.tunnel, pseudowire: owner.pseudowire, message)))
  }
}
