import CLinux
import Glibc

/// Tells systemd how the daemon is doing, in the protocol of sd_notify(3): one datagram of lines to the socket that
/// NOTIFY_SOCKET names. Without that variable it says nothing.
public struct ServiceManager {
  private let path: String?

  /// Reads NOTIFY_SOCKET from the environment and takes it out, so that no child inherits it.
  public init() {
    path = getenv("NOTIFY_SOCKET").map { String(cString: $0) }
    unsetenv("NOTIFY_SOCKET")
  }

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
