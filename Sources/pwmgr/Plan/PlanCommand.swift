import ArgumentParser
import FoundationEssentials
import PWConfig

/// `pwmgr plan`: the changes that a site file would bring, and their cost; nothing is changed.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show what a site file would change, and at what cost; change nothing.",
    discussion: """
      The file is compared with the one that the daemon runs, object by object. Each change is shown with the keys \
      behind it and with its cost: in place, a new session, a new control connection, or refused until pwmgr is \
      started again. The contents of secret files are not compared. The drop-ins beside each file count.

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
    let sources = PlanSources(socket: socket, plugins: plugins)
    let known = try against.map { try sources.file($0) } ?? sources.running()
    let new = try sources.read(file ?? known.path, insteadOf: known)
    try sources.requireAcceptance(new, isForDaemon: against == nil)
    let plan = SitePlan(
      from: known.reading, to: new.reading, plugins: CompiledInPlugins.all, isInKernel: known.isInKernel)
    let report = PlanReport(plan, file: new.path)
    print(json ? try report.json() : report.text)
    if against == nil, let objection = try? PlannedDropIns(sitePath: known.path).objection(to: new) {
      StandardError.write("pwmgr: 'pwmgr apply' would refuse \(new.title): \(objection)")
    }
    if !plan.changes.isEmpty { throw ExitStatus.changes.exit }
  }
}
