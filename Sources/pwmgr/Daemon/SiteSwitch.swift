import Glibc
import PWCore
import PWLinux

/// Has a site that was read without errors carried out in the place of the one that runs.
final class SiteSwitch {
  private let daemon: Daemon
  /// The control socket, whose group may change.
  weak var server: UnixSocketServer?

  /// The path of the site file, as it was given.
  let path: String

  init(_ daemon: Daemon, path: String) {
    self.daemon = daemon
    self.path = path
  }

  /// The site that runs.
  var running: SiteLoader.Loaded { daemon.running }

  /// Carries out another site.
  ///
  /// - Parameter path: the path of its file, for messages.
  /// - Throws: the reason why the site runs as before.
  func carryOut(_ loaded: SiteLoader.Loaded, path: String) throws(StartFailure) {
    daemon.parts.loop.updateNow()
    if let objection = daemon.objection(to: loaded.site) { throw StartFailure(.failure, "\(path): \(objection)") }
    guard !daemon.isStopping else {
      throw StartFailure(.unavailable, "the daemon is ending, and reads no file any more")
    }
    try admit(ControlGroup.identifier(of: loaded.site), path: path, insteadOf: daemon.site, loaded.site)
    daemon.apply(loaded.site, secrets: loaded.secrets, file: loaded.octets)
  }

  /// Carries out a site again that has run before.
  ///
  /// - Returns: what could not be as it was.
  func putBack(_ former: SiteLoader.Loaded, path: String) -> [String] {
    var remarks: [String] = []
    do throws(StartFailure) {
      try admit(ControlGroup.identifier(of: former.site), path: path, insteadOf: daemon.site, former.site)
    } catch {
      remarks = error.lines
    }
    daemon.parts.loop.updateNow()
    daemon.apply(former.site, secrets: former.secrets, file: former.octets)
    return remarks
  }

  /// Gives the control socket to the group of the new site, where that is another one; it stays with the old one if the
  /// system refuses that.
  private func admit(
    _ group: gid_t?, path: String, insteadOf old: Site, _ new: Site
  ) throws(StartFailure) {
    guard old.controlGroup != new.controlGroup, let server else { return }
    do throws(SystemError) {
      try server.admit(group: group)
    } catch {
      let former = try? ControlGroup.identifier(of: old)
      try? server.admit(group: former)
      let cure = new.controlGroup.map {
        "; under systemd, write SupplementaryGroups=\($0) into a drop-in of the unit, and restart pwmgr"
      }
      throw StartFailure(
        .failure, "\(path): 'control-group': the control socket cannot be given to another group: \(error)\(cure ?? "")"
      )
    }
  }
}
