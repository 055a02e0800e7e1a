import Glibc
import PWLinux

/// A program that was started, whose end has to be waited for.
final class ChildProgram {
  let processID: pid_t
  /// As waitpid(2) has it; nil while it runs.
  private var ended: Int32?

  /// Starts a program from PATH: it reads nothing, and its output goes to a descriptor.
  ///
  /// - Parameter errors: where its standard error goes, if not to the same.
  init(_ words: [String], output: Int32, errors: Int32? = nil) throws(SystemError) {
    guard let name = words.first else { preconditionFailure("a command has a first word") }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, errors ?? output, STDERR_FILENO)
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    // In a group of its own: Ctrl-C is for the command, which ends its programs itself.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    posix_spawnattr_setpgroup(&attributes, 0)
    var process: pid_t = 0
    let code = posix_spawnp(&process, name, &actions, &attributes, &arguments, environ)
    guard code == 0 else { throw SystemError(code: code, attempt: "start \(name)") }
    processID = process
  }

  /// Whether it has not ended.
  var isRunning: Bool {
    look(WNOHANG)
    return ended == nil
  }

  /// Waits for its end.
  ///
  /// - Returns: its exit status, or 128 and the number of the signal that ended it.
  func wait() -> Int32 {
    look(0)
    let status = ended ?? Self.unknownEnd
    return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
  }

  /// Exit status 127.
  private static let unknownEnd: Int32 = 127 << 8

  /// Asks it to end.
  func terminate() { if isRunning { kill(processID, SIGTERM) } }

  private func look(_ options: Int32) {
    var status: Int32 = 0
    while ended == nil {
      let found = waitpid(processID, &status, options)
      if found == processID { ended = status }
      if found == 0 { return }
      // Somebody has taken its status away (SIGCHLD ignored): it has ended, and nobody knows how.
      if found < 0, errno != EINTR { ended = Self.unknownEnd }
    }
  }
}
