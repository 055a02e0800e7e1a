import Glibc
import PWCore

/// The group whose members may use the control socket.
enum ControlGroup {
  /// Looks up the group that a site names; nil where it names none.
  static func identifier(of site: Site) throws(StartFailure) -> gid_t? {
    guard let name = site.controlGroup else { return nil }
    guard let entry = getgrnam(name) else {
      throw StartFailure(.failure, "the site's control-group '\(name)' does not exist: groupadd --system \(name)")
    }
    return entry.pointee.gr_gid
  }
}
