import ArgumentParser
import FoundationEssentials
import PWConfig
import PWCore
import PWLinux

/// `pwmgr apply`: carries out a site file that costs no more than is allowed, and looks whether everything forwards
/// afterwards.
struct ApplyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Carry out a site file if it costs no more than is allowed, and check what forwarded before it.",
    discussion: """
      The plan is shown first, as by 'pwmgr plan'. If it costs more than --allow permits, nothing is changed. Without \
      --allow, a session may be set up anew; at a terminal, you are asked instead if frames would stop, and may say \
      yes to more.

      A file other than the daemon's own takes the place of that one, whose old content is kept as FILE.previous. If \
      the daemon refuses the file, the old one is put back. Drop-ins are not replaced: those beside FILE have to be \
      the same as those beside the daemon's file; FILE.previous is taken with these. If one changes between the plan \
      and the daemon's reading, the site is applied all the same, and the status is 1.

      Then each pseudowire that forwarded before, and is still declared, has to forward again within --wait. Those \
      that are new, or exist only while a client asks for them, are not waited for.

      Exit status: 0 if all of them do, 1 if the file is refused or costs too much, 3 if a pseudowire does not forward \
      any more, 64 for a usage error, 66 if the file cannot be read, 69 if no daemon answers, 71 if the file cannot be \
      replaced, 75 if another process is changing the site or a trial runs, 77 without permission.
      """)

  @Argument(
    help: "The site file, or - for standard input; the daemon's own, if left out.",
    completion: .file(extensions: ["yaml", "yml"]))
  var file: String?

  @OptionGroup var options: ChangeOptions
  @OptionGroup var socket: ControlSocketOption
  @OptionGroup var plugins: PluginDirectoryOption

  func run() throws {
    let application = SiteApplication(socket: socket, plugins: plugins, options: options)
    let known = try application.sources.runningForGood()
    let new = try application.sources.read(file ?? known.path, insteadOf: known)
    try application.run(new, insteadOf: known, mayAsk: file != "-")
  }
}
