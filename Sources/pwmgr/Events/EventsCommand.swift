import ArgumentParser
import PWCore

/// `pwmgr events`: the daemon's events, as they come.
struct EventsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events",
    abstract: "Print the daemon's events as they come.",
    discussion: """
      Without --after, only events from now on are printed. The daemon keeps the last \(EventRing.capacity): \
      --after 0 begins with the oldest of them. The numbers of each run of the daemon count from 1: with --after RUN:SEQ, as `run` and `seq` of \
      --json have them, nothing is passed over or repeated after a restart. Over a restart of the daemon the command \
      goes on; it ends when it is interrupted.

      'pwmgr explain KIND' tells what an event of a kind means. docs/events.md describes the lines of --json.

      Exit status: 0, 64 for a usage error, 69 if no daemon answers at the start.
      """)

  @Flag(help: "Print a JSON object for each event, one line each.")
  var json = false

  @Option(
    help: ArgumentHelp("Begin behind the event with this number, of this run of the daemon.", valueName: "[run:]seq"),
    transform: EventPosition.read)
  var after: EventPosition?

  @Flag(help: "End when all events that there are have been printed.")
  var noFollow = false

  @Option(help: ArgumentHelp("Only events of this tunnel, or pseudowire; several may be given.", valueName: "name"))
  var tunnel: [String] = []

  @Option(
    help: ArgumentHelp("Only events of this kind; several may be given.", valueName: "kind"),
    completion: .list(EventKind.allCases.map(\.rawValue)), transform: Self.readKind)
  var kind: [EventKind] = []

  @Option(help: "Only events that are at least as important: \(LogLevel.words).")
  var level = LogLevel.info

  @OptionGroup var socket: ControlSocketOption

  func run() throws {
    let filter = EventFilter(owners: tunnel, kinds: Set(kind.map(\.rawValue)), level: level.eventLevel)
    var feed = EventFeed(
      client: ControlClient(path: socket.controlSocket), after: noFollow ? after ?? EventPosition() : after)
    do {
      guard !noFollow else { return try feed.readPresent { try show($0, filter) } }
      try feed.begin()
      while true {
        for item in feed.next() { try show(item, filter) }
      }
    } catch let failure as ControlFailure {
      throw failure.exit
    }
  }
}

extension EventsCommand {
  private func show(_ item: EventFeed.Item, _ filter: EventFilter) throws {
    switch item {
    case .event(let record):
      if filter.lets(record) { try show(json ? record.jsonLine : record.text) }
    case .lost(let count):
      let loss = EventLoss(count: count)
      if json { try show(loss.jsonLine) } else { StandardError.write("pwmgr: \(loss.words)") }
    case .gone(let words): StandardError.write("pwmgr: \(words); trying again")
    case .back: StandardError.write("pwmgr: the daemon answers again")
    }
  }

  private func show(_ line: String) throws { try StandardOutput.write("\(line)\n".utf8) }

  private static func readKind(_ text: String) throws -> EventKind {
    if let kind = EventKind(rawValue: text) { return kind }
    let hint = Spelling.hint(
      for: text, among: EventKind.allCases.map(\.rawValue), otherwise: "; docs/events.md lists them")
    throw ValidationError("'\(text)' is not a kind of event\(hint)")
  }
}

extension EventLoss {
  /// For people.
  var words: String {
    "\(count) event\(count == 1 ? " was" : "s were") missed: the daemon keeps the last \(EventRing.capacity)"
  }
}

/// The events that somebody wants to see.
struct EventFilter {
  /// Names of tunnels, or of pseudowires (`berlin/lan`); empty for all.
  var owners: [String]
  /// Names of kinds; empty for all.
  var kinds: Set<String>
  /// The least important one.
  var level: Event.Level

  /// Whether an event is wanted.
  func lets(_ record: EventRecord) -> Bool {
    guard kinds.isEmpty || kinds.contains(record.kind) else { return false }
    if let level = LogLevel(rawValue: record.level)?.eventLevel, level.rawValue < self.level.rawValue { return false }
    guard !owners.isEmpty else { return true }
    guard let tunnel = record.tunnel else { return false }
    return owners.contains(tunnel) || owners.contains("\(tunnel)/\(record.pseudowire ?? "")")
  }
}
