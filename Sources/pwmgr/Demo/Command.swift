import Glibc
import PWLinux

/// Runs programs of the system for the demonstration: `ip`, `ping`, and this program itself.
enum Command {
  /// The output of a program, and how it ended.
  struct Outcome {
    /// Its exit status; 127 when it could not be started.
    var status: Int32
    /// Its standard output and standard error together.
    var output: String
    /// Whether it ended well.
    var isSuccess: Bool { status == 0 }
  }

  /// Runs a program from PATH to its end.
  @discardableResult
  static func run(_ words: [String]) -> Outcome {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return Outcome(status: 127, output: "\(SystemError.last("open a pipe"))") }
    defer { close(ends[0]) }
    // The program gets a copy of the other end, and neither of these.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let started: ChildProgram
    do throws(SystemError) {
      defer { close(ends[1]) }
      started = try ChildProgram(words, output: ends[1])
    } catch {
      return Outcome(status: 127, output: "\(words.first ?? ""): \(error)")
    }
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = read(ends[0], &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      output += chunk.prefix(count)
    }
    return Outcome(status: started.wait(), output: String(decoding: output, as: UTF8.self))
  }

  /// Runs a command line, split at spaces, and throws what it said if it fails.
  static func require(_ line: String) throws {
    let outcome = run(line.split(separator: " ").map(String.init))
    guard outcome.isSuccess else {
      let said = outcome.output.split(whereSeparator: \.isNewline).joined(separator: "; ")
      throw DemoFailure(message: "'\(line)' failed: \(said)")
    }
  }

  /// Starts a program whose output goes to a file.
  static func start(_ words: [String], log: String) throws(SystemError) -> ChildProgram {
    let file = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw SystemError.last("open \(log)") }
    defer { close(file) }
    return try ChildProgram(words, output: file)
  }
}

/// A program that was started, whose end has to be waited for.
final class ChildProgram {
  let processID: pid_t
  /// As waitpid(2) has it; nil while it runs.
  private var ended: Int32?

  /// Starts a program from PATH: it reads nothing, and its output and its errors go to a descriptor.
  init(_ words: [String], output: Int32) throws(SystemError) {
    guard let name = words.first else { preconditionFailure("a command has a first word") }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    for target in [STDOUT_FILENO, STDERR_FILENO] { posix_spawn_file_actions_adddup2(&actions, output, target) }
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    // In a group of its own: Ctrl-C is for the demonstration, which ends its programs itself.
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

/// Why the demonstration cannot go on.
struct DemoFailure: Error {
  /// One line for the user that says why.
  var message: String
}
