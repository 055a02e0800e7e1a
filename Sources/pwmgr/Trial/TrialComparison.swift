import PWCore
import PWLinux

/// Looks after a trial whether the links are as they were before it: again and again, since sessions take their time to
/// come back, until they are, or until the time for that is over.
final class TrialComparison {
  private let note: TrialNote
  private let links: LinkKeeper
  private let loop: EventLoop
  private let deadline: Instant
  private var timer: EventLoop.TimerID?
  private var wasEqual = false
  private let completion: ([String]) -> Void

  /// Begins to look.
  ///
  /// - Parameters:
  ///   - time: how long the links may take.
  ///   - completion: told once what is not as before; nothing, if all is.
  init(
    _ note: TrialNote, links: LinkKeeper, loop: EventLoop, within time: Duration,
    completion: @escaping ([String]) -> Void
  ) {
    (self.note, self.links, self.loop, self.completion) = (note, links, loop, completion)
    deadline = loop.now + time
    timer = loop.makeTimer { [weak self] in self?.look() }
    if let timer { loop.setTimer(timer, after: Self.interval) }
  }

  deinit { removeTimer() }

  /// Ends it without a result.
  ///
  /// - Returns: the token of its trial.
  func stop() -> String {
    removeTimer()
    return note.token
  }

  private func look() {
    let differences = note.links.differences(of: links.snapshot(of: note.linkNames))
    let (isEqual, isOver) = (differences.isEmpty, loop.now >= deadline)
    // Links of the trial's site may only be on their way out: one look is not enough.
    guard isOver || isEqual && wasEqual else {
      wasEqual = isEqual
      if let timer { loop.setTimer(timer, after: Self.interval) }
      return
    }
    removeTimer()
    completion(differences)
  }

  private func removeTimer() {
    if let timer { loop.removeTimer(timer) }
    timer = nil
  }

  /// Between two looks.
  private static let interval = Duration.milliseconds(500)
}
