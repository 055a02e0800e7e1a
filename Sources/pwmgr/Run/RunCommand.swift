import ArgumentParser
import FoundationEssentials
import Logging
import PWCore
import PWLinux

/// `pwmgr run`: carries out a site in the foreground until SIGTERM or Ctrl-C.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a site in the foreground: bring up its tunnels and pseudowires, and keep them up.",
    discussion: """
      SIGHUP reads the site file again: new parts start, removed parts stop, changed parts restart, and the rest is \
      not touched; a file with errors changes nothing. The drop-ins of the site are the *.yaml in the folder beside \
      its file: site.d for site.yaml. SIGTERM and Ctrl-C notify the peers, remove everything that \
      pwmgr made, and exit within five seconds, unless the kernel needs longer: about 20 ms for each port of a \
      bridge. Then the log says what is left, and one more signal leaves it to the next start.

      --record records every input and output of the protocol engine, for 'pwmgr replay': attach the recording to a \
      problem report. It holds no secrets, and nothing that helps to guess them. It does hold addresses, names, and \
      the cookies of sessions, so only its owner can read it. An earlier recording of that name becomes FILE.old; \
      any other file is left as it is, and the start is refused. When the disk is full, or the recording has reached \
      --record-limit, the recording ends, the log says so once, and the site keeps running.

      Exit status: 0 after a clean stop, 1 if the site file has errors, 66 if it cannot be read, 69 if the data \
      plane that it asks for is missing or OpenSSL refuses MD5, 71 if the operating system refuses a request, 77 if \
      privilege is insufficient.
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

  @Option(help: ArgumentHelp("Distinguishes two daemons with the same site name on one machine.", valueName: "name"))
  var instance = Supervisor.usualInstance

  @Option(help: ArgumentHelp("The folder for notes of what to undo after a crash.", valueName: "folder"))
  var stateDirectory = "/run/pwmgr"

  @Option(
    help: ArgumentHelp(
      "The folder for the sites that ran last: see 'pwmgr history'.", valueName: "folder"))
  var historyDirectory = "/var/lib/pwmgr"

  @Flag(help: "If the site file has errors or cannot be read, run the site that ran last, and say so.")
  var fallBack = false

  @OptionGroup var plugins: PluginDirectoryOption

  @Option(
    help: ArgumentHelp("Record what happens, for 'pwmgr replay'.", valueName: "file"),
    completion: .file())
  var record: String?

  @Option(
    help: ArgumentHelp(
      "The size at which the recording ends, in MiB or GiB; the site keeps running.", valueName: "size"))
  var recordLimit = RecordingLimit.usual

  func run() throws {
    let writer = LogWriter(level: logLevel.level)
    let logger = Logger(label: "pwmgr") { _ in writer }
    DescriptorLimit.raise()
    do {
      try Supervisor(
        sitePath: site, socketPath: socket.controlSocket, dataPlane: dataPlane, instance: instance,
        stateDirectory: stateDirectory, historyDirectory: historyDirectory, fallsBack: fallBack, recordingPath: record,
        recordingLimit: recordLimit,
        pluginDirectory: plugins.path, logger: logger
      ).run()
    } catch let failure as StartFailure {
      for line in failure.lines { StandardError.write(line) }
      throw failure.status.exit
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
