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

  /// Sets a socket option whose value is a number.
  func setOption(
    _ level: Int32, _ option: Int32, _ value: Int32, _ attempt: @autoclosure () -> String
  ) throws(SystemError) {
    try Descriptor.setOption(of: rawValue, level, option, value, attempt())
  }

  /// The same for a descriptor that belongs to somebody else.
  static func setOption(
    of descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32, _ attempt: @autoclosure () -> String
  ) throws(SystemError) {
    var value = value
    guard setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
      throw SystemError.last(attempt())
    }
  }
}
