import CLinux
import Glibc

/// A file whose content is replaced whole: at any moment, a crash included, its name leads to the old content or to the
/// new one. The old file is kept beside it, and can take its place again.
///
/// If the name is a symbolic link, the file that it leads to is replaced, and the link stays.
public final class ReplaceableFile {
  private let place: OwnPath
  private let status: stat
  private let accessList: [UInt8]?
  /// The folder, open for its names to be written to the disk: the one that the path leads to is for looking alone.
  private let names: Descriptor
  /// The full path of the file, links resolved.
  public let path: String
  /// Its content.
  public let content: [UInt8]
  private var isStaged = false
  private var isReplaced = false

  /// Reads a file that is there.
  ///
  /// - Throws: the system's error, EFBIG for a file that is too large, or EPERM if it is not a regular file.
  public init(path: String) throws(SystemError) {
    place = try OwnPath(toFile: path, .withoutForeignLinks)
    let file = try place.open(O_RDONLY | O_NONBLOCK)
    var status = stat()
    guard fstat(file.rawValue, &status) == 0 else { throw SystemError.last("look at \(path)") }
    guard status.st_mode & S_IFMT == S_IFREG else { throw place.refusal("is not a regular file") }
    guard Int(status.st_size) <= Self.maximumOctets else { throw SystemError(code: EFBIG, attempt: "read \(path)") }
    self.status = status
    accessList = Self.accessList(of: file)
    names = try Descriptor.checked(
      openat(place.folder.rawValue, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open the folder of \(path)")
    content = try Self.content(of: file, path)
    self.path = Self.path(of: place) ?? path
  }

  /// Whether a path leads to this file.
  public func isAt(_ path: String) -> Bool {
    var other = stat()
    return stat(path, &other) == 0 && other.st_dev == status.st_dev && other.st_ino == status.st_ino
  }

  /// The path of the old file once ``keepOld()`` has been called.
  public var oldPath: String { path + Self.oldSuffix }

  /// The end of that path, behind the path of the file.
  public static let oldSuffix = ".previous"

  /// The path of the old file until then.
  public var hiddenPath: String { String(path.dropLast(place.name.utf8.count)) + temporaryName("old") }

  /// Puts a file with other content in its place, with the same owner and permissions.
  ///
  /// - Throws: what the system says; then nothing has changed.
  public func replace(with content: [UInt8]) throws(SystemError) {
    try stage(content)
    try commit()
  }

  /// Writes other content beside the file, and a second name for the old one: all that needs room on the disk.
  ///
  /// - Throws: what the system says; then nothing has changed.
  public func stage(_ content: [UInt8]) throws(SystemError) {
    let fresh = temporaryName("new")
    try write(content, as: fresh)
    do {
      // A second name for the old file, which keeps it when the new one takes the first.
      let cure = "(the file system does not allow it: change the file itself, and apply it where it is)"
      try check(linkat(folder, place.name, folder, temporaryName("old"), 0), "keep the old content of \(path) \(cure)")
    } catch {
      unlinkat(folder, fresh, 0)
      throw error
    }
    isStaged = true
  }

  /// Removes what ``stage(_:)`` wrote.
  public func unstage() {
    guard isStaged else { return }
    isStaged = false
    for name in [temporaryName("new"), temporaryName("old")] { unlinkat(folder, name, 0) }
  }

  /// Gives the file the content that ``stage(_:)`` wrote.
  ///
  /// - Throws: what the system says; then nothing has changed.
  public func commit() throws(SystemError) {
    precondition(isStaged, "there is nothing that could take the file's place")
    do {
      try rename(temporaryName("new"), to: place.name)
    } catch {
      unstage()
      throw error
    }
    isStaged = false
    isReplaced = true
    do {
      try synchronize()
    } catch {
      do {
        try restore()
      } catch let second {
        throw SystemError(
          code: second.code, attempt: "put the old content back from \(hiddenPath), after a fault (\(error))")
      }
      throw error
    }
  }

  /// Gives the old file the name that ``oldPath`` says, in the place of an older one.
  public func keepOld() throws(SystemError) {
    precondition(isReplaced, "a file that was not replaced has no old content")
    try rename(temporaryName("old"), to: place.name + Self.oldSuffix)
    // Where both names were one file's, rename(2) does nothing.
    unlinkat(folder, temporaryName("old"), 0)
    try? synchronize()
  }

  /// Lets the old file go.
  public func forgetOld() {
    precondition(isReplaced, "a file that was not replaced has no old content")
    unlinkat(folder, temporaryName("old"), 0)
  }

  /// Writes another file in the same folder, with the same owner and permissions. One of that name that is there is
  /// kept with `.old` and a number behind its name.
  ///
  /// - Parameter suffix: the end of its name, behind the name of this file.
  /// - Returns: the end of the name of the one that was there; nil if none was.
  public func writeBeside(_ content: [UInt8], suffix: String) throws(SystemError) -> String? {
    let (fresh, name) = (temporaryName("beside"), place.name + suffix)
    try write(content, as: fresh)
    do throws(SystemError) {
      let kept = try keepBeside(suffix)
      try rename(fresh, to: name)
      try? synchronize()
      return kept
    } catch {
      unlinkat(folder, fresh, 0)
      throw error
    }
  }

  /// Gives a file another name that is free.
  private func keepBeside(_ suffix: String) throws(SystemError) -> String? {
    let name = place.name + suffix
    for number in 1...Self.mostKept {
      let kept = "\(suffix).old.\(number)"
      if linkat(folder, name, folder, place.name + kept, 0) == 0 { return kept }
      if errno == ENOENT { return nil }
      guard errno == EEXIST else { throw SystemError.last("keep \(path)\(suffix) as \(path)\(kept)") }
    }
    throw SystemError.refusal(
      "keep \(path)\(suffix): there are \(Self.mostKept) of them; remove those that nobody needs", code: EEXIST)
  }

  /// Removes the file that ``writeBeside(_:suffix:)`` wrote.
  ///
  /// - Parameter kept: what that returned: the one before it gets its name again; nil leaves that as it is.
  public func removeBeside(suffix: String, restoring kept: String?) {
    let name = place.name + suffix
    guard let kept else {
      unlinkat(folder, name, 0)
      return
    }
    renameat(folder, place.name + kept, folder, name)
  }

  private static let mostKept = 99

  /// Puts the old file back.
  public func restore() throws(SystemError) {
    precondition(isReplaced, "a file that was not replaced has no old content")
    try rename(temporaryName("old"), to: place.name)
    isReplaced = false
    try? synchronize()
  }

  private static let maximumOctets = 32 << 20
  private static let accessListName = "system.posix_acl_access"
}

// MARK: - Steps

extension ReplaceableFile {
  /// Writes a file of that name, with the owner and the permissions of this one; a fault leaves none behind.
  private func write(_ content: [UInt8], as name: String) throws(SystemError) {
    let file = try Descriptor.checked(
      openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600), "write beside \(path)")
    do {
      try write(content, to: file)
    } catch {
      unlinkat(folder, name, 0)
      throw error
    }
  }

  private func write(_ content: [UInt8], to file: Descriptor) throws(SystemError) {
    try check(fchown(file.rawValue, status.st_uid, status.st_gid), "give \(path) its owner")
    try check(fchmod(file.rawValue, status.st_mode & 0o777), "give \(path) its permissions")
    // With an access control list, the permissions of the group are those of its mask.
    if let accessList {
      try check(
        fsetxattr(file.rawValue, Self.accessListName, accessList, accessList.count, 0), "give \(path) its permissions")
    }
    try file.write(content, "write \(path)")
    try check(fsync(file.rawValue), "write \(path)")
  }

  private func rename(_ name: String, to other: String) throws(SystemError) {
    try check(renameat(folder, name, folder, other), "replace \(path)")
  }

  /// Has the names on the disk, too, where the file system can do that by itself.
  private func synchronize() throws(SystemError) {
    guard fsync(names.rawValue) != 0, errno != EINVAL else { return }
    throw SystemError.last("write the folder of \(path)")
  }

  private func check(_ result: Int32, _ attempt: @autoclosure () -> String) throws(SystemError) {
    guard result == 0 else { throw SystemError.last(attempt()) }
  }

  private var folder: Int32 { place.folder.rawValue }

  /// Names that no other process uses, hidden from those who read all files of the folder.
  private func temporaryName(_ suffix: String) -> String { ".\(place.name).\(getpid()).\(suffix)" }

  private static func content(of file: Descriptor, _ path: String) throws(SystemError) -> [UInt8] {
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while content.count <= maximumOctets {
      let count = read(file.rawValue, &chunk, chunk.count)
      if count == 0 { break }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw SystemError.last("read \(path)") }
      content += chunk.prefix(count)
    }
    return content
  }

  /// The access control list of a file; nil where there is none.
  private static func accessList(of file: Descriptor) -> [UInt8]? {
    let count = fgetxattr(file.rawValue, accessListName, nil, 0)
    guard count > 0 else { return nil }
    var list = [UInt8](repeating: 0, count: count)
    return fgetxattr(file.rawValue, accessListName, &list, count) == count ? list : nil
  }

  /// The full path; nil without /proc.
  private static func path(of place: OwnPath) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/fd/\(place.folder.rawValue)", &buffer, buffer.count)
    guard count > 0 else { return nil }
    let folder = String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    return (folder == "/" ? "" : folder) + "/" + place.name
  }
}
