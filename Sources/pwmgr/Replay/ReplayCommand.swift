import ArgumentParser
import Foundation
import PWCore

/// `pwmgr replay FILE`: runs the engine through what a recorded daemon took in.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Run the engine through a recording of 'pwmgr run --record', and say whether it does the same again.",
    discussion: """
      Shows the course as the journal had it, each control message in and out in a line of its own, and the status at the \
      end. Inputs are numbered; 0 is the start. Nothing is sent and nothing is changed: it needs no privilege and no secret.

      Where the engine does something else than it did then, the first difference is told and the replay ends: a release \
      can be held against what an earlier one did. A recording that breaks off, or had reached its limit, is replayed up to \
      its last whole line.

      Exit status: 0 when all came out as it did then, 1 at a difference, 66 when the file cannot be read or is no recording \
      that this release knows.
      """)

  @Argument(help: "The recording.", completion: .file())
  var file: String

  @Option(
    help: ArgumentHelp("Stop after this input, or at this time of day in UTC (12:03:04.2).", valueName: "input|time"))
  var until: ReplayLimit?

  @Flag(help: "Show every input and every output, timers and effects too.")
  var all = false

  @Flag(help: "Show the status at the end, and nothing of the course.")
  var status = false

  @Flag(help: "Show only how it ends.")
  var quiet = false

  func validate() throws {
    if [all, status, quiet].filter({ $0 }).count > 1 {
      throw ValidationError("--all, --status and --quiet exclude each other")
    }
  }

  func run() throws {
    do {
      var replay = try ReplayRun(file, limit: until, detail: detail) { print($0) }
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
        "pwmgr: \(file) had reached its limit and ends there, not the daemon; the same again: \(inputs) inputs, "
          + "\(outputs) outputs")
    case .different(let what):
      StandardError.write("pwmgr: \(what)")
      throw ExitStatus.failure.exit
    }
  }
}
