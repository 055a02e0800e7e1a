import Glibc

/// Lets one thread wait until another has done something (sem_init(3)).
final class Latch: @unchecked Sendable {
  // A semaphore must not move, hence memory of its own; its functions may be called from any thread.
  private let semaphore: UnsafeMutablePointer<sem_t>

  init() {
    semaphore = .allocate(capacity: 1)
    sem_init(semaphore, 0, 0)
  }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  /// Lets the waiting thread go on.
  func open() { sem_post(semaphore) }

  /// Waits for ``open()``.
  func wait() {
    while sem_wait(semaphore) != 0, errno == EINTR {}
  }
}
