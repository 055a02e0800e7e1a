import ArgumentParser

/// `pwmgr log-level`: changes how much a daemon that runs writes into its log.
struct LogLevelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log-level",
    abstract: "Change how much the daemon writes into its log, until it starts again.",
    discussion: """
      Without a level, the present one is printed.

      Exit status: 0 if it is done, 1 if it cannot be done, 64 for a usage error, 69 if no daemon answers.
      """)

  @Argument(help: "The least important messages to write: \(LogLevel.words).")
  var level: LogLevel?

  @OptionGroup var socket: ControlSocketOption

  func run() throws {
    try AdministrationOptions.ask(.logLevel(level), at: socket.controlSocket)
  }
}
