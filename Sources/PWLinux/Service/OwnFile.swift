import Glibc

/// A file that is believed: who besides us and root could change it.
public enum OwnFile {
  /// Why somebody else could change a file, or put another one in its place, with the cure; nil where nobody can, or
  /// where the file cannot be looked at.
  ///
  /// - Parameter path: where it is. A folder like /tmp may be the last on the way: what is ours stays in its place
  ///   there.
  public static func hazard(of path: String) -> String? {
    var status = stat()
    do throws(SystemError) {
      let file = try OwnPath(toFile: path, .oursOrShared).open(OwnPath.placeOnly)
      guard fstat(file.rawValue, &status) == 0 else { return nil }
    } catch {
      return error.code == EPERM ? error.words(besides: path) : nil
    }
    return hazard(of: path, status)
  }

  /// The same by what is known of the file alone, whatever its folders are.
  static func hazard(of path: String, _ status: stat) -> String? {
    guard status.st_uid == 0 || status.st_uid == geteuid() else {
      return "\(path) belongs to user \(status.st_uid), who could change it; chown root \(path)"
    }
    return status.st_mode & 0o022 == 0 ? nil : "others may write to \(path); chmod go-w \(path)"
  }
}
