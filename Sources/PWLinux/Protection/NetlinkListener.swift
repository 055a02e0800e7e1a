import CLinux
import CNetlink
import Glibc

/// Hears that the kernel has told something to groups of a netlink bus, and nothing of what it was: of IPsec's
/// associations it tells the keys.
final class NetlinkListener {
  /// Notifications taken in one wake before others have their turn.
  private static let notificationsPerWake = 256

  private let loop: EventLoop
  private let descriptor: Descriptor

  /// Listens from now on.
  ///
  /// - Parameters:
  ///   - heard: called on the loop's thread, once for many notifications.
  init(
    bus: Int32, groups: [UInt32], loop: EventLoop, heard: @escaping () -> Void
  ) throws(SystemError) {
    self.loop = loop
    let type = Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    descriptor = try Descriptor.checked(socket(AF_NETLINK, type, bus), "open a netlink socket")
    var address = sockaddr_nl()
    address.nl_family = sa_family_t(AF_NETLINK)
    let number = descriptor.rawValue
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(number, $0, socklen_t(MemoryLayout<sockaddr_nl>.size))
      }
    }
    guard bound == 0 else { throw SystemError.last("bind a netlink socket") }
    for group in groups {
      try descriptor.setOption(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, Int32(group), "follow the kernel's netlink groups")
    }
    try loop.watch(number, for: .read) {
      if Self.drain(number) { heard() }
    }
  }

  deinit {
    loop.unwatch(descriptor.rawValue)
  }

  /// Takes notifications without their content.
  ///
  /// - Returns: whether there were any; one that did not fit counts.
  private static func drain(_ descriptor: Int32) -> Bool {
    var hasHeard = false
    for _ in 0..<notificationsPerWake {
      var nothing: UInt8 = 0
      let count = recv(descriptor, &nothing, 0, Int32(MSG_DONTWAIT) | Int32(MSG_TRUNC))
      guard count >= 0 || errno == ENOBUFS else { return hasHeard }
      hasHeard = true
    }
    return hasHeard
  }
}
