import CLinux
import Glibc
import PWCore
import Synchronization

/// The thread on which requests wait for the kernel, so that the loop's never does.
///
/// Requests run one at a time, by class: making takes half a millisecond, deleting waits for tens of them under the same lock of the
/// kernel, and starves making if both run at once. So deleting also waits for a pause in the making: between a request of one
/// session and the next lies a message of the peer's. Within a class the order of submission holds. The queues are as long as
/// what the engine has outstanding, which its own limits bound. Results of making are brought a few at a time while more is waiting.
final class NetlinkWorker: Sendable {
  /// How urgent a request is: a lower number goes first.
  enum Priority: Int, CaseIterable, Sendable {
    /// Taking a link down, which must not wait; reading counters, which takes no time.
    case urgent
    /// Making, and what belongs to it: a session, its link's master, MTU and state.
    case make
    /// Deleting, and closing sockets that carry tunnels.
    case delete
  }

  /// How long nothing was made before something is deleted.
  private static let pauseBeforeDeleting = Duration.milliseconds(20)
  /// The most results of making that are brought to the loop together while more is to be made: each time that the loop wakes it
  /// takes a processor away from somebody, on a small machine from this thread.
  private static let resultsAtOnce = 8

  /// A request, and what is to be done on the loop's thread afterwards.
  private typealias Work = @Sendable (NetlinkSockets) -> @Sendable () -> Void

  private struct State {
    var queues = [[Work]](repeating: [], count: Priority.allCases.count)
    var heads = [Int](repeating: 0, count: Priority.allCases.count)
    var isWaiting = false
    var isStopped = false

    func isEmpty(_ priority: Priority) -> Bool { heads[priority.rawValue] == queues[priority.rawValue].count }

    mutating func next(upTo last: Priority) -> (Priority, Work)? {
      for priority in Priority.allCases where priority.rawValue <= last.rawValue && !isEmpty(priority) {
        let index = priority.rawValue
        let work = queues[index][heads[index]]
        heads[index] += 1
        if isEmpty(priority) {
          queues[index].removeAll(keepingCapacity: true)
          heads[index] = 0
        }
        return (priority, work)
      }
      return nil
    }
  }

  private let loop: EventLoop
  private let beforeResults: LoopConfined<() -> Void>
  private let state = Mutex(State())
  private let wake: Descriptor

  /// Makes a worker and starts its thread, which runs until ``stop()``.
  ///
  /// - Parameters:
  ///   - loop: results are posted to it.
  ///   - beforeResults: called on the loop's thread before one or more results are brought.
  init(loop: EventLoop, beforeResults: @escaping () -> Void) throws(SystemError) {
    self.loop = loop
    self.beforeResults = LoopConfined(beforeResults)
    wake = try Descriptor.checked(eventfd(0, Int32(EFD_CLOEXEC)), "eventfd")
    try WorkerThread.start(name: "netlink") { [self] in serve() }
  }

  /// Has `work` done on the worker's thread and its result brought to `completion` on the loop's.
  func submit<Result: Sendable>(
    _ priority: Priority, _ work: @escaping @Sendable (NetlinkSockets) -> Result,
    completion: @escaping (Result) -> Void
  ) {
    let completion = LoopConfined(completion)
    enqueue(priority) { sockets in
      let result = work(sockets)
      return { completion.value(result) }
    }
  }

  /// Ends the thread after the request that is running; what is queued is dropped.
  func stop() {
    state.withLock { $0.isStopped = true }
    wakeUp()
  }

  private func enqueue(_ priority: Priority, _ work: @escaping Work) {
    let isWaiting = state.withLock { state in
      state.queues[priority.rawValue].append(work)
      defer { state.isWaiting = false }
      return state.isWaiting
    }
    if isWaiting { wakeUp() }
  }

  private func wakeUp() {
    var one: UInt64 = 1
    _ = write(wake.rawValue, &one, MemoryLayout<UInt64>.size)
  }

  private func serve() {
    let sockets = NetlinkSockets()
    var results: [@Sendable () -> Void] = []
    var pause = Pause()
    var hasToDelete = false
    while true {
      let mayDelete = hasToDelete && pause.remainingMilliseconds() == 0
      let (next, isStopped, isDeleteQueued) = state.withLock { state in
        let next = state.isStopped ? nil : state.next(upTo: mayDelete ? .delete : .make)
        state.isWaiting = next == nil
        return (next, state.isStopped, !state.isEmpty(.delete))
      }
      if isStopped { return }
      hasToDelete = isDeleteQueued
      if let (priority, work) = next {
        if priority != .make { bring(&results) }
        results.append(work(sockets))
        if priority == .make { pause.end() }
        if priority != .make || results.count >= Self.resultsAtOnce { bring(&results) }
      } else {
        bring(&results)
        awaitWork(atMostMilliseconds: hasToDelete ? pause.remainingMilliseconds() : nil)
      }
    }
  }

  /// A time in which nothing is made. The clock is read only where something is to be deleted: some take longer than a request.
  private struct Pause {
    private var began: Instant? = Instant(nanoseconds: 0)

    /// Ends the pause because something was made; `remainingMilliseconds` begins the next one.
    mutating func end() { began = nil }

    /// How long it must still last before something may be deleted; it begins when this is first asked.
    mutating func remainingMilliseconds() -> Int32 {
      let now = EventLoop.now
      let began = began ?? now
      self.began = began
      return Int32(max(0, (NetlinkWorker.pauseBeforeDeleting - (now - began)) / .milliseconds(1)).rounded(.up))
    }
  }

  private func bring(_ results: inout [@Sendable () -> Void]) {
    guard !results.isEmpty else { return }
    let (brought, before) = (results, beforeResults)
    results = []
    loop.post {
      before.value()
      for result in brought { result() }
    }
  }

  private func awaitWork(atMostMilliseconds milliseconds: Int32?) {
    if let milliseconds {
      var wanted = pollfd(fd: wake.rawValue, events: Int16(POLLIN), revents: 0)
      guard poll(&wanted, 1, milliseconds) > 0 else { return }
    }
    var count: UInt64 = 0
    _ = read(wake.rawValue, &count, MemoryLayout<UInt64>.size)
  }
}
