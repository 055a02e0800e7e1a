import CLinux
import Glibc
import Synchronization

/// The thread on which requests wait for the kernel, so that the loop's never does.
///
/// Requests run one at a time, by class: making takes half a millisecond, deleting waits for tens of them under the same lock of the
/// kernel, and starves making if both run at once. Within a class the order of submission holds. The queues are as long as
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

  private struct State {
    var queues = [[@Sendable (NetlinkSockets) -> Void]](repeating: [], count: Priority.allCases.count)
    var heads = [Int](repeating: 0, count: Priority.allCases.count)
    var isWaiting = false
    var isStopped = false

    mutating func next() -> (@Sendable (NetlinkSockets) -> Void)? {
      for index in queues.indices where heads[index] < queues[index].count {
        let work = queues[index][heads[index]]
        heads[index] += 1
        if heads[index] == queues[index].count {
          queues[index].removeAll(keepingCapacity: true)
          heads[index] = 0
        }
        return work
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
    while true {
      let (work, isStopped) = state.withLock { state in
        let work = state.isStopped ? nil : state.next()
        state.isWaiting = work == nil
        return (work, state.isStopped)
      }
      if isStopped { return }
      if let work {
        work(sockets)
      } else {
        var count: UInt64 = 0
        _ = read(wake.rawValue, &count, MemoryLayout<UInt64>.size)
      }
    }
  }
}

/// A value that is made and used on the loop's thread, and only carried through another one.
struct LoopConfined<Value>: @unchecked Sendable {
  /// The value: for the loop's thread only.
  let value: Value

  /// Wraps it on the loop's thread.
  init(_ value: Value) { self.value = value }
}
