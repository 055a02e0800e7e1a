import Glibc
import PWConfig
import PWCore
import PWLinux

/// The folder beside a site file whose files `*.yaml` are parts of the site: `/etc/pwmgr/site.d` beside
/// `/etc/pwmgr/site.yaml`.
struct DropInFolder {
  /// The path of the folder.
  let path: String
  /// Its parts of the site, in the byte order of their names.
  let dropIns: [SiteParts.DropIn]
  /// The names of its other files, as a line shows them: `site.d/berlin.yaml.dpkg-old`.
  let passedOver: [String]

  /// The end of a part's name.
  private static let ending = ".yaml"

  /// The path of the folder beside a site file; nil where the file's name has another end.
  static func path(beside sitePath: String) -> String? {
    sitePath.hasSuffix(ending) ? sitePath.dropLast(ending.utf8.count) + ".d" : nil
  }

  /// The site file that a path's file is a drop-in of, by its folder; nil where none is there.
  static func siteFile(ofDropIn path: String) -> String? {
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    guard folder.hasSuffix(".d") else { return nil }
    let sitePath = "\(folder.dropLast(2))\(ending)"
    return access(sitePath, F_OK) == 0 ? sitePath : nil
  }

  /// Reads the folder beside a site file; nil where there is none.
  ///
  /// - Throws: why the folder, or one of its parts, cannot be read: the site is not known without it.
  static func read(beside sitePath: String) throws(SiteFile.UnreadableFile) -> DropInFolder? {
    guard let path = path(beside: sitePath) else { return nil }
    let names: [String]
    do throws(SystemError) {
      names = try FolderNames.of(path).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    } catch {
      guard error.code != ENOENT else { return nil }
      throw SiteFile.UnreadableFile(path: path, code: error.code, reason: error.isRefusal ? error.attempt : nil)
    }
    let title = path.split(separator: "/").last ?? ""
    var (dropIns, octetsLeft): ([SiteParts.DropIn], Int) = ([], SiteParts.maximumOctets)
    // One more than there may be: the reader of the site complains of it.
    for name in names.filter(isPart).prefix(SiteParts.maximumDropIns + 1) where octetsLeft >= 0 {
      let octets = try SiteFile.octets(of: "\(path)/\(name)")
      octetsLeft -= octets.count
      dropIns.append(SiteParts.DropIn(name: "\(title)/\(name)", octets: octets))
    }
    let others = names.filter { !isPart($0) }.map { SiteParts.DropIn(name: "\(title)/\($0)", octets: []).name }
    return DropInFolder(path: path, dropIns: dropIns, passedOver: others)
  }

  /// Whether a file is a part: what editors and packages leave has another end, or is hidden.
  private static func isPart(_ name: String) -> Bool { name.hasSuffix(ending) && !name.hasPrefix(".") }

  /// A line for each file that is passed over, up to a number.
  var remarks: [String] {
    let lines = passedOver.prefix(Self.maximumRemarks).map {
      "\($0) is passed over, since a drop-in ends in '\(Self.ending)' and is not hidden; rename it, or remove it"
    }
    let more = passedOver.count - lines.count
    return more > 0 ? lines + ["\(more) more files of \(path) are passed over; remove them"] : lines
  }

  /// The most files that are named each by itself.
  private static let maximumRemarks = 20
}
