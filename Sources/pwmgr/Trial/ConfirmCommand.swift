import ArgumentParser

/// `pwmgr confirm`: keeps the site of a trial for good.
struct ConfirmCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "confirm",
    abstract: "Keep a site that is on trial.",
    discussion: """
      Its text takes the place of the site file, whose old content is kept as FILE.previous.

      Exit status: 0 if it is confirmed, 1 if there is no such trial, or its time is over, 64 for a usage error, 69 if \
      no daemon answers, 71 if the site file cannot be replaced, 75 if another process is changing the site, 77 without permission.
      """)

  @Argument(help: "The token that 'pwmgr try' printed; 'pwmgr status' shows it, too.", transform: TrialToken.read)
  var token: String

  @OptionGroup var socket: ControlSocketOption

  func run() throws {
    let client = ControlClient(path: socket.controlSocket, isTrusted: false)
    try TrialConfirmation(client: client, socketPath: socket.controlSocket).confirm(token)
  }
}
