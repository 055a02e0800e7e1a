import FoundationEssentials
import PWCore
import PWLinux

/// Runs the programs of a folder for the events that a feed reads.
final class HookRunner {
  /// Complaints that are remembered, so that each is made once.
  private static let maximumComplaints = 256
  /// How long the programs that run at the end may take.
  static let stopTime = Duration.seconds(5)
  /// Programs that wait before no more events are asked for: the daemon keeps those meanwhile.
  private static let crowd = 512
  /// The time after which a crowd is looked at again.
  private static let pause = Duration.milliseconds(250)
  /// Lines of one second that go into the log, of all programs together.
  private static let linesPerSecond = 50

  private let folder: HookFolder
  private let loop: EventLoop
  private let say: (String) -> Void
  private let limits: ProgramQueues.Limits
  private lazy var queues = ProgramQueues(loop: loop, limits: limits) { [unowned self] in hear($1, of: $0) }
  private lazy var timer = loop.makeTimer { [unowned self] in follow() }
  private var feed: EventFeed
  private var complaints: Set<String> = []
  private var lines = RateLimit(perSecond: HookRunner.linesPerSecond)
  private var isStopping = false
  /// Called once, when the daemon has answered or is found not to be there: no event from then on is missed.
  private var begun: (() -> Void)?

  /// A runner that hears no events yet.
  ///
  /// - Parameters:
  ///   - folder: the programs; looked at anew for each event.
  ///   - feed: the events.
  ///   - timeLimit: of one program.
  ///   - loop: whose thread everything is called on: the process's first.
  ///   - say: takes the lines of its log.
  init(
    folder: HookFolder, feed: EventFeed, timeLimit: Duration, loop: EventLoop, say: @escaping (String) -> Void
  ) {
    self.folder = folder
    self.feed = feed
    self.loop = loop
    self.say = say
    limits = .init(time: timeLimit)
  }

  /// Reads events from now on.
  ///
  /// - Parameter begun: called once, when none is missed any more.
  func start(begun: @escaping () -> Void) {
    self.begun = begun
    follow()
  }

  /// Ends, with the programs that run.
  func stop(completion: @escaping () -> Void) {
    isStopping = true
    queues.stop(atMost: Self.stopTime, completion: completion)
  }

  /// Asks for the next events once these have been taken, and there is room for more.
  private func follow() {
    guard !isStopping else { return }
    guard queues.waitingCount < Self.crowd else { return loop.setTimer(timer, after: Self.pause) }
    loop.offload { [feed] in
      var feed = feed
      let items = feed.next()
      return (feed, items)
    } completion: { [weak self] (feed: EventFeed, items: [EventFeed.Item]) in
      guard let self else { return }
      self.feed = feed
      for item in items { hear(item) }
      begun?()
      begun = nil
      follow()
    }
  }

  private func hear(_ item: EventFeed.Item) {
    switch item {
    case .event(let record): run(record)
    case .lost(let count): say(EventLoss(count: count).words)
    case .gone(let words): say("\(words); trying again")
    case .back: say("the daemon answers")
    }
  }

  private func run(_ record: EventRecord) {
    let selection = folder.programs(for: record.kind)
    for complaint in selection.complaints { complain(complaint) }
    let object = [record.tunnel, record.pseudowire].compactMap { $0 }.joined(separator: "/")
    for program in selection.programs {
      queues.add(
        .init(program: program, environment: record.environment, input: Array("\(record.jsonLine)\n".utf8)),
        of: object)
    }
  }

  private func hear(_ news: ProgramQueues.News, of run: ProgramQueues.Run) {
    switch news {
    case .said(let line):
      guard lines.allows(at: loop.now) else { return }
      let missing = lines.takeExcess()
      if missing > 0 { say("\(missing) more lines of programs are not shown") }
      say("\(run.program): \(line)")
    case .failed(let words): say("\(run.program) \(words)")
    case .refused(let words): complain(words)
    }
  }

  /// Says what is wrong with the folder or a program, once: it may be so at each event.
  private func complain(_ complaint: String) {
    if complaints.count >= Self.maximumComplaints { complaints = [] }
    if complaints.insert(complaint).inserted { say(complaint) }
  }
}

extension EventRecord {
  /// The event as a program's environment has it: the names are those of the journal's fields.
  var environment: [String] {
    var entries = ["PWMGR_KIND=\(kind)", "PWMGR_LEVEL=\(level)", "PWMGR_MESSAGE=\(message)"]
    if let tunnel { entries.append("PWMGR_TUNNEL=\(tunnel)") }
    if let pseudowire { entries.append("PWMGR_PSEUDOWIRE=\(pseudowire)") }
    for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
      entries.append("\(JournalEntry.name(ofField: name))=\(value.text)")
    }
    // The end of a text, for programs.
    return entries.map { $0.replacing("\0", with: "?") }
  }
}

extension EventRecord.Value {
  /// On one line, several values with a space between them.
  fileprivate var text: String {
    switch self {
    case .text(let text): text
    case .number(let number): String(number)
    case .texts(let texts): texts.joined(separator: " ")
    }
  }
}
