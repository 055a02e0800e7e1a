import Glibc

/// Lets threads wait until others have done something, as often as they have (sem_init(3)).
final class Semaphore: @unchecked Sendable {
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

  /// Lets one waiting thread go on, now or when it comes to wait.
  func signal() { sem_post(semaphore) }

  /// Waits for one ``signal()``.
  func wait() {
    while sem_wait(semaphore) != 0, errno == EINTR {}
  }
}
