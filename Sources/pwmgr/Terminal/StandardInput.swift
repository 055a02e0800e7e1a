import Glibc
import PWLinux

/// Octets that a command is given.
enum StandardInput {
  /// All of them, up to the end.
  static func octets() throws(SystemError) -> [UInt8] { try octets(from: STDIN_FILENO, "read standard input") }

  /// All those of a file, which may be a pipe (`pwmgr decode <(...)`).
  static func octets(ofFile path: String) throws(SystemError) -> [UInt8] {
    let attempt = "read \(path)"
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError.last(attempt) }
    defer { close(descriptor) }
    return try octets(from: descriptor, attempt)
  }

  private static func octets(from descriptor: Int32, _ attempt: String) throws(SystemError) -> [UInt8] {
    var octets: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw SystemError.last(attempt) }
      guard count > 0 else { return octets }
      octets += chunk.prefix(count)
    }
  }
}
