import FoundationEssentials
import PWCore
import PWLinux

/// Puts a site file beside the daemon's own, and has it tried.
///
/// The daemon's own file has the site that runs, and keeps it until the trial is confirmed: a daemon that starts again
/// meanwhile, however it ended, runs that one.
struct TrialStart {
  /// How to ask the daemon.
  let client: ControlClient
  /// The site that runs.
  let known: PlanSources.Known
  /// The file that is to be tried, without errors.
  let new: SiteFile
  /// How long it is given.
  let duration: Duration

  /// The end of the name of the file that is tried, behind the name of the daemon's own.
  static let suffix = ".tried"

  /// Begins the trial; where that fails, the command ends, and says why. Nothing is changed then.
  func begin() throws -> TrialAnswer {
    let file = try system { () throws(SystemError) in try ReplaceableFile(path: known.path) }
    try requireSameSite()
    let isOwn = file.isAt(new.path)
    let (running, tried) = (known.parts.main, new.parts.main)
    guard !isOwn || file.content == tried else { throw failure("\(file.path) has changed meanwhile") }
    guard isOwn || file.content == running else {
      throw failure(
        "\(file.path) has changes that were never applied, and a restart in the course of the trial would run them: "
          + "try that file, or put its content back")
    }
    let path = file.path + Self.suffix
    let isBeside = (try? ReplaceableFile(path: path))?.content == tried
    let kept =
      isBeside
      ? nil
      : try system { () throws(SystemError) in
        try file.writeBeside(tried, suffix: Self.suffix)
      }
    let isReplaced = isOwn && file.content != running
    do {
      if isReplaced { try system { () throws(SystemError) in try file.replace(with: running) } }
      let answer = try begin(path)
      if isReplaced {
        file.forgetOld()
        StandardError.write(
          "pwmgr: \(file.path) has the content again that ran before, until the trial is confirmed; yours is in \(path)"
        )
      }
      if let kept { StandardError.write("pwmgr: the text that was tried before is in \(file.path)\(kept)") }
      return answer
    } catch {
      if isReplaced { try? file.restore() }
      if !isBeside { file.removeBeside(suffix: Self.suffix, restoring: kept) }
      throw error
    }
  }

  /// The plan was made, and a person asked perhaps, for the site that ran then.
  private func requireSameSite() throws {
    let now: RunningSite
    do {
      now = try RunningSite(answer: client.ask(.site))
    } catch {
      throw error.exit
    }
    guard now.trial == nil else { throw failure("another trial has begun meanwhile", .busy) }
    guard now.text == known.parts.text, now.path == known.path else {
      throw failure("the site was changed by somebody else meanwhile")
    }
    try TrialParts(sitePath: known.path).requireNone(besides: [now.parts])
  }

  private func begin(_ path: String) throws -> TrialAnswer {
    let token = TrialToken.make()
    let answer: TrialAnswer
    do {
      answer = try TrialAnswer(
        answer: client.ask(.tryOut(token: token, duration, path), timeoutSeconds: ReloadCommand.timeoutSeconds))
    } catch {
      // It may be reading still: then the trial does not begin, and one that has begun ends.
      _ = try? client.ask(.rollBack(token))
      throw error.exit
    }
    for line in answer.lines {
      StandardError.write(line.hasPrefix(path) ? new.title + line.dropFirst(path.count) : line)
    }
    guard answer.state == .running else {
      throw failure("the daemon refuses it", answer.isBusy == true ? .busy : .failure)
    }
    guard let now = try? RunningSite(answer: client.ask(.site)), now.text == new.parts.text
    else {
      _ = try? client.ask(.rollBack(token))
      throw failure(
        "the daemon has read another content than that of \(path): it does not see this file, perhaps because it is in "
          + "a container")
    }
    return answer
  }

  /// Calls the system; where that fails, the command ends and says why.
  private func system<Value>(_ call: () throws(SystemError) -> Value) throws -> Value {
    do throws(SystemError) {
      return try call()
    } catch {
      throw failure("cannot \(error)", error.exitStatus)
    }
  }

  private func failure(_ reason: String, _ status: ExitStatus = .failure) -> any Error {
    StandardError.write("pwmgr: \(new.title) is not tried, and the site runs as before: \(reason)")
    return status.exit
  }
}
