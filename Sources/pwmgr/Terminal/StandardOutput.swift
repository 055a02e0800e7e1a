import ArgumentParser
import Glibc

/// The result of a command, where it is more than a few lines.
enum StandardOutput {
  /// Writes octets.
  ///
  /// - Throws: the error to end with where they cannot be written, a full disk for instance, which is said first. A
  ///   reader that has gone ends the process, as it does everywhere (SIGPIPE).
  static func write(_ octets: some Sequence<UInt8>) throws {
    fflush(nil)
    var rest = Array(octets)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        StandardError.write("pwmgr: cannot write standard output: \(String(cString: strerror(errno)))")
        throw ExitStatus.systemFault.exit
      }
      rest = rest.dropFirst(count)
    }
  }
}
