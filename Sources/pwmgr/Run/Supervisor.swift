import FoundationEssentials
import Glibc
import Logging
import PWCore
import PWCrypto
import PWLinux
import PWPluginHost

/// Starts the daemon's parts in order, hands them signals and requests, and ends them in order.
struct Supervisor {
  let sitePath: String
  let socketPath: String
  let dataPlane: DataPlaneChoice?
  let instance: String
  let stateDirectory: String
  let historyDirectory: String
  let fallsBack: Bool
  let recordingPath: String?
  let recordingLimit: RecordingLimit
  let pluginDirectory: String
  let logger: Logger

  /// The instance of who names none.
  static let usualInstance = "default"

  /// Runs until a signal ends it.
  func run() throws {
    let start = try load()
    for remark in start.site.remarks { logger.tell(.warning, .siteRemark, "\(remark)") }
    for aside in start.site.asides { logger.tell(.info, .siteRemark, "\(aside)") }
    try requirePrivilege()
    // Asked for once: what a peer sends must not be what finds out.
    if let refusal = CryptoAuthenticator.refusal { throw StartFailure(.unavailable, refusal) }
    let loop: EventLoop
    do {
      loop = try EventLoop()
      try run(start, on: loop)
    } catch let error as SystemError {
      throw StartFailure(.systemFault, "cannot \(error)")
    }
  }

  /// The site that a start begins with.
  private struct Start {
    /// It.
    var site: SiteLoader.Loaded
    /// Where it will be kept.
    var history: SiteHistory
    /// Why it is not that of the site file; nil if it is.
    var fallback: String?
  }

  /// Reads the site file; where that has errors, and it is allowed to fall back, the site that ran last.
  private func load() throws(StartFailure) -> Start {
    let loader = SiteLoader(path: sitePath, pluginDirectory: pluginDirectory)
    let history = SiteHistory(
      folder: historyDirectory, sitePath: sitePath, instance: instance == Self.usualInstance ? nil : instance,
      logger: logger)
    do throws(StartFailure) {
      let site = try loader.load()
      _ = try ControlGroups(of: site.site)
      return Start(site: site, history: history)
    } catch {
      guard fallsBack else { throw error }
      history.open()
      guard let (site, number, path) = history.latest(with: loader) else { throw error }
      for line in error.lines { logger.tell(.error, .siteRefused, "\(line)") }
      let fallback =
        "the site file is refused, and the site that ran last, number \(number) of the history (\(path)), runs "
        + "instead: \(error.summary.trimmingPrefix("pwmgr: "))"
      logger.tell(.error, .siteRefused, "\(fallback)")
      return Start(site: site, history: history, fallback: fallback)
    }
  }

  private func run(_ start: Start, on loop: EventLoop) throws {
    let loaded = start.site
    start.history.open()
    // The reader of the log may go: a line is lost then, and nothing else.
    signal(SIGPIPE, SIG_IGN)
    // Before any other thread exists, so that every thread leaves the signals to the loop.
    let signals = SignalRelay()
    try loop.watchSignals([SIGTERM, SIGINT, SIGHUP]) { signals.handler?($0) }
    let groups = try ControlGroups(of: loaded.site)
    let mark = LinkMark(site: loaded.site.name, instance: instance, routerID: loaded.site.routerID)
    let (netlink, links) = try openLinks(mark: mark, on: loop)
    let selected = try DataPlaneSelection(
      choice: dataPlane ?? loaded.site.dataPlane, site: loaded.site, loop: loop, netlink: netlink, mark: mark
    ).open()
    let daemon = try makeDaemon(loaded, selected, mark: mark, netlink: netlink, links: links, on: loop)
    let site = SiteSwitch(daemon, path: sitePath, groups)
    let trials = TrialKeeper(site, start.history, links: links, loop: loop, logger: logger)
    daemon.furtherProblems = { trials.problems + [start.history.problem].compactMap { $0 } }
    let reloading = Reloading(
      daemon, site, trials, start.history, SiteLoader(path: sitePath, pluginDirectory: pluginDirectory), logger)
    let events = EventDesk(ring: logger.ring ?? EventRing(), run: TrialToken.make(), loop: loop)
    let desk = ControlDesk(
      site: site, daemon: daemon, reloading: reloading, trials: trials, history: start.history, events: events)
    let server = try controlServer(desk, group: groups.members, loop: loop)
    site.server = server
    signals.handler = { signal in
      if signal != SIGHUP { trials.abandon() }
      handle(signal, daemon: daemon, reloading) {
        server.stop()
        loop.stop()
      }
    }
    logger.tell(
      .notice, .started,
      """
      pwmgr \(Version.number): site \(loaded.site.name), data plane \(selected.plane.kind.rawValue) \
      (\(selected.reason))
      """)
    if let fallback = start.fallback { daemon.fallback = fallback }
    daemon.start()
    trials.resume()
    if start.fallback == nil { start.history.add(loaded.octets, .start, on: loop) }
    try loop.run()
    logger.tell(.notice, .stopped, "stopped")
  }

  private func makeDaemon(
    _ loaded: SiteLoader.Loaded, _ selected: DataPlaneSelection.Selected, mark: LinkMark, netlink: NetlinkService,
    links: LinkKeeper, on loop: EventLoop
  ) throws -> Daemon {
    let recording = try recording(of: loaded.site, carriedBy: selected, from: loop.now)
    return Daemon(
      site: loaded.site, secrets: loaded.secrets, file: loaded.octets,
      parts: .init(
        loop: loop, dataPlane: selected.plane, dataPlaneReason: selected.reason,
        devices: BoundDevices(service: netlink, plane: selected.plane),
        protection: ProtectionKeeper(loop: loop, service: netlink), links: links,
        ppp: PPPKeeper(loop: loop, service: netlink, mark: mark),
        pppoe: PPPoEKeeper(loop: loop, service: netlink, authenticator: CryptoAuthenticator()),
        plugins: PluginHosts(version: Version.number, loop: loop) { [logger] in logger.write($0) },
        resolver: Resolver(loop: loop), logger: logger, serviceManager: ServiceManager(),
        recording: recording))
  }

  private func recording(
    of site: Site, carriedBy selected: DataPlaneSelection.Selected, from now: Instant
  ) throws(StartFailure) -> Recording? {
    guard let recordingPath else { return nil }
    let header = RecordingHeader(
      version: Version.number, site: site.name, processID: ProcessInfo.processInfo.processIdentifier,
      dataPlane: selected.plane.kind.rawValue, dataPlaneReason: selected.reason,
      beganMilliseconds: Int(Date().timeIntervalSince1970 * 1000), began: now)
    do throws(RecordingFailure) {
      return try Recording(path: recordingPath, limit: recordingLimit, header: header, logger: logger)
    } catch {
      throw StartFailure(.systemFault, "\(error)")
    }
  }

  /// The keeper of links first undoes what a crash of the same site and instance has left.
  private func openLinks(mark: LinkMark, on loop: EventLoop) throws -> (NetlinkService, LinkKeeper) {
    let name = instance == Self.usualInstance ? mark.site : "\(mark.site)-\(instance)"
    do throws(EffectFailure) {
      let netlink = try NetlinkService(loop: loop)
      let path = URL(filePath: stateDirectory).appending(path: "\(name).state").path
      return (netlink, try LinkKeeper(loop: loop, service: netlink, mark: mark, stateFilePath: path))
    } catch {
      throw StartFailure(.systemFault, error.message)
    }
  }

  private func handle(_ signal: Int32, daemon: Daemon, _ reloading: Reloading, stopped: @escaping () -> Void) {
    switch signal {
    case SIGHUP: reloading.begin(.reload)
    default:
      logger.tell(
        .notice, .stopping, "\(signal == SIGINT ? "interrupted" : "asked to end"): closing every session and tunnel")
      daemon.shutDown(completion: stopped)
    }
  }

  private func controlServer(_ desk: ControlDesk, group: gid_t?, loop: EventLoop) throws -> UnixSocketServer {
    do {
      return try UnixSocketServer(path: socketPath, group: group, loop: loop) { request, peer, reply in
        desk.answer(request, of: peer, reply)
      }
    } catch let error where error.code == EADDRINUSE {
      throw StartFailure(
        .unavailable,
        "another pwmgr answers at \(socketPath): stop it, or give this one its own --control-socket and --instance")
    } catch {
      throw StartFailure(.systemFault, "cannot open the control socket: \(error)")
    }
  }

  private func requirePrivilege() throws {
    let missing = Capability.missing(of: [.networkAdministration, .rawSockets])
    guard missing.isEmpty else {
      throw StartFailure(
        .noPermission,
        "missing \(missing.map(\.name).joined(separator: " and ")): run as root, or through the systemd unit that "
          + "'make install' installs")
    }
  }
}

/// Signals arrive at the loop before the daemon exists: they find their way once it does.
private final class SignalRelay {
  var handler: ((Int32) -> Void)?
}
