import CLinux
import Glibc

/// The process at the other end of a connection, as the kernel saw it when that end connected (unix(7)).
public struct UnixSocketPeer: Sendable {
  /// Whether it is root, or the user of this process (SO_PEERCRED).
  public let isOwner: Bool
  /// Its groups: the one of its process, and the supplementary ones (SO_PEERGROUPS).
  public let groups: Set<UInt32>

  /// The most groups that a process has (NGROUPS_MAX, linux/limits.h).
  private static let maximumGroups = 65_536
  /// How many are usual.
  private static let usualGroups = 64

  /// A peer that is made up.
  public init(isOwner: Bool, groups: Set<UInt32> = []) {
    self.isOwner = isOwner
    self.groups = groups
  }

  /// Asks the kernel; a peer that it does not know may do nothing.
  init(of descriptor: Int32) {
    var credentials = ucred()
    var length = socklen_t(MemoryLayout<ucred>.size)
    guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 else {
      self.init(isOwner: false)
      return
    }
    self.init(
      isOwner: credentials.uid == 0 || credentials.uid == geteuid(),
      groups: Self.supplementaryGroups(of: descriptor).union([credentials.gid]))
  }

  private static func supplementaryGroups(of descriptor: Int32) -> Set<UInt32> {
    for capacity in [usualGroups, maximumGroups] {
      var groups = [gid_t](repeating: 0, count: capacity)
      var length = socklen_t(capacity * MemoryLayout<gid_t>.size)
      if getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, &groups, &length) == 0 {
        return Set(groups.prefix(Int(length) / MemoryLayout<gid_t>.size))
      }
      guard errno == ERANGE else { break }
    }
    return []
  }
}
