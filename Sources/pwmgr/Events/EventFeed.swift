import ArgumentParser
import FoundationEssentials

/// An event, by its number, and the run of the daemon that the number is of, where that is known.
struct EventPosition: Equatable {
  var run: String?
  /// 0 is before all events.
  var number = 0

  /// Reads `812` or `0a1b2c3d:812`.
  static func read(_ text: String) throws -> EventPosition {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let last = parts.last, let number = Int(last), number >= 0, parts.count == 1 || !parts[0].isEmpty else {
      throw ValidationError("'\(text)' is not the number of an event; 0 is before all of them, as in --after 0")
    }
    return EventPosition(run: parts.count == 2 ? String(parts[0]) : nil, number: number)
  }
}

/// Reads the daemon's events one after the other, over restarts of the daemon.
struct EventFeed: Sendable {
  /// The daemon's client.
  private let client: ControlClient
  /// The last event that is known; nil if only later ones than those that there are are wanted.
  private var after: EventPosition?
  /// How far it has come; nil before the daemon has answered.
  private var position: Position?
  private var isGone = false

  /// A feed that has read nothing yet.
  ///
  /// - Parameters:
  ///   - client: the daemon's.
  ///   - after: the last event that is known; nil if only later ones than those that there are are wanted.
  init(client: ControlClient, after: EventPosition? = nil) {
    self.client = client
    self.after = after
  }

  /// Something that the reader hears.
  enum Item: Equatable, Sendable {
    /// An event.
    case event(EventRecord)
    /// So many events were missed.
    case lost(Int)
    /// The daemon does not answer, for this reason.
    case gone(String)
    /// The daemon answers again.
    case back
  }

  private struct Position {
    var run: String
    var number: Int
    var latest: Int
  }

  /// After an answer without an event.
  private static let shortPause = Duration.milliseconds(250)
  /// Between two attempts to reach a daemon that has gone.
  private static let pause = Duration.seconds(1)

  /// Asks the daemon where to begin.
  ///
  /// - Throws: where no daemon answers.
  mutating func begin() throws(ControlFailure) {
    let answer = try ask(EventsRequest())
    position = Position(run: answer.run, number: number(in: answer), latest: answer.latest)
  }

  /// Reads the events that there are, to the last one of this moment.
  ///
  /// - Throws: ``ControlFailure`` where no daemon answers; what `heard` throws.
  mutating func readPresent(_ heard: (Item) throws -> Void) throws {
    try begin()
    while let position, position.number < position.latest {
      let answer = try ask(EventsRequest(after: position.number, run: position.run))
      guard answer.run == position.run else { return }
      for item in take(answer, position) { try heard(item) }
    }
  }

  /// Waits for more, for a while. A daemon that is not there is waited for; one that was not there at the first call
  /// has all of its events read, because none of them is old.
  mutating func next() -> [Item] {
    do throws(ControlFailure) {
      guard let position else {
        try begin()
        return back()
      }
      let answer = try ask(EventsRequest(after: position.number, run: position.run))
      // There are too many readers to be made to wait.
      if answer.events.isEmpty { ForwardingCheck.sleep(Self.shortPause) }
      return back() + take(answer, position)
    } catch {
      if position == nil, error.isNobodyThere { after = EventPosition() }
      guard isGone else {
        isGone = true
        return [.gone(error.message)]
      }
      ForwardingCheck.sleep(Self.pause)
      return []
    }
  }

  private mutating func back() -> [Item] {
    defer { isGone = false }
    return isGone ? [.back] : []
  }

  /// The number to begin behind. One that this run has not reached is of another run.
  private func number(in answer: EventsAnswer) -> Int {
    guard let after else { return answer.latest }
    let isOfThisRun = after.run.map { $0 == answer.run } ?? (after.number <= answer.latest)
    return isOfThisRun ? after.number : 0
  }

  private mutating func take(_ answer: EventsAnswer, _ before: Position) -> [Item] {
    let isOfThisRun = answer.run == before.run
    position = Position(
      run: answer.run, number: answer.events.last?.number ?? (isOfThisRun ? before.number : 0),
      latest: isOfThisRun ? before.latest : answer.latest)
    return (answer.lost > 0 ? [.lost(answer.lost)] : []) + answer.events.map(Item.event)
  }

  private func ask(_ request: EventsRequest) throws(ControlFailure) -> EventsAnswer {
    let longest = Int(EventDesk.longestWait.components.seconds) + ControlClient.timeoutSeconds
    return try EventsAnswer(answer: client.ask(.events(request), timeoutSeconds: longest))
  }
}
