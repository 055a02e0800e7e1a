import FoundationEssentials
import Glibc
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
  /// When it is confirmed by itself; nil if it is not.
  let condition: Condition?

  /// All pseudowires that were as they should be before the trial are so again.
  struct Condition {
    fileprivate let check: ForwardingCheck
    fileprivate let owners: Set<LinkOwner>

    /// Looks which these are; where there are none, the command ends and says so.
    init(_ goal: ForwardingCheck.Goal, client: ControlClient) throws {
      check = ForwardingCheck(client: client, goal: goal)
      owners = try check.reached()
      guard owners.isEmpty else { return }
      StandardError.write(
        "pwmgr: no pseudowire is \(goal.rawValue) now, so nothing would show that the trial is well: leave out "
          + "--confirm-when, and confirm it yourself")
      throw ExitStatus.failure.exit
    }
  }

  /// Waits for the end of the trial.
  ///
  /// - Parameter interrupts: Ctrl-C, which goes back at once.
  /// - Returns: nil if it is confirmed; else its end.
  func follow(_ interrupts: Interrupts) throws -> TrialAnswer? {
    let token = trial.token ?? ""
    print("the trial runs for \(DurationText.text(duration)); to keep it, over a new connection to this machine:")
    print("  pwmgr confirm \(token)\(ControlSocketOption.words(for: socketPath))")
    fflush(nil)
    let clock = ContinuousClock()
    let end = clock.now + duration + Self.longestDelay
    var (goodSince, nextLook): (ContinuousClock.Instant?, ContinuousClock.Instant) = (nil, clock.now)
    while true {
      let isInterrupted = interrupts.wait(atMost: ForwardingCheck.interval)
      if isInterrupted { _ = try? client.ask(.rollBack(token)) }
      guard let answer = try answer(token, mayFail: clock.now < end && !isInterrupted) else {
        goodSince = nil
        continue
      }
      switch answer.state {
      case .running: break
      case .confirmed:
        print("the trial is confirmed: its site runs for good")
        return nil
      case .rolledBack, .refused, .unknown: return answer
      }
      guard let condition, clock.now >= nextLook else { continue }
      let began = clock.now
      let isGood = (try? condition.check.missing(of: condition.owners))?.isEmpty == true
      // The status of thousands of sessions takes a while, and the daemon has other things to do.
      nextLook = clock.now + (clock.now - began) * 4
      goodSince = isGood ? goodSince ?? began : nil
      guard let since = goodSince, clock.now - since >= Self.goodTime else { continue }
      do {
        try TrialConfirmation(client: client, socketPath: socketPath).confirm(token)
        return nil
      } catch {
        // It may have ended meanwhile, in one way or the other.
        guard let answer = try? TrialAnswer(answer: client.ask(.trial(token))), answer.state != .running else {
          throw error
        }
      }
    }
  }

  private func answer(_ token: String, mayFail: Bool) throws -> TrialAnswer? {
    do {
      return try TrialAnswer(answer: client.ask(.trial(token)))
    } catch {
      if mayFail { return nil }
      throw ControlFailure(message: "\(error.message); its site file has the former site, which a start runs")
    }
  }

  /// The former site runs again: looks whether all is as before, and returns the error that ends the command.
  ///
  /// - Parameter before: the pseudowires that forwarded before.
  func ending(_ answer: TrialAnswer, before: Set<LinkOwner>, _ check: ForwardingCheck) throws -> any Error {
    for line in answer.lines { StandardError.write("pwmgr: \(line)") }
    let isKnown = answer.state == .rolledBack
    if !isKnown {
      StandardError.write(
        "pwmgr: pwmgr was started again meanwhile, and runs its site file: the trial has ended, and the links were not "
          + "compared")
    }
    let missing = try check.wait(for: before, atMost: Self.recoveryTime)
    if !missing.isEmpty {
      StandardError.write("pwmgr: \(missing.count) of \(before.count) pseudowires that forwarded before do not:")
      for pseudowire in missing { StandardError.write("pwmgr: \(pseudowire.text)") }
    }
    let differences = isKnown ? try differences(answer.token ?? "") : []
    for difference in differences { StandardError.write("pwmgr: not as before the trial: \(difference)") }
    guard missing.isEmpty, differences.isEmpty else { return ExitStatus.rollbackIncomplete.exit }
    print((isKnown ? "all links are as they were before the trial, and " : "") + "all that forwarded before forwards")
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
  static let goodTime = Duration.seconds(10)
  /// How long pseudowires may take to forward again after the trial.
  private static let recoveryTime = Duration.seconds(30)
}
