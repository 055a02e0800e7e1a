import ArgumentParser
import PWCore

/// `pwmgr rollback`: ends a trial at once, or goes back to a site that ran before.
struct RollbackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "End a trial at once, or go back to a site that ran before.",
    discussion: """
      Without a number, the trial that runs ends, and the former site runs again. With a number of 'pwmgr history', that \
      site is carried out as by 'pwmgr apply': with the plan first, within --allow, and it becomes the site file. \
      Its drop-ins have to be in their folder again before that: 'pwmgr history NUMBER' prints them.

      Exit status: as for 'pwmgr apply'; 0 if the former site runs again, 1 if there is no such trial, or no such site \
      in the history.
      """)

  @Argument(
    help: "The number of a site, or the token of a trial; the trial that runs, if left out.", transform: Target.init)
  var target: Target?

  @OptionGroup var options: ChangeOptions
  @OptionGroup var socket: ControlSocketOption
  @OptionGroup var plugins: PluginDirectoryOption

  /// The site that comes back, or the trial that ends.
  enum Target: Equatable {
    case number(Int)
    case token(String)

    /// Reads it: a token has more digits than any number.
    init(_ text: String) throws {
      if let number = Int(text), number > 0, text.utf8.count < TrialToken.length {
        self = .number(number)
      } else {
        self = .token(try TrialToken.read(text))
      }
    }
  }

  func run() throws {
    do {
      switch target {
      case .number(let number): try goBack(to: number)
      case .token(let token): try endTrial(token)
      case nil: try endTrial(nil)
      }
    } catch let failure as ControlFailure {
      throw failure.exit
    }
  }

  private func endTrial(_ token: String?) throws {
    let answer = try TrialAnswer(answer: ControlClient(path: socket.controlSocket).ask(.rollBack(token)))
    guard answer.state == .rolledBack else {
      for line in answer.lines { StandardError.write("pwmgr: \(line)") }
      throw ExitStatus.failure.exit
    }
    for line in answer.lines { print(line) }
  }

  private func goBack(to number: Int) throws {
    let application = SiteApplication(socket: socket, plugins: plugins, options: options, occasion: .rollback)
    let known = try application.sources.runningForGood()
    let client = ControlClient(path: socket.controlSocket, isTrusted: false)
    let new = application.sources.read(
      try HistoryText(client: client).ofSite(number), title: "site \(number) of the history")
    do {
      try PlannedDropIns(sitePath: known.path).require(for: new, "\(new.title) is not applied")
    } catch {
      if !new.parts.dropIns.isEmpty {
        StandardError.write("pwmgr: 'pwmgr history \(number)' prints it with its drop-ins")
      }
      throw error
    }
    try application.run(new, insteadOf: known, mayAsk: true)
  }
}
