public import PWCore

/// Keeps the machine's links as the pseudowires and the site want them, whichever data plane the sessions' interfaces
/// are of.
///
/// Each link is a subject of its own: what is wanted of it is compared with what the kernel says of it, and the
/// difference becomes at most one job in flight. So the cost of an event does not grow with the number of links, and
/// whatever somebody else changes comes out as a difference again. Links that we make carry our mark; the changes to
/// links of others are in the state file, and are undone.
public final class LinkKeeper: LinkBackend {
  /// The MTU where there is no LAN to ask, in octets.
  static let usualMTUOctets = 1500
  /// How soon a subject that failed is tried again by itself.
  private static let retryDelay = Duration.seconds(5)

  /// The delegate, told of reports and events; at once of what was found at the start.
  public weak var delegate: (any LinkBackendDelegate)? {
    didSet {
      for event in unheard { notice(event) }
      unheard = []
    }
  }
  private var unheard: [Event] = []

  let loop: EventLoop
  let service: NetlinkService
  let monitor: LinkMonitor
  let mark: LinkMark
  let stateFile: StateFile
  var jobs = JobTable<Subject>()
  /// The settings that links have by our jobs.
  var attained = AttainedSettings()
  var owners: [LinkOwner: OwnerState] = [:]
  var sessions: [String: SessionWish] = [:]
  var bridges: [String: BridgeState] = [:]
  var bridgeNames: [Int32: String] = [:]
  var memberUses: [String: MemberUse] = [:]
  var refusals: [String: String] = [:]
  /// By the link's name.
  var placedAddresses: [String: PlacedAddresses] = [:]
  var vlans: [VLANPlace: VLANUse] = [:]
  /// VLANs that are wanted or still have to be undone, by their port.
  var carried: [String: Set<VLANPlace>] = [:]
  var knownPorts: [String: KnownPort] = [:]
  var watched: Set<String> = []
  var reportedLinks: [String: LinkState] = [:]
  var peers: [IPAddress] = []
  /// Why the state file cannot be written, as long as that is so.
  var stateFileFault: String?
  /// Set once all sessions end.
  let areSessionsGone = CloseFlag()
  private var retryTimer: EventLoop.TimerID?
  /// The firewall's effect on bridged frames, as far as it is known.
  var firewall = BridgeFirewall()
  /// Where its switches are.
  var firewallFolder = BridgeFirewall.usualFolder
  var firewallTimer: EventLoop.TimerID?
  var disabledPorts = DisabledPorts()
  var isAwaitingDisabledPorts = false
  var portTimer: EventLoop.TimerID?
  /// Set once a stop is not waited for any more.
  let isGivenUp = CloseFlag()
  var stopping: Stopping?

  /// Undoes what an earlier run of the same site and instance left, and follows the machine's links.
  ///
  /// - Parameters:
  ///   - loop: whose thread everything here is called on.
  ///   - service: the thread and the table of links that it shares with the kernel data plane.
  ///   - mark: how ours are told from others'.
  ///   - stateFilePath: an absolute path of its own for each site and instance, on a file system that a reboot empties:
  ///     `/run/pwmgr/NAME.state`.
  /// - Throws: when another process holds the state file, or it cannot be written.
  public init(loop: EventLoop, service: NetlinkService, mark: LinkMark, stateFilePath: String) throws(EffectFailure) {
    self.loop = loop
    self.service = service
    monitor = service.monitor
    self.mark = mark
    do throws(SystemError) {
      stateFile = try StateFile(path: stateFilePath, mark: mark)
      unheard = try Recovery(monitor: monitor, mark: mark).run(stateFile).map { words in
        Event(
          .warning, .linkLeftover, fields: [.text(.file, stateFilePath)],
          "\(stateFilePath) does not agree with the machine's links, so this was not undone: \(words); check it, and "
            + "correct it by hand if an earlier run left it so")
      }
    } catch {
      throw EffectFailure("\(error)", isTemporary: false)
    }
    monitor.drain()
    monitor.observe { [weak self] in self?.linkChanged($0) }
    monitor.observePortVLANs { [weak self] in self?.portVLANsChanged(of: $0) }
    let timer = loop.makeTimer { [weak self] in self?.retry() }
    retryTimer = timer
  }

  /// Whether an earlier run of the same site and instance ended without taking down what it had made.
  public var followsCrash: Bool { stateFile.followsCrash }

  func notice(_ event: Event) { delegate?.linkBackendTold(.noticed(event)) }

  /// Tells the addresses of the site's peers: a link that leads to one of them is refused as a member.
  public func setPeers(_ peers: [IPAddress]) { self.peers = peers }

  /// Names links whose state is wanted besides the bridges' members: the members of point-to-point pseudowires, from
  /// the start and not only once their session is there.
  public func watch(_ names: Set<String>) {
    watched = names
    for name in names { reportLink(name) }
  }

  /// Every session ends, and its interface with it: from now on none of them is taken down by itself, which takes the
  /// kernel seconds for thousands.
  public func letSessionsGo() { areSessionsGone.set() }
}

// MARK: - State

extension LinkKeeper {
  /// One link that is brought to its wanted state.
  enum Subject: Hashable {
    case session(String)
    case bridge(String)
    case member(String)
    case vlan(VLANPlace)
  }

  /// A pseudowire's requests, as they concern its subjects.
  struct OwnerState {
    var session: String
    var member: String?
    /// The VLANs of the member, if it is not the whole of it.
    var vlans: [VLANPlace] = []
    /// Those of them that failed.
    var failedVLANs = FailedVLANs()
    var report: LinkReport?
  }

  /// A bridge of the site, or one that still has to be undone.
  struct BridgeState {
    var declaration: BridgeDeclaration?
    /// Sessions' interfaces that are to join it.
    var sessions: Set<String> = []
    /// The links of the LAN: ports that are not a pseudowire's, with their MTU in octets.
    var lan: [String: Int] = [:]
    var isAddressFixed = false
    var isMTUFixed = false
    /// Why it cannot be used, as its plan says.
    var problem: String?
    /// The part of the declaration that is not done though the bridge can be used, as its plan says.
    var remark: String?
    /// The state of the bridge that the links that join it were told last.
    var known: Known?
    /// The problems that were reported last.
    var reported: [String]?

    /// The properties of a bridge that matter to the links that join it.
    struct Known: Equatable {
      var index: Int32
      var isUp: Bool
      var spanningTree: Bool?
      var filtersVLANs: Bool?
      var usualVLAN: UInt16?
    }
  }
}

// MARK: - Jobs

extension LinkKeeper {
  /// Looks at a subject of which something else is wanted: jobs up to now were for what was wanted before, and say
  /// nothing of anybody who undoes them.
  func renew(_ subject: Subject) {
    jobs.renew(subject)
    touch(subject)
  }

  /// Looks at a subject: now, or when its job is done.
  func touch(_ subject: Subject) {
    if jobs.touch(subject) { advance(subject) }
  }

  private func advance(_ subject: Subject) {
    let work = plan(subject)
    guard !work.steps.isEmpty else {
      jobs.isAsWanted(subject)
      return settle(subject)
    }
    guard jobs.admit(subject, at: loop.now) else {
      return rest(
        subject, "another program keeps changing \(subject.name); find it and stop it (NetworkManager, networkd?)")
    }
    if let change = work.before, let fault = record(change) {
      return rest(subject, "the state file cannot be written, so nothing is changed: \(fault)")
    }
    noteUndone(by: work.steps)
    jobs.begin(subject)
    let (steps, isGivenUp, isNeedless) = (work.steps, isGivenUp, work.endsSession ? areSessionsGone : nil)
    let inquiry = monitor.makeInquiry()
    service.submit(work.priority) { sockets -> Result<StepFindings, StepFailure> in
      if isNeedless?.value == true { return .success(StepFindings()) }
      // A change made before a step that failed is asked for as well.
      defer { for link in LinkStep.settings(in: steps) { inquiry.ask(link.index, name: link.name) } }
      return Result { () throws(StepFailure) in try LinkStep.perform(steps, sockets, unless: isGivenUp) }
    } completion: { [weak self] result in
      self?.completed(subject, work, inquiry, result)
    }
  }

  /// A subject gets no job now: it is tried again later.
  private func rest(_ subject: Subject, _ reason: String) {
    jobs.fail(subject, reason)
    scheduleRetry()
    settle(subject)
  }

  private func completed(
    _ subject: Subject, _ work: Work, _ inquiry: LinkInquiry, _ reply: Result<StepFindings, StepFailure>
  ) {
    let result = confirmed(reply, work, inquiry)
    let wasDirty = jobs.end(subject)
    switch result {
    case .success(let findings):
      jobs.isAsWanted(subject)
      noteAttained(by: work.steps)
      work.succeeded(findings)
      advance(subject)
    case .failure(let failure):
      forgetAttained(by: work.steps)
      let isNews = jobs.fail(subject, failure.message)
      if isNews { notice(Event(level(of: failure, subject), .linkFault, failure.message)) }
      scheduleRetry()
      if wasDirty, isNews { advance(subject) } else { settle(subject) }
    }
  }

  /// A subject has no job in flight.
  private func settle(_ subject: Subject) {
    let waiters = jobs.takeWaiters(of: subject)
    report(subject)
    if isForgotten(subject) {
      jobs.forget(subject)
      if case .vlan(let place) = subject { forget(place) }
    }
    for waiter in waiters { waiter() }
    if stopping != nil { stepStopping() }
  }

  /// Calls back once none of the subjects has a job in flight.
  func whenIdle(_ subjects: [Subject], _ completion: @escaping () -> Void) {
    if jobs.areIdle(subjects, orCall: { [weak self] in self?.whenIdle(subjects, completion) }) { completion() }
  }

  private func scheduleRetry() {
    if let retryTimer { loop.setTimer(retryTimer, after: LinkKeeper.retryDelay) }
  }

  private func retry() {
    for subject in jobs.failed { touch(subject) }
  }
}

extension LinkKeeper.Subject {
  /// The interface name of the link; of a VLAN its tag and port in words, as in `VLAN 111 of eth1`.
  var name: String {
    switch self {
    case .session(let name), .bridge(let name), .member(let name): name
    case .vlan(let place): place.text
    }
  }
}
