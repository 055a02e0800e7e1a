import Glibc
import PWLinux

/// One change of a running site at a time: the second one ends, and says who is at it.
///
/// A file beside the control socket, locked with flock(2), so that the lock ends with its process, however that ends.
struct ChangeLock {
  private let file: Descriptor

  /// Takes the lock of the daemon that listens at a path; where another process has it, the command ends and says so.
  ///
  /// - Returns: the lock, which holds until it is let go of; nil where there cannot be one, because the folder or the
  ///   file is somebody else's.
  static func take(forDaemonAt socketPath: String, orEnd command: String) throws -> ChangeLock? {
    guard let place = try? OwnPath(toFile: socketPath + ".lock", .oursOrShared),
      let file = try? place.open(O_RDWR | O_CREAT | O_NONBLOCK), isOurs(file)
    else { return nil }
    guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else {
      guard errno == EWOULDBLOCK else { return nil }
      StandardError.write("pwmgr: another process is changing the site\(holder(file)): try again when that has ended")
      throw ExitStatus.busy.exit
    }
    let words = Array("\(getpid()) \(command)".utf8)
    ftruncate(file.rawValue, 0)
    _ = pwrite(file.rawValue, words, words.count, 0)
    return ChangeLock(file: file)
  }

  private static let longestWords = 100

  /// Whether nobody else has made the file, or has another name for it.
  private static func isOurs(_ file: Descriptor) -> Bool {
    var status = stat()
    return fstat(file.rawValue, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_nlink == 1
      && (status.st_uid == 0 || status.st_uid == geteuid())
  }

  /// `: 'pwmgr apply', process 4711`; empty where the file does not say it.
  private static func holder(_ file: Descriptor) -> String {
    var words = [UInt8](repeating: 0, count: longestWords)
    let count = pread(file.rawValue, &words, words.count, 0)
    let parts = String(decoding: words.prefix(max(count, 0)), as: UTF8.self).split(separator: " ")
    guard parts.count == 2, let process = Int32(parts[0]), parts[1].allSatisfy(\.isLetter) else { return "" }
    return " ('pwmgr \(parts[1])', process \(process))"
  }
}
