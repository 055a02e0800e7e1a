import Foundation
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

  /// Does it; where that fails, the command ends, and says why and how things are then.
  func carryOut() throws {
    do {
      let check = ForwardingCheck(client: client)
      let before = wait > .zero ? try check.reached() : []
      try apply()
      guard wait > .zero else { return }
      try verify(before.intersection(new.owners), check)
    } catch let failure as ControlFailure {
      throw failure.exit
    }
  }

  private func apply() throws {
    let file = try system { () throws(SystemError) in try ReplaceableFile(path: known.path) }
    let isElsewhere = !file.isAt(new.path)
    // Between the new file and the daemon's verdict, an interruption would leave one without the other.
    let outcome = try Uninterrupted.run {
      if isElsewhere { try system { () throws(SystemError) in try file.replace(with: new.octets) } }
      do {
        let outcome = try ReloadOutcome(answer: client.ask(.reload, timeoutSeconds: ReloadCommand.timeoutSeconds))
        if isElsewhere {
          try system { () throws(SystemError) in outcome.isApplied ? try file.keepOld() : try file.restore() }
        }
        return outcome
      } catch let failure as ControlFailure {
        guard isElsewhere else { throw failure }
        try system { () throws(SystemError) in try file.restore() }
        throw ControlFailure(
          message: "\(failure.message); \(file.path) has its old content again, and 'pwmgr plan' shows whether the "
            + "daemon runs another")
      }
    }
    for line in outcome.lines { StandardError.write(line) }
    guard outcome.isApplied else {
      StandardError.write("pwmgr: \(new.path) is not applied: the site runs as before")
      throw ExitStatus.failure.exit
    }
    print(
      isElsewhere
        ? "\(new.path) is applied, and is \(file.path) now; the old content is in \(file.oldPath)"
        : "\(file.path) is applied")
  }

  private func verify(_ owners: Set<LinkOwner>, _ check: ForwardingCheck) throws {
    let missing = try check.wait(for: owners, atMost: wait)
    guard !missing.isEmpty else {
      switch owners.count {
      case 0: print("no pseudowire forwarded before, so none was waited for: see 'pwmgr status'")
      case 1: print("the pseudowire that forwarded before forwards")
      default: print("all \(owners.count) pseudowires that forwarded before forward")
      }
      return
    }
    StandardError.write(
      "pwmgr: \(missing.count) of \(owners.count) pseudowires that forwarded before do not, "
        + "\(DurationText.text(wait)) after the change:")
    for pseudowire in missing { StandardError.write("pwmgr: \(pseudowire.text)") }
    throw ExitStatus.notForwarding.exit
  }

  /// Calls the system; where that fails, the command ends and says why.
  private func system<Value>(_ call: () throws(SystemError) -> Value) throws -> Value {
    do throws(SystemError) {
      return try call()
    } catch {
      StandardError.write("pwmgr: cannot \(error); see 'pwmgr status' for what runs")
      throw ExitStatus.systemFault.exit
    }
  }
}

extension SiteFile {
  /// The pseudowires that it declares.
  fileprivate var owners: Set<LinkOwner> {
    Set(
      (reading.site?.tunnels ?? []).flatMap { tunnel in
        tunnel.pseudowires.map { LinkOwner(tunnel: tunnel.name, pseudowire: $0.name) }
      })
  }
}
