import PWCore

/// One run of a program that the operator has written: checked before it is started, and ended when its time is over.
final class LimitedProgram {
  /// The program, and what it is given.
  struct Launch {
    /// Its full path.
    var path: String
    /// Its arguments, without its own name.
    var arguments: [String] = []
    /// Its environment besides ``usualEnvironment``, `NAME=value` each.
    var environment: [String]
    /// All that its standard input holds.
    var input: [UInt8] = []
  }

  /// Why a program was not started, in one line.
  struct Refusal: Error, CustomStringConvertible {
    let description: String
  }

  /// Something that is told of a run.
  enum News {
    /// A line of its output.
    case said(String)
    /// It is killed: it has not finished within this time.
    case overran(Duration)
    /// It has ended, and was the last to be told of; its last line, if it has printed one.
    case ended(ProcessEnd, lastLine: String?)
  }

  /// The environment of every such program.
  static let usualEnvironment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"]

  private let loop: EventLoop
  private let told: (News) -> Void
  private var process: ConfinedProcess?
  private var output = OutputLines()
  private var lastLine: String?
  private var limit: EventLoop.TimerID?

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - launch: the program.
  ///   - timeLimit: how long it may take.
  ///   - loop: whose thread everything here is called on: the process's first.
  ///   - told: what happens to it.
  /// - Throws: why it cannot be run; nothing is told then.
  init(
    _ launch: Launch, timeLimit: Duration, on loop: EventLoop, told: @escaping (News) -> Void
  ) throws(Refusal) {
    self.loop = loop
    self.told = told
    do throws(OwnProgram.Refusal) {
      try OwnProgram.check(launch.path)
    } catch {
      throw Refusal(description: error.description)
    }
    do throws(SystemError) {
      process = try ConfinedProcess(
        .init(
          program: launch.path, arguments: [launch.path] + launch.arguments,
          environment: Self.usualEnvironment + launch.environment, input: launch.input),
        on: loop
      ) { [weak self] in
        self?.heard($0)
      } ended: { [weak self] in
        self?.ended($0)
      }
    } catch {
      throw Refusal(description: error.description)
    }
    let timer = loop.makeTimer { [weak self] in self?.end(after: timeLimit) }
    loop.setTimer(timer, after: timeLimit)
    limit = timer
  }

  deinit {
    if let limit { loop.removeTimer(limit) }
  }

  /// Kills it, with its process group.
  ///
  /// - Parameter time: that it had.
  func end(after time: Duration) {
    told(.overran(time))
    process?.kill()
  }

  private func heard(_ octets: [UInt8]) {
    for line in output.take(octets) { say(line) }
  }

  private func say(_ line: String) {
    lastLine = line
    told(.said(line))
  }

  private func ended(_ end: ProcessEnd) {
    if let limit { loop.removeTimer(limit) }
    limit = nil
    process = nil
    if let line = output.takeRest() { say(line) }
    told(.ended(end, lastLine: lastLine))
  }
}

extension ProcessEnd {
  /// What is wrong with an end, for a message that has named the program; nil if nothing is.
  ///
  /// - Parameter lastLine: of its output.
  func fault(lastLine: String?) -> String? {
    let words: String
    switch self {
    case .exit(0): return nil
    case .exit(let status): words = "status \(status)"
    case .signal(let number): words = "signal \(number)"
    }
    return "ended with \(words)\(lastLine.map { ": \($0)" } ?? "")"
  }
}
