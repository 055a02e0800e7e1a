import Foundation

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
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = pipe
    do {
      try process.run()
    } catch {
      return Outcome(status: 127, output: "\(words.first ?? ""): \(error)")
    }
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(status: process.terminationStatus, output: String(decoding: output, as: UTF8.self))
  }

  /// Runs a command line, split at spaces, and throws what it said if it fails.
  static func require(_ line: String) throws {
    let outcome = run(line.split(separator: " ").map(String.init))
    guard outcome.isSuccess else {
      throw DemoFailure(message: "'\(line)' failed: \(outcome.output.trimmingCharacters(in: .whitespacesAndNewlines))")
    }
  }

  /// Starts a program whose output goes to a file.
  static func start(_ words: [String], log: URL) throws -> Process {
    try Data().write(to: log)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.standardInput = FileHandle.nullDevice
    let handle = try FileHandle(forWritingTo: log)
    process.standardOutput = handle
    process.standardError = handle
    try process.run()
    return process
  }
}

/// Why the demonstration cannot go on.
struct DemoFailure: Error {
  /// One line for the user that says why.
  var message: String
}
