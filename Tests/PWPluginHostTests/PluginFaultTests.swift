import CLinux
import Foundation
import Glibc
import PWCore
import PWLinux
import Testing

@testable import PWPluginHost

@Suite("A plugin that does not behave", .serialized)
struct PluginFaultTests {
  /// Expects these words in a plugin's log when it has gone, and in the refusal of a session that comes up.
  private func expectEnd(
    _ body: String, _ words: String, _ patience: PluginPatience = .usual,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let scripts = try Scripts()
    let harness = try HostHarness(path: scripts.plugin("colours", body), patience: patience)
    harness.ask("one")
    #expect(try harness.run { harness.host.report.state == .waiting }, sourceLocation: sourceLocation)
    let problems = harness.host.report.problems
    #expect(problems.count == 1 && problems[0].contains(words), "\(problems)", sourceLocation: sourceLocation)
    #expect(harness.log.contains("it is started again in 1 s"), sourceLocation: sourceLocation)
    #expect(harness.refusal("one")?.contains(words) == true, "\(harness.answers)", sourceLocation: sourceLocation)
    harness.ask("two")
    #expect(harness.refusal("two")?.contains("is not running") == true, sourceLocation: sourceLocation)
    // The end that has called is asked when the session is established already.
    harness.ask("three", .established)
    #expect(harness.refusal("three")?.contains("is not running") == true, sourceLocation: sourceLocation)
    try harness.stop()
  }

  @Test("it crashes: by itself, or by a signal")
  func crashes() throws {
    try expectEnd(
      """
      def reply(request):
          if request["verb"] == "up":
              sys.exit(3)
          return usual(request)
      """, "it ended with status 3")
    try expectEnd(
      """
      def reply(request):
          if request["verb"] == "up":
              os.kill(os.getpid(), signal.SIGSEGV)
          return usual(request)
      """, "it was ended by signal 11")
  }

  @Test("it writes text that is not JSON, a line without end, an answer to nothing, the same answer twice")
  func nonsense() throws {
    try expectEnd(
      """
      def reply(request):
          if request["verb"] == "up":
              print("hello?", flush=True)
          return usual(request)
      """, "cannot be read: it is not JSON: 'hello?'")
    try expectEnd(
      """
      def reply(request):
          if request["verb"] == "up":
              sys.stdout.write("x" * 70000)
              sys.stdout.flush()
              time.sleep(60)
          return usual(request)
      """, "longer than 65536 octets")
    try expectEnd(
      """
      def reply(request):
          if request["verb"] == "up":
              return {"id": 4711}
          return usual(request)
      """, "answered a request that is not open (4711)")
    try expectEnd(
      """
      def reply(request):
          if request["verb"] == "up":
              return {"links": []}
          return usual(request)
      """, "its answer has no 'id'")
  }

  @Test("it hangs: with nothing answered, or with one question left aside")
  func hangs() throws {
    var patience = PluginPatience()
    patience.silence = .milliseconds(300)
    try expectEnd(
      """
      def reply(request):
          if request["verb"] == "up":
              signal.pause()
          return usual(request)
      """, "it has not answered 'up' within", patience)
    try expectEnd("reply = lambda request: signal.pause()", "it has not answered 'version' within", patience)
  }

  @Test("it does not read, or does not end")
  func deaf() throws {
    var patience = PluginPatience()
    patience.end = .milliseconds(300)
    let scripts = try Scripts()
    let path = try scripts.plugin(
      "colours",
      """
      signal.signal(signal.SIGTERM, signal.SIG_IGN)
      def reply(request):
          if request["verb"] == "up":
              say(usual(request))
              while True:
                  signal.pause()
          return usual(request)
      """)
    let harness = try HostHarness(path: path, patience: patience)
    harness.ask("one")
    #expect(try harness.run { harness.answer("one") != nil })
    try harness.stop()
  }

  @Test("it floods its output, or its standard error")
  func floods() throws {
    try expectEnd(
      """
      def reply(request):
          while request["verb"] == "up":
              sys.stdout.write('{"log":"again"}\\n')
          return usual(request)
      """, "it floods")
    try expectEnd(
      """
      def reply(request):
          while request["verb"] == "up":
              sys.stderr.write("x" * 1000 + "\\n")
          return usual(request)
      """, "it floods")
  }

  @Test("it claims a version from the future, or another type than the site was read with")
  func strangers() throws {
    try expectEnd(
      """
      def reply(request):
          return dict(usual(request), protocol=2)
      """, "it speaks version 2 of the protocol, and this pwmgr speaks 1")
    try expectEnd(
      """
      def reply(request):
          return dict(usual(request), type=4)
      """, "reload the site")
  }

  @Test("it is not a program, or somebody else could change it")
  func files() throws {
    let scripts = try Scripts()
    let harness = try HostHarness(path: scripts.write("colours", "#!/no/such/interpreter\n"))
    #expect(harness.host.report.problems[0].contains("execute it: No such file"), "\(harness.host.report)")
    let open = try scripts.write("open", "#!/bin/sh\n")
    #expect(chmod(open, 0o777) == 0)
    #expect(throws: (any Error).self) { try PluginFile.check(open) }
    let closed = try scripts.write("closed", "#!/bin/sh\n")
    try PluginFile.check(closed)
    #expect(chmod(scripts.folder.path, 0o777) == 0)
    #expect(throws: (any Error).self) { try PluginFile.check(closed) }
    #expect(chmod(scripts.folder.path, 0o755) == 0)
    #expect(throws: (any Error).self) { try PluginFile.check(scripts.folder.path) }
    #expect(throws: (any Error).self) { try PluginFile.check("relative/path") }
    #expect(throws: (any Error).self) { try PluginFile.check(scripts.folder.path + "/none") }
  }

  @Test(
    "somebody else owns a folder above it, and could have another started in its place",
    .enabled(if: geteuid() == 0, "giving files away needs root"))
  func foreignFolder() throws {
    let scripts = try Scripts()
    let below = scripts.folder.appending(path: "below")
    try FileManager.default.createDirectory(at: below, withIntermediateDirectories: false)
    let path = try scripts.write("below/colours", "#!/bin/sh\ntouch \(scripts.folder.path)/ran\n")
    #expect(chown(scripts.folder.path, 65_534, 65_534) == 0)
    #expect(throws: (any Error).self) { try PluginEnquiry(path: path) }
    let harness = try HostHarness(path: path)
    #expect(harness.host.report.problems[0].contains("belongs to user 65534"), "\(harness.host.report)")
    #expect(!FileManager.default.fileExists(atPath: scripts.folder.path + "/ran"))
  }

  @Test("it is still being written: it is started when that is over")
  func busy() throws {
    let scripts = try Scripts()
    let path = try scripts.plugin("colours", "reply = usual")
    let writer = open(path, O_WRONLY | O_CLOEXEC)
    #expect(writer >= 0)
    let harness = try HostHarness(path: path)
    // Some kernels (Linux 6.11 and 6.12) run it all the same.
    #expect(harness.host.report.problems.allSatisfy { $0.contains("Text file busy") }, "\(harness.host.report)")
    close(writer)
    #expect(try harness.run { harness.host.report.state == .running })
    try harness.stop()
  }

  @Test("the processes that it has started end with it")
  func children() throws {
    let scripts = try Scripts()
    let path = try scripts.plugin(
      "colours",
      """
      import subprocess
      def reply(request):
          child = subprocess.Popen(["sleep", "1000"])
          say({"log": "child %d." % child.pid})
          return usual(request)
      """)
    let harness = try HostHarness(path: path)
    #expect(try harness.run { harness.log.contains("child ") && harness.host.report.state == .running })
    let child = try #require(harness.log.firstMatch(of: /child (\d+)\./).flatMap { pid_t($0.1) })
    let descriptor = pw_child_descriptor(child)
    #expect(descriptor >= 0)
    defer { close(descriptor) }
    try harness.stop()
    // Readable once it has ended; the limit is for a test that fails.
    var end = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    #expect(poll(&end, 1, 30_000) == 1)
  }

  @Test("one that has ended is started again, is told which sessions there are, and goes on with those that stand")
  func restarts() throws {
    let scripts = try Scripts()
    let path = try scripts.plugin(
      "colours",
      """
      mark = os.path.join("\(scripts.folder.path)", "crashed")
      def reply(request):
          if request["verb"] == "gc":
              say({"log": "keeps %s" % [s["pseudowire"] for s in request["sessions"]]})
          if request["verb"] == "up" and request["state"]["established"] and not os.path.exists(mark):
              open(mark, "w")
              sys.exit(1)
          return usual(request)
      """)
    let harness = try HostHarness(path: path)
    harness.ask("one")
    #expect(try harness.run { harness.answer("one") != nil })
    harness.ask("one", .established)
    #expect(try harness.run { harness.answers["one"]?.count == 2 })
    #expect(harness.answer("one") == .links([.session(.init(name: "b-one", mtu: .octets(1400), isUp: true))]))
    #expect(harness.log.contains("keeps []"))
    #expect(harness.log.contains("keeps ['one']"))
    #expect(harness.host.report.restarts == 1)
  }

  @Test("the pause before it is started again doubles up to a minute")
  func pauses() {
    let pauses = (1...10).map { PluginHost.pause(afterFailures: $0) }
    #expect(pauses.prefix(4) == [.seconds(1), .seconds(2), .seconds(4), .seconds(8)])
    #expect(pauses.last == .seconds(60))
    #expect(PluginHost.pause(afterFailures: 1_000_000) == .seconds(60))
  }
}
