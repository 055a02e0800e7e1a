import CLinux
import Glibc
import PWCore
import Synchronization
import Testing

@testable import PWLinux

@Suite("Event loop") struct EventLoopTests {
  @Test("calls what other threads post, in their order, and ends when told")
  func posts() throws {
    let loop = try EventLoop()
    let seen = Mutex<[Int]>([])
    try WorkerThread.start(name: "poster") {
      for number in 1...100 { loop.post { seen.withLock { $0.append(number) } } }
      loop.post { loop.stop() }
    }
    try loop.run()
    #expect(seen.withLock { $0 } == Array(1...100))
  }

  @Test("a descriptor without watch is silent even for events of the same wake")
  func unwatchWithinWake() throws {
    let loop = try EventLoop()
    let (first, second) = (try Pipe(), try Pipe())
    var calls: [String] = []
    // Whichever the kernel reports first silences the other.
    try loop.watch(first.reader.rawValue, for: .read) {
      calls.append("first")
      loop.unwatch(second.reader.rawValue)
      loop.stop()
    }
    try loop.watch(second.reader.rawValue, for: .read) {
      calls.append("second")
      loop.unwatch(first.reader.rawValue)
      loop.stop()
    }
    first.writeOctet()
    second.writeOctet()
    try loop.run()
    #expect(calls.count == 1)
  }

  @Test("both readinesses of one descriptor have their own handlers")
  func bothReadinesses() throws {
    let loop = try EventLoop()
    var ends: [Int32] = [0, 0]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    let (left, right) = (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
    var calls: Set<String> = []
    try loop.watch(left.rawValue, for: .write) {
      calls.insert("write")
      loop.unwatch(left.rawValue, for: .write)
      _ = write(right.rawValue, "x", 1)
    }
    try loop.watch(left.rawValue, for: .read) {
      calls.insert("read")
      loop.stop()
    }
    try loop.run()
    #expect(calls == ["read", "write"])
  }

  @Test("data that arrives at a suspended descriptor waits until it is resumed")
  func suspends() throws {
    let loop = try EventLoop()
    let (suspended, other) = (try Pipe(), try Pipe())
    var calls: [String] = []
    try loop.watch(suspended.reader.rawValue, for: .read) {
      calls.append("suspended")
      loop.stop()
    }
    try loop.watch(other.reader.rawValue, for: .read) {
      calls.append("other")
      // Level-triggered: it is reported again if it waits beside the other one, and is not called all the same.
      if calls.count == 3 { loop.unwatch(other.reader.rawValue) }
      if calls.count == 3 { loop.resume(suspended.reader.rawValue) }
    }
    loop.suspend(suspended.reader.rawValue)
    suspended.writeOctet()
    other.writeOctet()
    try loop.run()
    #expect(calls == ["other", "other", "other", "suspended"])
  }

  @Test("time stands still while a handler runs, and goes on before the next")
  func time() throws {
    let loop = try EventLoop()
    let before = EventLoop.now
    let moments = Mutex<[Instant]>([])
    for _ in 1...2 {
      loop.post {
        let start = loop.now
        while EventLoop.now == loop.now {}
        moments.withLock { $0 += [start, loop.now] }
      }
    }
    loop.post { loop.stop() }
    try loop.run()
    let seen = moments.withLock { $0 }
    try #require(seen.count == 4)
    #expect(seen[0] >= before && seen[0] == seen[1] && seen[2] > seen[1] && seen[2] == seen[3])
    let after = EventLoop.now
    #expect(loop.now >= after, "outside the loop's run it is the clock's")
  }

  @Test("timers fire in the order of their deadlines, once, and one handler may unset another")
  func timers() throws {
    let loop = try EventLoop()
    var fired: [String] = []
    var unset: EventLoop.TimerID?
    let last = loop.makeTimer {
      fired.append("last")
      loop.stop()
    }
    let middle = loop.makeTimer {
      fired.append("middle")
      if let unset { loop.setTimer(unset, at: nil) }
    }
    let never = loop.makeTimer { fired.append("never") }
    let past = loop.makeTimer { fired.append("past") }
    unset = never
    let start = loop.now
    loop.setTimer(last, at: start + .milliseconds(3))
    loop.setTimer(never, at: start + .milliseconds(2))
    loop.setTimer(middle, at: start + .milliseconds(1))
    loop.setTimer(past, at: Instant(nanoseconds: 0))
    try loop.run()
    #expect(fired == ["past", "middle", "last"])
  }

  @Test("a signal arrives as a call")
  func signals() throws {
    let loop = try EventLoop()
    var received: [Int32] = []
    try loop.watchSignals([SIGUSR2]) { signal in
      received.append(signal)
      loop.stop()
    }
    pthread_kill(pthread_self(), SIGUSR2)
    try loop.run()
    #expect(received == [SIGUSR2])
  }

  @Test("every descriptor of the loop is close-on-exec")
  func closeOnExec() throws {
    let loop = try EventLoop()
    try loop.watchSignals([SIGUSR2]) { _ in }
    for descriptor in 0..<Int32(256) {
      var target = [CChar](repeating: 0, count: 64)
      guard readlink("/proc/self/fd/\(descriptor)", &target, 63) > 0 else { continue }
      let name = target.withUnsafeBufferPointer { buffer in buffer.baseAddress.map { String(cString: $0) } ?? "" }
      guard name.hasPrefix("anon_inode:") else { continue }
      #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0, "\(name)")
    }
    withExtendedLifetime(loop) {}
  }

  @Test("an error names the call and the reason")
  func errors() {
    let loop = try? EventLoop()
    #expect {
      try loop?.watch(1_000_000, for: .read) {}
    } throws: { error in
      "\(error)" == "epoll_ctl: Bad file descriptor"
    }
  }

  @Test("a descriptor is closed once")
  func descriptors() throws {
    let pipe = try Pipe()
    let number = pipe.reader.rawValue
    pipe.reader.close()
    pipe.reader.close()
    #expect(pipe.reader.rawValue == -1)
    #expect(number >= 0)
  }
}

/// A pipe whose ends close by themselves.
struct Pipe {
  let reader: Descriptor
  let writer: Descriptor

  init() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe2(&ends, O_CLOEXEC) == 0)
    reader = Descriptor(owning: ends[0])
    writer = Descriptor(owning: ends[1])
  }

  func writeOctet() { _ = write(writer.rawValue, "x", 1) }
}
