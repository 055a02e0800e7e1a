import ArgumentParser
import PWConfig
import PWCore

/// `pwmgr try`: runs a site file for a while; unless somebody confirms it, the former site comes back.
struct TryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "try",
    abstract: "Run a site file for a while; unless it is confirmed, the former site comes back by itself.",
    discussion: """
      The plan is shown first, as by 'pwmgr plan', and --allow limits what it may cost, as for 'pwmgr apply'. Then the \
      daemon runs the file, and this command waits for the end of the trial. Confirm it from another terminal, over a \
      new connection to this machine: that the connection can be made is the proof that the change did not cut you off.

      The deadline is the daemon's own: it holds when this command, its terminal or the connection is gone. Ctrl-C goes \
      back at once. The site file keeps the former site until the trial is confirmed, so a daemon that is killed, or a \
      machine that is started again, runs that one; the text on trial is in FILE.tried. Secret files are not put back. \
      A site with drop-ins is refused.

      Exit status: 0 if it is confirmed, 1 if the file is refused or costs too much, 4 if the former site came back, \
      5 if it did and a pseudowire that forwarded before does not, or a link is not as before, 64 for a usage error, 66 if the file cannot be \
      read, 69 if no daemon answers, 71 if a file cannot be written, 75 if another process is changing the site or a \
      trial runs, 77 without permission.
      """)

  @Argument(
    help: "The site file, or - for standard input; the daemon's own, if left out.",
    completion: .file(extensions: ["yaml", "yml"]))
  var file: String?

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp(
      "How long it runs unless it is confirmed, from 1s to 24h; 2m if left out.", valueName: "duration"),
    transform: DurationOption.read)
  var duration = Trial.usualDuration

  @OptionGroup var allowance: AllowanceOption

  @Option(
    help: ArgumentHelp(
      "Confirm it as soon as all pseudowires that were so before have been so for ten seconds.", valueName: "state"))
  var confirmWhen: ForwardingCheck.Goal?

  @OptionGroup var socket: ControlSocketOption
  @OptionGroup var plugins: PluginDirectoryOption

  func validate() throws {
    guard Trial.durations.contains(duration) else { throw ValidationError(Trial.wrongDuration) }
    guard confirmWhen == nil || duration > TrialWatch.goodTime else {
      throw ValidationError(
        "--confirm-when needs \(DurationText.text(TrialWatch.goodTime)) in which all is well, and --for gives it no more "
          + "than \(DurationText.text(duration))")
    }
  }

  func run() throws {
    let sources = PlanSources(socket: socket, plugins: plugins, trustsAnybody: false)
    let known = try sources.runningForGood()
    let new = try sources.read(file ?? known.path, insteadOf: known)
    try sources.requireAcceptance(new, isForDaemon: true)
    try TrialParts(sitePath: known.path).requireNone(besides: [known.parts, new.parts])
    let plan = SitePlan(
      from: known.reading, to: new.reading, plugins: CompiledInPlugins.all, isInKernel: known.isInKernel)
    print(PlanReport(plan, file: new.path).text)
    try ChangePermission(allowance: allowance.allow, mayAsk: file != "-", question: "Try it?").require(for: plan)
    let client = ControlClient(path: socket.controlSocket, isTrusted: false)
    do {
      let check = ForwardingCheck(client: client)
      let before = try check.reached()
      let condition = try confirmWhen.map { try TrialWatch.Condition($0, client: client) }
      // Ctrl-C that comes while the trial begins ends it as soon as it has.
      let watch = try Interrupts.held { interrupts in
        let trial = try begin(TrialStart(client: client, known: known, new: new, duration: duration))
        let watch = TrialWatch(
          client: client, socketPath: socket.controlSocket, trial: trial, duration: duration, condition: condition)
        return try watch.follow(interrupts).map { (watch, $0) }
      }
      guard let (watch, end) = watch else { return }
      throw try watch.ending(end, before: before, check)
    } catch let failure as ControlFailure {
      throw failure.exit
    }
  }

  /// One change at a time: while the trial runs, the daemon itself refuses another.
  private func begin(_ start: TrialStart) throws -> TrialAnswer {
    let lock = try ChangeLock.take(forDaemonAt: socket.controlSocket, orEnd: "try")
    // Between the files and the daemon's verdict, an interruption would leave one without the other.
    let trial = try Uninterrupted.run { try start.begin() }
    withExtendedLifetime(lock) {}
    return trial
  }
}
