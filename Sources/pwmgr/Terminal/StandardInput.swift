import Glibc
import PWLinux

/// Octets that a command is given.
enum StandardInput {
  /// All of them, up to the end.
  static func octets() throws(SystemError) -> [UInt8] {
    var octets: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = read(STDIN_FILENO, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw SystemError.last("read standard input") }
      guard count > 0 else { return octets }
      octets += chunk.prefix(count)
    }
  }
}
