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

/// Why the demonstration cannot go on.
struct DemoFailure: Error {
  /// One line for the user that says why.
  var message: String
}
