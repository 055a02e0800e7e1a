/// Programs that are run because something happened to an object: those of one object one after the other, in the order
/// of what happened, those of several objects at the same time. Each has a limited time, and there are limits to those
/// that run and those that wait.
///
/// Everything is called on the loop's thread, which must be the process's first.
public final class ProgramQueues {
  /// How much there may be at one time.
  public struct Limits: Sendable {
    /// How long one program may take before it is killed.
    public var time: Duration
    /// Programs that run.
    public var running = 16
    /// Programs of one object that wait.
    public var waitingOfObject = 64
    /// Programs that wait, of all objects together.
    public var waiting = 1024

    /// The usual limits.
    ///
    /// - Parameter time: how long one program may take.
    public init(time: Duration) { self.time = time }
  }

  /// A program to run.
  public struct Run: Sendable {
    /// Its full path (``OwnProgram/check(_:)``).
    public var program: String
    /// What its environment has besides the usual, `NAME=value` each.
    public var environment: [String]
    /// All that its standard input holds.
    public var input: [UInt8]

    /// A program with what it is given.
    public init(program: String, environment: [String], input: [UInt8]) {
      self.program = program
      self.environment = environment
      self.input = input
    }
  }

  /// Something about a program that somebody should hear of.
  public enum News: Equatable, Sendable {
    /// It has printed a line.
    case said(String)
    /// It has failed, or was not run: a sentence that lacks its subject.
    case failed(String)
    /// It cannot be run, which may be so each time: a sentence with the cure.
    case refused(String)
  }

  private let loop: EventLoop
  private let limits: Limits
  private let told: (Run, News) -> Void
  private var queues: [String: Queue] = [:]
  /// The objects whose first program could run if there were room, in the order in which they are to have it.
  private var ready: [String] = []
  private var runningCount = 0
  /// The programs that wait, of all objects together.
  public private(set) var waitingCount = 0
  private var isStopping = false
  private var stopped: (() -> Void)?

  private struct Queue {
    var waiting: [Run] = []
    var program: LimitedProgram?
  }

  /// Prepares the queues; no program runs yet.
  ///
  /// - Parameters:
  ///   - loop: where they run.
  ///   - limits: how much there may be at one time.
  ///   - told: hears of each program.
  public init(loop: EventLoop, limits: Limits, told: @escaping (Run, News) -> Void) {
    self.loop = loop
    self.limits = limits
    self.told = told
  }

  /// Has a program run when those of the same object that were added before it have ended.
  ///
  /// - Parameter object: any text that tells it from other objects.
  public func add(_ run: Run, of object: String) {
    guard !isStopping else { return }
    let waiting = queues[object]?.waiting.count ?? 0
    guard waiting < limits.waitingOfObject, waitingCount < limits.waiting else {
      return told(
        run, .failed("was not run: \(waitingCount) programs wait already, \(waiting) of them for this object"))
    }
    queues[object, default: Queue()].waiting.append(run)
    waitingCount += 1
    if waiting == 0, queues[object]?.program == nil { ready.append(object) }
    step()
  }

  /// Runs no more, waits for those that run, and kills those that take too long.
  ///
  /// - Parameters:
  ///   - longest: how long they may take.
  ///   - completion: called when the last one has ended.
  public func stop(atMost longest: Duration, completion: @escaping () -> Void) {
    isStopping = true
    stopped = completion
    for run in queues.values.flatMap(\.waiting) { told(run, .failed("was not run: pwmgr ends")) }
    for object in queues.keys { queues[object]?.waiting = [] }
    ready = []
    waitingCount = 0
    let limit = loop.makeTimer { [weak self] in
      for queue in (self?.queues ?? [:]).values { queue.program?.end(after: longest) }
    }
    loop.setTimer(limit, after: longest)
    endIfOver()
  }

  private func endIfOver() {
    guard let stopped, runningCount == 0 else { return }
    self.stopped = nil
    stopped()
  }

  /// Starts what can run now.
  private func step() {
    while runningCount < limits.running, !ready.isEmpty {
      let object = ready.removeFirst()
      guard var queue = queues.removeValue(forKey: object), !queue.waiting.isEmpty else { continue }
      let run = queue.waiting.removeFirst()
      waitingCount -= 1
      do throws(LimitedProgram.Refusal) {
        queue.program = try LimitedProgram(
          .init(path: run.program, environment: run.environment, input: run.input), timeLimit: limits.time, on: loop
        ) { [weak self] in
          self?.heard($0, of: run, object)
        }
        runningCount += 1
        queues[object] = queue
      } catch {
        told(run, .refused(error.description))
        guard !queue.waiting.isEmpty else { continue }
        queues[object] = queue
        ready.append(object)
      }
    }
  }

  private func heard(_ news: LimitedProgram.News, of run: Run, _ object: String) {
    switch news {
    case .said(let line): told(run, .said(line))
    case .overran(let time): told(run, .failed("is killed: it has not finished within \(time)"))
    case .ended(let end, let lastLine):
      if let fault = end.fault(lastLine: lastLine) { told(run, .failed(fault)) }
      runningCount -= 1
      queues[object]?.program = nil
      if queues[object]?.waiting.isEmpty == false { ready.append(object) } else { queues[object] = nil }
      step()
      endIfOver()
    }
  }
}
