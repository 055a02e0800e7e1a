import Glibc
import PWCore
import Synchronization

/// Threads that make and remove TAP devices: both wait for locks of the kernel's, removing for tens of milliseconds (RCU), and the
/// data thread must not.
final class DeviceWorkers: Sendable {
  /// Threads that remove: the kernel removes several devices in the time of one.
  private static let removerCount = 4

  private let maker: EventLoop
  private let removers: [EventLoop]
  private let nextRemover = Atomic<Int>(0)

  init() throws(SystemError) {
    maker = try DeviceWorkers.start("pw-tap-make")
    var removers: [EventLoop] = []
    for index in 0..<DeviceWorkers.removerCount { removers.append(try DeviceWorkers.start("pw-tap-drop\(index)")) }
    self.removers = removers
  }

  private static func start(_ name: String) throws(SystemError) -> EventLoop {
    let loop = try EventLoop()
    try WorkerThread.start(name: name) {
      // It fails only when its own descriptor was closed, which nobody can do.
      try? loop.run()
    }
    return loop
  }

  /// Makes devices one after the other.
  func make(_ work: @escaping @Sendable () -> Void) { maker.post(work) }

  /// Removes a device, several at a time.
  func remove(_ work: @escaping @Sendable () -> Void) {
    let turn = nextRemover.add(1, ordering: .relaxed).newValue
    removers[turn % removers.count].post(work)
  }

  /// Ends the threads after what they are doing.
  func stop() {
    maker.stop()
    for remover in removers { remover.stop() }
  }
}
