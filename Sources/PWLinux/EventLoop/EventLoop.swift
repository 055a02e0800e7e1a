import CLinux
import Glibc
public import PWCore
import Synchronization

/// One thread that waits for descriptors, timers, signals and other threads (epoll(7)), and calls handlers one at a time.
///
/// It belongs to the thread that calls ``run()``: before that, whoever has made it may use it; from then on everything except
/// ``post(_:)`` and ``stop()`` is called on that thread only. That confinement is why the type may call itself `Sendable`
/// although its tables are not locked; a debug build checks it.
public final class EventLoop: @unchecked Sendable {
  /// The condition of a descriptor to wait for.
  public enum Readiness: Sendable {
    /// Something can be read, or the descriptor has an error or was hung up.
    case read
    /// Something can be written, or the descriptor has an error or was hung up.
    case write
  }

  /// One of the loop's timers.
  public struct TimerID: Hashable, Sendable {
    fileprivate var rawValue: UInt64
  }

  /// The most events taken from the kernel in one call.
  private static let eventsPerWake = 64

  private let epoll: Descriptor
  private let wake: Descriptor
  private let clock: Descriptor
  private var watches: [Int32: Watch] = [:]
  private var generation: UInt32 = 0
  private var timers: [TimerID: LoopTimer] = [:]
  private var lastTimer: UInt64 = 0
  private var armed: Instant?
  private var isFiring = false
  /// When the handler that is running was called; nil outside ``run()``.
  private var handlerStarted: Instant?
  private let inbox = Mutex(Inbox())
  private let thread = Atomic<UInt>(0)

  /// Makes a loop; nothing is called before ``run()``.
  ///
  /// - Throws: when the process has no descriptor left.
  public init() throws(SystemError) {
    epoll = try Descriptor.checked(epoll_create1(Int32(EPOLL_CLOEXEC)), "epoll_create1")
    wake = try Descriptor.checked(eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)), "eventfd")
    clock = try Descriptor.checked(
      timerfd_create(CLOCK_BOOTTIME, Int32(TFD_CLOEXEC | TFD_NONBLOCK)), "timerfd_create")
    try watch(wake.rawValue, for: .read) { [unowned self] in drainInbox() }
    try watch(clock.rawValue, for: .read) { [unowned self] in fireTimers() }
  }

  // MARK: Descriptors

  /// Calls `handler` on the loop's thread whenever the descriptor is ready (level-triggered: again and again until it is
  /// drained). Both readinesses may be watched, each with its own handler; watching again replaces the handler.
  ///
  /// - Throws: what epoll_ctl(2) says: EBADF, EPERM for a plain file, ENOSPC.
  public func watch(_ descriptor: Int32, for readiness: Readiness, handler: @escaping () -> Void) throws(SystemError) {
    checkThread()
    let existing = watches[descriptor]
    var watch = existing ?? Watch(generation: nextGeneration())
    switch readiness {
    case .read: watch.read = handler
    case .write: watch.write = handler
    }
    try control(existing == nil ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, watch)
    watches[descriptor] = watch
  }

  /// Stops watching for one readiness; the other stays. Nothing happens if it was not watched.
  public func unwatch(_ descriptor: Int32, for readiness: Readiness) {
    checkThread()
    guard var watch = watches[descriptor] else { return }
    switch readiness {
    case .read: watch.read = nil
    case .write: watch.write = nil
    }
    guard watch.read != nil || watch.write != nil else { return unwatch(descriptor) }
    watches[descriptor] = watch
    // It is registered: the kernel has nothing to refuse.
    try? control(EPOLL_CTL_MOD, descriptor, watch)
  }

  /// Stops watching a descriptor. Call it before the descriptor is closed; no handler of it is called afterwards, not even for
  /// what the kernel has reported already.
  public func unwatch(_ descriptor: Int32) {
    checkThread()
    guard watches.removeValue(forKey: descriptor) != nil else { return }
    var event = epoll_event()
    _ = epoll_ctl(epoll.rawValue, EPOLL_CTL_DEL, descriptor, &event)
  }

  /// Calls no handler of a descriptor until ``resume(_:)``, except for an error that it has; what arrives meanwhile waits.
  func suspend(_ descriptor: Int32) { setSuspended(descriptor, true) }

  /// Calls a descriptor's handlers again.
  func resume(_ descriptor: Int32) { setSuspended(descriptor, false) }

  private func setSuspended(_ descriptor: Int32, _ isSuspended: Bool) {
    checkThread()
    guard var watch = watches[descriptor], watch.isSuspended != isSuspended else { return }
    watch.isSuspended = isSuspended
    watches[descriptor] = watch
    // It is registered: the kernel has nothing to refuse.
    try? control(EPOLL_CTL_MOD, descriptor, watch)
  }

  // MARK: Timers

  /// The time on the clock that the timers use: CLOCK_BOOTTIME, which counts while the machine sleeps.
  ///
  /// While the loop runs it is the moment at which the handler that is running was called. Some machines' clocks take longer to
  /// read than a message takes to handle (virtual ones, with an HPET), and one event asks for the time a dozen times.
  public var now: Instant { handlerStarted ?? EventLoop.now }

  /// Reads the clock for the handler that is running: after something in it took long, and before deadlines are set.
  public func updateNow() {
    checkThread()
    if handlerStarted != nil { handlerStarted = EventLoop.now }
  }

  /// The current time on CLOCK_BOOTTIME, from any thread.
  public static var now: Instant {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return Instant(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
  }

  /// Makes a timer that is not set. A loop has a handful of them: who needs thousands of deadlines keeps them and sets one timer
  /// to the earliest.
  public func makeTimer(_ handler: @escaping () -> Void) -> TimerID {
    checkThread()
    lastTimer += 1
    let timer = TimerID(rawValue: lastTimer)
    timers[timer] = LoopTimer(deadline: nil, handler: handler)
    return timer
  }

  /// Sets a timer to fire once, at a moment that may be past, or unsets it.
  public func setTimer(_ timer: TimerID, at deadline: Instant?) {
    checkThread()
    guard timers[timer] != nil else { preconditionFailure("the timer was removed") }
    timers[timer]?.deadline = deadline
    if !isFiring { arm() }
  }

  /// Sets a timer to fire once after a time.
  public func setTimer(_ timer: TimerID, after delay: Duration) {
    setTimer(timer, at: now + delay)
  }

  /// Removes a timer for good; it does not fire any more, even if it is set.
  public func removeTimer(_ timer: TimerID) {
    checkThread()
    timers[timer] = nil
  }

  // MARK: Other threads

  /// Has `work` called on the loop's thread, in the order of posting; from any thread, also before ``run()`` and from a handler.
  ///
  /// The queue is as long as what its users have outstanding: each of them bounds that itself.
  public func post(_ work: @escaping @Sendable () -> Void) {
    let isFirst = inbox.withLock { inbox in
      inbox.work.append(work)
      return inbox.work.count == 1
    }
    if isFirst { wakeUp() }
  }

  /// Ends ``run()`` after the handler that is running; from any thread.
  public func stop() {
    inbox.withLock { $0.isStopped = true }
    wakeUp()
  }

  /// Waits and calls handlers until ``stop()``.
  ///
  /// - Throws: when epoll itself fails, which only a closed descriptor can cause.
  public func run() throws(SystemError) {
    thread.store(UInt(pthread_self()), ordering: .releasing)
    defer { thread.store(0, ordering: .releasing) }
    var events = [epoll_event](repeating: epoll_event(), count: EventLoop.eventsPerWake)
    while !inbox.withLock({ $0.isStopped }) {
      let count = epoll_wait(epoll.rawValue, &events, Int32(events.count), -1)
      guard count >= 0 else {
        let failure = SystemError.last("epoll_wait")
        if failure.code == EINTR { continue }
        throw failure
      }
      for event in events.prefix(Int(count)) { dispatch(event) }
      handlerStarted = nil
    }
    inbox.withLock { $0.isStopped = false }
  }
}

// MARK: - Inside

extension EventLoop {
  /// The handlers of one descriptor. The generation tells events of a descriptor that was closed, and whose number was
  /// given out again while the events of one wake were being handled, from those of the new one.
  private struct Watch {
    var generation: UInt32
    var read: (() -> Void)?
    var write: (() -> Void)?
    var isSuspended = false

    /// The events that epoll is asked for.
    var events: UInt32 {
      if isSuspended { return 0 }
      return (read == nil ? 0 : EPOLLIN.rawValue) | (write == nil ? 0 : EPOLLOUT.rawValue)
    }
  }

  private struct LoopTimer {
    var deadline: Instant?
    var handler: () -> Void
  }

  private struct Inbox {
    var work: [@Sendable () -> Void] = []
    var isStopped = false
  }

  private func nextGeneration() -> UInt32 {
    generation &+= 1
    return generation
  }

  private func control(_ operation: Int32, _ descriptor: Int32, _ watch: Watch) throws(SystemError) {
    var event = epoll_event()
    event.events = watch.events
    event.data.u64 = UInt64(watch.generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
    guard epoll_ctl(epoll.rawValue, operation, descriptor, &event) == 0 else {
      throw SystemError.last("epoll_ctl")
    }
  }

  private func dispatch(_ event: epoll_event) {
    let descriptor = Int32(bitPattern: UInt32(truncatingIfNeeded: event.data.u64))
    let generation = UInt32(truncatingIfNeeded: event.data.u64 >> 32)
    handlerStarted = EventLoop.now
    let failed = event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
    if failed || event.events & EPOLLIN.rawValue != 0 { handler(descriptor, generation)?.read?() }
    if failed || event.events & EPOLLOUT.rawValue != 0 { handler(descriptor, generation)?.write?() }
  }

  private func handler(_ descriptor: Int32, _ generation: UInt32) -> Watch? {
    guard let watch = watches[descriptor], watch.generation == generation else { return nil }
    return watch
  }

  private func drainInbox() {
    var count: UInt64 = 0
    _ = read(wake.rawValue, &count, MemoryLayout<UInt64>.size)
    // Work that is posted meanwhile waits for the next wake, so that nobody starves the descriptors.
    let work = inbox.withLock { inbox in
      let work = inbox.work
      inbox.work = []
      return work
    }
    for (number, item) in work.enumerated() {
      if number > 0 { handlerStarted = EventLoop.now }
      item()
    }
  }

  private func wakeUp() {
    var one: UInt64 = 1
    _ = write(wake.rawValue, &one, MemoryLayout<UInt64>.size)
  }

  private func fireTimers() {
    var expirations: UInt64 = 0
    _ = read(clock.rawValue, &expirations, MemoryLayout<UInt64>.size)
    armed = nil
    let moment = now
    let due = timers.compactMap { timer, state in state.deadline.map { ($0, timer) } }
      .filter { $0.0 <= moment }.sorted { $0.0 < $1.0 }
    isFiring = true
    for (deadline, timer) in due {
      // A handler before this one may have moved, unset or removed it.
      guard let state = timers[timer], state.deadline == deadline else { continue }
      timers[timer]?.deadline = nil
      state.handler()
    }
    isFiring = false
    arm()
  }

  private func arm() {
    let earliest = timers.values.lazy.compactMap(\.deadline).min()
    guard earliest != armed else { return }
    var setting = itimerspec()
    if let earliest {
      // All zero would disarm it: a deadline at the origin is due now all the same.
      let nanoseconds = max(earliest.nanoseconds, 1)
      setting.it_value.tv_sec = Int(nanoseconds / 1_000_000_000)
      setting.it_value.tv_nsec = Int(nanoseconds % 1_000_000_000)
    }
    let result = timerfd_settime(clock.rawValue, Int32(TFD_TIMER_ABSTIME), &setting, nil)
    precondition(result == 0, "timerfd_settime refused a valid time")
    armed = earliest
  }

  private func checkThread() {
    assert(
      {
        let owner = thread.load(ordering: .acquiring); return owner == 0 || owner == UInt(pthread_self())
      }(),
      "the event loop was used from another thread")
  }
}

extension Descriptor {
  /// Takes over what a call returned, if it is a descriptor; else throws what the call said.
  static func checked(_ result: Int32, _ attempt: @autoclosure () -> String) throws(SystemError) -> Descriptor {
    guard result >= 0 else { throw SystemError.last(attempt()) }
    return Descriptor(owning: result)
  }
}
