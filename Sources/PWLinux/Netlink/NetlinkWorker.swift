import CLinux
import Glibc
import PWCore
import Synchronization

/// The thread on which requests wait for the kernel, so that the loop's never does.
///
/// Requests run one at a time, by class: making takes half a millisecond, deleting waits for tens of them under the same lock of the
/// kernel, and starves making if both run at once. So deleting also waits for a pause in the making: between a request of one
/// session and the next lies a message of the peer's. Within a class the order of submission holds. The queues are as long as
/// what the engine has outstanding, which its own limits bound.
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
  private static let pauseBeforeDeletingMilliseconds: Int32 = 20

  private struct State {
    var queues = [[@Sendable (NetlinkSockets) -> Void]](repeating: [], count: Priority.allCases.count)
    var heads = [Int](repeating: 0, count: Priority.allCases.count)
    var isWaiting = false
    var isStopped = false

    func isEmpty(_ priority: Priority) -> Bool { heads[priority.rawValue] == queues[priority.rawValue].count }

    mutating func next(upTo last: Priority) -> (Priority, @Sendable (NetlinkSockets) -> Void)? {
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
  private let state = Mutex(State())
  private let wake: Descriptor

  /// Starts the thread; results are posted to `loop`.
  init(loop: EventLoop) throws(SystemError) {
    self.loop = loop
    wake = try Descriptor.checked(eventfd(0, Int32(EFD_CLOEXEC)), "eventfd")
    try WorkerThread.start(name: "netlink") { [self] in serve() }
  }

  /// Has `work` done on the worker's thread and its result brought to `completion` on the loop's.
  func submit<Result: Sendable>(
    _ priority: Priority, _ work: @escaping @Sendable (NetlinkSockets) -> Result,
    completion: @escaping (Result) -> Void
  ) {
    let completion = LoopConfined(completion)
    let loop = loop
    enqueue(priority) { sockets in
      let result = work(sockets)
      loop.post { completion.value(result) }
    }
  }

  /// Has `work` done on the worker's thread; nobody waits for it.
  func submit(_ priority: Priority, _ work: @escaping @Sendable (NetlinkSockets) -> Void) {
    enqueue(priority, work)
  }

  /// Ends the thread after the request that is running; what is queued is dropped.
  func stop() {
    state.withLock { $0.isStopped = true }
    wakeUp()
  }

  private func enqueue(_ priority: Priority, _ work: @escaping @Sendable (NetlinkSockets) -> Void) {
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
    var madeAt = Instant(nanoseconds: 0)
    while true {
      let isPause = EventLoop.now - madeAt >= .milliseconds(Int64(Self.pauseBeforeDeletingMilliseconds))
      let (next, isStopped, hasToDelete) = state.withLock { state in
        let next = state.isStopped ? nil : state.next(upTo: isPause ? .delete : .make)
        state.isWaiting = next == nil
        return (next, state.isStopped, !state.isEmpty(.delete))
      }
      if isStopped { return }
      if let (priority, work) = next {
        work(sockets)
        if priority == .make { madeAt = EventLoop.now }
      } else {
        awaitWork(atMostMilliseconds: hasToDelete ? Self.pauseBeforeDeletingMilliseconds : -1)
      }
    }
  }

  private func awaitWork(atMostMilliseconds milliseconds: Int32) {
    var wanted = pollfd(fd: wake.rawValue, events: Int16(POLLIN), revents: 0)
    guard poll(&wanted, 1, milliseconds) > 0 else { return }
    var count: UInt64 = 0
    _ = read(wake.rawValue, &count, MemoryLayout<UInt64>.size)
  }
}
