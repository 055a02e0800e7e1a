import Glibc
import Synchronization

/// A file descriptor that is closed exactly once: by ``close()``, or when its last owner lets go of it.
public final class Descriptor: Sendable {
  private let number: Atomic<Int32>

  /// Takes over an open descriptor.
  public init(owning rawValue: Int32) {
    precondition(rawValue >= 0, "not a descriptor")
    number = Atomic(rawValue)
  }

  deinit { close() }

  /// The descriptor's number, or -1 once it is closed (every system call then answers EBADF).
  public var rawValue: Int32 { number.load(ordering: .acquiring) }

  /// Closes it now; again does nothing.
  public func close() {
    let open = number.exchange(-1, ordering: .acquiringAndReleasing)
    guard open >= 0 else { return }
    // Linux frees the descriptor even when close reports EINTR: trying again could close somebody else's.
    _ = Glibc.close(open)
  }
}
