import PWConfig
import PWCore

/// The drop-ins of a site that is to take the place of the daemon's: a command replaces the site file alone, whole and
/// with the old content kept, so the drop-ins have to be there already.
struct PlannedDropIns {
  /// The path of the daemon's site file.
  let sitePath: String

  /// The site that comes of a site file's text and the drop-ins that are beside the daemon's.
  ///
  /// - Throws: why that cannot be known.
  func parts(with main: [UInt8]) throws(SiteFile.UnreadableFile) -> SiteParts {
    SiteParts(title: sitePath, main: main, dropIns: try DropInFolder.read(beside: sitePath)?.dropIns ?? [])
  }

  /// Why a site cannot take the place of the daemon's, with the cure; nil if it can.
  ///
  /// - Throws: as above.
  func objection(to new: SiteFile) throws(SiteFile.UnreadableFile) -> String? {
    objection(to: new, among: try parts(with: []))
  }

  /// Ends the command if a site cannot take the place of the daemon's.
  ///
  /// - Parameter words: the beginning of the line that says so.
  /// - Returns: the site as the daemon will read it.
  @discardableResult
  func require(for new: SiteFile, _ words: String) throws -> SiteParts {
    let parts: SiteParts
    do throws(SiteFile.UnreadableFile) {
      parts = try self.parts(with: new.parts.main)
    } catch {
      StandardError.write("pwmgr: \(words): \(error)")
      throw ExitStatus.noInput.exit
    }
    guard let objection = objection(to: new, among: parts) else { return parts }
    StandardError.write("pwmgr: \(words): \(objection)")
    throw ExitStatus.failure.exit
  }

  private func objection(to new: SiteFile, among parts: SiteParts) -> String? {
    guard !new.parts.hasDropIns(of: parts) else { return nil }
    let folder = DropInFolder.path(beside: sitePath) ?? "the folder beside \(sitePath)"
    let difference =
      new.parts.dropIns.isEmpty
      ? "it has no drop-ins, and \(folder) has \(parts.dropIns.count)" : "its drop-ins are not those in \(folder)"
    return "\(difference); only the site file itself can be replaced: change the files where they are, and run 'pwmgr "
      + "apply'"
  }
}
