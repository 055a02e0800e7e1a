import Glibc

/// A program of a site's that is started with all that pwmgr may do.
public enum OwnProgram {
  /// Why a program is not started, with the cure, in one line.
  public struct Refusal: Error, Equatable, Sendable, CustomStringConvertible {
    /// `/srv/x belongs to user 1000, who could change it; chown root /srv/x`.
    public let description: String
  }

  /// Whether a program may be started: nobody else may be able to change it, or to put another in its place, whichever
  /// folder on the way to it (``OwnPath``) that were done in.
  ///
  /// So it can be started by its path afterwards. It is not a descriptor that is executed, because a `#!` script would
  /// have `/dev/fd/N` for its name then, and that descriptor in it for as long as it runs.
  ///
  /// - Parameter path: its full path.
  /// - Throws: why not, and the cure.
  public static func check(_ path: String) throws(Refusal) {
    guard path.hasPrefix("/") else { throw Refusal(description: "'\(path)' is not a full path") }
    var status = stat()
    do throws(SystemError) {
      let file = try OwnPath(toFile: path, .ours).open(OwnPath.placeOnly)
      guard fstat(file.rawValue, &status) == 0 else { throw SystemError.last("look at \(path)") }
    } catch {
      guard !error.isRefusal else { throw Refusal(description: "cannot \(error)") }
      guard error.code == ENOENT || error.code == ENOTDIR else {
        throw Refusal(description: "cannot look at \(path): \(error.reason)")
      }
      throw Refusal(description: "there is no \(path): \(error.reason)")
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw Refusal(description: "\(path) is not a file") }
    guard access(path, X_OK) == 0 else {
      throw Refusal(description: "\(path) is not executable; chmod 755 \(path)")
    }
    if let hazard = OwnFile.hazard(of: path, status) { throw Refusal(description: hazard) }
  }
}
