import FoundationEssentials
import Logging
import PWCore
import PWLinux

/// Reads a site file while another site runs, and has the daemon carry it out: the daemon's own file again, or one that
/// is tried.
///
/// It is read on a thread of its own: plugins in other processes look through their part of it, and existing sessions
/// go on meanwhile. One reading follows the other.
final class Reloading {
  private let daemon: Daemon
  private let site: SiteSwitch
  private let trials: TrialKeeper
  private let history: SiteHistory
  private let loader: SiteLoader
  private let logger: Logger
  private var isReading = false
  private var isAskedAgain = false
  /// Why the daemon's own file is read.
  private var occasion = SiteOccasion.reload
  /// Those who wait for the outcome: clients of the control socket that may change something.
  private var waiting: [(ReloadOutcome) -> Void] = []

  init(
    _ daemon: Daemon, _ site: SiteSwitch, _ trials: TrialKeeper, _ history: SiteHistory, _ loader: SiteLoader,
    _ logger: Logger
  ) {
    self.daemon = daemon
    self.site = site
    self.trials = trials
    self.history = history
    self.loader = loader
    self.logger = logger
  }

  /// Begins to read the daemon's own file; while one is being read, it is read again afterwards.
  ///
  /// - Parameters:
  ///   - occasion: why, for the history.
  ///   - completion: told of the outcome of the last reading.
  func begin(_ occasion: SiteOccasion, completion: ((ReloadOutcome) -> Void)? = nil) {
    self.occasion = occasion
    if let completion { waiting.append(completion) }
    guard !isReading else {
      isAskedAgain = true
      return
    }
    read(with: loader) { [self] in finish($0) }
  }

  /// Reads another file, and carries it out for a while.
  ///
  /// - Parameters:
  ///   - token: the trial's.
  ///   - completion: told whether the trial has begun.
  func begin(
    _ token: String, trialOf path: String, for duration: Duration, completion: @escaping (TrialAnswer) -> Void
  ) {
    do throws(StartFailure) {
      guard !isReading else { throw StartFailure(.busy, "the daemon is reading a site file: try again when it has") }
      try trials.announce(token, path: path, for: duration)
    } catch {
      return completion(Self.refusal(error))
    }
    read(with: SiteLoader(path: path, pluginDirectory: loader.pluginDirectory)) { [self] result in
      switch result {
      case .failure(let failure):
        trials.drop()
        completion(Self.refusal(failure))
      case .success(let loaded) where loaded.hasDropIns || site.running.hasDropIns:
        trials.drop()
        completion(Self.refusal(StartFailure(.failure, TrialParts.words)))
      case .success(let loaded):
        trials.begin(loaded, for: duration) { result in
          switch result {
          case .failure(let failure): completion(Self.refusal(failure))
          case .success(var answer):
            answer.lines = loaded.remarks
            completion(answer)
          }
        }
      }
      if isAskedAgain { readAgain() }
    }
  }

  private static func refusal(_ failure: StartFailure) -> TrialAnswer {
    TrialAnswer(state: .refused, lines: failure.lines, isBusy: failure.status == .busy)
  }

  private func read(
    with loader: SiteLoader, then proceed: @escaping (Result<SiteLoader.Loaded, StartFailure>) -> Void
  ) {
    isReading = true
    daemon.parts.serviceManager.reloading(at: daemon.parts.loop.now.nanoseconds)
    daemon.parts.loop.offload {
      do throws(StartFailure) {
        return Result<SiteLoader.Loaded, StartFailure>.success(try loader.load())
      } catch {
        return .failure(error)
      }
    } completion: { [self] result in
      isReading = false
      proceed(result)
      if !isReading { daemon.serviceReport.ready() }
    }
  }

  private func readAgain() {
    isAskedAgain = false
    read(with: loader) { [self] in finish($0) }
  }

  private func finish(_ result: Result<SiteLoader.Loaded, StartFailure>) {
    guard !isAskedAgain else { return readAgain() }
    var outcome = ReloadOutcome(path: URL(filePath: loader.path).path, isApplied: true, lines: [])
    do throws(StartFailure) {
      outcome.lines = try apply(try result.get())
    } catch {
      for line in error.lines { logger.tell(.error, .siteRefused, "\(line)") }
      logger.tell(.error, .siteRefused, "\(loader.path) is not applied: the site runs as before")
      // That a trial runs is said by itself, and only while it does.
      let isBusy = error.status == .busy
      if !isBusy {
        daemon.refuse("the site file was read again and refused; the site runs as before: \(error.summary)")
      }
      (outcome.isApplied, outcome.lines, outcome.isBusy) = (false, error.lines, isBusy)
    }
    for completion in waiting { completion(outcome) }
    waiting = []
  }

  /// Has a file without errors carried out; returns the remarks on it.
  private func apply(_ loaded: SiteLoader.Loaded) throws(StartFailure) -> [String] {
    if let objection = trials.objection { throw StartFailure(.busy, objection) }
    for remark in loaded.remarks { logger.tell(.warning, .siteRemark, "\(remark)") }
    for aside in loaded.asides { logger.tell(.info, .siteRemark, "\(aside)") }
    logger.tell(.notice, .siteLoaded, "read \(loader.path) again")
    try site.carryOut(loaded, path: loader.path)
    trials.forgetEnd()
    history.add(loaded.octets, occasion, on: daemon.parts.loop)
    return loaded.remarks
  }
}
