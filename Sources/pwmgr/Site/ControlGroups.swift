import Glibc
import PWCore
import PWLinux

/// The groups whose members may use the control socket, as the system knows them.
struct ControlGroups {
  /// Those who may ask; nil where the site names no group.
  let members: gid_t?
  /// Those who may operate what runs as well.
  let administrators: gid_t?

  /// Looks up the groups that a site names.
  init(of site: Site) throws(StartFailure) {
    members = try Self.identifier(of: site.controlGroup, key: "control-group")
    administrators = try Self.identifier(of: site.controlGroupAdmin, key: "control-group-admin")
  }

  /// What a client may do.
  func permission(of peer: UnixSocketPeer) -> ControlPermission {
    if peer.isOwner { return .everything }
    return administrators.map { peer.groups.contains($0) } ?? false ? .operate : .look
  }

  private static func identifier(of name: String?, key: String) throws(StartFailure) -> gid_t? {
    guard let name else { return nil }
    guard let entry = getgrnam(name) else {
      throw StartFailure(.failure, "the site's \(key) '\(name)' does not exist: groupadd --system \(name)")
    }
    return entry.pointee.gr_gid
  }
}

/// What a client of the control socket may do, each step with those before it.
enum ControlPermission: Int, Comparable {
  /// Ask.
  case look
  /// Put down, put up, reset, and have the file read again that root has written.
  case operate
  /// Carry out another file, and read former ones.
  case everything

  static func < (one: ControlPermission, other: ControlPermission) -> Bool { one.rawValue < other.rawValue }
}
