import Foundation
import PWCore

/// Waits for the end of a trial, and says what has become of it.
struct TrialWatch {
  /// How to ask the daemon.
  let client: ControlClient
  /// The path of the control socket, for the commands that are shown.
  let socketPath: String
  /// The trial as it began.
  let trial: TrialAnswer
  /// How long it was given.
  let duration: Duration
  /// The pseudowires that were as they should be before.
  let before: Set<LinkOwner>
  /// Those of them that the file on trial declares.
  let awaited: Set<LinkOwner>
  /// Whether it is confirmed as soon as these have been as they should be for a while.
  let confirmsItself: Bool
  /// Looks whether they are.
  let check: ForwardingCheck

  /// Returns when it is confirmed; else the command ends and says why.
  ///
  /// - Parameter interrupts: Ctrl-C, which goes back at once.
  func follow(_ interrupts: Interrupts) throws {
    let token = trial.token ?? ""
    print("the trial runs for \(DurationText.text(duration)); to keep it, over a new connection to this machine:")
    print("  pwmgr confirm \(token)\(ControlSocketOption.words(for: socketPath))")
    fflush(nil)
    let clock = ContinuousClock()
    let end = clock.now + duration + Self.longestDelay
    var goodSince: ContinuousClock.Instant?
    while true {
      let isInterrupted = interrupts.wait(atMost: ForwardingCheck.interval)
      if isInterrupted { _ = try? client.ask(.rollBack(token)) }
      guard let answer = try answer(token, mayFail: clock.now < end && !isInterrupted) else { continue }
      switch answer.state {
      case .running: break
      case .confirmed: return print("the trial is confirmed: its site runs for good")
      case .rolledBack, .refused, .unknown: throw try ending(answer)
      }
      guard confirmsItself, let missing = try? check.missing(of: awaited) else { continue }
      guard missing.isEmpty else {
        goodSince = nil
        continue
      }
      let since = goodSince ?? clock.now
      goodSince = since
      if clock.now - since >= Self.goodTime {
        try TrialConfirmation(client: client).confirm(token)
        return
      }
    }
  }

  private func answer(_ token: String, mayFail: Bool) throws -> TrialAnswer? {
    do {
      return try TrialAnswer(answer: client.ask(.trial(token)))
    } catch let failure as ControlFailure {
      if mayFail { return nil }
      throw ControlFailure(message: "\(failure.message); its site file has the former site, which a start runs")
    }
  }

  /// The former site runs again: looks whether all is as before, and returns the error that ends the command.
  private func ending(_ answer: TrialAnswer) throws -> any Error {
    for line in answer.lines { StandardError.write("pwmgr: \(line)") }
    if answer.state == .unknown {
      StandardError.write("pwmgr: pwmgr was started again meanwhile, and runs its site file: the trial has ended")
    }
    let missing = try check.wait(for: before, atMost: Self.recoveryTime)
    if !missing.isEmpty {
      StandardError.write("pwmgr: \(missing.count) of \(before.count) pseudowires that forwarded before do not:")
      for pseudowire in missing { StandardError.write("pwmgr: \(pseudowire.text)") }
    }
    let differences = answer.state == .rolledBack ? try differences(answer.token ?? "") : []
    for difference in differences { StandardError.write("pwmgr: not as before the trial: \(difference)") }
    guard missing.isEmpty, differences.isEmpty else { return ExitStatus.rollbackIncomplete.exit }
    print("all links are as they were before the trial, and all that forwarded before forwards")
    return ExitStatus.rolledBack.exit
  }

  /// The links that are not as before, once the daemon knows; it takes a time of its own at most.
  private func differences(_ token: String) throws -> [String] {
    let end = ContinuousClock().now + TrialKeeper.restartTime + Self.longestDelay
    while ContinuousClock().now < end {
      let answer = try TrialAnswer(answer: client.ask(.trial(token)))
      guard answer.state == .rolledBack else { return [] }
      if let differences = answer.differences { return differences }
      ForwardingCheck.sleep(ForwardingCheck.interval)
    }
    return ["the daemon does not say how the links are"]
  }

  /// How long a daemon may be silent behind the deadline.
  private static let longestDelay = Duration.seconds(10)
  /// How long pseudowires have to be well before a trial confirms itself.
  private static let goodTime = Duration.seconds(10)
  /// How long pseudowires may take to forward again after the trial.
  private static let recoveryTime = Duration.seconds(30)
}
