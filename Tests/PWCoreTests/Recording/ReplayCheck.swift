import Testing

@testable import PWCore

/// Replays a recorded course as it comes, and reports the first difference.
final class ReplayCheck {
  private let replay = Replay()
  private var steps = 0
  private var isOver = false

  func play(_ step: RecordedStep) {
    guard !isOver else { return }
    do throws(ReplayDifference) {
      try replay.play(step)
    } catch {
      isOver = true
      Issue.record("a replay differs at step \(steps), \(step.cause): \(error)")
    }
    steps += 1
  }
}
