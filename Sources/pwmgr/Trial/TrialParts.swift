import PWConfig

/// Whether sites can be on trial, by their parts: the site file alone goes back to its old content whole, in every
/// crash. Drop-ins may be any number of files, which cannot be put back all at once.
struct TrialParts {
  /// The path of the daemon's site file.
  let sitePath: String

  /// Ends the command if a site has drop-ins, or if there are some beside the daemon's site file that never ran.
  func requireNone(besides sites: [SiteParts]) throws {
    guard let objection = (sites + [try beside()]).lazy.compactMap(Self.objection).first else { return }
    StandardError.write("pwmgr: \(objection)")
    throw ExitStatus.failure.exit
  }

  /// Ends the command if drop-ins have come beside the daemon's site file in the course of a trial: they would be parts
  /// of the site that was confirmed.
  func requireNoneSinceTrial() throws {
    guard let first = try beside().dropIns.first else { return }
    StandardError.write(
      "pwmgr: the trial is not confirmed: there are drop-ins that were not tried (\(first.name) is one); move them "
        + "away, confirm, put them back, and run 'pwmgr apply'")
    throw ExitStatus.failure.exit
  }

  private func beside() throws -> SiteParts {
    do throws(SiteFile.UnreadableFile) {
      return try PlannedDropIns(sitePath: sitePath).parts(with: [])
    } catch {
      StandardError.write("pwmgr: \(error)")
      throw ExitStatus.noInput.exit
    }
  }

  /// That a site with drop-ins is not tried, and the cure.
  static let words =
    "a site with drop-ins cannot be tried, since its files could not all be put back at once: 'pwmgr plan' shows what "
    + "a change costs, and 'pwmgr apply' makes it for good"

  /// Why a site cannot be on trial, or come back after one; nil if it can.
  static func objection(to parts: SiteParts) -> String? {
    guard let first = parts.dropIns.first else { return nil }
    return "\(words) (\(first.name) is one)"
  }
}
