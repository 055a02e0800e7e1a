import ArgumentParser
import PWConfig

/// `pwmgr show`: the whole site as it is understood, in one document.
struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Print the whole site, drop-ins included, as one file.",
    discussion: """
      The output is a site file that declares the same site. Keys that are not written in the file are not in the \
      output: their defaults are in pwmgr.yaml(5).

      Exit status: 0 if there are no errors, 1 if the file has errors, 64 for a usage error, 66 if it cannot be read, \
      69 if no daemon answers.
      """)

  @Argument(
    help: "The site file, or - for standard input; the site that the daemon runs, if left out.",
    completion: .file(extensions: ["yaml", "yml"]))
  var file: String?

  @Flag(help: "Write the file and the line that each value is from behind it.")
  var origin = false

  @OptionGroup var socket: ControlSocketOption
  @OptionGroup var plugins: PluginDirectoryOption

  func run() throws {
    let sources = PlanSources(socket: socket, plugins: plugins)
    let known = try file.map { try sources.file($0) } ?? sources.running()
    print(known.reading.text(origins: origin), terminator: "")
  }
}
