import ArgumentParser
import Foundation
import Logging
import PWCore
import PWLinux

/// `pwmgr run`: carries out a site in the foreground until SIGTERM or Ctrl-C.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Carry out a site: bring up its tunnels and pseudowires and keep them up, in the foreground.",
    discussion: """
      SIGHUP reads the site file again: what is new starts, what is gone stops, what changed restarts, the rest is not \
      touched; a file with errors changes nothing. SIGTERM and Ctrl-C tell the peers, remove what was made, and end \
      within five seconds, unless the kernel needs longer: about 20 ms for each port of a bridge. Then the log says what \
      is left, and one more signal leaves it to the next start.

      --record writes down everything that the protocol engine takes in and gives out, for 'pwmgr replay': to send along with \
      a report of what went wrong. There is no secret in it, and nothing that secrets could be tried out on; there are \
      addresses, names, and the cookies of sessions, and the file is for its owner alone. An earlier recording of that name \
      becomes FILE.old; any other file is left as it is, and the start refused. Where the disk is full, or the recording \
      has reached --record-limit, it ends, the log says so once, and the site runs on.

      Exit status: 0 after a clean stop, 1 for a site file with errors, 66 when it cannot be read, 69 when the data plane \
      that it asks for is not there or OpenSSL refuses MD5, 71 when the system refuses, 77 without the privilege.
      """)

  @Argument(help: ArgumentHelp("The site file.", valueName: "site.yaml"))
  var site: String

  @Option(help: "The least important messages to write: debug, info, notice, warning or error.")
  var logLevel: LogLevel = .info

  @OptionGroup var socket: ControlSocketOption

  @Option(
    help: ArgumentHelp(
      "Use this data plane whatever the file says: auto, kernel, userspace or null.", valueName: "name"),
    transform: DataPlaneArgument.choice)
  var dataPlane: DataPlaneChoice?

  @Option(help: ArgumentHelp("Tells two daemons with the same site name on one machine apart.", valueName: "name"))
  var instance = Supervisor.usualInstance

  @Option(help: ArgumentHelp("Where a crash leaves what the next start must know.", valueName: "folder"))
  var stateDirectory = "/run/pwmgr"

  @OptionGroup var plugins: PluginDirectoryOption

  @Option(
    help: ArgumentHelp("Write down what happens, to be looked at with 'pwmgr replay'.", valueName: "file"),
    completion: .file())
  var record: String?

  @Option(
    help: ArgumentHelp(
      "How long the recording may become, in MiB or GiB: it ends there, and the site runs on.", valueName: "size"))
  var recordLimit = RecordingLimit.usual

  func run() throws {
    let logger = Logger(label: "pwmgr") { [logLevel] _ in LogWriter(level: logLevel.level) }
    DescriptorLimit.raise()
    do {
      try Supervisor(
        sitePath: site, socketPath: socket.controlSocket, dataPlane: dataPlane, instance: instance,
        stateDirectory: stateDirectory, recordingPath: record, recordingLimit: recordLimit,
        pluginDirectory: plugins.path, logger: logger
      ).run()
    } catch let failure as StartFailure {
      for line in failure.lines { FileHandle.standardError.write(Data((line + "\n").utf8)) }
      throw failure.status.exit
    }
  }

  /// The values that `--log-level` takes.
  enum LogLevel: String, CaseIterable, ExpressibleByArgument {
    case debug, info, notice, warning, error

    var level: Logger.Level {
      switch self {
      case .debug: .debug
      case .info: .info
      case .notice: .notice
      case .warning: .warning
      case .error: .error
      }
    }
  }
}

/// Reads a data plane's name on a command line.
enum DataPlaneArgument {
  /// The choice of that name, or a complaint that lists them.
  static func choice(_ text: String) throws -> DataPlaneChoice {
    guard let choice = DataPlaneChoice(rawValue: text) else {
      let names = DataPlaneChoice.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("'\(text)' is not a data plane: \(names)")
    }
    return choice
  }
}
