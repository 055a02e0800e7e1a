import Glibc
import PWCore
import Testing

@testable import PWLinux

@Suite("Netlink worker") struct NetlinkWorkerTests {
  /// A worker whose thread is held until all requests of a test are in its queues.
  private final class HeldWorker {
    let loop: EventLoop
    let worker: NetlinkWorker
    private let gate: Pipe
    var log: [String] = []

    init() throws {
      loop = try EventLoop()
      gate = try Pipe()
      let log = LoopConfined(Log())
      worker = try NetlinkWorker(loop: loop) { log.value.note?("before") }
      log.value.note = { [unowned self] in self.log.append($0) }
      let reader = gate.reader
      worker.submit(.urgent) { _ in
        var octet: UInt8 = 0
        _ = read(reader.rawValue, &octet, 1)
      } completion: { [unowned self] in
        self.log.append("held")
      }
    }

    private final class Log {
      var note: ((String) -> Void)?
    }

    func submit(_ priority: NetlinkWorker.Priority, _ name: String) {
      worker.submit(priority) { _ in
        name
      } completion: { [unowned self] in
        log.append($0)
      }
    }

    func run(until count: Int) throws {
      gate.writeOctet()
      try loop.wait(for: "\(count) results") {
        self.log.filter { $0 != "before" }.count == count
      }
      worker.stop()
    }
  }

  @Test("urgent requests go first, deletions go last, and each class keeps its order")
  func order() throws {
    let held = try HeldWorker()
    let requests: [(NetlinkWorker.Priority, String)] = [
      (.delete, "d1"),
      (.make, "m1"),
      (.delete, "d2"),
      (.urgent, "u1"),
      (.make, "m2"),
      (.urgent, "u2"),
    ]
    for (priority, name) in requests { held.submit(priority, name) }
    try held.run(until: 7)
    #expect(held.log.filter { $0 != "before" } == ["held", "u1", "u2", "m1", "m2", "d1", "d2"])
  }

  @Test("results of making come several at a time, each time after a look, the last although nothing follows")
  func together() throws {
    let held = try HeldWorker()
    let names = (1...20).map { "m\($0)" }
    for name in names { held.submit(.make, name) }
    try held.run(until: 21)
    #expect(held.log.filter { $0 != "before" } == ["held"] + names)
    #expect(held.log.first == "before")
    let groups = held.log.split(separator: "before")
    #expect(groups.map(\.count) == [1, 8, 8, 4])
  }
}
