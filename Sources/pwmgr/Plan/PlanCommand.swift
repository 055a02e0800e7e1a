import ArgumentParser
import Foundation
import PWConfig
import PWCore
import PWPluginHost

/// `pwmgr plan`: the changes that a site file would bring, and their cost; nothing is changed.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show what a site file would change, and at what cost; change nothing.",
    discussion: """
      The file is compared with the one that the daemon runs, object by object. Each change is shown with the keys \
      behind it and with its cost: in place, a new session, a new control connection, or refused until pwmgr is \
      started again. The contents of secret files are not compared.

      Exit status: 0 if nothing would change, 2 if something would, 1 if the file has errors, 64 for a usage error, \
      66 if it cannot be read, 69 if no daemon answers.
      """)

  @Argument(
    help: "The site file, or - for standard input; the daemon's own, if left out.",
    completion: .file(extensions: ["yaml", "yml"]))
  var file: String?

  @Option(
    help: ArgumentHelp("Compare with this file, and ask no daemon.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var against: String?

  @Flag(help: "Print a JSON object.")
  var json = false

  @OptionGroup var socket: ControlSocketOption
  @OptionGroup var plugins: PluginDirectoryOption

  func validate() throws {
    if against != nil, file == nil {
      throw ValidationError("--against takes a second file: plan new.yaml --against old.yaml")
    }
  }

  func run() throws {
    let (known, path, isInKernel) = try running()
    let new = try read(file ?? path)
    try requireAcceptance(new)
    let plan = SitePlan(
      from: known, to: new.reading, plugins: CompiledInPlugins.all, isInKernel: isInKernel)
    let report = PlanReport(plan, file: new.path)
    print(json ? try report.json() : report.text)
    if !plan.changes.isEmpty { throw ExitStatus.changes.exit }
  }

  /// The file to compare with, the path of the daemon's, and whether the kernel carries its frames.
  private func running() throws -> (reading: SiteReading, path: String, isInKernel: Bool) {
    if let against {
      let known = try read(against)
      try requireAcceptance(known)
      return (known.reading, against, false)
    }
    do {
      let running = try RunningSite(answer: ControlClient(path: socket.controlSocket).ask(.site))
      let reading = SiteReader(plugins: CompiledInPlugins.all, finder: finder).read(running.text)
      guard !reading.hasErrors else {
        throw ControlFailure(
          message: "the file that the daemon runs, \(running.path), has errors for this pwmgr (\(Version.number)); "
            + "the daemon is version \(running.version)")
      }
      return (reading, running.path, running.dataPlane == DataPlaneChoice.kernel.rawValue)
    } catch let failure as ControlFailure {
      StandardError.write("pwmgr: \(failure.message)")
      throw ExitStatus.unavailable.exit
    }
  }

  private var finder: PluginDirectory { PluginDirectory(plugins.path, version: Version.number) }

  private func read(_ path: String) throws -> SiteFile {
    do throws(SiteFile.UnreadableFile) {
      return try SiteFile.read(path, finder: finder, takesInput: true)
    } catch {
      StandardError.write("pwmgr: \(error)")
      throw ExitStatus.noInput.exit
    }
  }

  /// Prints the complaints about a file, as `check` does, and ends where one is an error.
  private func requireAcceptance(_ file: SiteFile) throws {
    // The daemon reads secrets as root; anybody else, who may not read them, is only warned.
    let secrets = SecretFiles.diagnostics(
      for: file.reading.secretFiles, purpose: against == nil && geteuid() == 0 ? .run : .check)
    let report = CheckReport(file, files: secrets + Programs.diagnostics(for: file.reading))
    if !report.complaints.isEmpty { StandardError.write(report.text) }
    guard report.isAccepted else { throw ExitStatus.failure.exit }
    guard against == nil, let site = file.reading.site else { return }
    do throws(StartFailure) {
      _ = try ControlGroup.identifier(of: site)
    } catch {
      for line in error.lines { StandardError.write(line) }
      throw error.status.exit
    }
  }
}
