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
struct EventFeed {
  /// The daemon's client.
  let client: ControlClient
  /// The last event that is known; nil if only later ones than those that there are are wanted.
  let after: EventPosition?

  /// Something that the reader hears.
  enum Item: Equatable {
    /// An event.
    case event(EventRecord)
    /// So many events were missed.
    case lost(Int)
    /// The daemon does not answer, for this reason.
    case gone(String)
    /// The daemon answers again.
    case back
  }

  /// After an answer without an event.
  private static let shortPause = Duration.milliseconds(250)
  /// Between two attempts to reach a daemon that has gone.
  private static let pause = Duration.seconds(1)

  /// Reads on until there is nothing more, or, where it follows, for ever.
  ///
  /// - Throws: ``ControlFailure`` where no daemon answers at the start.
  func read(follows: Bool, _ heard: (Item) throws -> Void) throws {
    var position = try start()
    var isGone = false
    let end = position.latest
    while follows || position.number < end {
      do {
        let answer = try ask(EventsRequest(after: position.number, run: position.run))
        if isGone { try heard(.back) }
        isGone = false
        guard follows || answer.run == position.run else { return }
        try take(answer, &position, heard)
        // There are too many readers to be made to wait.
        if answer.events.isEmpty { ForwardingCheck.sleep(Self.shortPause) }
      } catch let failure as ControlFailure {
        guard follows else { throw failure }
        if !isGone { try heard(.gone(failure.message)) }
        isGone = true
        ForwardingCheck.sleep(Self.pause)
      }
    }
  }

  /// How far a reader has come.
  private struct Position {
    var run: String
    var number: Int
    var latest: Int
  }

  private func start() throws -> Position {
    let answer = try ask(EventsRequest())
    return Position(run: answer.run, number: number(in: answer), latest: answer.latest)
  }

  /// The number to begin behind. One that this run has not reached is of another run.
  private func number(in answer: EventsAnswer) -> Int {
    guard let after else { return answer.latest }
    let isOfThisRun = after.run.map { $0 == answer.run } ?? (after.number <= answer.latest)
    return isOfThisRun ? after.number : 0
  }

  private func take(_ answer: EventsAnswer, _ position: inout Position, _ heard: (Item) throws -> Void) rethrows {
    if answer.lost > 0 { try heard(.lost(answer.lost)) }
    for event in answer.events { try heard(.event(event)) }
    if answer.run != position.run { position = Position(run: answer.run, number: 0, latest: answer.latest) }
    position.number = answer.events.last?.number ?? position.number
  }

  private func ask(_ request: EventsRequest) throws -> EventsAnswer {
    let longest = Int(EventDesk.longestWait.components.seconds) + ControlClient.timeoutSeconds
    return try EventsAnswer(answer: client.ask(.events(request), timeoutSeconds: longest))
  }
}
