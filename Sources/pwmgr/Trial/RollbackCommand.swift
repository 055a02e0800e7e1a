import ArgumentParser

/// `pwmgr rollback`: ends a trial at once, and has the former site run again.
struct RollbackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "End a trial at once: the former site runs again.",
    discussion: """
      Exit status: 0 if the former site runs again, 1 if no such trial runs, 64 for a usage error, 69 if no daemon \
      answers.
      """)

  @Argument(help: "The token of the trial; the one that runs, if left out.", transform: TrialToken.read)
  var token: String?

  @OptionGroup var socket: ControlSocketOption

  func run() throws {
    do {
      let client = ControlClient(path: socket.controlSocket)
      let answer = try TrialAnswer(answer: client.ask(.rollBack(token)))
      guard answer.state == .rolledBack else {
        for line in answer.lines { StandardError.write("pwmgr: \(line)") }
        throw ExitStatus.failure.exit
      }
      for line in answer.lines { print(line) }
    } catch let failure as ControlFailure {
      throw failure.exit
    }
  }
}
