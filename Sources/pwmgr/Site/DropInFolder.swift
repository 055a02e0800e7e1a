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
  /// The name of each part's file.
  let files: [String]
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
    let (folder, entries): (ListedFolder, [FolderEntry])
    do throws(SystemError) {
      folder = try ListedFolder(path: path)
      entries = try folder.entries().sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    } catch {
      guard error.code != ENOENT else { return nil }
      throw SiteFile.UnreadableFile(path: path, code: error.code, reason: error.words(besides: path))
    }
    let title = path.split(separator: "/").last ?? ""
    // One more than there may be: the reader of the site complains of it.
    let parts = entries.filter { isPart($0.name) }.prefix(SiteParts.maximumDropIns + 1)
    var (dropIns, octetsLeft): ([SiteParts.DropIn], Int) = ([], SiteParts.maximumOctets)
    for part in parts where octetsLeft >= 0 {
      let octets = try octets(of: part, in: folder)
      octetsLeft -= octets.count
      dropIns.append(SiteParts.DropIn(name: "\(title)/\(part.name)", octets: octets))
    }
    let others = entries.filter { !isPart($0.name) }
    return DropInFolder(
      path: path, dropIns: dropIns, files: parts.map(\.name), passedOver: others.map { "\(title)/\($0.name)".inALine })
  }

  private static func octets(
    of part: FolderEntry, in folder: ListedFolder
  ) throws(SiteFile.UnreadableFile) -> [UInt8] {
    let path = "\(folder.path)/\(part.name)"
    guard part.isText else {
      throw SiteFile.UnreadableFile(path: path, code: EILSEQ, reason: "its name is not UTF-8; rename it")
    }
    let file: Descriptor
    do throws(SystemError) {
      file = try folder.open(part.name)
    } catch {
      throw SiteFile.UnreadableFile(path: path, code: error.code)
    }
    return try SiteFile.octets(of: file, at: path, isAwaited: false)
  }

  /// Whether a file is a part: the copies that editors and packages leave have another end, or are hidden.
  private static func isPart(_ name: String) -> Bool { name.hasSuffix(ending) && !name.hasPrefix(".") }

  /// A warning where a folder looks like that of a site file's drop-ins, and is not read.
  static func unread(beside sitePath: String) -> [Diagnostic] {
    guard path(beside: sitePath) == nil else { return [] }
    let name = sitePath.split(separator: "/").last ?? ""
    let ending = name.lastIndex(of: ".").map { name[$0...].utf8.count } ?? 0
    let folder = [sitePath, String(sitePath.dropLast(ending))].map { "\($0).d" }.first {
      var status = stat()
      return stat($0, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
    return (folder.map { [$0] } ?? []).map { folder in
      Diagnostic(
        .warning, at: Mark(line: 1, column: 1),
        "the files in \(folder) are not read: a site file has drop-ins only if its name ends in '\(Self.ending)'; "
          + "rename it, or the folder")
    }
  }

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
