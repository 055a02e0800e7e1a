import Glibc
import PWCore
import PWLinux

/// Confirms a trial: its site runs for good, and its text takes the place of the site file's.
struct TrialConfirmation {
  /// How to ask the daemon, whose word decides about a file.
  let client: ControlClient
  /// Where it listens.
  let socketPath: String

  /// Confirms it; where that fails, the command ends, and says how things are.
  func confirm(_ token: String) throws {
    // Nobody else changes the file between the daemon's word and ours.
    let lock = try ChangeLock.take(forDaemonAt: socketPath, orEnd: "confirm")
    do {
      let running = try RunningSite(answer: client.ask(.site))
      let known = try TrialAnswer(answer: client.ask(.trial(token)))
      // A client before this one may have been killed before it had written the file.
      guard known.state == .running || known.state == .confirmed && running.trial == nil else {
        throw refusal(try ask(token).lines)
      }
      // One that came after the trial; the site file is not its only part.
      guard running.parts.dropIns.isEmpty else {
        throw refusal(["the site that runs has drop-ins, and is not the one that was tried: nothing is written"])
      }
      try TrialParts(sitePath: running.path).requireNoneSinceTrial()
      let text = Array(running.text.utf8)
      let file = try system { () throws(SystemError) in try ReplaceableFile(path: running.path) }
      let isThere = file.content == text
      guard known.state == .running || !isThere else { throw refusal(try ask(token).lines) }
      // Everything that may fail for want of room comes before the daemon's word.
      if !isThere { try system { () throws(SystemError) in try file.stage(text) } }
      // Between the daemon's word and the new file, an interruption would leave one without the other.
      try Uninterrupted.run {
        if known.state == .running { try confirm(token, orUnstage: file) }
        if !isThere { try put(file) }
      }
      if let tried = try? ReplaceableFile(path: file.path + TrialStart.suffix), tried.content == text {
        file.removeBeside(suffix: TrialStart.suffix, restoring: nil)
      }
    } catch let failure as ControlFailure {
      throw failure.exit
    }
    withExtendedLifetime(lock) {}
  }

  private func confirm(_ token: String, orUnstage file: ReplaceableFile) throws {
    do {
      let answer = try ask(token)
      guard answer.state == .confirmed else { throw refusal(answer.lines) }
    } catch {
      file.unstage()
      throw error
    }
  }

  private func put(_ file: ReplaceableFile) throws {
    do throws(SystemError) {
      try file.commit()
    } catch {
      StandardError.write(
        "pwmgr: the trial is confirmed, and \(file.path) has the former site still: cannot \(error); "
          + "its text is in \(file.path)\(TrialStart.suffix)")
      throw ExitStatus.systemFault.exit
    }
    do throws(SystemError) {
      try file.keepOld()
      print("the trial is confirmed, and its text is \(file.path) now; what that had before is in \(file.oldPath)")
    } catch {
      print("the trial is confirmed, and its text is \(file.path) now")
      StandardError.write("pwmgr: what that had before is in \(file.hiddenPath), because of this: \(error)")
    }
  }

  private func ask(_ token: String) throws -> TrialAnswer { try TrialAnswer(answer: client.ask(.confirm(token))) }

  private func refusal(_ lines: [String]) -> any Error {
    for line in lines { StandardError.write("pwmgr: \(line)") }
    return ExitStatus.failure.exit
  }

  /// Calls the system; where that fails, the command ends and says why.
  private func system<Value>(_ call: () throws(SystemError) -> Value) throws -> Value {
    do throws(SystemError) {
      return try call()
    } catch {
      StandardError.write("pwmgr: the trial is not confirmed: cannot \(error)")
      throw error.exitStatus.exit
    }
  }
}
