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
  /// The groups of the site that runs.
  private(set) var groups: ControlGroups

  init(_ daemon: Daemon, path: String, _ groups: ControlGroups) {
    self.daemon = daemon
    self.path = path
    self.groups = groups
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
    try admit(ControlGroups(of: loaded.site), path: path, loaded.site)
    daemon.apply(loaded.site, secrets: loaded.secrets, file: loaded.octets)
  }

  /// Carries out a site again that has run before.
  ///
  /// - Returns: what could not be as it was.
  func putBack(_ former: SiteLoader.Loaded, path: String) -> [String] {
    var remarks: [String] = []
    do throws(StartFailure) {
      try admit(ControlGroups(of: former.site), path: path, former.site)
    } catch {
      remarks = error.lines
    }
    daemon.parts.loop.updateNow()
    daemon.apply(former.site, secrets: former.secrets, file: former.octets)
    return remarks
  }

  /// Gives the control socket to the group of the new site, where that is another one; it stays with the old one if the
  /// system refuses that.
  private func admit(_ groups: ControlGroups, path: String, _ new: Site) throws(StartFailure) {
    let former = self.groups
    self.groups = groups
    guard former.members != groups.members, let server else { return }
    do throws(SystemError) {
      try server.admit(group: groups.members)
    } catch {
      self.groups = former
      try? server.admit(group: former.members)
      let cure = new.controlGroup.map {
        "; under systemd, write SupplementaryGroups=\($0) into a drop-in of the unit, and restart pwmgr"
      }
      throw StartFailure(
        .failure, "\(path): 'control-group': the control socket cannot be given to another group: \(error)\(cure ?? "")"
      )
    }
  }
}
