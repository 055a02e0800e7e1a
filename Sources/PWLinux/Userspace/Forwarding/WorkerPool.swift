import PWCore
import Synchronization

/// Threads for work that waits in the kernel; each is started when there is work for it.
///
/// The queue is as long as what its user has outstanding.
final class WorkerPool: Sendable {
  private struct State {
    var work: [@Sendable () -> Void] = []
    var threads = 0
    var idle = 0
    var isStopped = false
  }

  private let name: String
  private let mostThreads: Int
  private let state = Mutex(State())
  private let wake = Semaphore()

  /// - Parameters:
  ///   - name: of the threads, at most 15 octets.
  ///   - mostThreads: how many work at once. With one, the order of submission holds.
  init(name: String, mostThreads: Int) {
    self.name = name
    self.mostThreads = mostThreads
  }

  /// Has `work` done by one of the threads.
  func submit(_ work: @escaping @Sendable () -> Void) {
    let wantsThread = state.withLock { state in
      state.work.append(work)
      let wantsThread = state.idle == 0 && state.threads < mostThreads
      if wantsThread { state.threads += 1 }
      return wantsThread
    }
    wake.signal()
    guard wantsThread else { return }
    do throws(SystemError) {
      try WorkerThread.start(name: name) { [self] in serve() }
    } catch {
      // The process has no thread left: then the caller waits itself, which is slow and right.
      let isOnly = state.withLock { state in
        state.threads -= 1
        return state.threads == 0
      }
      if isOnly { while takeOne() {} }
    }
  }

  /// Ends the threads after what they are doing; work that waits is dropped.
  func stop() {
    let threads = state.withLock { state in
      state.isStopped = true
      state.work = []
      return state.threads
    }
    for _ in 0..<threads { wake.signal() }
  }

  private func serve() {
    while true {
      state.withLock { $0.idle += 1 }
      wake.wait()
      let isStopped = state.withLock { state in
        state.idle -= 1
        return state.isStopped
      }
      if isStopped { return }
      _ = takeOne()
    }
  }

  private func takeOne() -> Bool {
    let work = state.withLock { state in state.work.isEmpty ? nil : state.work.removeFirst() }
    work?()
    return work != nil
  }
}

/// The threads that make and remove TAP devices: both wait for locks of the kernel's, and the data thread must not.
struct DeviceWorkers: Sendable {
  /// Making takes under a millisecond, and in order the names of devices are never in each other's way.
  let maker = WorkerPool(name: "pw-tap-make", mostThreads: 1)
  /// Removing waits tens of milliseconds for every processor (RCU), but many devices wait together: 26 a second with one
  /// thread, 493 with sixteen.
  let remover = WorkerPool(name: "pw-tap-remove", mostThreads: 16)

  /// Ends the threads of both pools.
  func stop() {
    maker.stop()
    remover.stop()
  }
}
