import Logging
import PWCore

/// Tunnels and pseudowires that are put down, put up, or set up anew: for the engine, another site.
extension Daemon {
  /// Does what an operator asks for.
  ///
  /// - Parameter name: a tunnel's, or a pseudowire's behind that of its tunnel: `berlin/lan`.
  func administer(_ verb: AdministrativeVerb, _ name: String) -> AdministrationOutcome {
    guard !isStopping else { return AdministrationOutcome(isDone: false, line: "the daemon is ending") }
    guard let subject = PutDown.Subject(name, in: site) else { return unknown(name) }
    switch verb {
    case .up: return putUp(subject, name)
    case .down, .reset:
      guard !subject.isDisabledInFile else { return disabled(name) }
      return verb == .down ? putDown(subject, name) : reset(subject, name)
    }
  }

  /// - Parameter name: as the operator has given it, and found.
  private static func event(_ name: String, _ words: String) -> Event {
    let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
    return Event(
      .notice, .administered, tunnel: parts[0], pseudowire: parts.count > 1 ? parts[1] : nil, words)
  }

  private func disabled(_ name: String) -> AdministrationOutcome {
    AdministrationOutcome(
      isDone: false, line: "\(name) is disabled by 'enabled: false' in the site file: change that, and reload")
  }

  private func putDown(_ subject: PutDown.Subject, _ name: String) -> AdministrationOutcome {
    if case .session = subject {
      return AdministrationOutcome(
        isDone: false, line: "\(name) is one of many: 'pwmgr reset \(name)' ends it, and the whole can be put down")
    }
    guard !down.names(subject) else { return AdministrationOutcome(isDone: true, line: "\(name) was down already") }
    down.insert(subject)
    carryOut(Self.event(name, "put down by 'pwmgr down'"))
    return AdministrationOutcome(
      isDone: true, line: "\(name) is down until 'pwmgr up \(name)', or until pwmgr starts again")
  }

  private func putUp(_ subject: PutDown.Subject, _ name: String) -> AdministrationOutcome {
    let wasDown = down.names(subject)
    if wasDown {
      down.remove(subject)
      carryOut(Self.event(name, "put up by 'pwmgr up'"))
    }
    let past = wasDown ? "\(name) is not down by itself any more, but" : "\(name)"
    guard !down.hasTunnel(of: subject) else {
      return AdministrationOutcome(
        isDone: false, line: "\(past) is down with its tunnel: 'pwmgr up \(subject.tunnel.name)' puts that up")
    }
    guard !subject.isDisabledInFile else { return disabled(past) }
    let others = down.names(in: subject)
    let rest = others.isEmpty ? "" : "; still down by themselves: \(others.joined(separator: ", "))"
    // We cannot call: the peer does, which has waited longer after each refusal.
    let isCalled = subject.tunnel.role == .accept && !(subject.owner != nil && subject.tunnel.declaresSessions)
    let caller = isCalled ? "; the peer has to call" : ""
    return AdministrationOutcome(
      isDone: true, line: wasDown ? "\(name) is up again\(caller)\(rest)" : "\(name) was not down\(rest)")
  }

  private func reset(_ subject: PutDown.Subject, _ name: String) -> AdministrationOutcome {
    guard !down.contains(subject) else {
      let what = down.hasTunnel(of: subject) ? subject.tunnel.name : name
      return AdministrationOutcome(isDone: false, line: "\(name) is down: 'pwmgr up \(what)' puts it up")
    }
    let kept = down
    down.insert(subject)
    carryOut(Self.event(name, "set up anew by 'pwmgr reset'"))
    down = kept
    carryOut(nil)
    return AdministrationOutcome(isDone: true, line: "\(name) is being set up anew")
  }

  private func unknown(_ name: String) -> AdministrationOutcome {
    let known = site.tunnels.flatMap { tunnel in
      [tunnel.name] + tunnel.pseudowires.map { "\(tunnel.name)/\($0.template ?? $0.name)" }
    }
    let hint = Spelling.hint(for: name, among: known, otherwise: "; see 'pwmgr status'")
    return AdministrationOutcome(isDone: false, line: "there is no tunnel or pseudowire '\(name)'\(hint)")
  }
}

// MARK: - The log

extension Daemon {
  /// The least important messages of the log.
  var logLevel: AdministrationOutcome {
    AdministrationOutcome(isDone: true, line: LogLevel(parts.logger.logLevel).rawValue)
  }

  /// Changes them, until the daemon starts again.
  func setLogLevel(_ level: LogLevel) -> AdministrationOutcome {
    // The events of a recording are replayed by the level that it began with.
    guard parts.recording == nil else {
      return AdministrationOutcome(
        isDone: false, line: "a recording is being written, and keeps the level that it began with")
    }
    var logger = parts.logger
    let line = "the log has messages from '\(level.rawValue)' on"
    // By the old level or by the new one, whichever lets more through: the log itself says from when on it says less.
    let most = min(level.level, logger.logLevel)
    let event = Event(LogLevel(max(most, .notice)).eventLevel, .logLevel, line)
    let isLess = level.level > logger.logLevel
    if isLess { logger.write(event) }
    logger.logLevel = level.level
    if !isLess { logger.write(event) }
    leastEventLevel = LogWriter.leastEventLevel(of: level)
    return AdministrationOutcome(isDone: true, line: line)
  }
}
