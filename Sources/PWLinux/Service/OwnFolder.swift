import Glibc

/// A folder whose files nobody else can have put there, or can swap while we look: it and all folders above it belong
/// to us or root, others may not write in it, it is opened once, and its files are opened by their names in it.
///
/// Root's daemon reads what it once wrote and believes it. In a folder that somebody else controls that would be
/// whatever they wish: another state file, or a link to a file of root's in the place of one of ours.
public final class OwnFolder: Sendable {
  /// As it was given.
  public let path: String
  let descriptor: Descriptor

  /// Opens a folder.
  ///
  /// - Parameters:
  ///   - path: of the folder.
  ///   - makesIt: whether it is made where it is not there.
  /// - Throws: EPERM, with the cure, when somebody else could change what is in it; what the system says otherwise.
  public init(path: String, makesIt: Bool = true) throws(SystemError) {
    self.path = path
    descriptor = try OwnPath(toFolder: path, .ours, makesFolders: makesIt).folder
  }

  /// Why somebody else could put a file into a folder, with the cure; nil where nobody can, or where the folder cannot
  /// be looked at.
  public static func hazard(of path: String) -> String? {
    do throws(SystemError) {
      _ = try OwnPath(toFolder: path, .ours)
      return nil
    } catch {
      guard error.code == EPERM else { return nil }
      let beginning = "use the folder \(path): it "
      guard error.attempt.hasPrefix(beginning) else { return error.words(besides: path) }
      return "\(path) " + error.attempt.dropFirst(beginning.count)
    }
  }

  /// Opens a file in it; a symbolic link is not followed, and a file of somebody else's is refused.
  func open(_ name: String, _ flags: Int32, mode: mode_t = 0o600) throws(SystemError) -> Descriptor {
    let file = try Descriptor.checked(
      openat(descriptor.rawValue, name, flags | O_NOFOLLOW | O_CLOEXEC, mode), "open \(path)/\(name)")
    var status = stat()
    guard fstat(file.rawValue, &status) == 0 else { throw SystemError.last("look at \(path)/\(name)") }
    let isOurs = status.st_uid == 0 || status.st_uid == geteuid()
    guard isOurs, status.st_mode & S_IFMT == S_IFREG else {
      let fault = isOurs ? "is not a regular file" : "belongs to user \(status.st_uid) and not to us"
      throw SystemError.refusal("use \(path)/\(name): it \(fault); remove it if nobody needs it")
    }
    return file
  }

  /// Whether there is a file of that name, whatever it is.
  public func has(_ name: String) -> Bool { faccessat(descriptor.rawValue, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0 }

  /// Replaces a file by another one, whole.
  func rename(_ name: String, to other: String) throws(SystemError) {
    guard renameat(descriptor.rawValue, name, descriptor.rawValue, other) == 0 else {
      throw SystemError.last("rename \(path)/\(name) to \(other)")
    }
  }

  /// Removes a file, if it is there.
  public func remove(_ name: String) {
    unlinkat(descriptor.rawValue, name, 0)
  }
}
