import ArgumentParser
import FoundationEssentials

/// `pwmgr reload`: has the daemon read its site file again, and says what came of it.
struct ReloadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reload",
    abstract: "Have the daemon read its site file again, and wait for the outcome.",
    discussion: """
      The same as SIGHUP, but a file with errors is reported here, with all its complaints; the site then runs as \
      before. 'pwmgr plan' shows beforehand what a file would change. If plugins in other processes need more than a \
      minute to look through the file, this gives up, and the daemon goes on: 'pwmgr status' tells of a refusal.

      Exit status: 0 if the file is carried out, 1 if it is refused, 69 if no daemon answers, 75 if \
      another process is changing the site, or a trial runs.
      """)

  @OptionGroup var socket: ControlSocketOption

  /// Plugins in other processes look through the file, too, and may take their time.
  static let timeoutSeconds = 60

  func run() throws {
    let lock = try ChangeLock.take(forDaemonAt: socket.controlSocket, orEnd: "reload")
    let outcome: ReloadOutcome
    do {
      let client = ControlClient(path: socket.controlSocket)
      outcome = try ReloadOutcome(answer: client.ask(.reload(.reload), timeoutSeconds: Self.timeoutSeconds))
    } catch {
      throw error.exit
    }
    withExtendedLifetime(lock) {}
    for line in outcome.lines { StandardError.write(line) }
    guard outcome.isApplied else {
      StandardError.write("pwmgr: \(outcome.path) is not applied: the site runs as before")
      throw outcome.isBusy == true ? ExitStatus.busy.exit : ExitStatus.failure.exit
    }
    print("\(outcome.path) is applied")
  }
}
