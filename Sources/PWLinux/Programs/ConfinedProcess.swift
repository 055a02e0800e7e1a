import CLinux
import Glibc

/// How a process ended.
enum ProcessEnd: Equatable, Sendable {
  /// By itself, with a status.
  case exit(Int32)
  /// By a signal, with its number.
  case signal(Int32)
}

/// A child process that cannot outlive this one: it dies with it, sees no other descriptor than its own, and no file in
/// some folders but those that were made for it. Used on the loop's thread, which must be the process's first: the
/// kernel kills the child when the thread that made it ends.
final class ConfinedProcess {
  /// The program to start, with what it is given.
  struct Launch {
    /// The program's full path.
    var program: String
    /// Its command line, the name first. Everybody may read it.
    var arguments: [String]
    /// Its environment, `NAME=value` each.
    var environment: [String]
    /// All that its standard input holds.
    var input: [UInt8] = []
    /// Becomes its descriptor 3, if there is one.
    var channel: Int32?
    /// Folders that are empty for it; where there are none, it has everybody's mounts.
    var emptyFolders: [String] = []
    /// Files that it finds there.
    var files: [PrivateFile] = []
  }

  /// A file that only the process sees.
  struct PrivateFile: Equatable {
    /// Its path, in one of the empty folders.
    var path: String
    /// Its contents.
    var octets: [UInt8]
  }

  /// Octets read of its output in one call.
  private static let readOctets = 4096
  /// Calls in one turn, before others have theirs.
  private static let readsPerTurn = 16

  let identifier: pid_t
  private let loop: EventLoop
  private let process: Descriptor
  private let output: Descriptor
  private let heard: ([UInt8]) -> Void
  private let ended: (ProcessEnd) -> Void
  private var isOver = false

  /// Starts a process, confined as described above.
  ///
  /// - Parameters:
  ///   - launch: what to start.
  ///   - loop: where its output and its end are told.
  ///   - heard: octets of its standard output and error.
  ///   - ended: told once, after the last of its output, when all that it held is gone.
  init(
    _ launch: Launch, on loop: EventLoop, heard: @escaping ([UInt8]) -> Void, ended: @escaping (ProcessEnd) -> Void
  ) throws(SystemError) {
    var ends: [Int32] = [-1, -1]
    guard pipe2(&ends, O_CLOEXEC | O_NONBLOCK) == 0 else { throw SystemError.last("open a pipe") }
    let (reader, writer) = (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
    // It writes to a pipe that blocks as everybody expects.
    _ = fcntl(writer.rawValue, F_SETFL, O_WRONLY)
    let input = try ConfinedProcess.file(of: launch.input)
    let pid = try ConfinedProcess.start(launch, input: input.rawValue, output: writer.rawValue)
    let handle = pw_process_descriptor(pid)
    guard handle >= 0 else {
      let failure = SystemError.last("watch the process \(pid)")
      Glibc.kill(pid, SIGKILL)
      Glibc.waitpid(pid, nil, 0)
      throw failure
    }
    identifier = pid
    self.loop = loop
    process = Descriptor(owning: handle)
    output = reader
    self.heard = heard
    self.ended = ended
    try loop.watch(output.rawValue, for: .read) { [unowned self] in read() }
    try loop.watch(process.rawValue, for: .read) { [unowned self] in reap() }
  }

  deinit {
    guard !isOver else { return }
    loop.unwatch(output.rawValue)
    loop.unwatch(process.rawValue)
    kill()
    waitpid(identifier, nil, 0)
  }

  /// Ends it at once, and what it has started and left in its process group; `ended` follows.
  func kill() {
    // It leads a session, so that nobody can have taken it out of its group. Its children may have left it.
    if !isOver { Glibc.kill(-identifier, SIGKILL) }
  }

  private func read() {
    var chunk = [UInt8](repeating: 0, count: ConfinedProcess.readOctets)
    for _ in 0..<ConfinedProcess.readsPerTurn {
      let count = Glibc.read(output.rawValue, &chunk, chunk.count)
      guard count > 0 else {
        // Nobody writes any more.
        if count == 0 { loop.unwatch(output.rawValue) }
        return
      }
      heard(Array(chunk.prefix(count)))
    }
  }

  private func reap() {
    var status: Int32 = 0
    guard waitpid(identifier, &status, WNOHANG) == identifier else { return }
    isOver = true
    read()
    loop.unwatch(output.rawValue)
    loop.unwatch(process.rawValue)
    // wait(2): the low seven bits are the signal, the next octet the status.
    let signal = status & 0x7F
    ended(signal == 0 ? .exit(status >> 8 & 0xFF) : .signal(signal))
  }
}

extension ConfinedProcess {
  /// A file without a name that is read from its beginning. Nobody waits for a program that does not read its input, as
  /// they would at a pipe.
  private static func file(of octets: [UInt8]) throws(SystemError) -> Descriptor {
    guard !octets.isEmpty else {
      return try Descriptor.checked(open("/dev/null", O_RDWR | O_CLOEXEC), "open /dev/null")
    }
    let file = try Descriptor.checked(pw_memory_file("input"), "make a file for its input")
    try file.write(octets, "write its input")
    guard lseek(file.rawValue, 0, SEEK_SET) == 0 else { throw SystemError.last("write its input") }
    return file
  }

  private static func start(_ launch: Launch, input: Int32, output: Int32) throws(SystemError) -> pid_t {
    let texts = CTexts()
    let files = launch.files.map { file in
      pw_private_file(path: texts.add(file.path), octets: texts.add(octets: file.octets), length: file.octets.count)
    }
    let lists = [launch.arguments, launch.environment, launch.emptyFolders].map { list in
      list.map { Optional(texts.add($0)) } + [nil]
    }
    let result: (pid: pid_t, code: Int32, step: String) = files.withUnsafeBufferPointer { files in
      lists[0].withUnsafeBufferPointer { arguments in
        lists[1].withUnsafeBufferPointer { environment in
          lists[2].withUnsafeBufferPointer { folders in
            var child = pw_confined_child(
              program: texts.add(launch.program), arguments: arguments.baseAddress,
              environment: environment.baseAddress,
              input: input, output: output, channel: launch.channel ?? -1, empty_folders: folders.baseAddress,
              files: files.baseAddress, file_count: files.count, failed_step: nil)
            let pid = pw_confined_start(&child)
            let code = errno
            return (pid, code, child.failed_step.map { String(cString: $0) } ?? "")
          }
        }
      }
    }
    guard result.pid > 0 else {
      throw SystemError(code: result.code, attempt: "start \(launch.program): \(result.step)")
    }
    return result.pid
  }
}

/// Texts for C, kept as long as this lives, and wiped afterwards: some of them are secrets.
private final class CTexts {
  private var buffers: [UnsafeMutableBufferPointer<CChar>] = []

  func add(_ text: String) -> UnsafePointer<CChar> { UnsafePointer(buffer(text.utf8)) }

  func add(octets: [UInt8]) -> UnsafeRawPointer { UnsafeRawPointer(buffer(octets)) }

  private func buffer(_ octets: some Collection<UInt8>) -> UnsafeMutablePointer<CChar> {
    let buffer = UnsafeMutableBufferPointer<CChar>.allocate(capacity: octets.count + 1)
    _ = buffer.initialize(from: octets.map { CChar(bitPattern: $0) } + [0])
    buffers.append(buffer)
    guard let start = buffer.baseAddress else {
      preconditionFailure("an allocation of one octet or more has an address")
    }
    return start
  }

  deinit {
    for buffer in buffers {
      buffer.update(repeating: 0)
      buffer.deallocate()
    }
  }
}
