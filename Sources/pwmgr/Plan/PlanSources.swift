import ArgumentParser
import Glibc
import PWConfig
import PWCore
import PWLinux
import PWPluginHost

/// Where the two sites come from that a plan compares: the daemon, and files.
struct PlanSources {
  /// Where the daemon listens.
  let socket: ControlSocketOption
  /// Where plugins are that are not compiled in.
  let plugins: PluginDirectoryOption
  /// Whether any process that listens there is believed: where its word decides about a file, only root's and ours.
  var trustsAnybody = true

  /// The site that is to be changed.
  struct Known {
    /// Its file, without errors.
    var reading: SiteReading
    /// The path of its file.
    var path: String
    /// Whether the kernel carries its frames, as far as is known.
    var isInKernel = false
    /// The parts of it.
    var parts: SiteParts { reading.parts }
    /// The trial that it is part of; nil if it runs for good, or if it does not run.
    var trial: TrialAnswer?
  }

  /// The site that the daemon runs; where that cannot be had, the command ends and says why.
  func running() throws -> Known {
    do {
      let client = ControlClient(path: socket.controlSocket, isTrusted: trustsAnybody)
      let running = try RunningSite(answer: client.ask(.site))
      let reading = SiteReader(plugins: CompiledInPlugins.all, finder: finder).read(running.parts)
      guard !reading.hasErrors else {
        throw ControlFailure(
          message: "the file that the daemon runs, \(running.path), has errors for this pwmgr (\(Version.number)); "
            + "the daemon is version \(running.version)")
      }
      return Known(
        reading: reading, path: running.path, isInKernel: running.dataPlane == DataPlaneChoice.kernel.rawValue,
        trial: running.trial)
    } catch let failure as ControlFailure {
      throw failure.exit
    }
  }

  /// The site that the daemon runs; where that is on trial, the command ends and says so.
  func runningForGood() throws -> Known {
    let known = try running()
    guard let trial = known.trial, let token = trial.token else { return known }
    StandardError.write(
      "pwmgr: a trial of \(trial.path ?? "a site") runs: 'pwmgr confirm \(token)' or 'pwmgr rollback' ends it")
    throw ExitStatus.busy.exit
  }

  /// The site of a file that no daemon runs.
  func file(_ path: String) throws -> Known {
    let known = try read(path)
    try requireAcceptance(known, isForDaemon: false)
    return Known(reading: known.reading, path: path)
  }

  /// Reads a file, `-` for standard input; where that cannot be read, the command ends and says why.
  ///
  /// - Parameter known: the site that it may take the place of: its old file, which `apply` kept, counts with the
  ///   drop-ins that are there.
  func read(_ path: String, insteadOf known: Known? = nil) throws -> SiteFile {
    do throws(SiteFile.UnreadableFile) {
      let sitePath = known.flatMap { Self.isOld(path, of: $0.path) ? $0.path : nil }
      return try SiteFile.read(path, besides: sitePath, finder: finder, takesInput: true)
    } catch {
      StandardError.write("pwmgr: \(error)")
      throw ExitStatus.noInput.exit
    }
  }

  /// The same for a text that is not in a file.
  func read(_ text: String, title: String) -> SiteFile {
    let reader = SiteReader(plugins: CompiledInPlugins.all, finder: finder)
    let parts = SiteParts(stream: Array(text.utf8), title: title, container: title)
    return SiteFile(path: title, reading: reader.read(parts))
  }

  /// Prints the complaints about a file, as `check` does, and ends the command where one is an error.
  ///
  /// - Parameter isForDaemon: whether the daemon is to run it.
  func requireAcceptance(_ file: SiteFile, isForDaemon: Bool) throws {
    // The daemon reads secrets as root; anybody else, who may not read them, is only warned.
    let secrets = SecretFiles.diagnostics(
      for: file.reading.secretFiles, purpose: isForDaemon && geteuid() == 0 ? .run : .check)
    let report = CheckReport(file, files: secrets + Programs.diagnostics(for: file.reading))
    if !report.complaints.isEmpty { StandardError.write(report.text) }
    guard report.isAccepted else { throw ExitStatus.failure.exit }
    guard isForDaemon, let site = file.reading.site else { return }
    do throws(StartFailure) {
      _ = try ControlGroups(of: site)
    } catch {
      for line in error.lines { StandardError.write(line) }
      throw error.status.exit
    }
  }

  /// Whether a path leads to the file that a site file was before it was replaced.
  static func isOld(_ path: String, of sitePath: String) -> Bool {
    guard let target = realpath(sitePath, nil) else { return false }
    defer { free(target) }
    var (one, other) = (stat(), stat())
    guard stat(path, &one) == 0, stat(String(cString: target) + ReplaceableFile.oldSuffix, &other) == 0 else {
      return false
    }
    return one.st_dev == other.st_dev && one.st_ino == other.st_ino
  }

  private var finder: PluginDirectory { PluginDirectory(plugins.path, version: Version.number) }
}
