import Glibc
import PWCore

/// Runs the programs that a site names for its PPP links: one when packets begin to pass, another when they no longer
/// do. Those of one link run one after the other, each for a limited time; nothing waits for them but the end of pwmgr,
/// and that not for long.
final class PPPHooks {
  /// How long one may take before it is ended.
  static let timeLimit = Duration.seconds(30)
  /// How long those that are left may take when pwmgr stops, all of them together: it is to be gone in five seconds.
  static let stopTime = Duration.seconds(2)
  /// Lines of one second that go into the log, of all programs together.
  private static let linesPerSecond = 50

  /// The facts of its link that a program is told.
  struct Facts: Equatable {
    /// The name of the PPP interface.
    var interface: String
    /// Its MTU, as the two ends agreed on it.
    var mtuOctets: Int
    /// Its addresses, as the two ends agreed on them.
    var addresses: Set<LinkAddress>
  }

  private let loop: EventLoop
  private let timeLimit: Duration
  private let stopTime: Duration
  private let notice: (Event.Level, LinkOwner, String) -> Void
  private var queues: [LinkOwner: Queue] = [:]
  private var lines = RateLimit(perSecond: PPPHooks.linesPerSecond)
  private var stopped: (() -> Void)?

  /// Prepares the hooks; no program runs yet.
  ///
  /// - Parameters:
  ///   - loop: whose thread everything here is called on: the process's first.
  ///   - timeLimit: of one program.
  ///   - stopTime: of those that are left at the end.
  ///   - notice: told what went wrong, and what they print.
  init(
    loop: EventLoop, timeLimit: Duration = PPPHooks.timeLimit, stopTime: Duration = PPPHooks.stopTime,
    notice: @escaping (Event.Level, LinkOwner, String) -> Void
  ) {
    self.loop = loop
    self.timeLimit = timeLimit
    self.stopTime = stopTime
    self.notice = notice
  }

  /// Packets pass on a link from now on.
  func linkIsUp(_ owner: LinkOwner, _ hooks: LinkRequest.PPPTermination.Hooks, _ facts: Facts) {
    guard hooks != .init() else { return }
    let queue = queues[owner] ?? Queue(owner: owner)
    queues[owner] = queue
    queue.up = (hooks, facts)
    if let program = hooks.up { queue.waiting.append(Run(kind: .up, program: program, facts: facts)) }
    step(queue)
  }

  /// They no longer do; nothing if they did not.
  func linkIsDown(_ owner: LinkOwner) {
    guard let queue = queues[owner], let (hooks, facts) = queue.up else { return }
    queue.up = nil
    if queue.waiting.last?.kind == .up {
      // It has not run: there is nothing to take back, and the queue never holds more than two.
      queue.waiting.removeLast()
    } else if let program = hooks.down, queue.waiting.isEmpty {
      queue.waiting.append(Run(kind: .down, program: program, facts: facts))
    }
    step(queue)
  }

  /// Calls back when the last one has ended; the links are down already.
  func stop(completion: @escaping () -> Void) {
    stopped = completion
    guard !queues.isEmpty else { return stepStopping() }
    let limit = loop.makeTimer { [weak self] in self?.giveUp() }
    loop.setTimer(limit, after: stopTime)
  }

  private func giveUp() {
    for queue in queues.values {
      for run in queue.waiting { notice(.warning, queue.owner, "\(run.words) was not run: there was no time left") }
      queue.waiting = []
      queue.program?.end(after: stopTime)
    }
  }

  private func stepStopping() {
    guard let stopped, queues.isEmpty else { return }
    self.stopped = nil
    stopped()
  }
}

// MARK: - A program's life

extension PPPHooks {
  /// One run of a program, for a link that came up or went down.
  private struct Run {
    enum Kind: String {
      case up, down
    }
    var kind: Kind
    var program: String
    var facts: Facts

    /// The program as log lines name it.
    var words: String { "the '\(kind)' program \(program)" }

    /// What the program's environment says of the link.
    func environment(_ owner: LinkOwner) -> [String] {
      var entries = [
        "PWMGR_EVENT=\(kind)", "PWMGR_TUNNEL=\(owner.tunnel)", "PWMGR_PSEUDOWIRE=\(owner.pseudowire)",
        "PWMGR_INTERFACE=\(facts.interface)", "PWMGR_MTU=\(facts.mtuOctets)",
      ]
      for (family, suffix) in [(AddressFamily.v4, ""), (.v6, "_IPV6")] {
        guard let found = facts.addresses.first(where: { $0.family == family }) else { continue }
        entries.append("PWMGR_LOCAL\(suffix)=\(found.address)")
        if let peer = found.peer { entries.append("PWMGR_PEER\(suffix)=\(peer)") }
      }
      return entries
    }
  }

  /// The programs of one link.
  private final class Queue {
    let owner: LinkOwner
    /// The declared programs, and the facts agreed on when the link came up; nil while it is down.
    var up: (LinkRequest.PPPTermination.Hooks, Facts)?
    /// The runs that are still to come, in their order.
    var waiting: [Run] = []
    /// The program that runs now; nil while none does.
    var program: LimitedProgram?

    init(owner: LinkOwner) {
      self.owner = owner
    }
  }

  private func step(_ queue: Queue) {
    while queue.program == nil, !queue.waiting.isEmpty { start(queue.waiting.removeFirst(), in: queue) }
    guard queue.program == nil, queue.up == nil else { return }
    queues[queue.owner] = nil
    stepStopping()
  }

  private func start(_ run: Run, in queue: Queue) {
    do throws(LimitedProgram.Refusal) {
      queue.program = try LimitedProgram(
        .init(
          path: run.program, arguments: [run.kind.rawValue, run.facts.interface],
          environment: run.environment(queue.owner)),
        timeLimit: timeLimit, on: loop
      ) { [weak self, unowned queue] in
        self?.heard($0, of: run, in: queue)
      }
    } catch {
      notice(.warning, queue.owner, "\(run.words) cannot be run: \(error)")
    }
  }

  private func heard(_ news: LimitedProgram.News, of run: Run, in queue: Queue) {
    switch news {
    case .said(let line):
      if lines.allows(at: loop.now) { notice(.debug, queue.owner, "\(run.program): \(line)") }
    case .overran(let time):
      notice(.warning, queue.owner, "its program is killed: it has not finished within \(time)")
    case .ended(let end, let lastLine):
      queue.program = nil
      if let fault = end.fault(lastLine: lastLine) { notice(.warning, queue.owner, "\(run.words) \(fault)") }
      step(queue)
    }
  }
}
