import Glibc

/// A folder that a person has made, and of which every file counts: nobody besides us and root may add one. It is
/// opened once, and its files are opened in it, so that no other folder can take its place meanwhile.
///
/// Links are followed, to the folder and in it; who could change those, and the folders above, is not looked at.
public final class ListedFolder: Sendable {
  /// As it was given.
  public let path: String
  private let descriptor: Descriptor

  /// Opens a folder.
  ///
  /// - Throws: ENOENT if there is none; EPERM, with the cure, if somebody else could add a file; ENOTDIR, with the
  ///   cure, for a link that leads nowhere; what the system says otherwise.
  public init(path: String) throws(SystemError) {
    self.path = path
    var status = stat()
    do throws(SystemError) {
      descriptor = try Descriptor.checked(Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open \(path)")
    } catch {
      guard error.code == ENOENT, lstat(path, &status) == 0 else { throw error }
      throw Self.refusal(path, "it is a symbolic link that leads nowhere; mend it, or remove it", code: ENOTDIR)
    }
    guard fstat(descriptor.rawValue, &status) == 0 else { throw SystemError.last("look at \(path)") }
    guard status.st_uid == 0 || status.st_uid == geteuid() else {
      throw Self.refusal(path, "it belongs to user \(status.st_uid), who could add files to it; chown root \(path)")
    }
    guard status.st_mode & 0o022 == 0 else {
      throw Self.refusal(path, "it is open to others, who could add files to it; chmod go-w \(path)")
    }
  }

  /// Everything in it, in no order.
  ///
  /// - Throws: what the system says, or that there is too much.
  public func entries() throws(SystemError) -> [FolderEntry] { try FolderNames.read(descriptor, path) }

  /// Opens a file in it for reading; does not wait for the other end of a pipe.
  ///
  /// - Throws: what the system says.
  public func open(_ name: String) throws(SystemError) -> Descriptor {
    try Descriptor.checked(
      openat(descriptor.rawValue, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC), "open \(path)/\(name)")
  }

  private static func refusal(_ path: String, _ reason: String, code: Int32 = EPERM) -> SystemError {
    SystemError.refusal(SystemError.beginning(path) + reason, code: code)
  }
}
