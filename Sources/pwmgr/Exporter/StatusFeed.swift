import FoundationEssentials
import Glibc
import PWLinux

/// Looks at the daemon again and again while somebody listens: one look for all of them, however many they are.
///
/// The thread that looks is not one that listens, so that a daemon which does not answer holds up no listener, nor the
/// end of the program.
final class StatusFeed: @unchecked Sendable {
  /// The outcome of one look at the daemon.
  struct Look {
    /// Looks are counted, so that a listener tells a new one from the one it has.
    let number: Int
    /// When it began.
    let at: ContinuousClock.Instant
    /// An event as it is sent.
    let event: Data
  }

  /// Listeners at a time: fewer than the connections of one client's address, so that pages that are left open behind a
  /// proxy do not keep Prometheus out.
  static let maximumListeners = 12
  /// How long after one look the next one is due.
  static let intervalMilliseconds = 2000
  /// A look that takes long is repeated less often: the pause is at least so many times as long.
  static let pausePerLook = 10
  /// The longest pause: a daemon that is back is seen soon.
  static let longestPauseMilliseconds = 10_000
  /// How long a listener waits without a word. Less than ``WebServer/timeoutSeconds``, so that the stream is not cut.
  static let silenceMilliseconds = 5000

  private let change = ChangeSignal()
  private let ask: @Sendable (_ moment: Int) -> Data
  private let began = ContinuousClock.now
  // These belong to whoever holds `change`.
  private var number = 0
  private var last: Look?
  private var listeners = 0
  private var isLooking = false
  private var isWanted = false
  private var isClosed = false

  /// A feed that nobody listens to yet.
  ///
  /// - Parameter ask: looks at the daemon once, and gives the event; the moment of the look, in milliseconds since the
  ///   feed began, is for the event to tell.
  init(ask: @escaping @Sendable (_ moment: Int) -> Data) {
    self.ask = ask
  }

  /// Ends every listener's stream, and lets no other begin.
  func close() {
    change.holding { isClosed = true }
  }

  /// A new listener, or nil if there are too many.
  func listen() -> StatusListener? {
    change.holding {
      guard !isClosed, listeners < Self.maximumListeners else { return nil }
      if !isLooking {
        // Without a thread for it there is nothing to listen to.
        guard (try? WorkerThread.start(name: "feed", { self.look() })) != nil else { return nil }
        isLooking = true
      }
      listeners += 1
      // It is not shown a look that is old, and need not wait for the end of a long pause.
      isWanted = last.map { !$0.isFresh } ?? false
      return StatusListener(feed: self)
    }
  }

  fileprivate func leave() {
    change.holding { listeners -= 1 }
  }

  /// Waits for a look that is newer than one; nil when there will be none. After a long silence it is the same look
  /// again, with an event that says nothing.
  fileprivate func next(after seen: Int) -> Look? {
    let end = ChangeSignal.time(after: Self.silenceMilliseconds)
    let fresh: Look?? = change.waiting(until: end) {
      if isClosed { return .some(nil) }
      if let last, last.number > seen, seen > 0 || last.isFresh { return .some(last) }
      return .none
    }
    return fresh ?? Look(number: seen, at: ContinuousClock.now, event: ServerSentEvent.quiet)
  }

  /// The thread that looks, until nobody listens any more.
  private func look() {
    while change.holding({ shallLook }) {
      let start = ContinuousClock.now
      let event = ask(Int((start - began) / .milliseconds(1)))
      let took = Int((ContinuousClock.now - start) / .milliseconds(1))
      change.holding {
        number += 1
        last = Look(number: number, at: start, event: event)
        isWanted = false
      }
      let pause = min(max(Self.intervalMilliseconds, took * Self.pausePerLook), Self.longestPauseMilliseconds)
      _ = change.waiting(until: ChangeSignal.time(after: pause)) { isClosed || isWanted ? true : nil }
    }
  }

  private var shallLook: Bool {
    isLooking = !isClosed && listeners > 0
    // A later listener is not shown what is old by then.
    if !isLooking { last = nil }
    return isLooking
  }
}

extension StatusFeed.Look {
  /// Whether it is not older than looks are apart.
  fileprivate var isFresh: Bool { ContinuousClock.now - at < .milliseconds(StatusFeed.intervalMilliseconds) }
}

/// One who listens to a ``StatusFeed``.
final class StatusListener: WebStream {
  private let feed: StatusFeed
  private var seen = 0

  fileprivate init(feed: StatusFeed) {
    self.feed = feed
  }

  func next() -> Data? {
    guard let look = feed.next(after: seen) else { return nil }
    seen = look.number
    return look.event
  }

  func end() {
    feed.leave()
  }
}

/// The form of server-sent events.
enum ServerSentEvent {
  /// An event that says only that the exporter is there.
  static let quiet = Data("event: quiet\ndata: 0\n\n".utf8)

  /// An event with a text of JSON, on one line: a line break is never inside of a string there, so that it and the
  /// spaces after it can be left out.
  ///
  /// - Parameter moment: the identifier of the event.
  static func event(_ name: String? = nil, moment: Int, json: Data) -> Data {
    var event = Array(((name.map { "event: \($0)\n" } ?? "") + "id: \(moment)\ndata: ").utf8)
    event.reserveCapacity(event.count + json.count)
    json.withUnsafeBytes { octets in
      var isIndentation = false
      for octet in octets {
        let isBreak = octet == UInt8(ascii: "\n") || octet == UInt8(ascii: "\r")
        isIndentation = isBreak || isIndentation && octet == UInt8(ascii: " ")
        if !isIndentation { event.append(octet) }
      }
    }
    return Data(event + "\n\n".utf8)
  }
}

/// A lock, and a wait for what somebody else does while holding it. It goes by the clock that nobody sets.
private final class ChangeSignal: @unchecked Sendable {
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    pthread_mutex_init(lock, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(lock)
    condition.deallocate()
    lock.deallocate()
  }

  /// When so much time has passed from now.
  static func time(after milliseconds: Int) -> timespec {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    let nanoseconds = time.tv_nsec + milliseconds % 1000 * 1_000_000
    return timespec(
      tv_sec: time.tv_sec + milliseconds / 1000 + nanoseconds / 1_000_000_000, tv_nsec: nanoseconds % 1_000_000_000)
  }

  /// Changes something, and wakes who waits.
  func holding<Value>(_ body: () -> Value) -> Value {
    pthread_mutex_lock(lock)
    defer {
      pthread_cond_broadcast(condition)
      pthread_mutex_unlock(lock)
    }
    return body()
  }

  /// Waits until there is a value, or the time is over.
  func waiting<Value>(until end: timespec, for value: () -> Value?) -> Value? {
    var end = end
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    while true {
      if let value = value() { return value }
      if pthread_cond_timedwait(condition, lock, &end) != 0 { return nil }
    }
  }
}
