import CLinux
import Glibc

extension EventLoop {
  /// Has `handler` called on the loop's thread for each of these signals (signalfd(2)).
  ///
  /// Blocks them for the calling thread: call it before any other thread is made, so that every later one inherits that, and
  /// the signals reach nobody else. They are watched as long as the loop lives.
  public func watchSignals(_ signals: [Int32], handler: @escaping (Int32) -> Void) throws(SystemError) {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in signals { sigaddset(&set, signal) }
    let blocked = pthread_sigmask(SIG_BLOCK, &set, nil)
    guard blocked == 0 else { throw SystemError(code: blocked, attempt: "pthread_sigmask") }
    let descriptor = try Descriptor.checked(signalfd(-1, &set, Int32(SFD_CLOEXEC | SFD_NONBLOCK)), "signalfd")
    try watch(descriptor.rawValue, for: .read) {
      // The handler owns the descriptor.
      var information = signalfd_siginfo()
      let size = MemoryLayout<signalfd_siginfo>.size
      guard read(descriptor.rawValue, &information, size) == size else { return }
      handler(Int32(information.ssi_signo))
    }
  }
}
