import Glibc

/// Ctrl-C, for a command that has something to do then.
struct Interrupts {
  private var set = sigset_t()

  private init() {
    sigemptyset(&set)
    sigaddset(&set, SIGINT)
  }

  /// Does something while Ctrl-C does not end the process.
  static func held<Value>(_ body: (Interrupts) throws -> Value) rethrows -> Value {
    var interrupts = Interrupts()
    var before = sigset_t()
    pthread_sigmask(SIG_BLOCK, &interrupts.set, &before)
    defer {
      // One that came too late to be of use does not end the process either.
      _ = interrupts.wait(atMost: .zero)
      pthread_sigmask(SIG_SETMASK, &before, nil)
    }
    return try body(interrupts)
  }

  /// Lets a while pass.
  ///
  /// - Returns: whether Ctrl-C came.
  func wait(atMost longest: Duration) -> Bool {
    var set = set
    let (seconds, attoseconds) = longest.components
    var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    return sigtimedwait(&set, nil, &time) == SIGINT
  }
}
