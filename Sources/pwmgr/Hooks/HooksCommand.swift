import ArgumentParser
import Glibc
import PWCore
import PWLinux

/// `pwmgr hooks`: runs the operator's programs for the daemon's events.
struct HooksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hooks",
    abstract: "Run programs of yours when something happens.",
    discussion: """
      The folder has a folder for each kind of event that programs are wanted for: those in not-forwarding/ run when a \
      pseudowire no longer forwards, those in any/ for each event. docs/events.md lists the kinds. New programs count \
      from the next event on.

      A program gets the event as a line of JSON on its standard input, and PWMGR_KIND, PWMGR_TUNNEL, PWMGR_PSEUDOWIRE \
      and the event's fields in its environment. Programs of one tunnel or pseudowire run one after the other, in the \
      order of the events and then of their names. Nobody else may be able to change a program: it and all folders \
      above it must belong to you or root, and nobody else may write to them.

      It is a process of its own, and the daemon does not wait for it. It runs in the foreground until SIGTERM or \
      Ctrl-C and goes on over a restart of the daemon. What programs print, and how those that fail end, goes to its \
      standard error.

      Exit status: 0 after a clean stop, 1 if --list finds something that cannot be run, 64 for a usage error, 71 if \
      the system gives it no resources.
      """)

  @Option(help: ArgumentHelp("The folder of the hooks.", valueName: "path"))
  var folder = HookFolder.usualPath

  @Option(
    help: ArgumentHelp(
      "How long one program may take, like 500ms or 2m; 30s if left out.", valueName: "duration"),
    transform: DurationOption.read)
  var timeLimit = Duration.seconds(30)

  @Flag(help: "Print the programs, and what is wrong with the folder, and end.")
  var list = false

  @OptionGroup var socket: ControlSocketOption

  /// A shorter time ends every program, and a longer one is a way to wait for ever.
  private static let timeLimits = Duration.milliseconds(100)...Duration.seconds(3_600)

  func validate() throws {
    guard Self.timeLimits.contains(timeLimit) else { throw ValidationError("--time-limit is 100ms to 1h") }
  }

  func run() throws {
    let hooks = HookFolder(path: folder)
    let survey = hooks.survey()
    for complaint in survey.complaints { StandardError.write("pwmgr: \(complaint)") }
    guard !list else {
      for program in survey.programs { try StandardOutput.write("\(program)\n".utf8) }
      guard survey.complaints.isEmpty else { throw ExitCode.failure }
      return
    }
    let count = survey.programs.count
    StandardError.write("pwmgr: hooks: \(count) program\(count == 1 ? "" : "s") in \(hooks.path)")
    do throws(SystemError) {
      try follow(hooks)
    } catch {
      StandardError.write("pwmgr: \(error.description)")
      throw ExitStatus.systemFault.exit
    }
  }

  private func follow(_ hooks: HookFolder) throws(SystemError) {
    let loop = try EventLoop()
    let manager = ServiceManager()
    // What answers chooses which programs run: it has to be the daemon.
    let feed = EventFeed(client: ControlClient(path: socket.controlSocket, isTrusted: false))
    let runner = HookRunner(folder: hooks, feed: feed, timeLimit: timeLimit, loop: loop) {
      StandardError.write("pwmgr: \($0)")
    }
    var isEnding = false
    // Before any other thread exists, so that every thread leaves the signals to the loop.
    try loop.watchSignals([SIGTERM, SIGINT]) { _ in
      guard !isEnding else { return }
      isEnding = true
      manager.stopping()
      runner.stop { loop.stop() }
    }
    runner.start { manager.ready(status: "programs run for events") }
    try loop.run()
  }
}
