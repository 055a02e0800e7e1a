import CLinux
import Glibc
import Synchronization

/// A thread for calls that block: netlink requests that wait for the kernel, name resolution.
///
/// It lives until its body returns. Nobody joins it; what it has to say it posts to an ``EventLoop``.
public enum WorkerThread {
  /// Starts a thread that runs `body` once and then ends.
  ///
  /// - Parameters:
  ///   - name: at most 15 octets, seen in ps(1) and debuggers.
  ///   - body: what it does.
  public static func start(name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
    let start = Unmanaged.passRetained(ThreadStart(name: name, body: body))
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    var thread = pthread_t()
    let result = pthread_create(
      &thread, &attributes,
      { argument in
        guard let argument else { return nil }
        let start = Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
        _ = pthread_setname_np(pthread_self(), String(start.name.prefix(15)))
        start.body()
        return nil
      }, start.toOpaque())
    guard result == 0 else {
      start.release()
      throw SystemError(code: result, attempt: "start the thread \(name)")
    }
  }
}

private final class ThreadStart: Sendable {
  let name: String
  let body: @Sendable () -> Void

  init(name: String, body: @escaping @Sendable () -> Void) {
    self.name = name
    self.body = body
  }
}
