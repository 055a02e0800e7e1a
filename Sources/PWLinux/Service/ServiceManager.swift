import CLinux
import Glibc

/// Tells systemd how the daemon is doing, in the protocol of sd_notify(3): one datagram of lines to the socket that
/// NOTIFY_SOCKET names. Without that variable it says nothing.
public struct ServiceManager {
  private let path: String?
  /// How long the daemon may be silent before systemd takes it for dead; nil where it does not watch
  /// (`WatchdogSec=`, sd_watchdog_enabled(3)).
  public let watchdogInterval: Duration?

  /// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID from the environment and takes them out, so that no child
  /// inherits them.
  public init() {
    self.init(path: Self.take("NOTIFY_SOCKET"), Self.take("WATCHDOG_USEC"), process: Self.take("WATCHDOG_PID"))
  }

  /// - Parameters:
  ///   - path: of the socket.
  ///   - microseconds: that the daemon may be silent for.
  ///   - process: the one that this is said to, where that is said.
  init(path: String?, _ microseconds: String?, process: String?) {
    self.path = path
    let isOurs = process == nil || process.flatMap { pid_t($0) } == getpid()
    let time = isOurs ? microseconds.flatMap { Int64($0) } ?? 0 : 0
    watchdogInterval = time > 0 ? .microseconds(time) : nil
  }

  private static func take(_ name: String) -> String? {
    defer { unsetenv(name) }
    return getenv(name).map { String(cString: $0) }
  }

  /// Whether there is one that listens.
  public var isThere: Bool { path != nil }

  /// The site is being carried out: `systemctl start` returns.
  public func ready(status: String) {
    notify("READY=1\nSTATUS=\(status)")
  }

  /// The site file is being read again.
  public func reloading(at instant: UInt64) {
    notify("RELOADING=1\nMONOTONIC_USEC=\(instant / 1_000)")
  }

  /// The daemon is ending.
  public func stopping() {
    notify("STOPPING=1")
  }

  /// The end takes longer than it should: `TimeoutStopSec` does not count for that time from now.
  public func stillStopping(for time: Duration, status: String) {
    notify("EXTEND_TIMEOUT_USEC=\(time.components.seconds * 1_000_000)\nSTATUS=\(status)")
  }

  /// The daemon is not stuck.
  public func isAlive() {
    notify("WATCHDOG=1")
  }

  /// One line for `systemctl status`.
  public func status(_ text: String) {
    notify("STATUS=\(text)")
  }

  private func notify(_ message: String) {
    guard let path else { return }
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let octets = Array(message.utf8)
    // A service manager that does not listen is its own trouble: the daemon goes on.
    try? UnixSocketAddress.with(path: path) { (address, length) throws(SystemError) in
      _ = sendto(descriptor, octets, octets.count, Int32(MSG_NOSIGNAL), address, length)
    }
  }
}
