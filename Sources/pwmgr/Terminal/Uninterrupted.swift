import Glibc

/// A step that is done whole: signals that end a program from a terminal come after it.
enum Uninterrupted {
  private static let signals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]

  /// Does it, with those signals held back.
  static func run<Value>(_ step: () throws -> Value) rethrows -> Value {
    var held = sigset_t()
    var before = sigset_t()
    sigemptyset(&held)
    for signal in signals { sigaddset(&held, signal) }
    pthread_sigmask(SIG_BLOCK, &held, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    return try step()
  }
}
