import Glibc
import PWLinux

/// One change of a running site at a time: whoever comes second hears who is at it.
///
/// A file beside the control socket, locked with flock(2), so that the lock ends with its process, however that ends.
struct ChangeLock {
  private let file: Descriptor

  /// Another process is changing the site.
  struct Busy: Error {
    /// Who, and what to do about it.
    let message: String
  }

  /// Takes the lock of the daemon that listens at a path.
  ///
  /// - Returns: the lock, which holds until it is let go of; nil where the file cannot be made: whoever may not write
  ///   there may not change the site, either, as the daemon will say.
  static func take(forDaemonAt socketPath: String, command: String) throws(Busy) -> ChangeLock? {
    guard let place = try? OwnPath(toFile: socketPath + ".lock", .oursOrShared),
      let file = try? place.open(O_RDWR | O_CREAT)
    else { return nil }
    guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else {
      guard errno == EWOULDBLOCK else { return nil }
      throw Busy(message: "the site is being changed by \(holder(file)): try again when that has ended")
    }
    let words = Array("'pwmgr \(command)', process \(getpid())".utf8)
    ftruncate(file.rawValue, 0)
    _ = pwrite(file.rawValue, words, words.count, 0)
    return ChangeLock(file: file)
  }

  private static let longestWords = 200

  private static func holder(_ file: Descriptor) -> String {
    var words = [UInt8](repeating: 0, count: longestWords)
    let count = pread(file.rawValue, &words, words.count, 0)
    return count > 0 ? String(decoding: words.prefix(count), as: UTF8.self) : "another process"
  }

  /// The same for a command, which ends and says why where somebody else is at it.
  static func take(forDaemonAt socketPath: String, orEnd command: String) throws -> ChangeLock? {
    do throws(Busy) {
      return try take(forDaemonAt: socketPath, command: command)
    } catch {
      StandardError.write("pwmgr: \(error.message)")
      throw ExitStatus.busy.exit
    }
  }
}
