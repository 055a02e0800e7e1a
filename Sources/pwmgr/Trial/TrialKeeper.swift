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
  private let links: LinkKeeper
  private let loop: EventLoop
  private let logger: Logger
  private var timer: EventLoop.TimerID?
  private(set) var current: Trial?
  /// The trial that begins as soon as its file is read and it is noted; ended before, it does not begin.
  private var beginning: (token: String, path: String, isCancelled: Bool)?
  private var comparison: TrialComparison?
  private var confirmation: ConfirmedFile?
  /// The trials that ended last, for the commands that wait for them.
  private var ended: [TrialAnswer] = []
  /// The end of the last trial, until another site is carried out.
  private var notice: String?

  init(_ site: SiteSwitch, _ history: SiteHistory, links: LinkKeeper, loop: EventLoop, logger: Logger) {
    self.site = site
    self.history = history
    self.links = links
    self.loop = loop
    self.logger = logger
    timer = loop.makeTimer { [unowned self] in expire() }
  }

  /// Why the site cannot be changed in another way now; nil if it can.
  var objection: String? {
    if let beginning { return "a trial of \(beginning.path) begins" }
    return current.map {
      "a trial of \($0.path) runs: 'pwmgr confirm \($0.token)' or 'pwmgr rollback' ends it, and it ends by itself in "
        + remainingWords(of: $0)
    }
  }

  /// The lines for `status`.
  var problems: [String] {
    guard let current else { return [notice, confirmation?.problem].compactMap { $0 } }
    return [
      "\(current.path) is on trial, and the former site comes back in "
        + "\(remainingWords(of: current)): 'pwmgr confirm \(current.token)' keeps it"
    ]
  }

  /// Forgets the end of the last trial: another site has been carried out.
  func forgetEnd() {
    (notice, confirmation) = (nil, nil)
    stopComparison()
  }

  // MARK: The beginning

  /// Announces a trial whose file is about to be read.
  ///
  /// - Throws: why it cannot be.
  func announce(_ token: String, path: String, for duration: Duration) throws(StartFailure) {
    if let objection { throw StartFailure(.busy, objection) }
    guard Trial.durations.contains(duration) else { throw StartFailure(.failure, Trial.wrongDuration) }
    guard !ended.contains(where: { $0.token == token }) else {
      throw StartFailure(.failure, "there was a trial \(token) already")
    }
    beginning = (token, path, false)
  }

  /// The trial that was announced does not begin: its file has errors.
  func drop() { beginning = nil }

  /// Carries out the site of the trial that was announced, until it is confirmed, or until the time is over.
  ///
  /// - Parameter completion: told whether it has begun.
  func begin(
    _ loaded: SiteLoader.Loaded, for duration: Duration,
    completion: @escaping (Result<TrialAnswer, StartFailure>) -> Void
  ) {
    guard let (token, path, _) = beginning else { preconditionFailure("a trial is announced before it begins") }
    let former = site.running
    let names = former.site.linkNames.union(loaded.site.linkNames)
    let note = TrialNote(token: token, path: path, linkNames: names, links: links.snapshot(of: names))
    stopComparison()
    history.write(trialNote: note.octets, on: loop) { [self] in
      let isCancelled = beginning?.isCancelled == true
      beginning = nil
      do throws(StartFailure) {
        guard !isCancelled else { throw StartFailure(.failure, "it was rolled back before it began") }
        try site.carryOut(loaded, path: path)
      } catch {
        history.removeTrialNote(on: loop)
        return completion(.failure(error))
      }
      loop.updateNow()
      completion(.success(begun(Trial(note: note, former: former, duration: duration, deadline: loop.now + duration))))
    }
  }

  private func begun(_ trial: Trial) -> TrialAnswer {
    (current, notice, confirmation) = (trial, nil, nil)
    if let timer { loop.setTimer(timer, at: trial.deadline) }
    logger.tell(
      .notice, .trialBegun,
      "\(trial.path) is on trial for \(DurationText.text(trial.duration)): 'pwmgr confirm \(trial.token)' keeps it")
    return answer(trial)
  }

  /// Tells of a trial that the last run left behind, and looks what has become of the links.
  func resume() {
    guard current == nil, let note = history.trialNote().flatMap({ TrialNote(octets: $0) }) else { return }
    let line = "the trial of \(note.path) has ended: pwmgr ended meanwhile, and does not run it any more"
    logger.tell(.warning, .trialEnded, "\(line)")
    notice = line
    remember(TrialAnswer(state: .rolledBack, token: note.token, path: note.path, lines: [line]))
    compare(note, within: Self.restartTime)
  }

  // MARK: The end

  /// Keeps the site of the trial for good.
  func confirm(_ token: String) -> TrialAnswer {
    loop.updateNow()
    // A process that was stopped past the deadline hears the request before its timer, perhaps.
    if let current, loop.now >= current.deadline { expire() }
    guard let trial = current, trial.token == token else { return .refusal([reason(against: token)]) }
    end(trial, .confirmed, [])
    history.removeTrialNote(on: loop)
    history.add(site.running.octets, .trial, on: loop)
    logger.tell(.notice, .trialConfirmed, "\(trial.path) is confirmed, and runs for good")
    confirmation = ConfirmedFile(site: site, tried: trial.path, loop: loop, logger: logger)
    return state(of: token)
  }

  /// Goes back to the former site at once.
  ///
  /// - Parameter token: of the trial; nil for the one that runs.
  func rollBack(_ token: String?) -> TrialAnswer {
    if let beginning, token == nil || token == beginning.token {
      self.beginning?.isCancelled = true
      return TrialAnswer(state: .rolledBack, token: beginning.token, path: beginning.path, lines: ["it has not begun"])
    }
    guard let trial = current, token == nil || token == trial.token else {
      return .refusal([token.map(reason) ?? "no trial runs"])
    }
    goBack(trial, because: "it was rolled back by hand")
    return state(of: trial.token)
  }

  /// Ends the trial with the daemon: the next start reads the site file, which has the former site.
  func abandon() {
    beginning?.isCancelled = true
    guard let trial = current else { return }
    let line = "the trial of \(trial.path) ends with pwmgr: the next start runs the site file, without it"
    logger.tell(.warning, .trialEnded, "\(line)")
    end(trial, .rolledBack, [line])
  }

  /// The state of a trial.
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
    logger.tell(.warning, .trialEnded, "\(line)")
    let remarks = site.putBack(trial.former, path: trial.path)
    for remark in remarks { logger.tell(.error, .trialEnded, "\(remark)") }
    notice = line
    end(trial, .rolledBack, [line] + remarks)
    compare(trial.note, within: Self.recoveryTime)
  }

  private func end(_ trial: Trial, _ state: TrialAnswer.State, _ lines: [String]) {
    current = nil
    if let timer { loop.setTimer(timer, at: nil) }
    remember(TrialAnswer(state: state, token: trial.token, path: trial.path, lines: lines))
  }

  private func remember(_ answer: TrialAnswer) {
    ended = ended.suffix(Self.rememberedTrials - 1)
    ended.append(answer)
  }

  // MARK: The links afterwards

  /// Looks whether the links are as before the trial, and says so; until then, a start would look as well.
  private func compare(_ note: TrialNote, within time: Duration) {
    comparison = TrialComparison(note, links: links, loop: loop, within: time) { [self] differences in
      comparison = nil
      history.removeTrialNote(on: loop)
      tell(differences, of: note.token)
      guard !differences.isEmpty else {
        return logger.tell(.notice, .trialEnded, "all links are as they were before the trial")
      }
      for difference in differences { logger.tell(.warning, .trialEnded, "not as before the trial: \(difference)") }
      if let line = notice { notice = "\(line); not as before the trial: \(differences.joined(separator: "; "))" }
    }
  }

  /// Another change begins: the links may be otherwise for that reason.
  private func stopComparison() {
    guard let token = comparison?.stop() else { return }
    comparison = nil
    history.removeTrialNote(on: loop)
    tell(["the site was changed again before all links were looked at"], of: token)
  }

  private func tell(_ differences: [String], of token: String) {
    if let place = ended.lastIndex(where: { $0.token == token }) { ended[place].differences = differences }
  }

  // MARK: Words

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
  /// How long the links may take to be as before after a trial, and after a start, when peers have to notice it first.
  private static let recoveryTime = Duration.seconds(30)
  static let restartTime = Duration.seconds(120)
}
