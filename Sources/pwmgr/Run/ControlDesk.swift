import PWCore
import PWLinux

/// Answers what clients of the control socket ask.
struct ControlDesk {
  /// The site that runs, and its groups.
  let site: SiteSwitch
  /// Carries out the site.
  let daemon: Daemon
  /// Reads site files.
  let reloading: Reloading
  /// Keeps the trial.
  let trials: TrialKeeper
  /// Keeps the sites that ran for good.
  let history: SiteHistory
  /// Has the events.
  let events: EventDesk

  /// Answers one request.
  ///
  /// - Parameter peer: the client, who may not be allowed to change something.
  func answer(_ line: String, of peer: UnixSocketPeer, _ reply: @escaping ([UInt8]) -> Void) {
    guard let request = ControlRequest(line: line) else { return reply(ControlError.unknownRequest.octets) }
    switch request {
    case .version: reply(ControlProtocol().octets)
    case .status: daemon.status(completion: reply)
    case .metrics: daemon.metrics(completion: reply)
    case .events(let request): events.answer(request, reply)
    case .site: describeSite(reply)
    case .history(nil): history.answer(nil, on: daemon.parts.loop, completion: reply)
    case .trial(let token): reply(trials.state(of: token).octets)
    case .logLevel(nil): reply(daemon.logLevel.octets)
    case .history, .logLevel, .reload, .administer, .tryOut, .confirm, .rollBack:
      guard site.groups.permission(of: peer) >= request.permission else { return reply(denial(of: request)) }
      change(request, reply)
    }
  }

  private func change(_ request: ControlRequest, _ reply: @escaping ([UInt8]) -> Void) {
    switch request {
    case .reload(let occasion): reloading.begin(occasion) { reply($0.octets) }
    case .logLevel(let level?): reply(daemon.setLogLevel(level).octets)
    case .administer(let verb, let name): reply(daemon.administer(verb, name).octets)
    case .history(let number?): history.answer(number, on: daemon.parts.loop, completion: reply)
    case .tryOut(let token, let duration, let path):
      reloading.begin(token, trialOf: path, for: duration) { reply($0.octets) }
    case .confirm(let token): reply(trials.confirm(token).octets)
    case .rollBack(let token): reply(trials.rollBack(token).octets)
    case .version, .status, .metrics, .events, .site, .trial, .history(nil), .logLevel(nil): reply([])
    }
  }

  private func denial(of request: ControlRequest) -> [UInt8] {
    switch request {
    case .reload: ReloadOutcome.denied(site.path).octets
    case .administer, .logLevel: AdministrationOutcome.denied.octets
    case .tryOut, .confirm, .rollBack: TrialAnswer.denied.octets
    case .history: HistoryAnswer.denied.octets
    case .version, .status, .metrics, .events, .site, .trial: []
    }
  }

  private func describeSite(_ reply: @escaping ([UInt8]) -> Void) {
    let (path, kind, file) = (site.path, daemon.parts.dataPlane.kind.rawValue, daemon.siteFile)
    let trial = trials.current.map { trials.state(of: $0.token) }
    daemon.parts.loop.offload {
      RunningSite(path: path, dataPlane: kind, file: file, trial: trial).octets
    } completion: {
      reply($0)
    }
  }
}
