import Glibc
import PWLinux

/// Runs a program of the system for its output, for a limited time and without a shell.
enum BoundedProgram {
  /// How it ended.
  enum Outcome: Equatable {
    /// It ended with a status, and this was its standard output.
    case ended(Int32, String)
    /// There is no such program.
    case missing
    /// It was ended because it took too long, or said too much.
    case unbounded
  }

  static let limit = Duration.seconds(5)
  /// Between two looks whether it has ended.
  private static let pause = Duration.milliseconds(10)
  private static let maximumOctets = 32 << 20
  private static let chunkOctets = 64 << 10
  /// Where programs of administrators are, whatever the PATH of a user says.
  private static let systemFolders = ["/usr/sbin", "/sbin"]

  /// Runs the program of a name, with these arguments.
  static func run(_ words: [String], limit: Duration = limit) -> Outcome {
    guard let name = words.first, let path = path(of: name) else { return .missing }
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return .missing }
    defer { close(ends[0]) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
    defer { close(null) }
    let started: ChildProgram
    do throws(SystemError) {
      defer { close(ends[1]) }
      started = try ChildProgram([path] + words.dropFirst(), output: ends[1], errors: null)
    } catch {
      return .missing
    }
    let deadline = ContinuousClock.now + limit
    let output = read(ends[0], until: deadline)
    // A program that closes its output may go on all the same.
    while output != nil, started.isRunning, ContinuousClock.now < deadline { ForwardingCheck.sleep(pause) }
    let isOver = output == nil || started.isRunning
    if isOver { kill(-started.processID, SIGKILL) }
    let status = started.wait()
    return isOver ? .unbounded : output.map { .ended(status, String(decoding: $0, as: UTF8.self)) } ?? .unbounded
  }

  /// All that comes before the end; nil where that does not come in time.
  private static func read(_ descriptor: Int32, until deadline: ContinuousClock.Instant) -> [UInt8]? {
    var octets: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: chunkOctets)
    while octets.count < maximumOctets {
      let rest = deadline - ContinuousClock.now
      guard rest > .zero else { return nil }
      var question = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&question, 1, Int32(rest / .milliseconds(1)) + 1) > 0 else { continue }
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return octets }
      octets += chunk.prefix(count)
    }
    return nil
  }

  private static func path(of name: String) -> String? {
    let folders = (getenv("PATH").map { String(cString: $0) } ?? "").split(separator: ":").map(String.init)
    return (folders + systemFolders).map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
  }
}
