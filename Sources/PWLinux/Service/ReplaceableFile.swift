import Glibc

/// A file whose content is replaced whole: at any moment, a crash included, its name leads to the old content or to the
/// new one. The old file is kept beside it, and can take its place again.
///
/// If the name is a symbolic link, the file that it leads to is replaced, and the link stays.
public final class ReplaceableFile {
  private let place: OwnPath
  private let status: stat
  /// The full path of the file, links resolved.
  public let path: String
  private var isReplaced = false

  /// Looks for a file that is there.
  ///
  /// - Throws: what the system says, or EPERM for what is not a regular file.
  public init(path: String) throws(SystemError) {
    place = try OwnPath(toFile: path, .withoutForeignLinks)
    let file = try place.open(O_RDONLY | O_NONBLOCK)
    var status = stat()
    guard fstat(file.rawValue, &status) == 0 else { throw SystemError.last("look at \(path)") }
    guard status.st_mode & S_IFMT == S_IFREG else { throw place.refusal("is not a regular file") }
    self.status = status
    self.path = Self.path(of: place.folder) + "/" + place.name
  }

  /// Whether a path leads to this file.
  public func isAt(_ path: String) -> Bool {
    var other = stat()
    return stat(path, &other) == 0 && other.st_dev == status.st_dev && other.st_ino == status.st_ino
  }

  /// The path of the old file once ``keepOld()`` has been called.
  public var oldPath: String { path + ".previous" }

  /// Puts a file with other content in its place, with the same owner and permissions.
  ///
  /// - Throws: what the system says; then nothing has changed.
  public func replace(with content: [UInt8]) throws(SystemError) {
    let fresh = temporaryName("new")
    do {
      try write(content, to: fresh)
      // A second name for the old file, which keeps it when the new one takes the first.
      try check(linkat(folder, place.name, folder, temporaryName("old"), 0), "keep the content of \(path)")
    } catch {
      unlinkat(folder, fresh, 0)
      throw error
    }
    do {
      try rename(fresh, to: place.name)
    } catch {
      for name in [fresh, temporaryName("old")] { unlinkat(folder, name, 0) }
      throw error
    }
    isReplaced = true
    fsync(folder)
  }

  /// Gives the old file the name that ``oldPath`` says, in the place of an older one.
  public func keepOld() throws(SystemError) {
    precondition(isReplaced, "a file that was not replaced has no old content")
    try rename(temporaryName("old"), to: place.name + ".previous")
  }

  /// Puts the old file back.
  public func restore() throws(SystemError) {
    precondition(isReplaced, "a file that was not replaced has no old content")
    try rename(temporaryName("old"), to: place.name)
    isReplaced = false
    fsync(folder)
  }

  private func write(_ content: [UInt8], to name: String) throws(SystemError) {
    let file = try Descriptor.checked(
      openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600), "write beside \(path)")
    try check(fchown(file.rawValue, status.st_uid, status.st_gid), "give \(path) its owner")
    try check(fchmod(file.rawValue, status.st_mode & 0o7777), "give \(path) its permissions")
    var rest = content[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file.rawValue, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      try check(Int32(truncatingIfNeeded: min(count, 0)), "write \(path)")
      rest = rest.dropFirst(count)
    }
    try check(fsync(file.rawValue), "write \(path)")
  }

  private func rename(_ name: String, to other: String) throws(SystemError) {
    try check(renameat(folder, name, folder, other), "replace \(path)")
  }

  private func check(_ result: Int32, _ attempt: @autoclosure () -> String) throws(SystemError) {
    guard result == 0 else { throw SystemError.last(attempt()) }
  }

  private var folder: Int32 { place.folder.rawValue }

  /// Names that no other process uses, hidden from whoever reads all files of the folder.
  private func temporaryName(_ suffix: String) -> String { ".\(place.name).\(getpid()).\(suffix)" }

  private static func path(of folder: Descriptor) -> String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/fd/\(folder.rawValue)", &buffer, buffer.count)
    let path = String(decoding: buffer.prefix(max(count, 0)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    return path == "/" ? "" : path
  }
}
