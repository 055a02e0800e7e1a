import ArgumentParser
import FoundationEssentials
import PWCore

/// `pwmgr replay FILE`: runs the engine through what a recorded daemon took in.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Replay a recording of 'pwmgr run --record', and report whether the engine behaves the same.",
    discussion: """
      Shows the run as the log had it, with each control message that was received or sent in a line of its own, and \
      the status at the end. Inputs are numbered; 0 is the start. A replay sends nothing and changes nothing, so it \
      needs neither privilege nor secrets.

      If the engine behaves differently from the recording, the first difference is reported and the replay ends. So \
      a release can be compared with an earlier one. A recording that breaks off, or that reached its limit, is \
      replayed up to its last complete line.

      Exit status: 0 if the engine behaved the same, 1 if it did not, 66 if the file cannot be read or is not a \
      recording that this release can read.
      """)

  @Argument(help: "The recording.", completion: .file())
  var file: String

  @Option(
    help: ArgumentHelp("Stop after this input, or at this time of day in UTC (12:03:04.2).", valueName: "input|time"))
  var until: ReplayLimit?

  @Flag(help: "Show every input and every output, including timers and effects.")
  var all = false

  @Flag(help: "Show only the status at the end.")
  var status = false

  @Flag(help: "Show only the outcome.")
  var quiet = false

  func validate() throws {
    if [all, status, quiet].filter({ $0 }).count > 1 {
      throw ValidationError("--all, --status and --quiet exclude each other")
    }
  }

  func run() throws {
    do {
      let replay = try ReplayRun(file, limit: until, detail: detail) { print($0) }
      let ending = try replay.run()
      if !quiet, let document = replay.status() { print(StatusText(document).rendered(), terminator: "") }
      try conclude(ending)
    } catch let failure as ReplayFailure {
      StandardError.write("pwmgr: \(failure)")
      throw ExitStatus.noInput.exit
    }
  }

  private var detail: ReplayRun.Detail { all ? .everything : quiet || status ? .result : .course }

  private func conclude(_ ending: ReplayRun.Ending) throws {
    switch ending {
    case .same(let inputs, let outputs):
      StandardError.write("pwmgr: the same again: \(inputs) inputs, \(outputs) outputs")
    case .sameUntilCut(let inputs, let outputs, let line):
      StandardError.write(
        "pwmgr: \(file) breaks off in the middle of line \(line); the same again up to there: \(inputs) inputs, \(outputs) outputs"
      )
    case .sameUntilFull(let inputs, let outputs):
      StandardError.write(
        "pwmgr: \(file) had reached its limit, and ends before the daemon did; the same again: \(inputs) inputs, "
          + "\(outputs) outputs")
    case .different(let what):
      StandardError.write("pwmgr: \(what)")
      throw ExitStatus.failure.exit
    }
  }
}
