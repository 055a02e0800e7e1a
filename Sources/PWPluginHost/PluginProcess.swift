import CLinux
import Glibc
import PWCore
import PWLinux

/// How a process ended.
enum PluginExit: Equatable {
  /// By itself, with a status.
  case status(Int32)
  /// By a signal, with its number.
  case signal(Int32)

  /// `it ended with status 1`.
  var words: String {
    switch self {
    case .status(let status): "it ended with status \(status)"
    case .signal(let signal): "it was ended by signal \(signal)"
    }
  }
}

/// A plugin's process: three pipes and a process descriptor on an event loop. It dies with the thread that made it, holds no
/// descriptor of ours but its ends of the pipes, and whatever it starts is ended with it.
final class PluginProcess {
  /// Hears from the process, on the loop's thread.
  struct Listener {
    /// Octets of its standard output.
    var output: ([UInt8]) -> Void
    /// Octets of its standard error.
    var error: ([UInt8]) -> Void
    /// It has ended: told once, after the last of its output.
    var ended: (PluginExit) -> Void
  }

  let identifier: pid_t
  private let loop: EventLoop
  private let process: Descriptor
  private let input: Descriptor
  private let output: Descriptor
  private let error: Descriptor
  private var listener: Listener?
  private var unwritten: ArraySlice<UInt8> = []
  private var isWatchingInput = false

  /// Starts an executable with pipes as its standard input, output and error.
  ///
  /// - Parameters:
  ///   - path: the full path of an executable.
  ///   - environment: `NAME=value` each; nothing else is in it.
  init(path: String, environment: [String], on loop: EventLoop, listener: Listener) throws(SystemError) {
    let (inputEnd, outputEnd, errorEnd) = (try Pipe(), try Pipe(), try Pipe())
    identifier = try PluginProcess.start(
      path, environment, input: inputEnd.reader.rawValue, output: outputEnd.writer.rawValue,
      error: errorEnd.writer.rawValue)
    let handle = pw_child_descriptor(identifier)
    guard handle >= 0 else {
      let failure = SystemError.last("watch the process \(identifier)")
      Glibc.kill(-identifier, SIGKILL)
      Glibc.waitpid(identifier, nil, 0)
      throw failure
    }
    process = Descriptor(owning: handle)
    (input, output, error) = (inputEnd.writer, outputEnd.reader, errorEnd.reader)
    self.loop = loop
    self.listener = listener
    for end in [input, output, error] { _ = fcntl(end.rawValue, F_SETFL, O_NONBLOCK) }
    try loop.watch(output.rawValue, for: .read) { [unowned self] in read(output) { $0.output } }
    try loop.watch(error.rawValue, for: .read) { [unowned self] in read(error) { $0.error } }
    try loop.watch(process.rawValue, for: .read) { [unowned self] in reap() }
  }

  deinit {
    guard listener != nil else { return }
    unwatch()
    kill()
    waitpid(identifier, nil, 0)
  }

  /// Writes to its standard input: what it does not take at once waits.
  ///
  /// - Returns: whether there is room for what waits.
  func send(_ octets: [UInt8]) -> Bool {
    guard listener != nil, unwritten.count + octets.count <= PluginLimits.unwrittenOctets else { return false }
    unwritten.append(contentsOf: octets)
    write()
    return true
  }

  /// Says that nothing more will be asked: a plugin ends then.
  func closeInput() {
    if isWatchingInput { loop.unwatch(input.rawValue) }
    isWatchingInput = false
    unwritten = []
    input.close()
  }

  /// Ends it at once, with all that it has started; the listener hears of its end.
  func kill() { Glibc.kill(-identifier, SIGKILL) }

  /// Nobody listens any more: it is ended and forgotten.
  func abandon() {
    guard listener != nil else { return }
    unwatch()
    kill()
    waitpid(identifier, nil, 0)
    listener = nil
  }

  private func write() {
    while !unwritten.isEmpty {
      let count = unwritten.withUnsafeBytes { pw_write_quietly(input.rawValue, $0.baseAddress, $0.count) }
      guard count > 0 else {
        if count < 0, errno == EINTR { continue }
        if count < 0, errno == EAGAIN { break }
        // Its end is closed: that it has ended is told by the process descriptor.
        unwritten = []
        break
      }
      unwritten = unwritten.dropFirst(count)
    }
    if unwritten.isEmpty {
      if isWatchingInput { loop.unwatch(input.rawValue) }
      isWatchingInput = false
    } else if !isWatchingInput {
      isWatchingInput = (try? loop.watch(input.rawValue, for: .write) { [unowned self] in write() }) != nil
    }
  }

  private func read(_ end: Descriptor, _ hearer: (Listener) -> ([UInt8]) -> Void) {
    var chunk = [UInt8](repeating: 0, count: PluginLimits.readOctets)
    for _ in 0..<PluginLimits.readsPerTurn {
      let count = Glibc.read(end.rawValue, &chunk, chunk.count)
      guard count > 0 else {
        if count == 0 { loop.unwatch(end.rawValue) }
        return
      }
      // The listener may have let go of it meanwhile.
      guard let listener else { return }
      hearer(listener)(Array(chunk.prefix(count)))
    }
  }

  private func reap() {
    // Before the process is reaped, so that its number is still its own.
    kill()
    var status: Int32 = 0
    guard waitpid(identifier, &status, WNOHANG) == identifier, listener != nil else { return }
    read(output) { $0.output }
    read(error) { $0.error }
    unwatch()
    let ended = listener?.ended
    listener = nil
    // wait(2): the low seven bits are the signal, the next octet the status.
    let signal = status & 0x7F
    ended?(signal == 0 ? .status(status >> 8 & 0xFF) : .signal(signal))
  }

  private func unwatch() {
    for end in [input, output, error, process] where end.rawValue >= 0 { loop.unwatch(end.rawValue) }
  }
}

extension PluginProcess {
  /// Both ends of a pipe, neither of which any child inherits.
  private struct Pipe {
    let reader: Descriptor
    let writer: Descriptor

    init() throws(SystemError) {
      var ends: [Int32] = [-1, -1]
      guard pipe2(&ends, O_CLOEXEC) == 0 else { throw SystemError.last("open a pipe") }
      (reader, writer) = (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
    }
  }

  private static func start(
    _ path: String, _ environment: [String], input: Int32, output: Int32, error: Int32
  ) throws(SystemError) -> pid_t {
    precondition(min(input, output, error) > STDERR_FILENO, "pwmgr runs without its standard streams")
    let texts = ([path] + environment).map { strdup($0) }
    defer { for text in texts { free(text) } }
    let arguments: [UnsafePointer<CChar>?] = [texts[0].map { UnsafePointer($0) }, nil]
    let variables: [UnsafePointer<CChar>?] = texts.dropFirst().map { $0.map { UnsafePointer($0) } } + [nil]
    let result: (pid: pid_t, code: Int32, step: String) = arguments.withUnsafeBufferPointer { arguments in
      variables.withUnsafeBufferPointer { variables in
        var child = pw_child(
          program: arguments[0], arguments: arguments.baseAddress, environment: variables.baseAddress, input: input,
          output: output, error: error, failed_step: nil)
        let pid = pw_child_start(&child)
        let code = errno
        return (pid, code, child.failed_step.map { String(cString: $0) } ?? "")
      }
    }
    guard result.pid > 0 else { throw SystemError(code: result.code, attempt: "start \(path): \(result.step)") }
    return result.pid
  }
}
