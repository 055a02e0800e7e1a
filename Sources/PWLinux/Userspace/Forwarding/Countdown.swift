import Synchronization

/// Counts what several threads finish.
final class Countdown: Sendable {
  private let remaining: Atomic<Int>

  /// So many things have to happen.
  init(_ count: Int) { remaining = Atomic(count) }

  /// One has happened: whether it was the last.
  func step() -> Bool { remaining.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 }
}
