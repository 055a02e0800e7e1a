import Logging
import PWCore
import PWLinux

/// Keeps the trial of a site, one at a time: begins it, ends it for good, or goes back when its time is over.
///
/// The deadline is the daemon's own, so that it holds whatever becomes of the command that began the trial, of its
/// terminal, and of the connection to the machine. The site file is not touched meanwhile: a daemon that is killed and
/// started again, or a machine that boots, runs the former site.
final class TrialKeeper {
  private let site: SiteSwitch
  private let history: SiteHistory
  private let loop: EventLoop
  private let logger: Logger
  private var timer: EventLoop.TimerID?
  private(set) var current: Trial?
  /// The trials that ended last, for the commands that wait for them.
  private var ended: [TrialAnswer] = []
  /// The end of the last trial, until another site is carried out.
  private(set) var notice: String?

  init(_ site: SiteSwitch, _ history: SiteHistory, loop: EventLoop, logger: Logger) {
    self.site = site
    self.history = history
    self.loop = loop
    self.logger = logger
    timer = loop.makeTimer { [unowned self] in expire() }
  }

  /// Why the site cannot be changed in another way now; nil if it can.
  var objection: String? {
    current.map {
      "a trial of \($0.path) runs: 'pwmgr confirm \($0.token)' or 'pwmgr rollback' ends it, and it ends by itself in "
        + remainingWords(of: $0)
    }
  }

  /// The lines for `status`.
  var problems: [String] {
    guard let current else { return notice.map { [$0] } ?? [] }
    return [
      "\(current.path) is on trial, and the former site comes back in "
        + "\(remainingWords(of: current)): 'pwmgr confirm \(current.token)' keeps it"
    ]
  }

  /// Forgets the end of the last trial: another site has been carried out.
  func forgetEnd() { notice = nil }

  /// Carries out a site until it is confirmed, or until the time is over.
  func begin(_ loaded: SiteLoader.Loaded, path: String, for duration: Duration) throws(StartFailure) -> TrialAnswer {
    if let objection { throw StartFailure(.busy, objection) }
    guard Trial.durations.contains(duration) else { throw StartFailure(.failure, Trial.wrongDuration) }
    let former = site.running
    try site.carryOut(loaded, path: path)
    notice = nil
    let trial = Trial(
      token: TrialToken.make(), path: path, former: former, duration: duration, deadline: loop.now + duration)
    current = trial
    if let timer { loop.setTimer(timer, at: trial.deadline) }
    logger.notice(
      "\(path) is on trial for \(DurationText.text(duration)): 'pwmgr confirm \(trial.token)' keeps it")
    return answer(trial)
  }

  /// Keeps the site of the trial for good.
  func confirm(_ token: String) -> TrialAnswer {
    loop.updateNow()
    // A process that was stopped past the deadline hears the request before its timer, perhaps.
    if let current, loop.now >= current.deadline { expire() }
    guard let trial = current, trial.token == token else { return .refusal([reason(against: token)]) }
    end(trial, .confirmed, [])
    history.add(site.running.octets, .trial, on: loop)
    logger.notice("\(trial.path) is confirmed, and runs for good")
    return state(of: token)
  }

  /// Goes back to the former site at once.
  ///
  /// - Parameter token: of the trial; nil for the one that runs.
  func rollBack(_ token: String?) -> TrialAnswer {
    guard let trial = current, token == nil || token == trial.token else {
      return .refusal([token.map(reason) ?? "no trial runs"])
    }
    goBack(trial, because: "it was rolled back by 'pwmgr rollback'")
    return state(of: trial.token)
  }

  /// Ends the trial with the daemon: the next start reads the site file, which has the former site.
  func abandon() {
    guard let trial = current else { return }
    let line = "the trial of \(trial.path) ends with pwmgr: the next start runs the site file, without it"
    logger.warning("\(line)")
    end(trial, .rolledBack, [line])
  }

  /// What has become of a trial.
  func state(of token: String) -> TrialAnswer {
    if let current, current.token == token { return answer(current) }
    return ended.last { $0.token == token } ?? TrialAnswer(state: .unknown, token: token)
  }

  private func expire() {
    guard let trial = current else { return }
    goBack(trial, because: "nobody confirmed it within \(DurationText.text(trial.duration))")
  }

  private func goBack(_ trial: Trial, because reason: String) {
    let line = "the trial of \(trial.path) has ended, and the former site runs: \(reason)"
    logger.warning("\(line)")
    let remarks = site.putBack(trial.former, path: trial.path)
    for remark in remarks { logger.error("\(remark)") }
    notice = line
    end(trial, .rolledBack, [line] + remarks)
  }

  private func end(_ trial: Trial, _ state: TrialAnswer.State, _ lines: [String]) {
    current = nil
    if let timer { loop.setTimer(timer, at: nil) }
    ended = ended.suffix(Self.rememberedTrials - 1)
    ended.append(TrialAnswer(state: state, token: trial.token, path: trial.path, lines: lines))
  }

  private func answer(_ trial: Trial) -> TrialAnswer {
    TrialAnswer(
      state: .running, token: trial.token, path: trial.path,
      remainingMilliseconds: Int(remaining(of: trial) / .milliseconds(1)))
  }

  private func remaining(of trial: Trial) -> Duration { max(trial.deadline - loop.now, .zero) }

  /// In whole seconds, the last of them included.
  private func remainingWords(of trial: Trial) -> String {
    DurationText.text(.seconds((remaining(of: trial) / .seconds(1)).rounded(.up)))
  }

  private func reason(against token: String) -> String {
    if let current { return "the trial that runs has another token than \(token): \(current.token)" }
    switch ended.last(where: { $0.token == token })?.state {
    case .rolledBack: return "the trial \(token) has ended, and the former site runs: it cannot be confirmed any more"
    case .confirmed: return "the trial \(token) is confirmed already"
    case _: return "there is no trial \(token): it ended long ago, or pwmgr was started again and runs its site file"
    }
  }

  private static let rememberedTrials = 8
}
