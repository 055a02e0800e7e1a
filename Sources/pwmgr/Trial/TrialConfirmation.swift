import Glibc
import PWCore
import PWLinux

/// Confirms a trial: its site runs for good, and its text takes the place of the site file's.
struct TrialConfirmation {
  /// How to ask the daemon, whose word decides about a file.
  let client: ControlClient

  /// Confirms it; where that fails, the command ends, and says how things are.
  func confirm(_ token: String) throws {
    do {
      let running = try RunningSite(answer: client.ask(.site))
      guard running.trial?.token == token else { throw refusal(try ask(token).lines) }
      let text = Array(running.text.utf8)
      let file = try system { () throws(SystemError) in try ReplaceableFile(path: running.path) }
      // Everything that may fail for want of room comes before the daemon's word.
      let isThere = file.content == text
      if !isThere { try system { () throws(SystemError) in try file.stage(text) } }
      // Between the daemon's word and the new file, an interruption would leave one without the other.
      try Uninterrupted.run {
        let answer: TrialAnswer
        do {
          answer = try ask(token)
        } catch {
          file.unstage()
          throw error
        }
        guard answer.state == .confirmed else {
          file.unstage()
          throw refusal(answer.lines)
        }
        if !isThere { try put(file) }
      }
      if let tried = try? ReplaceableFile(path: file.path + TrialStart.suffix), tried.content == text {
        file.removeBeside(suffix: TrialStart.suffix)
      }
    } catch let failure as ControlFailure {
      throw failure.exit
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
      print("the trial is confirmed, and its text is \(file.path) now; the former one is in \(file.oldPath)")
    } catch {
      print("the trial is confirmed, and its text is \(file.path) now")
      StandardError.write("pwmgr: the former one is in \(file.hiddenPath), because of this: \(error)")
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
      throw ([EACCES, EPERM].contains(error.code) ? ExitStatus.noPermission : .systemFault).exit
    }
  }
}
