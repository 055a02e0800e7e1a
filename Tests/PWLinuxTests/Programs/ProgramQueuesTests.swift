import Glibc
import PWCore
import Testing

@testable import PWLinux

/// Programs that run because something happened: shell scripts.
@Suite("Queues of programs") struct ProgramQueuesTests {
  /// A folder with a script in it, and what was told.
  private final class Probe {
    let loop: EventLoop
    let folder: String
    var failures: [String] = []
    var lines: [String] = []
    private let limits: ProgramQueues.Limits
    private(set) lazy var queues = ProgramQueues(loop: loop, limits: limits) { [unowned self] run, news in
      switch news {
      case .said(let line): lines.append(line)
      case .failed(let words): failures.append(words)
      case .refused(let words): failures.append("refused: \(words)")
      }
    }

    init(_ script: String, _ limits: ProgramQueues.Limits = .init(time: .seconds(30))) throws {
      self.limits = limits
      loop = try EventLoop()
      folder = String(try Namespace.shell("mktemp -d /tmp/pwmgr-queues.XXXXXX").dropLast())
      let text = script.replacing("FOLDER", with: folder)
      try Namespace.shell("cat >\(folder)/hook <<'END'\n#!/bin/sh\n\(text)\nEND\nchmod 755 \(folder)/hook")
    }

    deinit { _ = try? Namespace.shell("rm -r \(folder)") }

    func add(_ number: Int, of object: String) {
      queues.add(
        .init(program: "\(folder)/hook", environment: ["OBJECT=\(object)"], input: Array("\(number)\n".utf8)),
        of: object)
    }

    /// The lines that the scripts have written.
    var written: [String] {
      ((try? Namespace.shell("cat \(folder)/said")) ?? "").split(separator: "\n").map(String.init)
    }

    func go() throws { try Namespace.shell("touch \(folder)/go") }

    func stop() throws {
      _ = try loop.await { (done: @escaping (Bool) -> Void) in queues.stop(atMost: .seconds(10)) { done(true) } }
    }
  }

  @Test("those of one object run one after the other, those of another one meanwhile, each with its input")
  func order() throws {
    // The first of the first object lasts until the second object's has run.
    let probe = try Probe(
      """
      read number
      [ $OBJECT = two ] && touch FOLDER/go
      while [ ! -e FOLDER/go ]; do sleep 0.01; done
      echo $OBJECT $number >>FOLDER/said
      """)
    for number in 1...3 { probe.add(number, of: "one") }
    probe.add(4, of: "two")
    try probe.loop.wait(for: "all of them") { probe.written.count == 4 }
    #expect(probe.written.filter { $0.hasPrefix("one") } == ["one 1", "one 2", "one 3"])
    #expect(probe.written.contains("two 4"))
    try probe.stop()
    #expect(probe.failures == [])
  }

  @Test("an input that nobody reads keeps nobody waiting, and output is told line by line")
  func streams() throws {
    let probe = try Probe("echo a b; printf '\\001x'")
    let long = [UInt8](repeating: 0x61, count: 1 << 20)
    probe.queues.add(.init(program: "\(probe.folder)/hook", environment: [], input: long), of: "one")
    try probe.loop.wait(for: "its output") { probe.lines.count == 2 }
    #expect(probe.lines == ["a b", "?x"])
    try probe.stop()
  }

  @Test("no more run, and no more wait, than may, and those that are not run are told")
  func limits() throws {
    var limits = ProgramQueues.Limits(time: .seconds(30))
    (limits.running, limits.waitingOfObject, limits.waiting) = (1, 2, 3)
    let probe = try Probe(
      "read number; while [ ! -e FOLDER/go ]; do sleep 0.01; done; echo $OBJECT $number >>FOLDER/said", limits)
    // One runs, two wait, and there is no room for the fourth; then for one of another object, and no further one.
    for number in 1...4 { probe.add(number, of: "one") }
    #expect(probe.failures == ["was not run: 2 programs wait already, 2 of them for this object"])
    probe.add(5, of: "two")
    probe.add(6, of: "two")
    #expect(probe.failures.last == "was not run: 3 programs wait already, 1 of them for this object")
    try probe.go()
    try probe.loop.wait(for: "all of them") { probe.written.count == 4 }
    #expect(probe.written.sorted() == ["one 1", "one 2", "one 3", "two 5"])
    try probe.stop()
  }

  @Test("one that hangs is killed, one that fails or is not there is told, and the next one runs")
  func failures() throws {
    let probe = try Probe(
      "read number; [ $number = 1 ] && exec sleep 1000; echo no such route >&2; exit 3",
      .init(time: .milliseconds(500)))
    probe.add(1, of: "one")
    probe.queues.add(.init(program: "/nowhere/hook", environment: [], input: []), of: "one")
    probe.add(2, of: "one")
    try probe.loop.wait(for: "the last") { probe.failures.contains("ended with status 3: no such route") }
    #expect(probe.failures.count == 4)
    #expect(probe.failures[0].hasPrefix("is killed: it has not finished within"))
    #expect(probe.failures[1] == "ended with signal 9")
    #expect(probe.failures[2].hasPrefix("refused: there is no /nowhere/hook"))
    try probe.stop()
  }

  @Test("at the end no more are started, and those that run are waited for, and killed")
  func end() throws {
    let probe = try Probe("read number; echo $number >>FOLDER/said; exec sleep 1000")
    probe.add(1, of: "one")
    probe.add(2, of: "one")
    try probe.loop.wait(for: "the first") { probe.written == ["1"] }
    _ = try probe.loop.await { (done: @escaping (Bool) -> Void) in
      probe.queues.stop(atMost: .milliseconds(100)) {
        probe.add(3, of: "one")
        done(true)
      }
    }
    probe.add(4, of: "one")
    try probe.stop()
    #expect(probe.written == ["1"])
    #expect(probe.failures.first == "was not run: pwmgr ends")
    #expect(probe.failures.last == "ended with signal 9")
    #expect(probe.failures.count == 3)
  }
}
