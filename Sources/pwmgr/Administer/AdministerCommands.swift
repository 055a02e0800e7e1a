import ArgumentParser

/// `pwmgr down`: puts a tunnel or a pseudowire down until it is put up, or the daemon starts again.
struct DownCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "down",
    abstract: "Put a tunnel or a pseudowire down until 'pwmgr up', or until pwmgr starts again.",
    discussion: """
      Its sessions end, and the peer's calls are refused. A reload leaves it down. 'enabled: false' in the site file \
      does the same for good.

      \(AdministrationOptions.statuses)
      """)

  @OptionGroup var options: AdministrationOptions

  func run() throws { try options.ask(.down) }
}

/// `pwmgr up`: ends what `pwmgr down` began.
struct UpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "up", abstract: "Put up a tunnel or a pseudowire that 'pwmgr down' has put down.",
    discussion: AdministrationOptions.statuses)

  @OptionGroup var options: AdministrationOptions

  func run() throws { try options.ask(.up) }
}

/// `pwmgr reset`: ends a tunnel or a session, and has it set up anew.
struct ResetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reset", abstract: "End a tunnel, or the session of a pseudowire, and set it up anew.",
    discussion: AdministrationOptions.statuses)

  @OptionGroup var options: AdministrationOptions

  func run() throws { try options.ask(.reset) }
}

/// The words of these commands, and what they have in common.
struct AdministrationOptions: ParsableArguments {
  static let statuses = """
    Exit status: 0 if it is done, 1 if there is none of that name, or it cannot be done, 64 for a usage error, 69 if \
    no daemon answers.
    """

  @Argument(help: ArgumentHelp("A tunnel, or one of its pseudowires.", valueName: "tunnel[/pseudowire]"))
  var name: String

  @OptionGroup var socket: ControlSocketOption

  func validate() throws {
    guard !name.isEmpty, name.allSatisfy({ $0.isASCII && !$0.isWhitespace }) else {
      throw ValidationError("'\(name)' is not a name: write a tunnel's, or a pseudowire's behind it, as in berlin/lan")
    }
  }

  /// Asks the daemon, and says what came of it.
  func ask(_ verb: AdministrativeVerb) throws {
    try Self.ask(.administer(verb, name), at: socket.controlSocket)
  }

  /// Asks the daemon for something that is answered by an ``AdministrationOutcome``, and says what came of it.
  static func ask(_ request: ControlRequest, at path: String) throws {
    let outcome: AdministrationOutcome
    do {
      outcome = try AdministrationOutcome(answer: ControlClient(path: path).ask(request))
    } catch {
      throw error.exit
    }
    guard outcome.isDone else {
      StandardError.write("pwmgr: \(outcome.line)")
      throw ExitStatus.failure.exit
    }
    print(outcome.line)
  }
}
