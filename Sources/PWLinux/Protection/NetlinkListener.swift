import CLinux
import CNetlink
import Glibc

/// Hears that the kernel has told something to groups of a netlink bus, without reading it: what it tells of IPsec's
/// associations has their keys in it.
final class NetlinkListener {
  /// Notifications taken in one wake before others have their turn.
  private static let notificationsPerWake = 256

  private let loop: EventLoop
  private let descriptor: Descriptor
  private let heard: () -> Void

  /// Listens from now on.
  ///
  /// - Parameters:
  ///   - groups: a kernel that does not have one of them, because it is older, tells nothing to it.
  ///   - heard: called on the loop's thread, once for many notifications.
  init(
    bus: Int32, groups: [UInt32], loop: EventLoop, heard: @escaping () -> Void
  ) throws(SystemError) {
    self.loop = loop
    self.heard = heard
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
      do throws(SystemError) {
        try descriptor.setOption(
          SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, Int32(group), "follow the kernel's netlink groups")
      } catch {
        guard error.code == EINVAL else { throw error }
      }
    }
    try loop.watch(number, for: .read) { [unowned self] in drain() }
  }

  deinit {
    loop.unwatch(descriptor.rawValue)
  }

  /// Takes what the kernel has told so far; one notification that did not fit counts.
  func drain() {
    if Self.takesSome(descriptor.rawValue) { heard() }
  }

  private static func takesSome(_ descriptor: Int32) -> Bool {
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
