import Glibc

/// A file for others to read, such as a collector of metrics: a reader sees the old content or the new one, whole.
///
/// Its folder may be another user's. No link is followed that somebody else has made, the file's own name included, so
/// that nobody can have root write anywhere else.
public struct PublishedFile {
  private let place: OwnPath

  /// A file, which need not be there.
  ///
  /// - Throws: what is wrong with its folder.
  public init(path: String) throws(SystemError) {
    place = try OwnPath(toFile: path, .withoutForeignLinks, followsLink: false)
  }

  /// Writes it, readable for everybody.
  ///
  /// It is not waited for until the disk has it: after a crash of the machine nobody wants the old state.
  ///
  /// - Throws: what the system says; then the old content stays.
  public func write(_ content: [UInt8]) throws(SystemError) {
    let folder = place.folder.rawValue
    try requireRegular(in: folder)
    let fresh = ".\(place.name).\(getpid()).new"
    unlinkat(folder, fresh, 0)
    let file = try Descriptor.checked(
      openat(folder, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644), "write beside \(place.path)")
    do throws(SystemError) {
      // Whatever the mask of the process is.
      guard fchmod(file.rawValue, 0o644) == 0 else { throw SystemError.last("let others read \(place.path)") }
      try file.write(content, "write \(place.path)")
      guard renameat(folder, fresh, folder, place.name) == 0 else { throw SystemError.last("replace \(place.path)") }
    } catch {
      unlinkat(folder, fresh, 0)
      throw error
    }
  }

  /// A device, a pipe or a link of the name is not replaced: its name was given by mistake.
  private func requireRegular(in folder: Int32) throws(SystemError) {
    var status = stat()
    guard fstatat(folder, place.name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw SystemError(code: EEXIST, attempt: "replace \(place.path), which is not a regular file")
    }
  }
}
