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
    guard !subject.isDisabledInFile else {
      return AdministrationOutcome(
        isDone: false, line: "\(name) is disabled by 'enabled: false' in the site file: change that, and reload")
    }
    switch verb {
    case .down: return putDown(subject, name)
    case .up: return putUp(subject, name)
    case .reset: return reset(subject, name)
    }
  }

  private func putDown(_ subject: PutDown.Subject, _ name: String) -> AdministrationOutcome {
    if down.contains(subject) { return AdministrationOutcome(isDone: true, line: "\(name) was down already") }
    down.insert(subject)
    carryOut("\(name) is put down by 'pwmgr down'")
    return AdministrationOutcome(
      isDone: true, line: "\(name) is down until 'pwmgr up \(name)', or until pwmgr starts again")
  }

  private func putUp(_ subject: PutDown.Subject, _ name: String) -> AdministrationOutcome {
    guard down.names(subject) else {
      guard down.contains(subject) else { return AdministrationOutcome(isDone: true, line: "\(name) was not down") }
      let tunnel = name.split(separator: "/")[0]
      return AdministrationOutcome(
        isDone: false, line: "\(name) is down with its tunnel: 'pwmgr up \(tunnel)' puts that up")
    }
    down.remove(subject)
    carryOut("\(name) is put up by 'pwmgr up'")
    return AdministrationOutcome(
      isDone: true, line: "\(name) is up again: 'pwmgr wait \(name)' waits until it forwards")
  }

  private func reset(_ subject: PutDown.Subject, _ name: String) -> AdministrationOutcome {
    guard !down.contains(subject) else {
      return AdministrationOutcome(isDone: false, line: "\(name) is down: 'pwmgr up \(name)' puts it up")
    }
    var without = down
    without.insert(subject)
    let kept = down
    down = without
    carryOut("\(name) is set up anew by 'pwmgr reset'")
    down = kept
    carryOut(nil)
    return AdministrationOutcome(
      isDone: true, line: "\(name) is being set up anew: 'pwmgr wait \(name)' waits until it forwards")
  }

  private func unknown(_ name: String) -> AdministrationOutcome {
    let known = site.tunnels.flatMap { tunnel in
      [tunnel.name] + tunnel.pseudowires.map { "\(tunnel.name)/\($0.template ?? $0.name)" }
    }
    let hint = Spelling.hint(for: name, among: known, otherwise: "; see 'pwmgr status'")
    return AdministrationOutcome(isDone: false, line: "there is no tunnel or pseudowire '\(name)'\(hint)")
  }
}
