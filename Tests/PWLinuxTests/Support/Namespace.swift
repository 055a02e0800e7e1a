import CLinux
import Glibc
import PWCore
import Synchronization
import Testing

@testable import PWLinux

/// A network namespace for one test: made by a thread of its own, so that no other test sees it, and gone with that thread.
enum Namespace {
  /// Whether this process may make one.
  static let isAllowed = geteuid() == 0

  /// Runs a test's body in a new namespace, loopback up, and brings its error back.
  static func run(_ body: @escaping @Sendable () throws -> Void) throws {
    let finished = try Pipe()
    let failure = Mutex<(any Error)?>(nil)
    try WorkerThread.start(name: "namespace") {
      do {
        guard unshare(CLONE_NEWNET) == 0 else { throw SystemError.last("unshare") }
        try shell("ip link set lo up")
        try body()
      } catch {
        failure.withLock { $0 = error }
      }
      finished.writeOctet()
    }
    var octet: UInt8 = 0
    _ = read(finished.reader.rawValue, &octet, 1)
    if let error = failure.withLock({ $0 }) { throw error }
  }

  /// Runs a command in the calling thread's namespace and returns what it printed.
  @discardableResult
  static func shell(_ command: String) throws -> String {
    guard let stream = popen("( \(command) ) 2>&1", "r") else { throw SystemError.last("popen") }
    var output: [UInt8] = []
    while case let octet = fgetc(stream), octet != EOF { output.append(UInt8(truncatingIfNeeded: octet)) }
    let status = pclose(stream)
    let text = String(decoding: output, as: UTF8.self)
    guard status == 0 else { throw ShellFailure(command: command, output: text) }
    return text
  }
}

/// A command that failed.
struct ShellFailure: Error, CustomStringConvertible {
  var command: String
  var output: String
  var description: String { "\(command): \(output)" }
}

extension EventLoop {
  /// How long a test waits for something that must happen: far more than it takes, so that only a fault lasts that
  /// long. In the virtual machine, beside scenarios, the filters of 4,094 VLANs take more than a minute.
  private static let patience = Duration.seconds(60) * slowness
  /// How many times longer everything may take where the tests run (Tests/Kernel/run).
  private static let slowness = getenv("PWMGR_LAB_PATIENCE").flatMap { Int(String(cString: $0)) } ?? 1

  /// Runs the loop until `start`'s answer is there. A failure names the caller: in a namespace's thread no test is
  /// known.
  func await<Value>(
    sourceLocation: SourceLocation = #_sourceLocation, _ start: (@escaping (Value) -> Void) -> Void
  ) throws -> Value {
    var answer: Value?
    start { value in
      answer = value
      self.stop()
    }
    let began = now
    try runPatiently()
    return try #require(answer, "no answer after \(now - began)", sourceLocation: sourceLocation)
  }

  /// Runs the loop until a condition holds, looking after each thing that happens.
  func wait(for what: String, until condition: @escaping () -> Bool) throws {
    if condition() { return }
    let start = now
    while !condition() {
      guard now - start < EventLoop.patience else { throw ShellFailure(command: "wait for \(what)", output: "in vain") }
      let tick = makeTimer { self.stop() }
      setTimer(tick, after: .milliseconds(2))
      try run()
      removeTimer(tick)
    }
  }

  private func runPatiently() throws {
    let limit = makeTimer { self.stop() }
    setTimer(limit, after: EventLoop.patience)
    defer { removeTimer(limit) }
    try run()
  }
}
