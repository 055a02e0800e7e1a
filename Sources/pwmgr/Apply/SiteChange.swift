import FoundationEssentials
import Glibc
import PWConfig
import PWCore
import PWLinux

/// Puts a site file into the place of the daemon's own, has that carried out, and looks at what came of it.
struct SiteChange {
  /// How to ask the daemon.
  let client: ControlClient
  /// The site that runs.
  let known: PlanSources.Known
  /// The file that is to be carried out, without errors.
  let new: SiteFile
  /// How long pseudowires may take to forward again.
  let wait: Duration
  /// Why it is carried out, for the history.
  let occasion: SiteOccasion

  /// Does it; where that fails, the command ends, and says why and how things are then.
  func carryOut() throws {
    do {
      let check = ForwardingCheck(client: client)
      let before = wait > .zero ? try check.reached() : []
      // Between the new file and the daemon's verdict, an interruption would leave one without the other.
      try Uninterrupted.run { try apply() }
      guard wait > .zero else { return }
      try verify(before, check)
    } catch let failure as ControlFailure {
      throw failure.exit
    }
  }

  // MARK: The file, and the daemon's verdict

  private func apply() throws {
    let file = try system { () throws(SystemError) in try ReplaceableFile(path: known.path) }
    try requireSameSite()
    // Looked at before, but a person may have taken long to answer.
    let planned = try PlannedDropIns(sitePath: known.path).require(for: new, "nothing is applied")
    guard file.content != new.parts.main else { return try applyInPlace(file, planned) }
    // The daemon would read something else than what the plan was made of.
    guard !file.isAt(new.path) else { throw failure("\(new.path) has changed meanwhile: nothing is applied") }
    if !known.parts.isMain(file.content) {
      StandardError.write("pwmgr: \(file.path) has changes that were never applied: they go into \(file.oldPath)")
    }
    try system { () throws(SystemError) in try file.replace(with: new.parts.main) }
    let outcome: ReloadOutcome
    var changed: [String] = []
    do {
      outcome = try reload()
      if outcome.isApplied { changed = try requireCarriedOut(planned, file) }
    } catch let failure as ControlFailure {
      try restore(file)
      throw ControlFailure(
        message: "\(failure.message); \(file.path) has its old content again: 'pwmgr plan' shows whether that runs")
    }
    guard outcome.isApplied else {
      try restore(file)
      throw refusal(outcome)
    }
    show(outcome)
    do throws(SystemError) {
      try file.keepOld()
      print("\(new.title) is applied, and is \(file.path) now; the old content is in \(file.oldPath)")
    } catch {
      print("\(new.title) is applied, and is \(file.path) now")
      StandardError.write("pwmgr: the old content is in \(file.hiddenPath), because of this: \(error)")
    }
    fflush(nil)
    try requireNone(changed)
  }

  private func applyInPlace(_ file: ReplaceableFile, _ planned: SiteParts) throws {
    let outcome = try reload()
    guard outcome.isApplied else { throw refusal(outcome) }
    let changed = try requireCarriedOut(planned, file)
    show(outcome)
    print("\(file.path) is applied")
    fflush(nil)
    try requireNone(changed)
  }

  private func reload() throws -> ReloadOutcome {
    try ReloadOutcome(answer: client.ask(.reload(occasion), timeoutSeconds: ReloadCommand.timeoutSeconds))
  }

  private func running() throws -> RunningSite { try RunningSite(answer: client.ask(.site)) }

  /// The plan was made, and a person asked perhaps, for the site that ran then.
  private func requireSameSite() throws {
    let now = try running()
    guard now.text == known.parts.text, now.path == known.path else {
      throw failure("the site was changed by somebody else meanwhile: nothing is applied")
    }
  }

  /// A daemon that sees another file under the same path, in a container for instance, has carried out that one.
  ///
  /// - Returns: the names of the drop-ins that changed between the plan and the daemon's reading.
  private func requireCarriedOut(_ planned: SiteParts, _ file: ReplaceableFile) throws -> [String] {
    guard let parts = try? running().parts else {
      StandardError.write("pwmgr: the daemon has applied the file, and did not answer when asked what it runs")
      return []
    }
    guard parts.isMain(planned.main) else {
      throw ControlFailure(
        message: "the daemon has carried out another content than that of \(file.path): it was changed meanwhile, or "
          + "the daemon does not see this file, because it is in a container or has a /tmp of its own")
    }
    return parts.changedDropIns(since: planned)
  }

  /// What was applied may cost more than was allowed: the command does not end as if all were as planned.
  private func requireNone(_ changed: [String]) throws {
    guard let first = changed.first else { return }
    let more = changed.count > 1 ? " and \(changed.count - 1) more" : ""
    throw failure(
      "the daemon has carried out more than was planned, since drop-ins changed after the plan (\(first)\(more)): "
        + "'pwmgr history' shows the cost")
  }

  private func restore(_ file: ReplaceableFile) throws {
    do throws(SystemError) {
      try file.restore()
    } catch {
      throw failure(
        "\(file.path) has the new content, which is not applied; the old content is in \(file.hiddenPath): \(error)",
        .systemFault)
    }
    // With the drop-ins that are there, the old file may be a site that never ran.
    guard (try? PlannedDropIns(sitePath: known.path).parts(with: file.content))?.text == known.parts.text else {
      let words = known.parts.isMain(file.content) ? "the drop-ins have changes" : "\(file.path) has changes again"
      return StandardError.write(
        "pwmgr: \(words) that were never applied, so the daemon is not asked to read the files again")
    }
    // So that it neither carries out the new file late, nor tells of one that is gone. Its answer does not matter.
    _ = try? client.ask(.reload(.reload), timeoutSeconds: Self.restoringSeconds)
  }

  private func show(_ outcome: ReloadOutcome) {
    // The daemon has read the file under its own path; its lines are those of the new one.
    for line in outcome.lines {
      StandardError.write(line.hasPrefix(outcome.path) ? new.title + line.dropFirst(outcome.path.count) : line)
    }
  }

  private func refusal(_ outcome: ReloadOutcome) -> any Error {
    show(outcome)
    return failure(
      "\(new.title) is not applied: the site runs as before", outcome.isBusy == true ? .busy : .failure)
  }

  // MARK: Afterwards

  private func verify(_ before: Set<LinkOwner>, _ check: ForwardingCheck) throws {
    let owners = before.intersection(new.owners)
    let missing = try check.wait(for: owners, atMost: wait)
    guard missing.isEmpty else {
      StandardError.write(
        "pwmgr: \(missing.count) of \(owners.count) pseudowires that forwarded before do not, "
          + "\(DurationText.text(wait)) after the change:")
      for pseudowire in missing { StandardError.write("pwmgr: \(pseudowire.text)") }
      throw ExitStatus.notForwarding.exit
    }
    let rest = before.count - owners.count
    let others = rest == 0 ? "" : "; \(rest) more that did \(rest == 1 ? "is" : "are") not waited for"
    switch (owners.count, before.count) {
    case (_, 0): print("no pseudowire forwarded before, so none was waited for: see 'pwmgr status'")
    case (0, _): print("no pseudowire that forwarded before is still there for good: none was waited for")
    case (1, _): print("the pseudowire that forwarded before forwards\(others)")
    default: print("all \(owners.count) pseudowires that forwarded before forward\(others)")
    }
  }

  // MARK: Failures

  /// Calls the system; where that fails, the command ends and says why.
  private func system<Value>(_ call: () throws(SystemError) -> Value) throws -> Value {
    do throws(SystemError) {
      return try call()
    } catch {
      throw failure("cannot \(error); nothing is applied", error.exitStatus)
    }
  }

  private func failure(_ reason: String, _ status: ExitStatus = .failure) -> any Error {
    StandardError.write("pwmgr: \(reason)")
    return status.exit
  }

  /// The longest wait for a daemon that is to read the old file again.
  private static let restoringSeconds = 10
}
