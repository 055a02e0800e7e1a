import FoundationEssentials
import PWCore
import PWLinux

/// Runs the programs of a folder for the events that a feed reads.
final class HookRunner {
  /// Complaints that are remembered, so that each is made once.
  private static let maximumComplaints = 256
  /// How long the programs that run at the end may take.
  static let stopTime = Duration.seconds(5)

  private let folder: HookFolder
  private let loop: EventLoop
  private let say: (String) -> Void
  private let queues: ProgramQueues
  private var complaints: Set<String> = []

  /// A runner that hears no events yet.
  ///
  /// - Parameters:
  ///   - folder: the programs; looked at anew for each event.
  ///   - timeLimit: of one program.
  ///   - loop: whose thread everything is called on: the process's first.
  ///   - say: takes the lines of its log.
  init(folder: HookFolder, timeLimit: Duration, loop: EventLoop, say: @escaping (String) -> Void) {
    self.folder = folder
    self.loop = loop
    self.say = say
    queues = ProgramQueues(loop: loop, limits: .init(time: timeLimit)) { run, news in
      switch news {
      case .said(let line): say("\(run.program): \(line)")
      case .failed(let words): say("\(run.program) \(words)")
      }
    }
  }

  /// Reads events until the end; the next ones are asked for when these have been taken.
  func follow(_ feed: EventFeed) {
    loop.offload {
      var feed = feed
      // It throws nothing but what the system makes of a client, which it tells as an item.
      let items = (try? feed.next()) ?? []
      return (feed, items)
    } completion: { [weak self] (feed: EventFeed, items: [EventFeed.Item]) in
      for item in items { self?.hear(item) }
      self?.follow(feed)
    }
  }

  /// Ends, with the programs that run.
  func stop(completion: @escaping () -> Void) { queues.stop(atMost: Self.stopTime, completion: completion) }

  func hear(_ item: EventFeed.Item) {
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
