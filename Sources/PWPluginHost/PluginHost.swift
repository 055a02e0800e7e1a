import DequeModule
public import PWCore
public import PWLinux
import PWPluginWire

/// One plugin in another process, for as long as a site uses it: it is started, asked, and started again when it ends, after a
/// pause that grows. Everything runs on the loop's thread.
///
/// It is told nothing that it could not be told again: every question holds all of the session, and `gc` names all sessions after
/// each start.
public final class PluginHost {
  /// Receives the answer to a question.
  public typealias Completion = (PluginAnswer) -> Void

  /// The plugin as the site declares it: its name in `type:`, its executable, and the rest.
  public private(set) var declaration: PluginDeclaration
  let loop: EventLoop
  let version: String
  let log: (Event) -> Void
  private let patience: PluginPatience
  /// The site's bridges: no other may be joined.
  var bridges: Set<String> = []

  var conversation: PluginConversation?
  private(set) var state = PluginReport.State.stopped
  private var since: Instant
  private(set) var identity: PluginIdentity?
  private var failures = 0
  private var starts = 0
  private var lastFault: PluginFault?
  private var startTimer: EventLoop.TimerID?
  private var pollTimer: EventLoop.TimerID?
  private var stopped: (() -> Void)?
  private var statusProblems: [String] = []
  private var messages: Deque<PluginReport.Message> = []
  private var nextStart: Instant?

  /// The state of each session that the plugin has been asked about.
  var sessions: [LinkOwner: SessionState] = [:]
  /// Sessions that have something to say, in order.
  var ready: Deque<LinkOwner> = []
  private var nextStatus: Instant
  var nextCheck: Instant

  /// A plugin that is not started yet.
  ///
  /// - Parameters:
  ///   - declaration: which.
  ///   - version: pwmgr's own, which it is told.
  ///   - loop: the loop whose thread everything runs on.
  ///   - patience: how long it is waited for.
  ///   - log: told of what happens to it, and of what it says.
  public init(
    _ declaration: PluginDeclaration, version: String, loop: EventLoop, patience: PluginPatience = .usual,
    log: @escaping (Event) -> Void
  ) {
    self.patience = patience
    self.declaration = declaration
    self.version = version
    self.loop = loop
    self.log = log
    since = loop.now
    nextStatus = loop.now
    nextCheck = loop.now
    startTimer = loop.makeTimer { [unowned self] in launch() }
    pollTimer = loop.makeTimer { [unowned self] in poll() }
  }

  deinit {
    for timer in [startTimer, pollTimer].compactMap({ $0 }) { loop.removeTimer(timer) }
  }

  /// Starts it, if it is not running: also while it waits to be started again.
  public func start() {
    guard stopped == nil else { return }
    switch state {
    case .stopped: launch()
    case .waiting: if let startTimer { loop.setTimer(startTimer, at: loop.now) }
    case .starting, .running: break
    }
  }

  /// Tells it to end; `completion` is called when it has, two seconds later at most.
  public func stop(completion: @escaping () -> Void) {
    stopped = completion
    if let startTimer { loop.setTimer(startTimer, at: nil) }
    if let pollTimer { loop.setTimer(pollTimer, at: nil) }
    guard let conversation else { return finishStop() }
    change(to: .stopped)
    conversation.finish()
  }

  /// The state of the plugin's process, for `status`.
  public var report: PluginReport {
    let fault = state == .waiting || state == .starting ? lastFault.map { [$0.description] } ?? [] : []
    return PluginReport(
      name: declaration.name, path: declaration.path, state: state, since: since, version: identity?.version,
      processIdentifier: conversation?.processIdentifier, restarts: max(0, starts - 1),
      problems: fault + statusProblems, messages: Array(messages), nextStart: state == .waiting ? nextStart : nil)
  }

  // MARK: Its life

  private func change(to new: PluginReport.State) {
    state = new
    since = loop.now
  }

  private func launch() {
    starts += 1
    change(to: .starting)
    identity = nil
    do throws(PluginFault) {
      try PluginFile.check(declaration.path)
      let conversation = try open()
      self.conversation = conversation
      conversation.ask(.version, { [version] in .version($0, pwmgr: version) }) { [weak self] in self?.presented($0) }
    } catch {
      ended(error)
    }
  }

  private func open() throws(PluginFault) -> PluginConversation {
    do throws(SystemError) {
      return try PluginConversation(
        path: declaration.path, loop: loop, patience: patience,
        listener: .init(
          logged: { [unowned self] in hear($0, $1) }, ended: { [unowned self] in ended($0) }))
    } catch {
      throw PluginFault("cannot \(error)")
    }
  }

  private func presented(_ result: Result<PluginResponse, PluginFault>) {
    // Its end is told otherwise.
    guard case .success(let response) = result, state == .starting else {
      if case .failure(let fault) = result { conversation?.end(fault) }
      return
    }
    do throws(PluginFault) {
      let identity = try response.identity()
      guard identity.type == declaration.type, identity.payload == declaration.payload else {
        throw PluginFault(
          "it now says that it signals type \(identity.type.rawValue), but it said otherwise when the site was read; "
            + "reload the site")
      }
      self.identity = identity
      change(to: .running)
      note(.info, "plugin \(identity.version) is running, process \(conversation?.processIdentifier ?? 0)")
      collectGarbage()
      nextStatus = loop.now + PluginLimits.statusInterval
      nextCheck = loop.now + PluginLimits.checkInterval
      setPollTimer()
      pump()
    } catch {
      conversation?.end(error)
    }
  }

  private func ended(_ fault: PluginFault) {
    conversation = nil
    statusProblems = []
    if let pollTimer { loop.setTimer(pollTimer, at: nil) }
    if stopped != nil { return finishStop() }
    if state == .running, loop.now - since >= PluginLimits.stableTime { failures = 0 }
    failures += 1
    lastFault = fault
    let pause = PluginHost.pause(afterFailures: failures)
    change(to: .waiting)
    note(.error, "\(fault); it is started again in \(pause.components.seconds) s")
    nextStart = loop.now + pause
    if let startTimer { loop.setTimer(startTimer, at: nextStart) }
    refuseNewcomers()
  }

  /// The pause before the next start: twice as long after each failure in a row, up to a limit.
  static func pause(afterFailures failures: Int) -> Duration {
    let factor = 1 << min(failures - 1, 16)
    return min(PluginLimits.firstPause * factor, PluginLimits.longestPause)
  }

  private func finishStop() {
    change(to: .stopped)
    let completion = stopped
    stopped = nil
    completion?()
  }

  /// Why it cannot be asked now; nil while it can, or soon will.
  var obstacle: String? {
    guard state == .waiting || state == .stopped else { return nil }
    return "plugin '\(declaration.name)' is not running: \(lastFault?.description ?? "it has ended")"
  }

  /// Writes a message of the plugin for people into the log, and keeps the last ones.
  private func hear(_ level: Event.Level, _ message: String) {
    messages.append(.init(at: loop.now, text: message))
    if messages.count > PluginLimits.keptMessages { messages.removeFirst() }
    note(level, message)
  }

  func note(_ level: Event.Level, _ message: String) {
    log(Event(level, .plugin, fields: [.text(.plugin, declaration.name)], "plugin \(declaration.name): \(message)"))
  }

  // MARK: Periodic questions

  private func setPollTimer() {
    guard let pollTimer, let identity else { return }
    var next: [Instant] = []
    if identity.verbs.contains(.status) { next.append(nextStatus) }
    if identity.verbs.contains(.check) { next.append(nextCheck) }
    loop.setTimer(pollTimer, at: next.min())
  }

  private func poll() {
    guard state == .running, let identity else { return }
    if identity.verbs.contains(.status), nextStatus <= loop.now {
      nextStatus = loop.now + PluginLimits.statusInterval
      conversation?.ask(.status, { .status($0) }) { [weak self] in self?.reported($0) }
    }
    if identity.verbs.contains(.check), nextCheck <= loop.now {
      nextCheck = loop.now + PluginLimits.checkInterval
      beginCheck()
    }
    setPollTimer()
  }

  private func reported(_ result: Result<PluginResponse, PluginFault>) {
    let problems: [String] =
      switch result {
      case .success(let response): response.shownProblems()
      case .failure(let fault): ["it does not report its status: \(fault)"]
      }
    for problem in problems where !statusProblems.contains(problem) { note(.warning, problem) }
    statusProblems = problems
  }
}
