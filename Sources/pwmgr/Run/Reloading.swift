import Foundation
import Logging
import PWCore
import PWLinux

/// Reads the site file again when that is asked for, and has the daemon carry it out.
///
/// It is read on a thread of its own: plugins in other processes look through their part of it, and existing sessions
/// go on meanwhile. One reading follows the other.
final class Reloading {
  private let daemon: Daemon
  /// The control socket, whose group may change.
  weak var server: UnixSocketServer?
  private let loader: SiteLoader
  private let logger: Logger
  private var isReading = false
  private var isAskedAgain = false
  /// Those who wait for the outcome: clients of the control socket that may change something.
  private var waiting: [(ReloadOutcome) -> Void] = []

  init(_ daemon: Daemon, _ loader: SiteLoader, _ logger: Logger) {
    self.daemon = daemon
    self.loader = loader
    self.logger = logger
  }

  /// Begins to read; while it is being read, it is read again afterwards.
  ///
  /// - Parameter completion: told of the outcome of the last reading.
  func begin(completion: ((ReloadOutcome) -> Void)? = nil) {
    if let completion { waiting.append(completion) }
    guard !isReading else {
      isAskedAgain = true
      return
    }
    isReading = true
    daemon.parts.serviceManager.reloading(at: daemon.parts.loop.now.nanoseconds)
    let loader = loader
    daemon.parts.loop.offload {
      do throws(StartFailure) {
        return Result<SiteLoader.Loaded, StartFailure>.success(try loader.load())
      } catch {
        return .failure(error)
      }
    } completion: { [self] result in
      finish(result)
    }
  }

  private func finish(_ result: Result<SiteLoader.Loaded, StartFailure>) {
    isReading = false
    if isAskedAgain {
      isAskedAgain = false
      return begin()
    }
    var outcome = ReloadOutcome(path: URL(filePath: loader.path).path, isApplied: true, lines: [])
    do throws(StartFailure) {
      outcome.lines = try apply(try result.get())
    } catch {
      for line in error.lines { logger.error("\(line)") }
      logger.error("\(loader.path) is not applied: the site runs as before")
      daemon.refuse(reason: error.summary)
      (outcome.isApplied, outcome.lines) = (false, error.lines)
    }
    for completion in waiting { completion(outcome) }
    waiting = []
    daemon.parts.serviceManager.ready(status: "site file read")
  }

  /// Has a file without errors carried out; returns the remarks on it.
  private func apply(_ loaded: SiteLoader.Loaded) throws(StartFailure) -> [String] {
    daemon.parts.loop.updateNow()
    for remark in loaded.remarks { logger.warning("\(remark)") }
    if let objection = daemon.objection(to: loaded.site) {
      throw StartFailure(.failure, "\(loader.path): \(objection)")
    }
    guard !daemon.isStopping else {
      throw StartFailure(.unavailable, "the daemon is ending, and reads no file any more")
    }
    try admit(ControlGroup.identifier(of: loaded.site), insteadOf: daemon.site, loaded.site)
    logger.notice("read \(loader.path) again")
    daemon.apply(loaded.site, secrets: loaded.secrets, file: loaded.octets)
    return loaded.remarks
  }

  /// Gives the control socket to the group of the new site, where that is another one; it stays with the old one if the
  /// system refuses that.
  private func admit(_ group: gid_t?, insteadOf old: Site, _ new: Site) throws(StartFailure) {
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
        .failure,
        "\(loader.path): 'control-group': the control socket cannot be given to another group: \(error)\(cure ?? "")")
    }
  }
}
