import Synchronization

/// Tells requests that wait on another thread that they are not wanted any more.
final class CloseFlag: Sendable {
  private let flag = Atomic<Bool>(false)

  /// Whether they are not wanted any more.
  var value: Bool { flag.load(ordering: .acquiring) }

  /// They are not wanted any more, for good.
  func set() { flag.store(true, ordering: .releasing) }
}
