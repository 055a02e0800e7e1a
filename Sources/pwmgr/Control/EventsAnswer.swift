/// The daemon's answer to a request for events.
struct EventsAnswer: ControlAnswer, Equatable {
  /// Of this answer: the part before the point changes when a reader of the old one would go wrong.
  var format = "1.0"
  /// The run of the daemon: the numbers of another run count from 1 again.
  var run: String
  /// The events, the oldest first; not all, where there are many.
  var events: [EventRecord]
  /// How many events before these were wanted too, and are not kept any more.
  var lost: Int
  /// The number of the latest event of all.
  var latest: Int

  /// The most events of one answer.
  static let limit = 1_000

  init(run: String, _ part: EventRing.Part) {
    self.run = run
    events = part.entries.map { EventRecord($0, run: run) }
    (lost, latest) = (part.lostCount, part.latest)
  }
}

/// A request for events: those behind a number, or, with nil, none, for a reader that wants only later ones.
struct EventsRequest: Equatable {
  /// The number of the last event that the reader knows; nil if it is only asked which the latest one is.
  var after: Int?
  /// The run that the number is of; nil for the one that answers. Of another run, all events are answered.
  var run: String?

  /// Reads the words of a line behind the first one; nil where they are not a request.
  init?(words: some Collection<String>) {
    guard words.count <= 2 else { return nil }
    guard let first = words.first else { return }
    guard let number = Int(first), number >= 0 else { return nil }
    after = number
    run = words.dropFirst().first
  }

  init(after: Int? = nil, run: String? = nil) { (self.after, self.run) = (after, run) }

  /// The line that says it.
  var line: String { (["events"] + [after.map(String.init), run].compactMap { $0 }).joined(separator: " ") }
}
