import Glibc
import PWConfig
import PWCore
import PWLinux

extension Check {
  /// Whether somebody else could change the parts of a site, which say what is done with root's rights, or add one; and
  /// the files that are not parts of it, though they are beside those that are.
  static func hazards(of file: SiteFile) -> [Diagnostic] {
    guard file.path != "-" else { return [] }
    let beginning = Mark(line: 1, column: 1)
    let fault = OwnFile.hazard(of: file.path)
    var found = warnings(at: beginning, "the site file", fault) + DropInFolder.unread(beside: file.path)
    if let site = DropInFolder.siteFile(ofDropIn: file.path) {
      let note = "this is a drop-in of \(site); 'pwmgr check \(site)' checks it with the other parts of the site"
      found.append(Diagnostic(.note, at: beginning, note))
    } else if fault == nil, file.folder == nil, let path = DropInFolder.path(beside: file.path) {
      found += warnings(at: beginning, "the folder of the drop-ins", hazard(ofMissing: path))
    }
    return found + (file.folder.map { hazards(of: $0, file.parts) } ?? [])
  }

  private static func hazards(of folder: DropInFolder, _ parts: SiteParts) -> [Diagnostic] {
    let beginning = Mark(line: 1, column: 1)
    let fault = OwnFolder.hazard(of: target(of: folder.path))
    var found = warnings(at: beginning, "the folder of the drop-ins", fault)
    if fault == nil {
      for (index, name) in folder.files.enumerated() where index < parts.dropIns.count {
        let fault = OwnFile.hazard(of: "\(folder.path)/\(name)")
        found += warnings(at: parts.beginning(ofDropIn: index), "the drop-in", fault)
      }
    }
    return found + folder.remarks.map { Diagnostic(.warning, at: beginning, $0) }
  }

  /// Why somebody else could make the folder: in one like /tmp, nobody may rename a file of another's, but anybody may
  /// add one.
  private static func hazard(ofMissing path: String) -> String? {
    let parent = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    var status = stat()
    guard stat(parent, &status) == 0, status.st_mode & 0o022 != 0 else { return nil }
    return "\(path) is not there, and others, who may write in \(parent), could make it; make it, or move the site "
      + "file"
  }

  /// The folder behind a link.
  private static func target(of path: String) -> String {
    guard let target = realpath(path, nil) else { return path }
    defer { free(target) }
    return String(cString: target)
  }

  private static func warnings(at mark: Mark, _ title: String, _ hazard: String?) -> [Diagnostic] {
    hazard.map { [Diagnostic(.warning, at: mark, "\(title) is not safe from others: \($0)".inALine)] } ?? []
  }
}
